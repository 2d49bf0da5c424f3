"""The form in which texts are compared, where they are kept and where they are shown alike."""

from __future__ import annotations

import unicodedata
from typing import Final

_PLAINER: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
"""Letters of Latin names that no rule of Unicode takes apart."""


def folded(text: str) -> str:
    """Case and width of letters do not matter in it."""
    return unicodedata.normalize("NFKC", text).casefold()


def spelled_alike(text: str) -> str:
    """A sender's number of a record, as it is compared where somebody may come back under it.

    It is a name and no quantity, and people type it again: case, width, blanks and kinds of dashes do not matter, nor do zeros
    before a number that is nothing but digits, which spreadsheets drop.
    """
    letters = (letter for letter in folded(text) if not letter.isspace() and unicodedata.category(letter) != "Cf")
    plain = "".join("-" if unicodedata.category(letter) == "Pd" else letter for letter in letters)
    return str(int(plain)) if plain.isdecimal() else plain


def name_key(text: str) -> str:
    """A name as people type it who look for it: letters without case, accents, tones, spaces and the numbers of tones."""
    apart = unicodedata.normalize("NFKD", folded(text)).casefold().translate(_PLAINER)
    return "".join(letter for letter in apart if letter.isalpha())
