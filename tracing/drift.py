"""How scores met in production compare with what the calibration of their generation expects: pure functions over scores.

Nothing here is fitted: what people decide never changes a weight, a calibration or a score.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import ceil, exp, floor, lgamma, log, log10, sqrt
from typing import Final

import numpy as np

from tracing.evidence import Calibration

FEW: Final = 5
"""Cells below this are not told one by one (DOMAIN.md section 10), and a distribution of fewer pairs not at all."""
ENOUGH: Final = 20
"""With fewer than this no verdict is given."""
QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST_CELLS: Final = 12
LOW: Final = 0.1
"""The share of same-person pairs that the calibration expects below the score which is looked at."""
HALF: Final = 0.5
"""Of a list at least so much has to lie where the false match rates were measured, or its shape cannot be looked at."""
SURE: Final = 0.01
"""So rare has a result to be, were the calibration right, before it is called a drift."""
FACTOR: Final = 2.0
"""Strangers may be so many times more or fewer than expected before it is called a drift."""
LARGE_DISTANCE: Final = 0.1
"""A smaller difference of two distributions has no consequence, however surely it is there."""
KOLMOGOROV: Final = 1.628
"""The distance that is exceeded by chance once in a hundred times, times the root of the number (Kolmogorov 1933)."""


class Fit(StrEnum):
    """Whether production fits the calibration."""

    TOO_FEW = "too_few"
    FITS = "fits"
    MORE = "more"
    """More low scores: the encoder misses more people here than was measured. More strangers: its words are too strong."""
    FEWER = "fewer"
    """Fewer strangers: its words are too weak."""
    DRIFTS = "drifts"
    """The distribution is another one."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution of scores. ``quantiles`` at ``QUANTILES``, and ``cells`` between the common edges, a cell of 1 to 4
    pairs as None; both are empty for fewer than ``FEW`` pairs."""

    pairs: int
    quantiles: tuple[float, ...] = ()
    cells: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class LowScores:
    """Confirmed pairs below the ``score`` under which the calibration expects the share ``expected`` of those listed.

    ``chance``: how often as many or more would lie there if the calibration held (binomial, one-sided).
    """

    score: float
    expected: float
    pairs: int
    below: int
    chance: float

    @property
    def fit(self) -> Fit:
        if self.pairs < ENOUGH:
            return Fit.TOO_FEW
        return Fit.MORE if self.chance < SURE else Fit.FITS


@dataclass(frozen=True, slots=True)
class Shown:
    """One search: the scores on its list without those of known mates, best first, and the lowest score that it shows in full.

    ``people`` were searched. Below ``complete_from`` the list may have been cut.
    """

    people: int
    scores: tuple[float, ...]
    complete_from: float


@dataclass(frozen=True, slots=True)
class Strangers:
    """Strangers on the lists against the false match rates of the calibration.

    ``shown`` stood above the score at which each search expects one stranger (or above the floor, or the last measured rate),
    where ``expected`` were to be expected in all. ``distance`` is the Kolmogorov-Smirnov distance of ``candidates`` scores
    from the table, 0 to 1; ``by_chance`` is exceeded once in a hundred times.
    """

    searches: int
    expected: float
    shown: int
    candidates: int
    distance: float
    by_chance: float

    @property
    def fit(self) -> Fit:
        """Of the number."""
        if max(self.expected, self.shown) < ENOUGH:
            return Fit.TOO_FEW
        if self.shown > FACTOR * self.expected:
            return Fit.MORE
        return Fit.FEWER if FACTOR * self.shown < self.expected else Fit.FITS

    @property
    def shape(self) -> Fit:
        """Of the distribution."""
        if self.candidates < ENOUGH:
            return Fit.TOO_FEW
        return Fit.DRIFTS if self.distance > max(self.by_chance, LARGE_DISTANCE) else Fit.FITS


def common_edges(*groups: Sequence[float]) -> tuple[float, ...]:
    """Round numbers around all scores, at most ``MOST_CELLS`` apart; empty where there is no group of ``FEW`` scores."""
    told = [score for group in groups if len(group) >= FEW for score in group]
    if not told:
        return ()
    low, high = min(told), max(told)
    rough = max((high - low) / (MOST_CELLS - 2), 1e-6)
    power = 10 ** floor(log10(rough))
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= rough)
    first, last = floor(low / step), ceil(high / step)
    return tuple(round(place * step, 9) for place in range(first, max(last, first + 1) + 1))


def spread(scores: Sequence[float], edges: Sequence[float]) -> Spread:
    if len(scores) < FEW:
        return Spread(len(scores))
    counts = [0] * (len(edges) - 1)
    for score in scores:
        counts[min(max(bisect_right(edges, score) - 1, 0), len(counts) - 1)] += 1
    cells = tuple(None if 0 < count < FEW else count for count in counts)
    return Spread(len(scores), tuple(float(value) for value in np.quantile(scores, QUANTILES)), cells)


def low_scores(scores: Sequence[float], calibration: Calibration) -> LowScores:
    """Of confirmed pairs; those below the floor cannot be among them, for no search lists them."""
    shares = _same_person_shares(calibration)
    hidden = float(np.interp(calibration.floor, *shares))
    wanted = min(hidden + LOW * (1 - hidden), float(shares[1][-1]))
    score = float(np.interp(wanted, shares[1], shares[0]))
    expected = (wanted - hidden) / (1 - hidden)
    below = sum(each < score for each in scores)
    return LowScores(score, expected, len(scores), below, _at_least(below, len(scores), expected))


def _same_person_shares(calibration: Calibration) -> tuple[list[float], list[float]]:
    """Scores, ascending, and the share of pairs of one person below each, as far up as the table of the calibration goes.

    LR = p(score | same) / p(score | different), so that the share of same-person pairs between two scores is the share of
    different ones there times the likelihood ratio between them.
    """
    scores, shares = [calibration.false_match_rates[0][0]], [0.0]
    for (low, rate), (high, next_rate) in pairwise(calibration.false_match_rates):
        between = 10 ** calibration.log10_lr((low + high) / 2)
        scores.append(high)
        shares.append(min(shares[-1] + between * (rate - next_rate), 1.0))
    return scores, shares


def _at_least(hits: int, tries: int, share: float) -> float:
    """P(X >= hits) for X ~ Binomial(tries, share), 0 < share < 1."""
    if hits <= 0:
        return 1.0
    return min(1.0, sum(exp(_log_binomial(count, tries, share)) for count in range(hits, tries + 1)))


def _log_binomial(count: int, tries: int, share: float) -> float:
    ways = lgamma(tries + 1) - lgamma(count + 1) - lgamma(tries - count + 1)
    return ways + count * log(share) + (tries - count) * log(1 - share)


def strangers(searches: Sequence[Shown], calibration: Calibration) -> Strangers:
    """Of the lists as they were shown; somebody whom nobody has recognised yet counts as a stranger."""
    lowest = calibration.false_match_rates[-1][1]
    expected, shown, counted = 0.0, 0, 0
    places: list[float] = []
    start = 0.0
    for search in searches:
        rate_there = calibration.false_match_rate(search.complete_from)
        rate = min(max(1 / max(search.people, 1), lowest), rate_there)
        if rate_there > lowest:  # else the list was cut above the last score whose rate was measured
            counted += 1
            expected += search.people * rate
            shown += sum(calibration.false_match_rate(score) <= rate for score in search.scores)
        if lowest <= HALF * rate_there:
            start = max(start, lowest / rate_there)
            whole = (score for score in search.scores if score > search.complete_from)
            places += [calibration.false_match_rate(score) / rate_there for score in whole]
    # Most pairs stand on the lists of both their cases: half of the places tell nothing new.
    by_chance = KOLMOGOROV / sqrt(len(places) / 2) if places else 1.0
    return Strangers(counted, expected, shown, len(places), _distance(places, start), by_chance)


def _distance(places: Sequence[float], start: float) -> float:
    """The largest difference between the places' own distribution and an even one from 0 to 1, looked at from ``start`` on.

    Further down the measured rates end, and everything beyond stands at one place.
    """
    ordered = sorted(places)
    gaps = [
        max(abs(number / len(ordered) - place), abs((number + 1) / len(ordered) - place))
        for number, place in enumerate(ordered)
        if place > start
    ]
    return max(gaps, default=0.0)


def interval(hits: int, tries: int) -> tuple[float, float]:
    """The 95 % interval of a share after Wilson (1927); 0 to 1 where nothing was tried."""
    if tries == 0:
        return 0.0, 1.0
    z, share = 1.96, hits / tries
    middle = share + z * z / (2 * tries)
    around = z * sqrt(share * (1 - share) / tries + z * z / (4 * tries * tries))
    return max(0.0, (middle - around) / (1 + z * z / tries)), min(1.0, (middle + around) / (1 + z * z / tries))
