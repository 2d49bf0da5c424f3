"""Near vectors with numpy alone: the reference that every other index is compared with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tracing.domain import Hit, Vector
from tracing.index.templates import Ids, best, checked, checked_batch, checked_ids, checked_limit, score
from tracing.ports import Metric


class ExactIndex:
    """Keeps every template in one array and compares each probe with all of them.

    What is refused is said in ``tracing/index/templates.py``. Not safe for changes from several threads: the gallery's
    lock sees to that.
    """

    def __init__(self, dimension: int, metric: Metric) -> None:
        self._dimension = dimension
        self._metric = metric
        self._ids: Ids = np.empty(0, dtype=np.int64)
        self._vectors: Vector = np.empty((0, dimension), dtype=np.float32)

    def add(self, ids: NDArray[np.int64], vectors: Vector) -> None:
        names, templates = checked_batch(ids, vectors, self._dimension, self._metric)
        self.remove(names)
        self._ids = np.concatenate([self._ids, names])
        self._vectors = np.concatenate([self._vectors, templates])

    def remove(self, ids: NDArray[np.int64]) -> int:
        gone = np.isin(self._ids, checked_ids(ids))
        self._ids = self._ids[~gone]
        self._vectors = self._vectors[~gone]
        return int(gone.sum())

    def search(self, probes: Vector, limit: int, allow: NDArray[np.int64] | None = None) -> list[list[Hit]]:
        checked_limit(limit)
        rows = checked(probes, self._dimension, self._metric)
        ids, vectors = self._ids, self._vectors
        if allow is not None:
            allowed = np.isin(ids, checked_ids(allow))
            ids, vectors = ids[allowed], vectors[allowed]
        return [best(ids, score(vectors, probe, self._metric), limit) for probe in rows]

    def ids(self) -> NDArray[np.int64]:
        return np.sort(self._ids)

    @property
    def recall(self) -> float:
        return 1.0

    def __len__(self) -> int:
        return len(self._ids)
