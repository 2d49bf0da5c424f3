"""The number that a phone calls at one tap, out of what a station writes about how to reach it."""

from __future__ import annotations

import re
from typing import Final

_APART: Final = r"[\s\-–—‐.]?"
_NUMBER: Final = re.compile(
    r"(?<![\d-])(?:"
    rf"(?:(?:\+|00)?86{_APART})?(?:1[3-9]\d(?:{_APART}\d{{4}}){{2}}|[(（]?0\d{{2,3}}[)）]?{_APART}\d{{3,4}}{_APART}\d{{4}})"
    rf"|[48]00{_APART}\d{{3,4}}{_APART}\d{{3,4}}"
    r"|\+\d[\d\s-]{6,18}\d"
    rf"|\d{{3,4}}{_APART}\d{{4}}"
    r")(?!\d)"
)
"""A mobile one, one with the code of its place, a free one, one from abroad, one of the same place: hours and days that stand
beside are none."""


def number_in(contact: str) -> str:
    """The first number, as a phone dials it; empty where there is none."""
    found = _NUMBER.search(contact)
    return re.sub(r"[^\d+]", "", found[0]) if found is not None else ""
