"""Arrays that grow, and a map from large numbers to small ones that takes twelve bytes an entry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

NONE: Final = -1
"""Stands for the value of a key that has none."""
SPARE_ROOM: Final = 32
"""An array that is full grows by one part in so many; what it keeps in reserve counts as memory too."""
RECENT: Final = 2048
"""New keys from anywhere that are kept aside at most, or one part in ``SPARE_ROOM`` of all: each costs as much as ten."""

Keys = NDArray[np.int64]
Values = NDArray[np.int32]


class Growing:
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
        """Bytes that are held."""
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


class Numbered:
    """From int64 to int32, 0 and above. Quick where new keys follow on all others, as those of new templates do."""

    def __init__(self) -> None:
        self._keys = Growing(np.int64)  # ascending
        self._values = Growing(np.int32)
        self._recent: dict[int, int] = {}
        """Keys that would have to be put in between, all of them below the last of the others."""

    @property
    def memory(self) -> int:
        """Bytes that are held, without the few that are kept aside."""
        return self._keys.memory + self._values.memory

    def find(self, keys: Keys) -> Values:
        """The value of each, ``NONE`` where it has none."""
        places, there = self._look_up(keys)
        found = np.full(len(keys), NONE, dtype=np.int32)
        found[there] = self._values.values[places[there]]
        if self._recent:
            missing = np.flatnonzero(~there)
            found[missing] = [self._recent.get(key, NONE) for key in keys[missing].tolist()]
        return found

    def put(self, keys: Keys, values: Values) -> None:
        """Each of the keys, named once, has this value from now on; ``NONE`` for none."""
        order = np.argsort(keys, kind="stable")
        keys, values = keys[order], values[order]
        places, there = self._look_up(keys)
        self._values.values[places[there]] = values[there]
        keys, values = keys[~there], values[~there]
        known = self._keys.values
        between = int(np.searchsorted(keys, known[-1])) if len(known) else 0
        self._keys.extend(keys[between:])
        self._values.extend(values[between:])
        self._recent.update(zip(keys[:between].tolist(), values[:between].tolist(), strict=True))
        if len(self._recent) > max(RECENT, len(known) // SPARE_ROOM):
            self._settle()

    def entries(self) -> tuple[Keys, Values]:
        """Copies of all keys that have a value, ascending, and their values."""
        self._settle()
        kept = self._values.values != NONE
        return self._keys.values[kept], self._values.values[kept]

    def replace(self, keys: Keys, values: Values) -> None:
        """These alone, ascending and each once."""
        self._recent.clear()
        self._keys.replace(keys)
        self._values.replace(values)

    def _look_up(self, keys: Keys) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        known = self._keys.values
        if not len(known):
            return np.zeros(len(keys), dtype=np.intp), np.zeros(len(keys), dtype=np.bool_)
        places = np.minimum(np.searchsorted(known, keys), len(known) - 1)
        return places, known[places] == keys

    def _settle(self) -> None:
        """Put in what was kept aside, and leave out what has no value."""
        keys = np.concatenate([self._keys.values, _array(self._recent.keys(), np.int64)])
        values = np.concatenate([self._values.values, _array(self._recent.values(), np.int32)])
        kept = np.flatnonzero(values != NONE)
        order = kept[np.argsort(keys[kept], kind="stable")]
        self.replace(keys[order], values[order])


def _array(numbers: Iterable[int], dtype: Any) -> NDArray[Any]:
    return np.fromiter(numbers, dtype)
