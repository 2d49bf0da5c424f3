"""By how much likelihood ratios that are exactly right exceed minCllr, where people are few.

minCllr is the cost of a map that is chosen with the answers at hand. Of ratios that are right already it measures chance: how
far these people are from all people, and how well the map fits them (Morrison 2021, "In the context of forensic casework, are
there meaningful metrics of the degree of calibration?", Forensic Science International: Synergy 3, by simulations too). Here
people are invented by a model in which the ratio of two photos is known: a photo is its person and a noise of its own, both
normal, in ``DIRECTIONS`` directions (Prince and Elder 2007, "Probabilistic linear discriminant analysis for inferences about
identity"). Each set has as many people, photos and comparisons as the real one, and its comparisons share them as there: one
odd photo spoils all of its own. Real photos differ more than these, which all have the same noise.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from tracing.evaluation.likelihood import Floats, Numbers, cost, least_cost, ratio_of

DIRECTIONS: Final = 64
"""The cosines of strangers spread like those of so many: MobileFaceNet's of East Asian people reach 0.3 in one of a hundred."""
SIMULATED: Final = 100
"""Sets of people that are invented."""
ENOUGH: Final = 20_000
"""Comparisons of strangers in each of them; more change nothing, since the mated ones are few."""
PROBED: Final = 10_000
"""Comparisons of each kind by which the noise is found."""
HALVINGS: Final = 40


def excess_of_right(
    at: float, people: tuple[Numbers, Numbers], photos: tuple[Numbers, Numbers], seed: int = 0
) -> tuple[float, float, float]:
    """Cllr / minCllr of ratios that are exactly right: the median, and the two ends that 95 sets of a hundred lie between.

    ``at`` is the Cllr that so noisy photos would have among very many people. ``people`` and ``photos`` number the two people
    and the two photos of each comparison of the real set.
    """
    numbers = np.random.default_rng(seed)
    noise = _noise(at, numbers)
    whose = np.zeros(1 + max(int(each.max()) for each in photos), dtype=np.int64)
    for photo, person in zip(photos, people, strict=True):
        whose[photo] = person
    mated = people[0] == people[1]
    same, others = np.flatnonzero(mated), np.flatnonzero(~mated)
    others = numbers.permutation(others)[:ENOUGH]
    found = []
    for _ in range(SIMULATED):
        faces = numbers.standard_normal((whose.max() + 1, DIRECTIONS))[whose]
        faces += noise * numbers.standard_normal(faces.shape)
        mine, theirs = (log10_lr(faces[photos[0][kind]], faces[photos[1][kind]], noise) for kind in (same, others))
        found.append(ratio_of(cost(mine, theirs), least_cost(mine, theirs)))
    low, usual, high = np.quantile(found, (0.025, 0.5, 0.975), method="inverted_cdf")  # some of them may be infinite
    return float(usual), float(low), float(high)


def log10_lr(one: Floats, other: Floats, noise: float) -> Floats:
    """Of each two photos (n, directions), whose persons spread by 1 in every direction: correlated if it is one person."""
    spread = 1 + noise**2
    alike = 1 / spread
    both = 2 * alike * (one * other).sum(axis=1) - alike**2 * ((one**2).sum(axis=1) + (other**2).sum(axis=1))
    shared = -one.shape[1] / 2 * np.log(1 - alike**2)
    return np.asarray((both / (2 * spread * (1 - alike**2)) + shared) / np.log(10))


def _noise(at: float, numbers: np.random.Generator) -> float:
    """The noise at which right ratios cost ``at``."""
    person, stranger, first, second = numbers.standard_normal((4, PROBED, DIRECTIONS))
    low, high = 0.1, 10.0
    for _ in range(HALVINGS):
        noise = float(np.sqrt(low * high))
        mated, non_mated = (log10_lr(person + noise * first, who + noise * second, noise) for who in (person, stranger))
        low, high = (noise, high) if cost(mated, non_mated) < at else (low, noise)
    return low
