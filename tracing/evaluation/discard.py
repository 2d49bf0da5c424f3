"""What a quality measure is worth: whether the photos that it calls poor are the ones that fail.

The error versus discard characteristic (ISO/IEC 29794-1; Grother and Tabassi, "Performance of biometric quality measures",
2007) fixes the threshold at a false match rate and shows the false non-match rate of what remains when the photos of the worst
quality are left out. A comparison is as good as the worse of its two photos, so it is gone as soon as that one is. A measure
that knows which photos fail makes the curve fall; one that knows nothing leaves it flat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracing.domain import Vector
from tracing.errors import Invalid
from tracing.vectors import unit

DISCARDED: Final = tuple(step / 20 for step in range(11))
"""Shares of the photos that are left out: 0, 5, ... 50 %."""

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Every comparison of two photos of one person at a threshold; ``one`` and ``other`` are numbers of photos.

    ``false_match_rate`` is the share of the ``non_mated`` comparisons, of two people, that reach the threshold.
    """

    photos: int
    one: Numbers
    other: Numbers
    failed: NDArray[np.bool_]
    threshold: float
    false_match_rate: float
    non_mated: int

    @property
    def false_non_match_rate(self) -> float:
        return float(self.failed.mean())


def compare(templates: Vector, people: Sequence[str], false_match_rate: float) -> Comparisons:
    """All comparisons by cosine, at the lowest threshold that not more than this share of the non-mated ones reach.

    ``Invalid`` where there is no comparison of one of the two kinds.
    """
    whose = np.unique(np.asarray(people), return_inverse=True)[1]
    one, other = np.triu_indices(len(whose), 1)
    mated = whose[one] == whose[other]
    if mated.all() or not mated.any():
        raise Invalid("It takes two people, and two photos of one of them, in which a face is found.", "folder")
    vectors = unit(templates)
    scores = (vectors @ vectors.T)[one, other]
    threshold, reached = _threshold(scores[~mated], false_match_rate)
    return Comparisons(
        photos=len(whose),
        one=one[mated],
        other=other[mated],
        failed=scores[mated] < threshold,
        threshold=threshold,
        false_match_rate=reached,
        non_mated=int(np.count_nonzero(~mated)),
    )


def _threshold(non_mated: NDArray[np.float32], rate: float) -> tuple[float, float]:
    falling = np.sort(non_mated)[::-1]
    allowed = min(int(rate * len(falling)), len(falling) - 1)
    threshold = np.nextafter(falling[allowed], np.float32(np.inf))
    return float(threshold), float(np.mean(falling >= threshold))


def error_versus_discard(
    comparisons: Comparisons, quality: ArrayLike, discarded: Sequence[float] = DISCARDED
) -> tuple[float, ...]:
    """The false non-match rate after leaving out each share of the photos, those of the lowest quality first.

    ``quality`` has a value per photo, higher = better. Where only some of the photos of one quality are left out, each of them
    is so with the same chance, and the rate is the expected one: a constant gives the curve of chance. Where no comparison is
    left the rate stays what it was.
    """
    values = np.asarray(quality, dtype=np.float64)
    rates: list[float] = []
    for share in discarded:
        kept = _kept(values, share)
        weights = kept[comparisons.one] * kept[comparisons.other]
        total = float(weights.sum())
        rates.append(float(weights @ comparisons.failed) / total if total > 0 else rates[-1])
    return tuple(rates)


def _kept(values: Floats, share: float) -> Floats:
    """The chance of each photo to stay."""
    gone = share * len(values)
    limit = np.sort(values)[min(int(gone), len(values) - 1)]
    tied = values == limit
    kept: Floats = (values > limit).astype(np.float64)
    kept[tied] = 1 - (gone - np.count_nonzero(values < limit)) / np.count_nonzero(tied)
    return kept


def ideal_quality(comparisons: Comparisons) -> Floats:
    """What an oracle would give: the worst photo is the one whose absence lowers the rate most, then that of the rest ...

    Of two the one with fewer comparisons. Step by step this is the best; over several steps another order may be a little
    better.
    """
    one, other, failed = comparisons.one, comparisons.other, comparisons.failed
    quality: Floats = np.full(comparisons.photos, float(comparisons.photos))
    for step in range(comparisons.photos):
        failures = np.count_nonzero(failed) - _count(comparisons.photos, one[failed], other[failed])
        total = len(failed) - _count(comparisons.photos, one, other)
        rates = np.divide(failures, total, out=np.full(len(total), np.inf), where=total > 0)
        worst = int(np.lexsort((-total, rates))[0])
        if not failed.any() or rates[worst] >= failed.mean():
            break
        quality[worst] = step
        left = (one != worst) & (other != worst)
        one, other, failed = one[left], other[left], failed[left]
    return quality


def _count(photos: int, one: Numbers, other: Numbers) -> Numbers:
    count: Numbers = np.bincount(one, minlength=photos) + np.bincount(other, minlength=photos)
    return count


def area(rates: Sequence[float], discarded: Sequence[float] = DISCARDED) -> float:
    """The mean rate over the shares left out: the area under the curve over its width."""
    return float(np.trapezoid(rates, discarded) / (discarded[-1] - discarded[0]))


def benefit(rates: Sequence[float], ideal: Sequence[float], discarded: Sequence[float] = DISCARDED) -> float:
    """How much of what an oracle gains over chance a measure gains: 1 at best, 0 for chance, below 0 for worse than chance."""
    chance, best = rates[0], area(ideal, discarded)
    return (chance - area(rates, discarded)) / (chance - best) if chance > best else 0.0
