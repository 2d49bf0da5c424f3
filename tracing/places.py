"""Where every template of an encoder stands: whose it is, in which collection, and in which row of an index."""

from __future__ import annotations

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
from tracing.numbered import NONE
from tracing.owners import KEPT, ORDER, Owners
from tracing.ports import VectorIndex
from tracing.shared import Shared

Placed = tuple[Hit, int]
PORTION: Final = 1_000_000
"""Rows that are kept in one piece."""


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


class Places:
    """Where every template stands, after the change numbered ``after``. Its owner sees to the locks."""

    def __init__(self, make_index: Callable[[Collection], VectorIndex]) -> None:
        self.after = 0
        self.indexes: Mapping[Collection, VectorIndex] = {collection: make_index(collection) for collection in Collection}
        self.owners = Owners()

    def __len__(self) -> int:
        return len(self.owners)

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
        facts: dict[str, Any] = {"after": self.after, "collections": list(ORDER), "indexes": {}}
        arrays: dict[str, Iterable[NDArray[Any]]] = {key: _in_portions(array) for key, array in self.owners.kept().items()}
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
        whose = {key: np.concatenate(kept.arrays[key]) for key in KEPT}
        places.owners = Owners.taken_back(whose, [Collection(name) for name in kept.facts["collections"]])
        places.after = int(kept.facts["after"])
        if sum(len(index) for index in places.indexes.values()) != len(places):
            raise Damaged("The gallery that was kept is not complete.")
        return places

    def apply(self, changes: Iterable[GalleryChange]) -> None:
        """Move templates to their latest places; a template may be named once. One remove and one add per index."""
        moving = list(changes)
        if not self.shared:
            self._move(moving)
        self.owners.note(moving)
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
        excluded = self.owners.places_of_cases(collection, [probe.exclude_case or "" for probe in probes]).tolist()
        found: list[list[CaseHit]] = [[] for _ in probes]
        open_ones = list(range(len(probes)))
        while open_ones:
            vectors = np.concatenate([probes[number].vectors for number in open_ones])
            lists = index.search(vectors, fetch, allow)
            placed = iter(self._placed(collection, lists))
            undecided = []
            for number in open_ones:
                own = list(islice(placed, len(probes[number].vectors)))
                found[number] = self._best_per_case(own, excluded[number], limit)
                unseen = [hits[-1][0].score for hits in own if len(hits) == fetch]
                if unseen and not (len(found[number]) == limit and found[number][-1].score > max(unseen)):
                    undecided.append(number)
            if not undecided or fetch >= (there := len(index)):
                break
            open_ones, fetch = undecided, min(4 * fetch, there)
        return found

    def _placed(self, collection: Collection, lists: Sequence[Sequence[Hit]]) -> list[list[Placed]]:
        """Every hit with the number of its place, ``NONE`` where that is not in the collection."""
        templates = np.fromiter((hit.template_id for hits in lists for hit in hits), np.int64, sum(map(len, lists)))
        places = self.owners.places(templates)
        places[self.owners.collections(places) != ORDER.index(collection)] = NONE
        numbers = iter(places.tolist())
        return [list(zip(hits, numbers, strict=False)) for hits in lists]  # as many numbers as hits, each taken once

    def _best_per_case(self, lists: Sequence[Sequence[Placed]], excluded: int, limit: int) -> list[CaseHit]:
        hits = lists[0]
        if len(lists) > 1:
            hits = sorted(chain.from_iterable(lists), key=lambda placed: (-placed[0].score, placed[0].template_id))
        best: dict[int, Hit] = {}
        last = -inf
        for hit, place in hits:
            if len(best) >= limit and hit.score < last:
                break  # whoever has the same score as the last one may still come before it
            if place not in (NONE, excluded) and place not in best:
                best[place] = hit
                last = hit.score
        cases = self.owners.cases_at(list(best))
        found = [CaseHit(case_id, hit.template_id, hit.score) for case_id, hit in zip(cases, best.values(), strict=True)]
        return sorted(found, key=lambda case: (-case.score, case.case_id))[:limit]

    def _move(self, moving: Sequence[GalleryChange]) -> None:
        templates = np.fromiter((change.template_id for change in moving), np.int64, len(moving))
        before = self.owners.collections(self.owners.places(templates))
        for number, collection in enumerate(ORDER):
            index = self.indexes[collection]
            staying = np.fromiter((change.collection is collection for change in moving), np.bool_, len(moving))
            leaving = templates[(before == number) & ~staying]
            if len(leaving):
                index.remove(leaving)
            take_in(index, [change for change in moving if change.collection is collection])


def _in_portions(array: NDArray[Any]) -> Iterable[NDArray[Any]]:
    return (array[start : start + PORTION] for start in range(0, max(len(array), 1), PORTION))


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
