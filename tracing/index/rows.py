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

GONE: Final = -1
"""Stands for the id of a row whose template was removed, and for the row of an id whose template was."""
SPARE_ROOM: Final = 32
"""An array that is full grows by one part in so many; what it keeps in reserve counts as memory too."""
PORTION: Final = 65_536
"""Rows that are read at once where all of them are."""

Numbers = NDArray[np.int32]


class Rows:
    """Rows are numbered from 0; a removed template leaves an empty row, all zero, until ``compact`` closes the gaps.

    Not safe for changes from several threads, but ``copied`` may be called beside ``append`` and ``remove``.
    """

    def __init__(self, dimension: int, half: bool = False) -> None:
        self._vectors = _Growing(np.float16 if half else np.float32, dimension)
        self._ids = _Growing(np.int64)
        self._known_ids = _Growing(np.int64)  # ascending
        self._known_rows = _Growing(np.int32)  # the row of each of them
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
        return sum(each.memory for each in (self._vectors, self._ids, self._known_ids, self._known_rows))

    def sorted_ids(self) -> Ids:
        return np.asarray(self._known_ids.values[self._known_rows.values != GONE])

    def rows_of(self, ids: Ids) -> NDArray[np.intp]:
        """The rows of those ids that are here, each once, in the order of the ids."""
        return self._known_rows.values[self._places(ids)].astype(np.intp)

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
        order = np.argsort(ids, kind="stable")
        self._learn(ids[order], (first + order).astype(np.int32))

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
        self._known_ids.replace(ids[order])
        self._known_rows.replace(order.astype(np.int32))

    def remove(self, ids: Ids) -> int:
        """Wipe the rows of those ids that are here; how many there were."""
        places = self._places(ids)
        rows = self._known_rows.values[places]
        self._vectors.values[rows] = 0
        self._ids.values[rows] = GONE
        self._known_rows.values[places] = GONE
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
        self._known_ids.replace(self.ids[order])
        self._known_rows.replace(order.astype(np.int32))
        return empty

    def halve(self) -> None:
        """Go over to half precision; takes half as much memory besides while it lasts."""
        vectors = _Growing(np.float16, self._vectors.values.shape[1])
        for start in range(0, self.count, PORTION):
            vectors.extend(self._vectors.values[start : start + PORTION])
        with self._moving:
            self._vectors = vectors

    def _places(self, ids: Ids) -> NDArray[np.intp]:
        """Where among the known ids those stand that have a row."""
        wanted = np.unique(ids)
        places = np.searchsorted(self._known_ids.values, wanted)
        places, wanted = places[places < len(self._known_ids.values)], wanted[places < len(self._known_ids.values)]
        found = (self._known_ids.values[places] == wanted) & (self._known_rows.values[places] != GONE)
        return np.asarray(places[found])

    def _learn(self, ids: Ids, rows: Numbers) -> None:
        """Ascending ids and their rows; quick where they follow on those that are known, as new templates do."""
        known = self._known_ids.values
        if len(known) and len(ids) and ids[0] <= known[-1]:
            places = np.searchsorted(known, ids)
            again = (places < len(known)) & (known[np.minimum(places, len(known) - 1)] == ids)
            self._known_rows.values[places[again]] = rows[again]
            if not again.all():
                self._known_rows.replace(np.insert(self._known_rows.values, places[~again], rows[~again]))
                self._known_ids.replace(np.insert(known, places[~again], ids[~again]))
            return
        self._known_ids.extend(ids)
        self._known_rows.extend(rows)


class _Growing:
    """An array that grows at its end, where it lies: ``realloc`` moves large pieces of memory without copying them."""

    def __init__(self, dtype: Any, *width: int) -> None:
        self._room = np.empty((0, *width), dtype=dtype)
        self._used = 0

    @property
    def values(self) -> NDArray[Any]:
        """A view, valid until the next change."""
        return self._room[: self._used]

    @property
    def memory(self) -> int:
        return self._room.nbytes

    def extend(self, values: NDArray[Any]) -> None:
        needed = self._used + len(values)
        if needed > len(self._room):
            self._resize(needed + needed // SPARE_ROOM + 8)
        self._room[self._used : needed] = values
        self._used = needed

    def cut(self, length: int) -> None:
        self._used = length
        self._resize(length)

    def replace(self, values: NDArray[Any]) -> None:
        self._room = values
        self._used = len(values)

    def _resize(self, length: int) -> None:
        # Views of the old memory, which numpy would refuse to move under, are never kept beyond a call (see ``values``).
        if not self._room.flags.owndata:
            self._room = self._room.copy()
        self._room.resize((length, *self._room.shape[1:]), refcheck=False)


def portions(count: int, start: int = 0) -> Sequence[slice]:
    """The rows from ``start`` on in portions."""
    return [slice(first, min(first + PORTION, count)) for first in range(start, count, PORTION)]
