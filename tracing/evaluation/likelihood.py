"""Whether likelihood ratios are worth what they say: their cost, the part of it that calibration could save, reliability.

Cllr (Bruemmer and du Preez, "Application-independent evaluation of speaker detection", 2006) is 0 where every likelihood ratio
is right and certain, and 1 for always saying nothing. The lowest cost that any rising map from scores to likelihood ratios
could have reached on the same comparisons is minCllr: that map is the isotonic regression, found by pooling adjacent
violators (Zadrozny and Elkan 2002). What is between the two is lost by calibration, what is below it by the encoder. Since that
map is chosen with the answers at hand, few comparisons flatter it: even likelihood ratios that are exactly right cost more than
minCllr (``tracing.evaluation.excess``), and the best map of some people costs others more than that (``crossed_cost``). What
could really be reached lies between minCllr and the crossed cost. A map of two numbers has little to choose by the answers: the
least cost of any line (``least_line_cost``) is the affine recalibration by which Ferrer and Ramos ("Evaluating Posterior
Probabilities", 2024) tell what a calibration loses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracing.errors import Invalid

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]
DRAWN = 200
"""Bootstrap samples of people behind an interval."""
BINS = 2000
SPLITS = 6
"""Of people into halves, in each of which a map is found for the other one."""
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


def least_line_cost(mated: ArrayLike, non_mated: ArrayLike) -> float:
    """Cllr of the line that is the best one for these very scores; never below minCllr, for a rising line is a rising map."""
    same, other = _both(mated, non_mated)
    slope, intercept = fit_line(same, other)
    return cost(slope * same + intercept, slope * other + intercept)


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
    intercept, slope = fit_terms(scores[:, np.newaxis], np.arange(len(scores)) < len(same))
    return float(slope), float(intercept)


def fit_terms(terms: Floats, same: Flags) -> Floats:
    """(terms + 1,) intercept and slopes of log10 LR, linear in the terms (n, terms), as ``fit_line`` finds them for one."""
    target = same.astype(np.float64)
    weight = np.where(same, 1 / same.sum(), 1 / (~same).sum())
    centre, spread = terms.mean(axis=0), terms.std(axis=0)
    design = np.column_stack([np.ones(len(terms)), (terms - centre) / spread])
    found = np.zeros(design.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-design @ found))
        gradient = design.T @ (weight * (target - chance))
        curvature = (design * (weight * chance * (1 - chance))[:, np.newaxis]).T @ design
        step = np.linalg.solve(curvature, gradient)
        found += step
        if np.abs(step).max() < SETTLED:
            break
    slopes = found[1:] / spread
    return np.asarray(np.concatenate([[found[0] - slopes @ centre], slopes]) / np.log(10))


@dataclass(frozen=True, slots=True)
class Costs:
    """Cllr, minCllr and their ratio, with the 95 % interval of a bootstrap over people for the first and the last."""

    cost: float
    least: float
    cost_between: tuple[float, float]
    ratio_between: tuple[float, float]

    @property
    def ratio(self) -> float:
        """Infinite where a threshold would separate the two kinds entirely."""
        return ratio_of(self.cost, self.least)


def costs(scores: Floats, log10_lrs: Floats, one: Numbers, other: Numbers, seed: int = 0) -> Costs:
    """What likelihood ratios of comparisons cost; ``one`` and ``other`` number the two people of each, equal where mated.

    People, not comparisons, are drawn again, for the comparisons of one person are alike: a comparison weighs as often as both
    its people were drawn. Scores are told apart in ``BINS`` steps for the interval of the ratio.
    """
    same = one == other
    numbers = np.random.default_rng(seed)
    people = int(max(one.max(), other.max())) + 1
    bits = np.logaddexp(0, np.where(same, -log10_lrs, log10_lrs) * np.log(10)) / np.log(2)
    edges = np.linspace(scores.min(), scores.max(), BINS)
    step = np.searchsorted(edges, scores)
    drawn: list[tuple[float, float]] = []
    while len(drawn) < DRAWN:
        times = np.bincount(numbers.integers(0, people, people), minlength=people).astype(np.float64)
        weight = np.where(same, times[one], times[one] * times[other])
        mine, theirs = (np.bincount(step[kind], weight[kind], BINS) for kind in (same, ~same))
        if mine.sum() and theirs.sum():
            each = [float(np.average(bits[kind], weights=weight[kind])) for kind in (same, ~same)]
            drawn.append((sum(each) / 2, _least(mine / mine.sum(), theirs / theirs.sum())))
    low, high = np.quantile([paid for paid, _ in drawn], (0.025, 0.975))
    # Some of them may be infinite, between which nothing can be interpolated.
    ratio_low, ratio_high = np.quantile([ratio_of(*each) for each in drawn], (0.025, 0.975), method="inverted_cdf")
    return Costs(
        cost(log10_lrs[same], log10_lrs[~same]),
        least_cost(scores[same], scores[~same]),
        (float(low), float(high)),
        (float(ratio_low), float(ratio_high)),
    )


def ratio_of(paid: float, least: float) -> float:
    """Infinite where nothing at all had to be paid."""
    return paid / least if least else float("inf")


def _least(mated: Floats, non_mated: Floats) -> float:
    """minCllr of two distributions over the same steps of scores, ascending."""
    used = mated + non_mated > 0
    mine, theirs = mated[used], non_mated[used]
    chance = _rising(mine / (mine + theirs), mine + theirs)
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = np.where(mine > 0, -mine * np.log2(chance), 0) + np.where(theirs > 0, -theirs * np.log2(1 - chance), 0)
    return float(bits.sum() / 2)


def crossed_cost(scores: Floats, one: Numbers, other: Numbers, seed: int = 0) -> float:
    """Cllr of the best rising map that is found on one half of these people and used on the other half, as a mean of splits.

    The map claims no more than the rule of three allows (ISO/IEC 19795-1). Splits that leave a half without comparisons of both
    kinds are left out; NaN where all do.
    """
    numbers = np.random.default_rng(seed)
    people = int(max(one.max(), other.max())) + 1
    step = np.searchsorted(np.linspace(scores.min(), scores.max(), BINS), scores)
    found = []
    for _ in range(SPLITS):
        half = numbers.permutation(people) < people // 2
        for inside in (half, ~half):
            chosen, left = inside[one] & inside[other], ~inside[one] & ~inside[other]
            mated, non_mated = (one == other) & chosen, (one != other) & chosen
            same, others = (one == other) & left, (one != other) & left
            if all(kind.any() for kind in (mated, non_mated, same, others)):
                there = int(inside.sum())
                limits = -np.log10(max(mated.sum() / 3, 1)), np.log10(max(there * (there - 1) / 6, 1))
                ratios = np.concatenate(best_log10_lr(step[mated], step[non_mated])).clip(*limits)
                known, place = np.unique(np.concatenate([step[mated], step[non_mated]]), return_index=True)
                found.append(cost(*(np.interp(step[kind], known, ratios[place]) for kind in (same, others))))
    return float(np.mean(found)) if found else float("nan")


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
