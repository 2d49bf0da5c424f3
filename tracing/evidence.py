"""What a score is worth: likelihood ratio, its band in words, and expected false alarms in a gallery of a given size.

A score is not a probability. With measured comparisons of the same and of different people by the same encoder,

    LR = p(score | same person) / p(score | different people)

says how much more likely the score is if the two are the same person; log10 LR is a straight line in the score, fitted by
logistic regression with both classes weighted equally (``scripts/calibrate.py``); children, and photos years apart, have
another line than adults within some years, because the same score is worth far less there. The words are those of the ENFSI
Guideline for Evaluative Reporting in Forensic Science (2015), its three highest bands merged. The false match rate (FMR,
ISO/IEC 19795-1) at a score is the share of comparisons of different people that reach it; a search of N people (1:N with
a candidate list, NIST FRTE) is then expected to bring up N x FMR strangers with at least this score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import pairwise
from math import isfinite, log10
from typing import Any, Final, Self

from tracing.domain import Generation, SearchOutcome
from tracing.errors import Misconfigured
from tracing.rates import rate_at

CHILD_UNDER_YEARS: Final = 14
LARGE_GAP_YEARS: Final = 5
CALIBRATION: Final = "calibration"
"""Where the report of a generation keeps its calibration, as ``to_dict`` writes it; None where nobody had measured anything."""


class Band(StrEnum):
    """How strongly the face alone speaks for one person rather than two, weakest first."""

    SUPPORTS_DIFFERENT = "supports_different"
    UNINFORMATIVE = "uninformative"
    WEAK = "weak"
    MODERATE = "moderate"
    MODERATELY_STRONG = "moderately_strong"
    STRONG = "strong"
    VERY_STRONG = "very_strong"


BAND_FROM: Final[Sequence[tuple[float, Band]]] = (
    (10_000, Band.VERY_STRONG),
    (1_000, Band.STRONG),
    (100, Band.MODERATELY_STRONG),
    (10, Band.MODERATE),
    (2, Band.WEAK),
    (1, Band.UNINFORMATIVE),
)
"""The likelihood ratio from which on a band holds, strongest first; below all of them it supports different people."""

GUARDED_MOST: Final = Band.MODERATE


@dataclass(frozen=True, slots=True)
class Line:
    """log10 LR = ``slope`` * score + ``intercept``. ``Misconfigured`` where no line can be like that.

    ``mated`` and ``non_mated`` count the pairs of photos of one person, and the pairs of different people, behind it. No
    likelihood ratio is claimed beyond ``non_mated / 3`` or below ``3 / mated``: where n independent comparisons show
    nothing, the rate may still be 3 / n at 95 % confidence (the rule of three, ISO/IEC 19795-1).
    """

    slope: float
    intercept: float
    mated: int
    non_mated: int

    def __post_init__(self) -> None:
        if not (isfinite(self.slope) and isfinite(self.intercept)) or self.slope <= 0:
            raise Misconfigured("A calibration needs finite numbers and a slope above 0.")
        if self.mated < 3 or self.non_mated < 3:
            raise Misconfigured("A calibration needs at least three comparisons of each kind.")

    def log10_lr(self, score: float) -> float:
        """The decimal logarithm of the likelihood ratio, within what the data can support."""
        return min(max(self.slope * score + self.intercept, -log10(self.mated / 3)), log10(self.non_mated / 3))

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> Self:
        return cls(float(table["slope"]), float(table["intercept"]), int(table["mated"]), int(table["non_mated"]))


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured of an encoder. ``Misconfigured`` where the values contradict themselves.

    ``slope``, ``intercept``, ``mated`` and ``non_mated`` are the ``line`` of adults in photos within some years of each other;
    ``guarded`` is that of those whom ``is_guarded`` is about, None where nobody has measured them, and then the first line
    stands for them too. ``false_match_rates`` are (score, rate) with scores ascending and rates that do not rise.
    """

    slope: float
    intercept: float
    floor: float
    """A candidate with a lower score is not worth a reviewer's time."""
    mated: int
    non_mated: int
    false_match_rates: tuple[tuple[float, float], ...]
    guarded: Line | None = None

    def __post_init__(self) -> None:
        rows = self.false_match_rates
        if not all(isfinite(number) for number in (self.line.slope, self.floor, *(number for row in rows for number in row))):
            raise Misconfigured("A calibration needs finite numbers.")
        rising = all(low[0] < high[0] and low[1] >= high[1] for low, high in pairwise(rows))
        if len(rows) < 2 or not rising or not all(0 < rate <= 1 for _, rate in rows):
            raise Misconfigured("A table of false match rates needs rising scores and rates between 0 and 1 that do not rise.")

    @property
    def line(self) -> Line:
        """``Misconfigured`` where the values are no line."""
        return Line(self.slope, self.intercept, self.mated, self.non_mated)

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> Self:
        """Read what ``to_dict`` wrote, such as a table of ``models/manifest.toml``; further keys are left aside."""
        try:
            return cls(
                slope=float(table["slope"]),
                intercept=float(table["intercept"]),
                floor=float(table["floor"]),
                mated=int(table["mated"]),
                non_mated=int(table["non_mated"]),
                false_match_rates=tuple((float(score), float(rate)) for score, rate in table["false_match_rates"]),
                guarded=Line.from_dict(table["guarded"]) if "guarded" in table else None,
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise Misconfigured(f"The calibration cannot be read: {error!r}.") from error

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, lists and one table, for TOML and JSON."""
        table = {
            "slope": self.slope,
            "intercept": self.intercept,
            "floor": self.floor,
            "mated": self.mated,
            "non_mated": self.non_mated,
            "false_match_rates": [list(row) for row in self.false_match_rates],
        }
        return table if self.guarded is None else table | {"guarded": asdict(self.guarded)}

    def log10_lr(self, score: float, guarded: bool = False) -> float:
        """The decimal logarithm of the likelihood ratio, within what the data can support."""
        return (self.guarded if guarded and self.guarded is not None else self.line).log10_lr(score)

    def false_match_rate(self, score: float) -> float:
        """The share of comparisons of different people with at least this score, by the table."""
        return rate_at(self.false_match_rates, score)

    def expected_false_alarms(self, score: float, gallery_people: int) -> float:
        """How many other people a search of a gallery of this many is expected to show with at least this score."""
        return gallery_people * self.false_match_rate(score)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one score says. ``guarded``: the band is held back, because faces of children and over years mislead; where it
    was measured, the likelihood ratio is theirs as well."""

    score: float
    log10_lr: float
    band: Band
    expected_false_alarms: float
    guarded: bool


def band(log10_lr: float, guarded: bool) -> Band:
    """The word for a likelihood ratio; never above moderate where ``guarded``."""
    found = next((word for start, word in BAND_FROM if log10_lr >= log10(start)), Band.SUPPORTS_DIFFERENT)
    words = list(Band)
    return min(found, GUARDED_MOST, key=words.index) if guarded else found


def is_guarded(youngest_age: int | None, years_between: float | None) -> bool:
    """Whether a face alone may say no more than moderate (DOMAIN.md section 2).

    ``youngest_age`` is the lowest age, in years, that either person may have in the photos compared; None where nothing is
    known of it, and then a child is possible. ``years_between`` lies between the two photos; None where a date is missing.
    """
    child = youngest_age is None or youngest_age < CHILD_UNDER_YEARS
    return child or (years_between is not None and abs(years_between) >= LARGE_GAP_YEARS)


def calibration_of(generation: Generation) -> Calibration | None:
    """What the scores of a generation are worth, as it was when the generation began, or was calibrated anew by somebody; None
    where nobody has measured it."""
    table = generation.report.get(CALIBRATION)
    return Calibration.from_dict(table) if table else None


def weigh(score: float, calibration: Calibration | None, gallery_people: int, guarded: bool) -> Evidence | None:
    """What a score says in a search of so many people; None for an encoder that was never calibrated: nothing is known."""
    if calibration is None:
        return None
    log10_lr = calibration.log10_lr(score, guarded)
    return Evidence(
        score=score,
        log10_lr=log10_lr,
        band=band(log10_lr, guarded),
        expected_false_alarms=calibration.expected_false_alarms(score, gallery_people),
        guarded=guarded,
    )


def outcome(found: Iterable[Evidence | None]) -> SearchOutcome:
    """What a search came to, by what speaks for each candidate: nobody plausible where every face rather speaks against.

    None, a candidate of whom nothing is known, may be anybody and counts.
    """
    plausible = any(each is None or each.band is not Band.SUPPORTS_DIFFERENT for each in found)
    return SearchOutcome.CANDIDATES if plausible else SearchOutcome.NOBODY_PLAUSIBLE
