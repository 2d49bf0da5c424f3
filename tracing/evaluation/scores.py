"""Scores of photos against people who are enrolled with one photo or several."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from tracing.domain import Vector
from tracing.vectors import unit


class Pooling(StrEnum):
    """How several photos of one person count."""

    BEST = "best"
    """The best score of any of them, as production does."""
    MEAN = "mean"
    """The score of the mean of their templates, each brought to unit length first."""


def scores_of(
    templates: Vector, probes: NDArray[np.int64], gallery: Sequence[NDArray[np.int64]], pooling: Pooling
) -> NDArray[np.float32]:
    """(probes, people) the cosine of each probe and each person, who is enrolled with the photos of those numbers."""
    searched = unit(templates[probes])
    if pooling is Pooling.MEAN:
        means = np.stack([unit(templates[own]).mean(axis=0) for own in gallery])
        return np.asarray(searched @ unit(means).T)
    starts = np.cumsum([0, *(len(own) for own in gallery[:-1])])
    return np.asarray(np.maximum.reduceat(searched @ unit(templates[np.concatenate(gallery)]).T, starts, axis=1))
