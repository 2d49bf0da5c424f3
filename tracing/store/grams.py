"""What full text is found by: of Chinese, which has no spaces, each two characters on end; of other scripts whole words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from tracing.folding import folded

HAN: Final = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Characters of Chinese, those outside the first plane too: surnames and villages are written with them."""
_PIECES: Final = re.compile(f"[{HAN}]+|[^{HAN}]+")
_HAN_LETTER: Final = re.compile(f"[{HAN}]")


def grams(text: str) -> list[str]:
    """Each once, in the order of the text. Letters and digits only, so that none has to be quoted anywhere."""
    return list(dict.fromkeys(gram for piece in _pieces(text) for gram in _of_piece(piece)))


def asked_grams(word: str) -> list[str]:
    """What a text that holds this word holds for certain. A character alone is not: in a text it has neighbours."""
    return [gram for gram in grams(word) if len(gram) > 1 or not _is_han(gram)]


def _pieces(text: str) -> Iterator[str]:
    lettered = "".join(letter if _belongs(letter) else " " for letter in folded(text))
    for run in lettered.split():
        yield from _PIECES.findall(run)


def _of_piece(piece: str) -> list[str]:
    if len(piece) == 1 or not _is_han(piece[0]):
        return [piece]
    return [piece[start : start + 2] for start in range(len(piece) - 1)]


def _is_han(letter: str) -> bool:
    return _HAN_LETTER.match(letter) is not None


def _belongs(letter: str) -> bool:
    """Letters and digits, and the marks that complete letters in Uyghur, Tibetan and Mongolian."""
    return letter.isalnum() or unicodedata.category(letter).startswith("M")
