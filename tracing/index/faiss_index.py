"""Near vectors with FAISS: finds quickly whom the exact rule then scores, so that results equal the reference's.

FAISS by itself does not replace an id that is there, scans everything to remove one, pads short results with -1, accepts
NaN, and orders equal scores by accident; each is settled here. It searches with as many threads as the machine has cores;
``OMP_NUM_THREADS`` in the environment limits that.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracing.domain import Hit, Vector
from tracing.errors import Misconfigured
from tracing.index.faiss_library import faiss_metric, load_faiss
from tracing.index.settling import SPARE, Found, settled, squared_length
from tracing.index.templates import Ids, checked, checked_batch, checked_ids, checked_limit
from tracing.ports import Metric

ROUGHLY_EQUAL = 0.05
"""How far the score of a template against itself may be off in an index that stores it in fewer bits."""


class FaissIndex:
    """Any index that ``faiss.index_factory`` builds without training and that can remove and restrict by id; ``Flat`` is exact.

    ``add`` and ``remove`` each scan the index once however many ids they are given, so call them with batches. Not safe
    for changes from several threads: the gallery's lock sees to that.

    Raises ``Misconfigured`` for a factory string that FAISS does not know or that cannot do this, and where FAISS is missing.
    """

    def __init__(self, dimension: int, metric: Metric, factory: str = "Flat") -> None:
        self._faiss = load_faiss()
        self._dimension = dimension
        self._metric = metric
        self._factory = factory
        self._ids: set[int] = set()
        self._longest = 1.0  # the largest squared length of any template that ever was in here
        self._index = self._build(factory)
        self._try_out(factory)

    def add(self, ids: NDArray[np.int64], vectors: Vector) -> None:
        names, templates = checked_batch(ids, vectors, self._dimension, self._metric)
        self.remove(names)
        if len(names):
            self._index.add_with_ids(templates, names)
            self._ids.update(names.tolist())
            self._longest = max(self._longest, squared_length(templates))

    def remove(self, ids: NDArray[np.int64]) -> int:
        there = self._present(ids)
        if len(there):
            self._index.remove_ids(self._faiss.IDSelectorBatch(there))
            self._ids.difference_update(there.tolist())
        return len(there)

    def search(self, probes: Vector, limit: int, allow: NDArray[np.int64] | None = None) -> list[list[Hit]]:
        checked_limit(limit)
        rows = checked(probes, self._dimension, self._metric)
        allowed = None if allow is None else self._present(allow)
        available = len(self._ids) if allowed is None else len(allowed)
        if limit == 0 or available == 0 or len(rows) == 0:
            return [[] for _ in rows]
        fetched = self._fetch(rows, min(limit + SPARE, available), allowed)
        return [self._listed(probe, limit, available, allowed, found) for probe, found in zip(rows, fetched, strict=True)]

    def ids(self) -> NDArray[np.int64]:
        return np.sort(np.fromiter(self._ids, dtype=np.int64, count=len(self._ids)))

    @property
    def recall(self) -> float | None:
        return 1.0 if self._factory == "Flat" else None

    def __len__(self) -> int:
        return len(self._ids)

    def _listed(self, probe: Vector, limit: int, available: int, allowed: Ids | None, first: tuple[Ids, float]) -> list[Hit]:
        def fetch(count: int) -> Found:
            at_once = count == min(limit + SPARE, available)
            ids, bound = first if at_once else self._fetch(probe[np.newaxis], count, allowed)[0]
            return ids, self._index.reconstruct_batch(ids), bound if self._metric is Metric.COSINE else -bound

        return settled(probe, self._metric, limit, available, self._longest, fetch)

    def _fetch(self, probes: Vector, count: int, allowed: Ids | None) -> list[tuple[Ids, float]]:
        """Per probe: the ids FAISS puts first, without its padding, and its own score of the last of them."""
        if allowed is None:
            scores, ids = self._index.search(probes, count)
        else:
            chosen = self._faiss.SearchParameters(sel=self._faiss.IDSelectorBatch(allowed))
            scores, ids = self._index.search(probes, count, params=chosen)
        return [(row[row >= 0], float(scored[-1])) for row, scored in zip(ids, scores, strict=True)]

    def _present(self, ids: NDArray[np.int64]) -> Ids:
        wanted = checked_ids(ids)
        return np.array(sorted(self._ids.intersection(wanted.tolist())), dtype=np.int64)

    def _build(self, factory: str) -> Any:
        try:
            inner = self._faiss.index_factory(self._dimension, factory, faiss_metric(self._metric))
        except Exception as error:
            raise Misconfigured(f"FAISS does not know the index {factory!r} for {self._dimension} dimensions.") from error
        if not inner.is_trained:
            raise Misconfigured(
                f"The FAISS index {factory!r} has to be trained, which this version does not do; use faiss:Flat."
            )
        if isinstance(inner, self._faiss.IndexIDMap):
            raise Misconfigured(f"The FAISS index {factory!r} brings an id map of its own; leave that part out.")
        return self._faiss.IndexIDMap2(inner)

    def _try_out(self, factory: str) -> None:
        """Find out at start, not at the first erasure, that a kind of index cannot remove, restrict or keep lengths."""
        sample = np.array([[1.0], [2.0]], dtype=np.float32) * np.ones(self._dimension, dtype=np.float32)
        ids = np.array([1, 2])
        try:
            self.add(ids, sample)
            [[hit]] = self.search(sample[1:], 1, allow=ids[1:])
            removed = self.remove(ids)
        except Exception as error:
            raise Misconfigured(f"The FAISS index {factory!r} cannot remove templates or restrict a search by id.") from error
        itself = 1.0 if self._metric is Metric.COSINE else 0.0
        if removed != len(ids) or hit.template_id != ids[1] or abs(hit.score - itself) > ROUGHLY_EQUAL:
            raise Misconfigured(f"The FAISS index {factory!r} does not find a template by itself under {self._metric}.")
        self._index.reset()
        self._longest = 1.0
