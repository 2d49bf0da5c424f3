"""What an index accepts as templates and ids, and how two templates are scored: one rule for every index."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracing.domain import Hit, Vector
from tracing.errors import Invalid
from tracing.ports import Metric

Ids = NDArray[np.int64]
Scores = NDArray[np.float32]

LARGEST_VALUE = 1e15
"""Squares of larger values leave float32, in which FAISS adds them up; no encoder comes near."""


def checked(vectors: NDArray[Any], dimension: int, metric: Metric, names: Ids | None = None) -> Vector:
    """The templates as they are compared: C-ordered float32 (n, dimension), of unit length for cosine.

    ``Invalid`` for another type or shape (float64 too: it may hold what float32 cannot), a value that is not finite or
    beyond ``LARGEST_VALUE``, and for cosine a zero vector, which has no direction. ``names`` are the ids to name in it.
    """
    if not isinstance(vectors, np.ndarray) or vectors.dtype != np.float32:
        raise Invalid("Templates must be float32.", "vectors")
    if vectors.ndim != 2 or vectors.shape[1] != dimension:
        raise Invalid(f"Templates must have the shape (n, {dimension}), not {vectors.shape}.", "vectors")
    # A comparison with NaN is False, so this refuses NaN as well as infinity.
    _refuse(~(np.abs(vectors) <= LARGEST_VALUE).all(axis=1), "holds a value that is not finite or far too large", names)
    if metric is Metric.L2:
        return np.ascontiguousarray(vectors)
    wide = vectors.astype(np.float64)
    norms = np.linalg.norm(wide, axis=1, keepdims=True)
    _refuse(norms[:, 0] == 0, "is zero and has no direction to compare", names)
    return np.ascontiguousarray(wide / norms, dtype=np.float32)


def checked_batch(ids: NDArray[Any], vectors: NDArray[Any], dimension: int, metric: Metric) -> tuple[Ids, Vector]:
    """Ids and their templates, each checked; ``Invalid`` also where there is not one id for each, or one is given twice."""
    names = checked_ids(ids)
    if not isinstance(vectors, np.ndarray) or vectors.shape[:1] != names.shape or len(np.unique(names)) != len(names):
        raise Invalid("Every template needs one id, and no id may be given twice.", "ids")
    return names, checked(vectors, dimension, metric, names)


def checked_ids(ids: NDArray[Any]) -> Ids:
    """The ids as int64; ``Invalid`` where one is not a whole number from 0 on."""
    if not isinstance(ids, np.ndarray) or ids.ndim != 1 or not (ids.size == 0 or np.issubdtype(ids.dtype, np.integer)):
        raise Invalid("Ids must be a row of whole numbers.", "ids")
    # FAISS says -1 where it found nothing.
    if ids.size and (ids.min() < 0 or ids.max() > np.iinfo(np.int64).max):
        raise Invalid("Ids must be from 0 to 2^63 - 1.", "ids")
    return np.ascontiguousarray(ids, dtype=np.int64)


def checked_limit(limit: int) -> int:
    if limit < 0:
        raise Invalid("A list cannot have a negative length.", "limit")
    return limit


def score(stored: Vector, probe: Vector, metric: Metric) -> Scores:
    """The score of every row of ``stored`` against one probe, both as ``checked`` returned them.

    Computed in float64 and rounded to float32 at the end, so that equal templates have equal scores wherever they lie in
    memory: BLAS and FAISS in float32 differ in the last digits from row to row, and ties would fall by accident.
    """
    wide, one = stored.astype(np.float64), probe.astype(np.float64)
    if metric is Metric.COSINE:
        return np.asarray(np.clip(wide @ one, -1.0, 1.0), dtype=np.float32)
    # Subtracted from zero: a minus sign would make -0.0 of 0.0.
    return np.asarray(0.0 - np.linalg.norm(wide - one, axis=1), dtype=np.float32)


def best(ids: Ids, scores: Scores, limit: int) -> list[Hit]:
    """The ``limit`` highest scores, ties by id ascending."""
    order = np.lexsort((ids, -scores))[:limit]
    return list(map(Hit, ids[order].tolist(), scores[order].tolist()))


def _refuse(bad: NDArray[np.bool_], what: str, names: Ids | None) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        which = f"The template of row {row}" if names is None else f"The template {int(names[row])}"
        raise Invalid(f"{which} {what}.", "vectors")
