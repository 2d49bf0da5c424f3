"""Every pair of photos of some people, with what their evidence may depend on."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from scripts.calibration.photos import Flags, Templates
from tracing.evidence import CHILD_UNDER_YEARS, LARGE_GAP_YEARS

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Scores of pairs of photos, which ``first`` and ``second`` number; ``one`` and ``other`` number the people on them, equal
    where both photos show one person.

    ``youngest`` is the lower age of the two, ``gaps`` the years between them, NaN where one is not known; ``qualities`` is the
    lower one of the two.
    """

    scores: Scores
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    one: NDArray[np.int64]
    other: NDArray[np.int64]
    youngest: NDArray[np.float64]
    gaps: NDArray[np.float64]
    qualities: NDArray[np.float64]

    @property
    def photos(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return self.first, self.second

    @property
    def identities(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return self.one, self.other

    @property
    def same(self) -> Flags:
        return np.asarray(self.one == self.other)

    @property
    def mated(self) -> Scores:
        return self.scores[self.same]

    @property
    def non_mated(self) -> Scores:
        return self.scores[~self.same]

    @property
    def people(self) -> int:
        """How many pairs of different people are behind it."""
        there = len(np.union1d(self.one, self.other))
        return there * (there - 1) // 2

    @property
    def guarded(self) -> Flags:
        """As ``is_guarded`` has it for pairs of whom ages are known: a child, or years between the photos."""
        return np.asarray((self.youngest < CHILD_UNDER_YEARS) | (self.gaps >= LARGE_GAP_YEARS))

    def where(self, chosen: Flags) -> Comparisons:
        return Comparisons(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def beside(self, others: Comparisons) -> Comparisons:
        """These and those of other people, whom nobody was compared with."""
        photos, people = (int(max(one.max(), other.max())) + 1 for one, other in (self.photos, self.identities))
        moved = replace(
            others,
            first=others.first + photos,
            second=others.second + photos,
            one=others.one + people,
            other=others.other + people,
        )
        return Comparisons(*(np.concatenate([getattr(each, field.name) for each in (self, moved)]) for field in fields(self)))


def compare(templates: Templates) -> Comparisons:
    """The cosine of every pair of photos."""
    vectors = templates.vectors / np.linalg.norm(templates.vectors, axis=1, keepdims=True)
    low, high = np.triu_indices(len(vectors), 1)
    _, people = np.unique(templates.identities, return_inverse=True)
    ages, qualities = templates.ages, templates.qualities
    return Comparisons(
        scores=(vectors @ vectors.T)[low, high],
        first=low,
        second=high,
        one=people[low],
        other=people[high],
        youngest=np.minimum(ages[low], ages[high]),
        gaps=np.abs(ages[low] - ages[high]),
        qualities=np.minimum(qualities[low], qualities[high]),
    )
