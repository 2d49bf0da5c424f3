"""Places: the administrative divisions of a country, and what a spoken place name may stand for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import Final

MUNICIPALITIES: Final = frozenset({"11", "12", "31", "50", "81", "82"})
"""Provinces that are one city: what stands between them and their districts in a code is no city of its own."""


class PlaceLevel(IntEnum):
    PROVINCE = 1
    CITY = 2
    COUNTY = 3
    TOWNSHIP = 4


class Met(StrEnum):
    """By what a spoken place name met a place of the gazetteer."""

    EXACT = "exact"
    SHORT = "short"
    """Without "province", "city", "county", as people say it; or by the one character on number plates."""
    OLD_NAME = "old_name"
    BYNAME = "byname"
    ALIKE = "alike"
    """It only sounds alike: dialect, or an interviewer's ear."""
    LATIN = "latin"


@dataclass(frozen=True, slots=True)
class Place:
    """A division with its code of GB/T 2260 (six digits, nine for a township); ``path`` are names from the province down."""

    code: str
    name: str
    level: PlaceLevel
    path: tuple[str, ...]

    @property
    def full_name(self) -> str:
        return "".join(dict.fromkeys(self.path))


@dataclass(frozen=True, slots=True)
class PlaceGuess:
    """What ``text`` may mean. The weights of all guesses for one text sum to at most 1; the rest stands for a place unknown."""

    code: str
    weight: float
    met: Met
    text: str


@lru_cache(maxsize=65536)
def ancestry(code: str) -> tuple[str, ...]:
    """The codes of the province, city, county and township that a place is or lies in, the widest first.

    A county directly under its province, and a district of a municipality, lies in no city.
    """
    if len(code) not in (6, 9) or not code.isascii() or not code.isdigit():
        return ()
    province = code[:2] + "0000"
    found = [province]
    if code[2:4] not in ("00", "90") and code[:2] not in MUNICIPALITIES:
        found.append(code[:4] + "00")
    if code[4:6] != "00" and code[:6] not in found:
        found.append(code[:6])
    if len(code) == 9:
        found.append(code)
    return tuple(found)


def level_of(code: str) -> PlaceLevel:
    if len(code) == 9:
        return PlaceLevel.TOWNSHIP
    if code.endswith("0000"):
        return PlaceLevel.PROVINCE
    return PlaceLevel.CITY if code.endswith("00") else PlaceLevel.COUNTY


@lru_cache(maxsize=65536)
def shared_ancestry(one: str, other: str) -> tuple[str, ...]:
    """The divisions in which both places lie, or which they are; empty where nothing is shared."""
    return tuple(each for each, its in zip(ancestry(one), ancestry(other), strict=False) if each == its)
