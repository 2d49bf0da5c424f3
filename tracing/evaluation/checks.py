"""What betrays a mistake in the desk itself: labels swapped, people on both sides, distances taken for similarities."""

from __future__ import annotations

from collections.abc import Collection as Some
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracing.errors import Invalid
from tracing.evaluation.identification import Photos, Searches
from tracing.vectors import unit

SURE: Final = 0.999
"""Quantile of the best scores of strangers: above it two photos with different names look like one person."""
UNLIKE: Final = 0.95
"""Quantile of the scores of two people: below it two photos with one name look like two."""
MOST: Final = 100_000_000
"""Comparisons that are looked through at most."""
SAME_PHOTO: Final = 0.9999
"""Cosine from which on two photos are one and the same."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """Two photos whose labels are worth a look: ``alike`` under two names, or not alike under one."""

    one: int
    other: int
    score: float
    alike: bool


def require_apart(fitted: Some[str], reported: Some[str]) -> None:
    """``Invalid`` where somebody is among the people that something was fitted on and among those it is reported on."""
    if both := sorted(set(fitted) & set(reported)):
        raise Invalid(f"{len(both)} people are in what was fitted and in what is reported, such as {both[0]}.", "people")


def require_no_photo_in_both(fitted: Photos, reported: Photos) -> None:
    """``Invalid`` where one photo is, under whatever names, in what was fitted and in what is reported."""
    one, other = (unit(photos.templates[photos.enrolled]) for photos in (fitted, reported))
    if len(one) * len(other) > MOST:
        raise Invalid(
            "There are too many photos to see whether one of them is in what was fitted and in what is reported.", "photos"
        )
    row, column = np.nonzero(one @ other.T >= SAME_PHOTO)
    if len(row):
        names = fitted.people[fitted.enrolled][row[0]], reported.people[reported.enrolled][column[0]]
        raise Invalid(
            f"One photo is in what was fitted and in what is reported, as {names[0]} and as {names[1]}: "
            "name it among the label errors.",
            "photos",
        )


def require_similarities(searches: Searches) -> None:
    """``Invalid`` where people come later on the lists than by chance: their scores are distances, or the labels wrong."""
    places = searches.place[np.isfinite(searches.own)]
    if len(places) and np.mean(places) > 1 + searches.people / 2:
        raise Invalid(
            "People come later on their lists than by chance: are the scores distances, or the labels wrong?", "scores"
        )


@dataclass(frozen=True, slots=True)
class Compared:
    """Photos with a face, all against all: their ``numbers`` and ``people``, and the cosine of each two of them."""

    numbers: NDArray[np.int64]
    people: NDArray[np.str_]
    scores: NDArray[np.float32]


def too_many(photos: Photos) -> bool:
    """Whether there are more photos than ``compare_all`` takes."""
    return int(np.count_nonzero(photos.enrolled)) ** 2 > MOST


def compare_all(photos: Photos) -> Compared:
    """``Invalid`` where there are too many photos for that."""
    numbers = np.flatnonzero(photos.enrolled)
    if too_many(photos):
        raise Invalid(f"At most {int(MOST**0.5):,} photos can be compared with each other.", "photos")
    templates = unit(photos.templates[numbers])
    return Compared(numbers, photos.people[numbers], templates @ templates.T)


def same_photos(compared: Compared) -> list[tuple[int, int, bool]]:
    """Photos that are one photo, and whether under two names: then somebody is enrolled under two names, or leaked from one set
    to another; under one name a search with the one finds the other for sure."""
    one, other = np.nonzero(np.triu(compared.scores >= SAME_PHOTO, 1))
    apart = compared.people[one] != compared.people[other]
    numbers = compared.numbers
    return list(zip(numbers[one].tolist(), numbers[other].tolist(), apart.tolist(), strict=True))


def suspects(compared: Compared, most: int = 50) -> list[Suspect]:
    """Pairs of photos whose labels may be wrong, the most suspicious of each sort first, ``most`` of each.

    Two names whose photos score as nobody's nearest stranger does; one name whose photos score below most pairs of strangers.
    """
    people, scores = compared.people, compared.scores
    same = people[:, np.newaxis] == people
    others = np.where(same, -np.inf, scores)
    nearest = others.max(axis=1)
    strict = float(np.quantile(nearest[np.isfinite(nearest)], SURE)) if np.isfinite(nearest).any() else np.inf
    found = _suspects(compared, others >= strict, alike=True)
    usual = float(np.quantile(scores[~same], UNLIKE)) if (~same).any() else -np.inf
    unlike = _suspects(compared, same & (scores < usual), alike=False)
    return sorted(found, key=lambda each: -each.score)[:most] + sorted(unlike, key=lambda each: each.score)[:most]


def _suspects(compared: Compared, which: NDArray[np.bool_], alike: bool) -> list[Suspect]:
    numbers = compared.numbers
    low, high = np.nonzero(np.triu(which, 1))
    return [
        Suspect(int(numbers[a]), int(numbers[b]), float(compared.scores[a, b]), alike) for a, b in zip(low, high, strict=True)
    ]
