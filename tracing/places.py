"""Where every template of an encoder stands: whose it is, in which collection, and in which row of an index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from math import inf
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tracing.domain import Collection, GalleryChange, Hit, Vector
from tracing.errors import Damaged, Invalid
from tracing.keeping import Shelvable, Shelved
from tracing.ports import VectorIndex
from tracing.shared import Shared

CASE_BYTES: Final = "S64"
ORDER: Final = tuple(Collection)


@dataclass(frozen=True, slots=True)
class CaseHit:
    """A case found by a probe: its best score, and the template that has it."""

    case_id: str
    template_id: int
    score: float


@dataclass(frozen=True, slots=True)
class Probe:
    """The templates of one person, float32 (n, dimension), and the case that is not to be found by them."""

    vectors: Vector
    exclude_case: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    collection: Collection
    case_id: str


class Places:
    """Where every template stands, after the change numbered ``after``. Its owner sees to the locks."""

    def __init__(self, make_index: Callable[[Collection], VectorIndex]) -> None:
        self.after = 0
        self.indexes: Mapping[Collection, VectorIndex] = {collection: make_index(collection) for collection in Collection}
        self.people: Mapping[Collection, Counter[str]] = {collection: Counter() for collection in Collection}
        self._place: dict[int, Place] = {}
        self._shared: dict[Place, Place] = {}  # one object for all templates of a case: there are millions

    def __len__(self) -> int:
        return len(self._place)

    @property
    def shared(self) -> bool:
        """Whether the indexes outlive the process: then they are written elsewhere (``Sharing``), and here it is noted only."""
        return all(isinstance(index, Shared) for index in self.indexes.values())

    @property
    def shelvable(self) -> bool:
        """Whether the indexes are of a kind that can be kept on disk."""
        return all(isinstance(index, Shelvable) for index in self.indexes.values())

    def finish(self) -> None:
        """Wait until the indexes have done what they do in the background."""
        for index in self.indexes.values():
            if isinstance(index, Shelvable):
                index.finish()

    def tidy(self) -> bool:
        """Let nothing of removed templates be left in the indexes; False where that has to wait."""
        return all(index.tidy() for index in self.indexes.values() if isinstance(index, Shelvable))

    def shelved(self) -> tuple[dict[str, Any], dict[str, Iterable[NDArray[Any]]]]:
        """Facts and arrays of all indexes and of whose the templates are."""
        numbers = {place: number for number, place in enumerate(self._shared)}
        facts: dict[str, Any] = {"after": self.after, "collections": list(ORDER), "indexes": {}}
        arrays: dict[str, Iterable[NDArray[Any]]] = {
            "templates": [np.fromiter(self._place, np.int64, len(self._place))],
            "places": [np.fromiter((numbers[place] for place in self._place.values()), np.int32, len(self._place))],
            "cases": [np.array([place.case_id.encode() for place in numbers], dtype=CASE_BYTES)],
            "collections": [np.array([ORDER.index(place.collection) for place in numbers], dtype=np.uint8)],
        }
        for collection, index in self.indexes.items():
            if isinstance(index, Shelvable):
                facts["indexes"][collection], own = index.shelved()
                arrays |= {f"{collection}/{key}": portions for key, portions in own.items()}
        return facts, arrays

    @classmethod
    def taken_back(cls, make_index: Callable[[Collection], VectorIndex], kept: Shelved) -> Places:
        """As it was kept; ``Damaged`` where it does not fit together."""
        places = cls(make_index)
        for collection, index in places.indexes.items():
            if not isinstance(index, Shelvable):
                raise Damaged("This kind of index is filled from the records each time.")
            own = {key.partition("/")[2]: each for key, each in kept.arrays.items() if key.startswith(f"{collection}/")}
            index.take_back(Shelved(kept.facts["indexes"][collection], own))
        templates, numbers = (np.concatenate(kept.arrays[key]) for key in ("templates", "places"))
        cases, collections = (np.concatenate(kept.arrays[key]) for key in ("cases", "collections"))
        order = [Collection(name) for name in kept.facts["collections"]]
        known = [Place(order[which], case.decode()) for which, case in zip(collections.tolist(), cases.tolist(), strict=True)]
        places._shared = {place: place for place in known}
        places._place = dict(zip(templates.tolist(), map(known.__getitem__, numbers.tolist()), strict=True))
        for place, count in zip(known, np.bincount(numbers, minlength=len(known)).tolist(), strict=True):
            places.people[place.collection][place.case_id] = count
        places.after = int(kept.facts["after"])
        if sum(len(index) for index in places.indexes.values()) != len(templates):
            raise Damaged("The gallery that was kept is not complete.")
        return places

    def apply(self, changes: Iterable[GalleryChange]) -> None:
        """Move templates to their latest places; a template may be named once. One remove and one add per index."""
        moving = list(changes)
        if not self.shared:
            self._move(moving)
        for change in moving:
            self._note(change)
        self.after = max([self.after, *(change.seq for change in moving)])

    def nearest(
        self, collection: Collection, probes: Sequence[Probe], limit: int, allow: NDArray[np.int64] | None = None
    ) -> list[list[CaseHit]]:
        """The ``limit`` best cases for each, fetching more and more templates until those not fetched cannot change the list.

        ``allow`` are the only templates that may be found; the index looks at no other.

        Many photos of one person crowd a list of templates: the first fifty may all be of one case. What a shared index holds
        and these places do not know, or know elsewhere, is passed over: an erased template that nobody removed yet.
        """
        index, fetch = self.indexes[collection], 2 * limit
        found: list[list[CaseHit]] = [[] for _ in probes]
        open_ones = list(range(len(probes)))
        while open_ones:
            vectors = np.concatenate([probes[number].vectors for number in open_ones])
            lists = iter(index.search(vectors, fetch, allow))
            undecided = []
            for number in open_ones:
                own = list(islice(lists, len(probes[number].vectors)))
                found[number] = self._best_per_case(collection, own, probes[number].exclude_case, limit)
                unseen = [hits[-1].score for hits in own if len(hits) == fetch]
                if unseen and not (len(found[number]) == limit and found[number][-1].score > max(unseen)):
                    undecided.append(number)
            if not undecided or fetch >= (there := len(index)):
                break
            open_ones, fetch = undecided, min(4 * fetch, there)
        return found

    def _best_per_case(
        self, collection: Collection, lists: Sequence[Sequence[Hit]], exclude_case: str | None, limit: int
    ) -> list[CaseHit]:
        hits = lists[0]
        if len(lists) > 1:
            hits = sorted(chain.from_iterable(lists), key=lambda hit: (-hit.score, hit.template_id))
        best: dict[str, CaseHit] = {}
        last = -inf
        for hit in hits:
            if len(best) >= limit and hit.score < last:
                break  # whoever has the same score as the last one may still come before it
            place = self._place.get(hit.template_id)
            if place is None or place.collection is not collection:
                continue
            if place.case_id not in best and place.case_id != exclude_case:
                best[place.case_id] = CaseHit(place.case_id, hit.template_id, hit.score)
                last = hit.score
        return sorted(best.values(), key=lambda case: (-case.score, case.case_id))[:limit]

    def _move(self, moving: Sequence[GalleryChange]) -> None:
        for collection, index in self.indexes.items():
            leaving = [change.template_id for change in moving if self._leaves(change, collection)]
            if leaving:
                index.remove(np.array(leaving, dtype=np.int64))
            take_in(index, [change for change in moving if change.collection is collection])

    def _leaves(self, change: GalleryChange, collection: Collection) -> bool:
        place = self._place.get(change.template_id)
        return place is not None and place.collection is collection and change.collection is not collection

    def _note(self, change: GalleryChange) -> None:
        before = self._place.pop(change.template_id, None)
        if before is not None:
            people = self.people[before.collection]
            people[before.case_id] -= 1
            if people[before.case_id] == 0:
                del people[before.case_id], self._shared[before]
        if change.collection is not None and change.case_id is not None:
            place = Place(change.collection, change.case_id)
            self._place[change.template_id] = self._shared.setdefault(place, place)
            self.people[change.collection][change.case_id] += 1


def take_in(index: VectorIndex, changes: Sequence[GalleryChange]) -> None:
    """Add them; ``Damaged`` where the records hold a template that cannot be compared, or none."""
    vectors = [change.vector for change in changes if change.vector is not None and change.case_id is not None]
    if len(vectors) < len(changes):
        raise Damaged("The records put a template into a gallery without its vector or its case; run: tracing check")
    if not vectors:
        return
    try:
        index.add(np.array([change.template_id for change in changes], dtype=np.int64), np.stack(vectors))
    except ValueError as error:
        raise Damaged("The records hold templates of different lengths for one encoder; run: tracing check") from error
    except Invalid as error:
        raise Damaged(f"The records hold a template that cannot be compared. {error} Run: tracing check") from error
