"""The one font of everything that is drawn, Chinese and Latin: it comes as a package, so that no system needs any."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Final

from tracing.errors import Unavailable

PACKAGE: Final = "pylopdf_fonts_zh_cn"
MISSING: Final = "〓"
"""The geta mark, which typesetters set where a character is not at hand."""
_ROW: Final = re.compile(f"{MISSING}(?:[^\\S\\n]*{MISSING}){{3,}}")


@cache
def font_file() -> str:
    """``Unavailable`` where the package is not there, and says which one it is."""
    try:
        return str(files(PACKAGE) / "NotoSansSC-Regular.otf")
    except ModuleNotFoundError as error:
        raise Unavailable("Nothing can be drawn: the package pylopdf-fonts-zh-cn with the font is missing.") from error


@cache
def _drawable() -> frozenset[int]:
    from fontTools.ttLib import TTFont  # nobody waits for it who looks at no notice and prints nothing

    with TTFont(font_file(), lazy=True) as font:
        return frozenset(font.getBestCmap())


def lacking(text: str) -> list[str]:
    """The characters that the font cannot draw, each once."""
    return list(dict.fromkeys(each for each in text if ord(each) not in _drawable() and each not in "\n\t\r"))


def drawable(text: str) -> str:
    """The text with a geta mark for what the font cannot draw; one for a row of them, such as a name in another script."""
    for each in lacking(text):
        text = text.replace(each, MISSING)
    return _ROW.sub(MISSING, text)
