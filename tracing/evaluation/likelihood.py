"""Whether likelihood ratios are worth what they say: their cost, the part of it that calibration could save, reliability.

Cllr (Bruemmer and du Preez, "Application-independent evaluation of speaker detection", 2006) is 0 where every likelihood ratio
is right and certain, and 1 for always saying nothing. The lowest cost that any rising map from scores to likelihood ratios
could have reached on the same comparisons is minCllr: that map is the isotonic regression, found by pooling adjacent
violators (Zadrozny and Elkan 2002). What is between the two is lost by calibration, what is below it by the encoder.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracing.errors import Invalid

Floats = NDArray[np.float64]
STEPS = 100
"""Of Newton's method at most; it settles in about ten."""
SETTLED = 1e-10


def cost(mated: ArrayLike, non_mated: ArrayLike) -> float:
    """Cllr, in bits, of decimal logarithms of likelihood ratios of mated comparisons and of others."""
    same, other = _both(mated, non_mated)
    ln10 = np.log(10)
    # logaddexp keeps its head where 10 ** x does not.
    bits = np.logaddexp(0, -same * ln10).mean() + np.logaddexp(0, other * ln10).mean()
    return float(bits / (2 * np.log(2)))


def least_cost(mated: ArrayLike, non_mated: ArrayLike) -> float:
    """minCllr of scores, higher = more alike."""
    same, other = _both(mated, non_mated)
    return cost(*best_log10_lr(same, other))


def best_log10_lr(mated: ArrayLike, non_mated: ArrayLike) -> tuple[Floats, Floats]:
    """The logarithms of the likelihood ratios that the best rising map gives these very scores, infinite at the ends."""
    same, other = _both(mated, non_mated)
    scores = np.concatenate([same, other])
    _, group = np.unique(scores, return_inverse=True)
    mine = np.bincount(group[: len(same)], minlength=group.max() + 1) / len(same)
    theirs = np.bincount(group[len(same) :], minlength=group.max() + 1) / len(other)
    chance = _rising(mine / (mine + theirs), mine + theirs)
    with np.errstate(divide="ignore"):
        ratios = np.log10(chance) - np.log10(1 - chance)
    return ratios[group[: len(same)]], ratios[group[len(same) :]]


def _rising(values: Floats, weights: Floats) -> Floats:
    """The nearest sequence that does not fall (pool adjacent violators)."""
    means: list[float] = []
    sums: list[float] = []
    counts: list[int] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        means.append(value)
        sums.append(weight)
        counts.append(1)
        while len(means) > 1 and means[-2] >= means[-1]:
            last, total, count = means.pop(), sums.pop(), counts.pop()
            means[-1] = (means[-1] * sums[-1] + last * total) / (sums[-1] + total)
            sums[-1] += total
            counts[-1] += count
    return np.repeat(np.array(means), counts)


def fit_line(mated: ArrayLike, non_mated: ArrayLike) -> tuple[float, float]:
    """Slope and intercept of log10 LR by logistic regression, each kind weighing one half, so that prior odds are even.

    ``Invalid`` where a line separates the two kinds entirely, for its slope would have no end.
    """
    same, other = _both(mated, non_mated)
    if same.min() > other.max():
        raise Invalid("Every mated comparison scores above all others: there are too few to fit a line to.", "photos")
    scores = np.concatenate([same, other])
    target = np.concatenate([np.ones(len(same)), np.zeros(len(other))])
    weight = np.where(target == 1, 1 / len(same), 1 / len(other))
    centre, spread = float(scores.mean()), float(scores.std())
    design = np.column_stack([(scores - centre) / spread, np.ones(len(scores))])
    line = np.zeros(2)
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-design @ line))
        gradient = design.T @ (weight * (target - chance))
        curvature = (design * (weight * chance * (1 - chance))[:, np.newaxis]).T @ design
        step = np.linalg.solve(curvature, gradient)
        line += step
        if np.abs(step).max() < SETTLED:
            break
    slope = line[0] / spread
    return float(slope / np.log(10)), float((line[1] - slope * centre) / np.log(10))


@dataclass(frozen=True, slots=True)
class Reliable:
    """Comparisons whose likelihood ratio lies in one step: what was said (mean log10 LR) and what was seen (None: nothing)."""

    said: float
    seen: float | None
    mated: int
    non_mated: int


def reliability(mated: ArrayLike, non_mated: ArrayLike, width: float = 0.5) -> list[Reliable]:
    """What log10 likelihood ratios say beside what is seen among those that say so, in steps of ``width``, ascending."""
    same, other = _both(mated, non_mated)
    place, elsewhere = np.floor(same / width), np.floor(other / width)
    found = []
    for step in np.unique(np.concatenate([place, elsewhere])):
        mine, theirs = int((place == step).sum()), int((elsewhere == step).sum())
        said = float(np.concatenate([same[place == step], other[elsewhere == step]]).mean())
        seen = float(np.log10((mine / len(same)) / (theirs / len(other)))) if mine and theirs else None
        found.append(Reliable(said, seen, mine, theirs))
    return found


def _both(mated: ArrayLike, non_mated: ArrayLike) -> tuple[Floats, Floats]:
    same, other = np.asarray(mated, dtype=np.float64), np.asarray(non_mated, dtype=np.float64)
    if not same.size or not other.size:
        raise Invalid("It takes comparisons of one person and comparisons of two.", "photos")
    return same, other
