"""How often two accounts of one person agree, and how often those of two people do: the numbers behind the weights of clues.

Each table gives m, the chance of an outcome when both cases are one person (Fellegi and Sunter 1969). The chance u for two
people is the share of cases that hold the same key, counted by ``Rarity``, except where a table here gives it. There is no
public set of reunited cases to learn m from. The numbers are therefore judged, cautiously, from what the field reports: an
interviewer gets a county right more often than a village, people in care know the surname of the family better than the date
of birth, one in four gives a wrong or no name. ``tracing bench clues`` prints the shares found on invented people beside these
numbers; where confirmed pairs are many enough, put theirs in place.
"""

from __future__ import annotations

from typing import Final

from tracing.clues.naming import NameAgreement as N
from tracing.domain.regions import PlaceLevel

HOME: Final = {PlaceLevel.TOWNSHIP: 0.10, PlaceLevel.COUNTY: 0.32, PlaceLevel.CITY: 0.18, PlaceLevel.PROVINCE: 0.15, None: 0.25}
"""Where both say that the person belongs; None: different provinces."""
NAMED: Final = {
    PlaceLevel.TOWNSHIP: 0.06,
    PlaceLevel.COUNTY: 0.16,
    PlaceLevel.CITY: 0.13,
    PlaceLevel.PROVINCE: 0.20,
    None: 0.45,
}
"""A place that was merely named on one side or on both."""
FOUND: Final = {
    PlaceLevel.TOWNSHIP: 0.02,
    PlaceLevel.COUNTY: 0.07,
    PlaceLevel.CITY: 0.08,
    PlaceLevel.PROVINCE: 0.18,
    None: 0.65,
}
"""Where somebody was found, against where somebody is missed: most have travelled."""

OWN_NAME: Final = {
    N.WRITTEN: 0.24, N.SOUNDED: 0.12, N.DIALECT: 0.12,
    N.NEAR: 0.08, N.GIVEN: 0.06, N.NICKNAME: 0.10, N.SURNAME: 0.08, N.DIFFERENT: 0.20,
}  # fmt: skip
"""The person's own name on both sides. One in five gives another name: a nickname we do not know, a married or a false one."""
TOLD_NAME: Final = {
    N.WRITTEN: 0.10, N.SOUNDED: 0.05, N.DIALECT: 0.05,
    N.NEAR: 0.03, N.GIVEN: 0.04, N.NICKNAME: 0.03, N.SURNAME: 0.10, N.DIFFERENT: 0.60,
}  # fmt: skip
"""A name that was merely named, of a relative perhaps, against any other. That it differs says nothing."""

SPELLING: Final = {N.WRITTEN: 0.3, N.SOUNDED: 0.5, N.DIALECT: 1.0}
"""The share of those whose name folds to the same sound, who are also written so, or sound so without folding."""
NEIGHBOURS: Final = 40.0
"""How many folded names lie near a given one: that many times likelier is a chance agreement."""

WORD: Final = {
    "mark": 0.35,
    "work": 0.30,
    "event": 0.15,
    "language": 0.55,
    "ethnic": 0.85,
    "cloth": 0.15,
    "kin": 0.15,
    "home": 0.20,
}
"""That the other side names the same, by the first part of the key."""
ETHNIC_DIFFERS: Final = (0.10, 0.25)
"""m and u of two different ethnic groups; Han is seldom written down, so that few pairs get here at all."""

SEX_AGREES: Final = (0.99, 0.5)
SEX_DIFFERS: Final = (0.01, 0.5)
"""An error of the form, or a person dressed otherwise: seldom, not never."""

AGE_GAPS: Final = ((0, 0.70), (3, 0.14), (8, 0.10), (15, 0.05), (200, 0.01))
"""m by the years between the two spans of birth, up to and including."""
LIFETIMES: Final = 70.0
"""Years over which births of the people of the service spread; u of a gap is its width over this."""

HEIGHT_GAPS: Final = ((3, 0.60, 0.23), (6, 0.25, 0.18), (10, 0.11, 0.21), (300, 0.04, 0.38))
"""Up to so many centimetres apart, m, u. u: of two heights, sexes mixed, whose difference has a standard deviation of 12."""

IMPOSSIBLE: Final = -10.0
"""Bits, for time order or births that cannot be of one person unless a date is wrong."""
