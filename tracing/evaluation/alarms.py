"""How often strangers reach a score: a table of false match rates from comparisons, and whether searches bear it out.

Down to one comparison in a hundred the rate is the share that was counted. Beyond that its logarithm goes on in a straight
line: the excesses over a high threshold follow a generalised Pareto distribution (Coles 2001, "An Introduction to Statistical
Modeling of Extreme Values", chapter 4), and where its shape is 0 that is an exponential one with the mean excess as its scale.
The shapes measured lie between -0.4 and 0, where an exponential tail is the higher one: it tells of too many strangers rather
than of too few, while a shape fitted to the pairs of 200 people says nobody, or fifty times too many, at rates that they cannot
show.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracing.domain import Vector
from tracing.errors import Invalid
from tracing.rates import RateTable, rate_at, score_for
from tracing.vectors import unit

Floats = NDArray[np.float64]

COUNTED: Final = 0.01
"""Rates from here on are counted, lower ones follow the tail."""
FEWEST: Final = 30
"""Comparisons beyond the threshold without which no tail is fitted."""
ROWS: Final = 20
"""Of the table, for the part that is counted and for the tail each."""
HIGHEST: Final = 1.0
"""A cosine."""
GALLERIES: Final = 10
"""Drawn of each size."""
DRAWN: Final = 500
"""Bootstrap samples of people behind an interval."""


def rate_table(non_mated: ArrayLike) -> tuple[tuple[float, float], ...]:
    """(score, share of strangers who reach it), scores of three decimals ascending from -1 to 1; between them log-linear.

    ``Invalid`` where there are too few comparisons for a tail.
    """
    scores = np.sort(np.asarray(non_mated, dtype=np.float64))
    if len(scores) * COUNTED < FEWEST:
        raise Invalid(f"It takes {int(FEWEST / COUNTED)} comparisons of two people to fit a tail to.", "photos")
    start = float(np.round(np.quantile(scores, 1 - COUNTED), 3))
    excesses = scores[scores > start] - start
    rows = {-1.0: 1.0}
    for score in np.unique(np.round(np.linspace(np.quantile(scores, 0.005), start, ROWS), 3)):
        rows[float(score)] = _share(scores, float(score))
    for score in np.unique(np.round(np.linspace(start, HIGHEST, ROWS + 1)[1:], 3)):
        rows[float(score)] = rows[start] * float(np.exp((start - score) / excesses.mean()))
    return tuple((score, float(f"{rate:.4g}")) for score, rate in rows.items())


@dataclass(frozen=True, slots=True)
class Alarms:
    """Strangers per non-mated search of a gallery of ``people`` with ``score`` or more: ``expected``, and ``seen`` in
    ``searches`` with the 95 % interval of a bootstrap over people."""

    people: int
    score: float
    searches: int
    expected: float
    seen: float
    low: float
    high: float

    @property
    def ratio(self) -> float:
        """Expected to seen; infinite where nobody was seen."""
        return self.expected / self.seen if self.seen else float("inf")


def false_alarms(
    table: RateTable,
    templates: Vector,
    people: NDArray[np.str_],
    sizes: Sequence[int],
    expected: Sequence[float],
    seed: int = 0,
) -> Iterator[Alarms]:
    """Hold a table against non-mated searches, at the scores where a gallery of each size is said to show so many strangers.

    Everybody has one photo, the first. A gallery of that many people is drawn and everybody else searched for in it, which is
    repeated with other galleries: real templates, and nobody searched for is there. ``templates`` (n, dimension) are of people
    whom the table was not fitted on. Sizes that leave nobody to search for are left out.
    """
    _, first = np.unique(people, return_index=True)
    faces = unit(templates[first])
    numbers = np.random.default_rng(seed)
    for size in sizes:
        if size >= len(faces):
            continue
        galleries = [_strangers(numbers, faces, size) for _ in range(GALLERIES)]
        for count in expected:
            score = score_for(table, count / size)
            reached = [(scores >= score).astype(np.float64) for scores in galleries]
            drawn = [size * _drawn(numbers, each) for each in reached for _ in range(DRAWN // GALLERIES)]
            low, high = np.quantile(drawn, (0.025, 0.975))
            seen = float(np.mean([each.sum(axis=1).mean() for each in reached]))
            searches = (len(faces) - size) * GALLERIES
            yield Alarms(size, score, searches, size * rate_at(table, score), seen, float(low), float(high))


def _strangers(numbers: np.random.Generator, faces: Vector, size: int) -> Vector:
    """(searches, size) scores of everybody outside a gallery of people drawn by chance."""
    order = numbers.permutation(len(faces))
    return np.asarray(faces[order[size:]] @ faces[order[:size]].T)


def _drawn(numbers: np.random.Generator, reached: Floats) -> float:
    """The mean of what was reached, with the people who were searched for and those in the gallery drawn again."""
    searches, people = (np.bincount(numbers.integers(0, size, size), minlength=size) / size for size in reached.shape)
    return float(searches @ reached @ people)


def _share(ascending: Floats, least: float) -> float:
    return float(1 - np.searchsorted(ascending, least) / len(ascending))
