"""How sure a measure of searches is, by drawing people again: its interval, and those of a difference and a ratio of two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracing.errors import Invalid
from tracing.evaluation.identification import Numbers, Searches, part

RESAMPLED: Final = 1000
"""Bootstrap samples of people behind an interval."""


def interval(
    searches: Searches, people: NDArray[np.str_], measure: Callable[[Searches], float], seed: int = 0, share: float = 0.95
) -> tuple[float, float]:
    """A bootstrap interval of a measure: people, not searches, are drawn again, for the photos of one person are alike.

    ``people`` by photo. The percentile interval of ``RESAMPLED`` samples of mated people and of non-mated ones.
    """
    found = [measure(part(searches, *drawn)) for drawn in _draws(searches, people, seed)]
    return _middle(found, share)


def difference(
    one: Searches, other: Searches, people: NDArray[np.str_], measure: Callable[[Searches], float], seed: int = 0
) -> tuple[float, float]:
    """The 95 % interval of how much more a measure of ``one`` is than of ``other``, which are the same searches scored anew.

    The same people are drawn for both: what is luck of the draw goes away, so that far smaller differences can be told than
    by two intervals beside each other. ``Invalid`` where the searches are not the same ones.
    """
    return _middle([mine - its for mine, its in _both(one, other, people, measure, seed)], 0.95)


def times(
    one: Searches, other: Searches, people: NDArray[np.str_], measure: Callable[[Searches], float], seed: int = 0
) -> tuple[float, float]:
    """The same of how many times as much it is; infinite where the other may be nothing at all."""
    found = [mine / its if its else float("inf") for mine, its in _both(one, other, people, measure, seed)]
    low, high = np.quantile(found, (0.025, 0.975), method="inverted_cdf")  # between infinite ones nothing is interpolated
    return float(low), float(high)


def _both(
    one: Searches, other: Searches, people: NDArray[np.str_], measure: Callable[[Searches], float], seed: int
) -> Iterator[tuple[float, float]]:
    if not (np.array_equal(one.mated, other.mated) and np.array_equal(one.non_mated, other.non_mated)):
        raise Invalid("A difference is between two scorings of the same searches.", "photos")
    for drawn in _draws(one, people, seed):
        yield measure(part(one, *drawn)), measure(part(other, *drawn))


def _draws(searches: Searches, people: NDArray[np.str_], seed: int) -> Iterator[tuple[Numbers, Numbers]]:
    """Mated searches and others, of people who are drawn again."""
    numbers = np.random.default_rng(seed)
    mated, non_mated = _ByPerson.of(people[searches.mated]), _ByPerson.of(people[searches.non_mated])
    for _ in range(RESAMPLED):
        yield mated.drawn(numbers), non_mated.drawn(numbers)


@dataclass(frozen=True, slots=True)
class _ByPerson:
    """Searches in the ``order`` of people: those of each begin at ``starts``, and are ``counts``."""

    order: Numbers
    starts: Numbers
    counts: Numbers

    @classmethod
    def of(cls, people: NDArray[np.str_]) -> _ByPerson:
        _, whose, counts = np.unique(people, return_inverse=True, return_counts=True)
        return cls(np.argsort(whose, kind="stable"), np.cumsum(counts) - counts, counts)

    def drawn(self, numbers: np.random.Generator) -> Numbers:
        """The searches of as many people as there are, each drawn with the same chance, all searches of one together."""
        some = numbers.integers(0, len(self.counts), len(self.counts))
        counts = self.counts[some]
        # Each person's searches are consecutive: the place in the sample, less where the person begins in it, counts them.
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        drawn: Numbers = self.order[np.repeat(self.starts[some], counts) + within]
        return drawn


def _middle(found: Sequence[float], share: float) -> tuple[float, float]:
    low, high = np.quantile(found, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)
