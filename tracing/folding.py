"""The form in which texts are compared, where they are kept and where they are shown alike."""

from __future__ import annotations

import unicodedata
from typing import Final

_PLAINER: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
"""Letters of Latin names that no rule of Unicode takes apart."""


def folded(text: str) -> str:
    """Case and width of letters do not matter in it."""
    return unicodedata.normalize("NFKC", text).casefold()


def name_key(text: str) -> str:
    """A name as people type it who look for it: letters without case, accents, tones, spaces and the numbers of tones."""
    apart = unicodedata.normalize("NFKD", folded(text)).casefold().translate(_PLAINER)
    return "".join(letter for letter in apart if letter.isalpha())
