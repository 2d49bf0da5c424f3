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


def require_similarities(searches: Searches) -> None:
    """``Invalid`` where people come later on the lists than by chance: their scores are distances, or the labels wrong."""
    places = searches.place[np.isfinite(searches.own)]
    if len(places) and np.mean(places) > 1 + searches.people / 2:
        raise Invalid(
            "People come later on their lists than by chance: are the scores distances, or the labels wrong?", "scores"
        )


def same_photos(photos: Photos) -> list[tuple[int, int]]:
    """Photos under two names that are one photo: somebody is enrolled under two names, or leaked from one set to another."""
    numbers, scores = _all_against_all(photos)
    one, other = np.nonzero(np.triu(scores >= SAME_PHOTO, 1))
    pairs = zip(numbers[one].tolist(), numbers[other].tolist(), strict=True)
    return [(low, high) for low, high in pairs if photos.people[low] != photos.people[high]]


def suspects(photos: Photos, most: int = 50) -> list[Suspect]:
    """Pairs of photos whose labels may be wrong, the most suspicious of each sort first, ``most`` of each.

    Two names whose photos score as nobody's nearest stranger does; one name whose photos score below most pairs of strangers.
    """
    numbers, scores = _all_against_all(photos)
    people = photos.people[numbers]
    same = people[:, np.newaxis] == people
    others = np.where(same, -np.inf, scores)
    nearest = others.max(axis=1)
    strict = float(np.quantile(nearest[np.isfinite(nearest)], SURE)) if np.isfinite(nearest).any() else np.inf
    low, high = np.nonzero(np.triu(others >= strict, 1))
    found = [Suspect(int(numbers[a]), int(numbers[b]), float(scores[a, b]), alike=True) for a, b in zip(low, high, strict=True)]
    usual = float(np.quantile(scores[~same], UNLIKE)) if (~same).any() else -np.inf
    low, high = np.nonzero(np.triu(same & (scores < usual), 1))
    unlike = [
        Suspect(int(numbers[a]), int(numbers[b]), float(scores[a, b]), alike=False) for a, b in zip(low, high, strict=True)
    ]
    return sorted(found, key=lambda each: -each.score)[:most] + sorted(unlike, key=lambda each: each.score)[:most]


def _all_against_all(photos: Photos) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The numbers of the photos with a face, and the cosine of each two of them."""
    numbers = np.flatnonzero(photos.enrolled)
    if len(numbers) ** 2 > MOST:
        raise Invalid(f"At most {int(MOST**0.5)} photos can be compared with each other.", "photos")
    templates = unit(photos.templates[numbers])
    return numbers, templates @ templates.T
