"""Templates in the order in which they came, found by their ids: little more memory than the templates themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tracing.domain import Vector
from tracing.errors import Damaged
from tracing.index.templates import Ids
from tracing.numbered import NONE, Growing, Numbered

GONE: Final = -1
"""Stands for the id of a row whose template was removed."""
PORTION: Final = 65_536
"""Rows that are read at once where all of them are."""


class Rows:
    """Rows are numbered from 0; a removed template leaves an empty row, all zero, until ``compact`` closes the gaps.

    Not safe for changes from several threads, but ``copied`` may be called beside ``append`` and ``remove``.
    """

    def __init__(self, dimension: int, half: bool = False) -> None:
        self._vectors = Growing(np.float16 if half else np.float32, dimension)
        self._ids = Growing(np.int64)
        self._known = Numbered()  # the row of each id
        self._moving = Lock()
        self.gone = 0
        self.compacted = 0
        """How often rows have got other numbers."""

    @property
    def count(self) -> int:
        """All rows, the empty ones included."""
        return len(self._ids.values)

    def __len__(self) -> int:
        return self.count - self.gone

    @property
    def ids(self) -> Ids:
        """(count,) by row; ``GONE`` where a row is empty. Valid until the next change."""
        return self._ids.values

    @property
    def half(self) -> bool:
        """Whether the templates are kept in half precision."""
        return self._vectors.values.dtype == np.float16

    @property
    def memory(self) -> int:
        """Bytes that are held."""
        return sum(each.memory for each in (self._vectors, self._ids, self._known))

    def sorted_ids(self) -> Ids:
        return self._known.entries()[0]

    def rows_of(self, ids: Ids) -> NDArray[np.intp]:
        """The rows of those ids that are here, each once, in the order of the ids."""
        rows = self._known.find(np.unique(ids))
        return np.asarray(rows[rows != NONE], dtype=np.intp)

    def vectors(self, rows: NDArray[Any] | slice) -> Vector:
        """float32 (n, dimension); without a copy for a slice in full precision, valid until the next change."""
        return self._vectors.values[rows].astype(np.float32, copy=False)

    def kept(self, start: int, stop: int) -> NDArray[Any]:
        """As ``copied``, in the precision in which they are kept."""
        with self._moving:
            return np.array(self._vectors.values[start:stop])

    def copied(self, start: int, stop: int) -> Vector:
        """A copy that stays valid, of at most the rows there are."""
        with self._moving:
            return self._vectors.values[start:stop].astype(np.float32)

    def append(self, ids: Ids, vectors: Vector) -> None:
        """New rows; none of the ids may be here."""
        first = self.count
        with self._moving:
            self._vectors.extend(vectors)
            self._ids.extend(ids)
        self._known.put(ids, np.arange(first, first + len(ids), dtype=np.int32))

    def take_back(self, ids: Ids, vectors: Iterable[NDArray[Any]]) -> None:
        """Into an empty one: ids by row, ``GONE`` where a row is empty, and the templates of all rows in portions."""
        for portion in vectors:
            self._vectors.extend(portion)
        if len(self._vectors.values) != len(ids):
            raise Damaged("A kept index has not as many templates as ids.")
        self._ids.extend(ids)
        rows = np.flatnonzero(ids != GONE)
        self.gone = len(ids) - len(rows)
        order = rows[np.argsort(ids[rows], kind="stable")]
        self._known.replace(ids[order], order.astype(np.int32))

    def remove(self, ids: Ids) -> int:
        """Wipe the rows of those ids that are here; how many there were."""
        rows = self.rows_of(ids)
        self._known.put(self._ids.values[rows], np.full(len(rows), NONE, dtype=np.int32))
        self._vectors.values[rows] = 0
        self._ids.values[rows] = GONE
        self.gone += len(rows)
        return len(rows)

    def compact(self) -> NDArray[np.int64]:
        """Close the gaps, in place; the numbers that the empty rows had."""
        empty = np.flatnonzero(self.ids == GONE)
        kept = np.flatnonzero(self.ids != GONE)
        for start in range(0, len(kept), PORTION):
            part = kept[start : start + PORTION]
            self._vectors.values[start : start + len(part)] = self._vectors.values[part]
            self._ids.values[start : start + len(part)] = self._ids.values[part]
        with self._moving:
            self._vectors.cut(len(kept))
            self._ids.cut(len(kept))
        self.gone = 0
        self.compacted += 1
        order = np.argsort(self.ids, kind="stable")
        self._known.replace(self.ids[order], order.astype(np.int32))
        return empty

    def halve(self) -> None:
        """Go over to half precision; takes half as much memory besides while it lasts."""
        vectors = Growing(np.float16, self._vectors.values.shape[1])
        for start in range(0, self.count, PORTION):
            vectors.extend(self._vectors.values[start : start + PORTION])
        with self._moving:
            self._vectors = vectors


def portions(count: int, start: int = 0) -> Sequence[slice]:
    """The rows from ``start`` on in portions."""
    return [slice(first, min(first + PORTION, count)) for first in range(start, count, PORTION)]
