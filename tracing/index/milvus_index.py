"""Near vectors in Milvus: templates outlive the process, and any number of processes search them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tracing.domain import Hit, Vector
from tracing.errors import Unavailable
from tracing.index.milvus_server import MilvusServer, Missing, parsed, server
from tracing.index.settling import SPARE, Found, settled
from tracing.index.templates import Ids, checked, checked_batch, checked_ids, checked_limit
from tracing.ports import Metric
from tracing.shared import Position

MOST: Final = 16_384
"""Milvus lists no more at once. A longer list is cut there."""
NAMED: Final = 10_000
"""Ids in one condition or one removal."""
MESSAGE: Final = 8 << 20
"""Bytes of templates in one message; gRPC servers refuse messages of 64 MB, and older ones less."""
KEY: Final = "id"  # older servers do not say in a list what the key is called; the client calls it this
VECTOR: Final = "vector"
NOTE: Final = "note"
TEMPLATES: Final = f"{KEY} <= 0"
"""A template's key is its id with a minus: Milvus 2.3 takes 2^63 - 1 in, and then does not find it."""
POSITION: Final = 1
"""The key of the row that says how far the collection is written; its vector is zero."""


class MilvusIndex:
    """One collection of Milvus, compared in full (``FLAT``), read with strong consistency and scored by the exact rule.

    Lists are those of the reference up to ``MOST`` places; a longer list, or one whose end would need more to be settled, is
    cut there. Nothing is connected before the first call. Every call may raise ``Unavailable`` and takes a bounded time.
    ``name`` is asked for the collection's name (letters, digits, underscores) with the first call.

    Raises ``Misconfigured`` for a uri that is none, and where pymilvus is missing.
    """

    def __init__(self, uri: str, dimension: int, metric: Metric, name: Callable[[], str]) -> None:
        self._server: MilvusServer = server(parsed(uri))
        self._dimension = dimension
        self._metric = metric
        self._called = name
        self._name: str | None = None

    def add(self, ids: NDArray[np.int64], vectors: Vector) -> None:
        names, templates = checked_batch(ids, vectors, self._dimension, self._metric)
        step = max(1, MESSAGE // (4 * self._dimension))
        for start in range(0, len(names), step):
            part = slice(start, start + step)
            self._write(
                [
                    {KEY: -name, VECTOR: vector, NOTE: ""}
                    for name, vector in zip(names[part].tolist(), templates[part], strict=True)
                ]
            )

    def remove(self, ids: NDArray[np.int64]) -> int:
        wanted = np.unique(checked_ids(ids))
        there = [
            row[KEY]
            for part in _portions(wanted)
            for row in self._server.ask(
                "query", self._there(), filter=_among(part), output_fields=[KEY], consistency_level="Strong"
            )
        ]
        self.discard(-np.array(there, dtype=np.int64))
        return len(there)

    def discard(self, ids: NDArray[np.int64]) -> None:
        for part in _portions(checked_ids(ids)):
            self._server.ask("delete", self._there(), ids=(-part).tolist())

    def search(self, probes: Vector, limit: int, allow: NDArray[np.int64] | None = None) -> list[list[Hit]]:
        checked_limit(limit)
        wanted = checked(probes, self._dimension, self._metric)
        among = [TEMPLATES] if allow is None else [_among(part) for part in _portions(checked_ids(allow))]
        if limit == 0 or not among:
            return [[] for _ in wanted]
        count = min(limit + SPARE, MOST)
        step = max(1, MESSAGE // (4 * self._dimension * count))
        lists: list[list[Hit]] = []
        for start in range(0, len(wanted), step):
            part = wanted[start : start + step]
            lists += [
                self._listed(probe, limit, among, first)
                for probe, first in zip(part, self._nearest(part, count, among), strict=True)
            ]
        return lists

    def ids(self) -> NDArray[np.int64]:
        return np.sort(-np.array(self._server.each(self._there(), TEMPLATES, KEY, NAMED), dtype=np.int64))

    @property
    def recall(self) -> float:
        return 1.0

    def __len__(self) -> int:
        count = self._server.ask(
            "query", self._there(), filter=TEMPLATES, output_fields=["count(*)"], consistency_level="Strong"
        )
        return int(count[0]["count(*)"])

    def position(self) -> Position | None:
        try:
            rows = self._server.ask(
                "query", self._there(), filter=f"{KEY} == {POSITION}", output_fields=[NOTE], consistency_level="Strong"
            )
        except Missing:
            self._make()
            return None
        try:
            return Position(*json.loads(rows[0][NOTE])) if rows else None
        except (ValueError, TypeError):
            return None

    def mark(self, position: Position) -> None:
        note = json.dumps([position.after, position.audit_seq, position.audit_hash])
        self._write([{KEY: POSITION, VECTOR: np.zeros(self._dimension, dtype=np.float32), NOTE: note}])

    def empty(self) -> None:
        self._server.ask("drop_collection", self._there())
        self._make()

    def _write(self, rows: list[dict[str, Any]]) -> None:
        self._server.ask("upsert", self._there(), rows)

    def _listed(self, probe: Vector, limit: int, among: Sequence[str], first: Found) -> list[Hit]:
        def fetch(count: int) -> Found:
            return first if count <= limit + SPARE else self._nearest(probe[np.newaxis], count, among)[0]

        return settled(probe, self._metric, limit, MOST, None, fetch)

    def _nearest(self, probes: Vector, count: int, among: Sequence[str]) -> list[Found]:
        """Per probe, those that Milvus puts first under each of the conditions, and the best score of any that it left out."""
        answers = [
            self._server.ask(
                "search",
                self._there(),
                data=list(probes),
                limit=count,
                filter=condition,
                output_fields=[VECTOR],
                search_params={"metric_type": self._milvus_metric},
                consistency_level="Strong",
            )
            for condition in among
        ]
        return [self._found([answer[place] for answer in answers], count) for place in range(len(probes))]

    def _found(self, lists: Sequence[Any], count: int) -> Found:
        rows = [hit for hits in lists for hit in hits]
        ids = -np.array([hit[KEY] for hit in rows], dtype=np.int64)
        vectors = np.array([hit["entity"][VECTOR] for hit in rows], dtype=np.float32).reshape(-1, self._dimension)
        rough = [float(hits[-1]["distance"]) for hits in lists if len(hits) >= count]
        bounds = rough if self._metric is Metric.COSINE else [-distance for distance in rough]
        return ids, vectors, max(bounds, default=-np.inf)

    def _there(self) -> str:
        """The collection's name; it is made with the first call, and not again where somebody removes it: that has to show."""
        if self._name is None:
            self._name = self._made(self._called())
        return self._name

    def _make(self) -> None:
        self._name = self._made(self._called())

    def _made(self, name: str) -> str:
        """Safe to call from processes side by side, and after one that died in the middle of it."""
        schema, params = self._schema(), self._server.index_params()
        params.add_index(VECTOR, index_name=VECTOR, index_type="FLAT", metric_type=self._milvus_metric)
        self._unless("has_collection", "create_collection", name, schema=schema, consistency_level="Strong")
        # Nothing is in it that would have to be awaited.
        self._unless("list_indexes", "create_index", name, params, sync=False)
        self._server.ask("load_collection", name)
        return name

    def _unless(self, there: str, make: str, name: str, *words: Any, **named: Any) -> None:
        """Another process may make it between the question and our own try."""
        if self._server.ask(there, name):
            return
        try:
            self._server.ask(make, name, *words, **named)
        except Unavailable:
            if not self._server.ask(there, name):
                raise

    def _schema(self) -> Any:
        schema, types = self._server.schema(), self._server.types
        schema.add_field(KEY, types.INT64, is_primary=True)
        schema.add_field(VECTOR, types.FLOAT_VECTOR, dim=self._dimension)
        schema.add_field(NOTE, types.VARCHAR, max_length=256)
        return schema

    @property
    def _milvus_metric(self) -> str:
        """For cosine the inner product, of templates of unit length."""
        return "IP" if self._metric is Metric.COSINE else "L2"


def _among(ids: Ids) -> str:
    return f"{KEY} in {(-ids).tolist()}"


def _portions(ids: Ids) -> Iterator[Ids]:
    return (ids[start : start + NAMED] for start in range(0, len(ids), NAMED))
