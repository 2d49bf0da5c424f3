"""From a rough order of templates to the list that the exact rule gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracing.domain import Hit, Vector
from tracing.index.templates import Ids, best, score
from tracing.ports import Metric

SPARE: Final = 16
"""Fetched beyond the limit, so that a few ties at the end of the list need no second search."""

TOLERANCE: Final = 1e-5
"""How far float32 sums may be off, as a share of the squared length of what is compared."""

Found = tuple[Ids, Vector, float]
"""Ids, their templates, and the rough score of the last of them: cosine, or the negative squared distance."""


def settled(
    probe: Vector, metric: Metric, limit: int, available: int, longest: float | None, fetch: Callable[[int], Found]
) -> list[Hit]:
    """The ``limit`` best, scored by the exact rule, fetching more until nothing that was left out could belong in the list.

    ``fetch`` gives that many of the ``available`` templates, the roughly best first; ``longest`` is the largest squared length
    of any of them, or None where that is not known.
    """
    count = min(limit + SPARE, available)
    while True:
        ids, vectors, bound = fetch(count)
        hits = best(ids, score(vectors, probe, metric), limit)
        # What searches codes may find fewer than asked for: then it has no more to give.
        if count >= available or len(ids) < count:
            return hits
        if len(hits) == limit:
            long = longest if longest is not None else _belonging(probe, metric, hits[-1].score)
            if hits[-1].score > _above(probe, metric, long, bound):
                return hits
        count = min(4 * count, available)


def rough_scores(vectors: Vector, probe: Vector, metric: Metric) -> NDArray[np.float32]:
    """In float32: cosine, or the negative squared distance, of templates (..., n, d) against probes (..., d)."""
    products = np.matmul(vectors, probe[..., np.newaxis])[..., 0]
    if metric is Metric.COSINE:
        return np.asarray(products)
    lengths = np.einsum("...nd,...nd->...n", vectors, vectors)
    return np.asarray(2 * products - lengths - np.einsum("...d,...d->...", probe, probe)[..., np.newaxis])


def squared_length(vectors: Vector) -> float:
    """The largest of them."""
    return float(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64).max(initial=0.0))


def _belonging(probe: Vector, metric: Metric, last: float) -> float:
    """No template that belongs before one with the score ``last`` has a larger squared length."""
    return 1.0 if metric is Metric.COSINE else float((np.linalg.norm(probe) - last) ** 2)


def _above(probe: Vector, metric: Metric, longest: float, bound: float) -> float:
    """No template that was left out, ``bound`` being the last rough score, has a true score above this."""
    slack = TOLERANCE * max(longest, float(np.dot(probe, probe)))
    if metric is Metric.COSINE:
        return bound + slack
    return -float(np.sqrt(max(0.0, -bound - slack)))
