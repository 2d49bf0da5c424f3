"""Scores of photos against people who are enrolled with one photo or several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from tracing.domain import Vector
from tracing.vectors import unit

LEAST: Final = 0.01
"""The weight of a photo of no quality at all, so that somebody with such photos alone still has a template."""


@dataclass(frozen=True, slots=True)
class Faces:
    """Templates (n, dimension) and the qualities (n,) of the photos they are from, 0 to 1."""

    templates: Vector
    qualities: NDArray[np.float64]

    def of(self, numbers: NDArray[np.int64]) -> Faces:
        return Faces(self.templates[numbers], self.qualities[numbers])


class Scoring(Protocol):
    """Compares each probe with each enrolled face: (probes, enrolled), higher = more alike."""

    def __call__(self, probes: Faces, enrolled: Faces) -> NDArray[np.float32]: ...


class Pooling(StrEnum):
    """How several photos of one person count."""

    BEST = "best"
    """The best score of any of them, as production does."""
    MEAN = "mean"
    """The score of the mean of their templates, each brought to unit length first."""
    QUALITY_WEIGHTED = "mean weighted by quality"
    """Likewise, each template weighing as much as the quality of its photo."""


def cosine(probes: Faces, enrolled: Faces) -> NDArray[np.float32]:
    """What production compares by."""
    return np.asarray(unit(probes.templates) @ unit(enrolled.templates).T)


def scores_of(
    photos: Faces, probes: NDArray[np.int64], gallery: Sequence[NDArray[np.int64]], pooling: Pooling, scoring: Scoring = cosine
) -> NDArray[np.float32]:
    """(probes, people) the score of each probe and each person, who is enrolled with the photos of those numbers."""
    searched = photos.of(probes)
    if pooling is not Pooling.BEST:
        return scoring(searched, _pooled([photos.of(own) for own in gallery], pooling))
    starts = np.cumsum([0, *(len(own) for own in gallery[:-1])])
    return np.asarray(np.maximum.reduceat(scoring(searched, photos.of(np.concatenate(gallery))), starts, axis=1))


def _pooled(people: Sequence[Faces], pooling: Pooling) -> Faces:
    """One face for each person: the mean template, and the mean quality."""
    weighted = pooling is Pooling.QUALITY_WEIGHTED
    weights = [np.maximum(own.qualities, LEAST) if weighted else np.ones(len(own.qualities)) for own in people]
    means = [np.average(unit(own.templates), axis=0, weights=weight) for own, weight in zip(people, weights, strict=True)]
    return Faces(np.stack(means).astype(np.float32), np.array([own.qualities.mean() for own in people]))
