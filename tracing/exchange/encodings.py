"""Which characters the bytes of a table are: told by its mark, else by what makes sense of all of them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import cache
from typing import BinaryIO, Final

from tracing.errors import Invalid

_CHUNK: Final = 2**20
_MARKS: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_WEIGHED: Final = 2**18
"""Bytes at the start by which GB 18030 and Big5 are told apart: nearly all bytes of the one are characters of the other too."""
_BIG5: Final = ("cp950", "big5hkscs")
_MOST_OF_ANOTHER: Final = 0.7
_LEAST_OF_ITSELF: Final = 0.8
_NONSENSE: Final = 0.2
"""Shares of common characters: of lists as they come 0.9 and more, of such that are read as the other 0.3 to 0.6."""
_FEW: Final = 3
_CHINESE: Final = re.compile("[\u3400-\u9fff\ue000-\uf8ff]")
"""With those that have no meaning, which nobody writes."""


def encoding_of(file: BinaryIO) -> str:
    """Of the whole file, read once for each that it may be: half a file in the wrong characters would be worse than none.

    ``Invalid`` where it is no text in UTF-8, UTF-16 with its mark, GB 18030 or Big5, or where nobody knows in which.
    """
    file.seek(0)
    start = file.read(_WEIGHED)
    marked = [encoding for mark, encoding in _MARKS.items() if start.startswith(mark)]
    for encoding in marked or _likely(start):
        if _decodes(file, encoding):
            file.seek(0)
            return encoding
    raise Invalid("The file is neither text in UTF-8, GB 18030 or Big5 nor a spreadsheet. Save it as .xlsx or CSV.", "file")


def _likely(start: bytes) -> Iterator[str]:
    """What to try, in order. No Chinese where hardly a character would make sense, as those of French or Polish would not."""
    yield "utf-8"
    share, number = _common(start, "gb18030")
    if share < _MOST_OF_ANOTHER:
        for encoding in _BIG5:
            theirs, of_these = _common(start, encoding)
            if theirs >= _LEAST_OF_ITSELF and of_these >= _FEW:
                yield encoding
    if not number or share >= _NONSENSE:
        yield "gb18030"


def _common(start: bytes, encoding: str) -> tuple[float, int]:
    """The share of common characters among the Chinese ones, and how many these are."""
    told = _CHINESE.findall(start.decode(encoding, "ignore"))
    return (sum(letter in _common_characters() for letter in told) / len(told) if told else 0.0), len(told)


@cache
def _common_characters() -> frozenset[str]:
    """The first levels of GB 2312 and Big5: 6,800 characters, simplified and traditional."""
    simplified = bytes(each for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF) for each in (high, low))
    traditional = bytes(
        each for high in range(0xA4, 0xC7) for low in (*range(0x40, 0x7F), *range(0xA1, 0xFF)) for each in (high, low)
    )
    return frozenset(simplified.decode("gb2312", "ignore") + traditional.decode("big5", "ignore"))


def _decodes(file: BinaryIO, encoding: str) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := file.read(_CHUNK):
            if "\0" in decoder.decode(chunk):  # no table; a picture, say
                return False
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True
