"""Whose every template is, and in which collection: a few arrays, for a country has a hundred million of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tracing.domain import Collection, GalleryChange
from tracing.errors import Damaged
from tracing.numbered import NONE, Growing, Keys, Numbered, Values

ORDER: Final = tuple(Collection)
CASE_BYTES: Final = 64
"""The longest id of a case, in UTF-8."""

KEPT: Final = ("templates", "places", "cases", "collections")
PORTION: Final = 100_000

Place = tuple[int, bytes]
"""A collection, by its number in ``ORDER``, and the id of a case."""


class Owners:
    """Every template has a place: a case in a collection. Places have numbers, which are used again when a place is empty.

    A template takes 12 bytes, and a place 17 and the letters of its case. Not safe for several threads.
    """

    def __init__(self) -> None:
        self._of_template = Numbered()
        self._of_place = Numbered()  # by a hash
        self._alike: dict[Place, int] = {}
        """Places with the hash of another one."""
        self._cases = Growing("S1")
        self._collections = Growing(np.uint8)
        self._counts = Growing(np.int32)
        self._free: list[int] = []
        self.templates = dict.fromkeys(Collection, 0)
        self.people = dict.fromkeys(Collection, 0)
        """How many cases have a template in each collection."""

    def __len__(self) -> int:
        return sum(self.templates.values())

    @property
    def memory(self) -> int:
        """Bytes that are held, without the few that are kept aside."""
        arrays = (self._of_template, self._of_place, self._cases, self._collections, self._counts)
        return sum(each.memory for each in arrays)

    def places(self, templates: Keys) -> Values:
        """The number of the place of each template, ``NONE`` where it has none."""
        return self._of_template.find(templates)

    def places_of_cases(self, collection: Collection, case_ids: Sequence[str]) -> Values:
        """The number of each case's place, ``NONE`` where it has no template in the collection."""
        return self._find([_place(collection, case_id) for case_id in case_ids])

    def cases_at(self, places: Sequence[int]) -> list[str]:
        """The case of each of these places."""
        return [case.decode() for case in self._cases.values[np.array(places, dtype=np.int32)].tolist()]

    def collections(self, places: Values) -> NDArray[np.int8]:
        """The number, in ``ORDER``, of the collection of each place, and ``NONE`` for ``NONE``."""
        found = np.full(len(places), NONE, dtype=np.int8)
        found[places != NONE] = self._collections.values[places[places != NONE]]
        return found

    def cases(self, collection: Collection) -> set[str]:
        """All cases that have a template in the collection."""
        there = (self._collections.values == ORDER.index(collection)) & (self._counts.values > 0)
        return {case.decode() for case in self._cases.values[there].tolist()}

    def note(self, changes: Sequence[GalleryChange]) -> None:
        """The templates' latest places; each may be named once."""
        templates = np.array([change.template_id for change in changes], dtype=np.int64)
        before = self._of_template.find(templates)
        after = np.full(len(changes), NONE, dtype=np.int32)
        staying = [
            (number, _place(change.collection, change.case_id))
            for number, change in enumerate(changes)
            if change.collection is not None and change.case_id is not None
        ]
        if staying:
            after[[number for number, _ in staying]] = self._found_or_made([place for _, place in staying])
        self._of_template.put(templates, after)
        self._count(before[before != NONE], after[after != NONE])

    def kept(self) -> dict[str, NDArray[Any]]:
        """Copies of all there is: templates, the place of each, and of each place the case and the collection."""
        templates, places = self._of_template.entries()
        return {
            "templates": templates,
            "places": places,
            "cases": self._cases.values.astype(f"S{CASE_BYTES}"),
            "collections": self._collections.values.copy(),
        }

    @classmethod
    def taken_back(cls, arrays: Mapping[str, NDArray[Any]], order: Sequence[Collection]) -> Owners:
        """What ``kept`` gave, its collections numbered in this order; ``ValueError`` where it does not fit together."""
        owners = cls()
        places, cases = arrays["places"], arrays["cases"]
        counts = np.bincount(places, minlength=len(cases)).astype(np.int32)
        collections = np.array([ORDER.index(each) for each in order], dtype=np.uint8)[arrays["collections"]]
        if not len(counts) == len(cases) == len(collections):
            raise ValueError("The places of a gallery do not fit together.")
        lives = np.flatnonzero(counts)
        number = np.full(len(cases), NONE, dtype=np.int32)
        number[lives] = np.arange(len(lives), dtype=np.int32)
        owners._of_template.replace(arrays["templates"].copy(), number[places])
        owners._cases.replace(cases[lives].astype(f"S{np.char.str_len(cases).max(initial=1)}"))
        owners._collections.replace(collections[lives])
        owners._counts.replace(counts[lives])
        owners._name(np.arange(len(lives), dtype=np.int32))
        for which, collection in enumerate(ORDER):
            there = owners._counts.values[owners._collections.values == which]
            owners.people[collection], owners.templates[collection] = len(there), int(there.sum())
        return owners

    def _found_or_made(self, places: Sequence[Place]) -> Values:
        numbers = self._find(places)
        missing = np.flatnonzero(numbers == NONE)
        new = [places[number] for number in missing.tolist()]
        self._add(list(dict.fromkeys(new)))
        numbers[missing] = self._find(new)
        return numbers

    def _find(self, places: Sequence[Place]) -> Values:
        numbers = self._of_place.find(_hashes(places))
        seen = np.flatnonzero(numbers != NONE)
        names, collections = _columns([places[number] for number in seen.tolist()])
        same = (self._cases.values[numbers[seen]] == names) & (self._collections.values[numbers[seen]] == collections)
        numbers[seen[~same]] = NONE
        if self._alike:
            others = np.flatnonzero(numbers == NONE).tolist()
            numbers[others] = [self._alike.get(places[number], NONE) for number in others]
        return numbers

    def _add(self, places: Sequence[Place]) -> None:
        """New ones, each named once. Numbers that are free are used first."""
        if not places:
            return
        names, collections = _columns(places)
        if names.dtype.itemsize > CASE_BYTES:
            raise Damaged("The records hold a case whose id is too long; run: tracing check")
        if names.dtype.itemsize > self._cases.values.dtype.itemsize:
            self._cases.replace(self._cases.values.astype(names.dtype))
        again = self._free[: len(places)]
        del self._free[: len(again)]
        first, more = len(self._cases.values), len(places) - len(again)
        for array in (self._cases, self._collections, self._counts):
            array.extend(np.zeros(more, dtype=array.values.dtype))
        numbers = np.array([*again, *range(first, first + more)], dtype=np.int32)
        self._cases.values[numbers] = names
        self._collections.values[numbers] = collections
        self._name(numbers)

    def _name(self, numbers: Values) -> None:
        """Let places, which are in the table already, be found."""
        hashes = np.concatenate([_hashes(self._places_at(numbers[portion])) for portion in _portions(len(numbers))])
        own = np.zeros(len(numbers), dtype=np.bool_)
        own[np.unique(hashes, return_index=True)[1]] = True
        own &= self._of_place.find(hashes) == NONE
        self._of_place.put(hashes[own], numbers[own])
        self._alike |= dict(zip(self._places_at(numbers[~own]), numbers[~own].tolist(), strict=True))

    def _places_at(self, numbers: Values) -> list[Place]:
        return list(zip(self._collections.values[numbers].tolist(), self._cases.values[numbers].tolist(), strict=True))

    def _count(self, left: Values, reached: Values) -> None:
        touched = np.unique(np.concatenate([left, reached]))
        before = self._counts.values[touched]
        np.subtract.at(self._counts.values, left, 1)
        np.add.at(self._counts.values, reached, 1)
        after = self._counts.values[touched]
        collections = self._collections.values[touched]
        for number, collection in enumerate(ORDER):
            here = collections == number
            self.templates[collection] += int(after[here].sum() - before[here].sum())
            self.people[collection] += int(np.count_nonzero(after[here]) - np.count_nonzero(before[here]))
        self._forget(touched[after == 0])

    def _forget(self, empty: Values) -> None:
        """Nothing of a case is left where it has no template any more."""
        if not len(empty):
            return
        places = self._places_at(empty)
        hashes = _hashes(places)
        own = self._of_place.find(hashes) == empty
        self._of_place.put(hashes[own], np.full(int(own.sum()), NONE, dtype=np.int32))
        for place in places:
            self._alike.pop(place, None)
        self._cases.values[empty] = b""
        self._free += empty.tolist()


def _place(collection: Collection, case_id: str) -> Place:
    return ORDER.index(collection), case_id.encode()


def _hashes(places: Sequence[Place]) -> Keys:
    return np.fromiter(map(hash, places), np.int64, len(places))


def _columns(places: Sequence[Place]) -> tuple[NDArray[np.bytes_], NDArray[np.uint8]]:
    names = np.array([case for _, case in places], dtype=np.bytes_)
    return names, np.fromiter((collection for collection, _ in places), np.uint8, len(places))


def _portions(count: int) -> Sequence[slice]:
    return [slice(start, start + PORTION) for start in range(0, max(count, 1), PORTION)]
