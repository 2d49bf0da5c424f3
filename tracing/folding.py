"""The form in which texts are compared, where they are kept and where they are shown alike."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from tracing.traditional import simplified

_PLAINER: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
"""Letters of Latin names that no rule of Unicode takes apart."""


_INVISIBLE: Final = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")


def visible(text: str) -> str:
    """Without what nobody sees: marks of byte order, of direction and of no width, which come along with what is copied.

    What joins letters stays, for words need it.
    """
    return _INVISIBLE.sub("", text)


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
    """A name as people type it who look for it: letters without case, accents, tones, spaces and the numbers of tones, and
    characters in simplified writing."""
    apart = unicodedata.normalize("NFKD", simplified(folded(text))).casefold().translate(_PLAINER)
    return "".join(letter for letter in apart if letter.isalpha())
