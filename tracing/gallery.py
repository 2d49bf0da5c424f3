"""1:N search: the templates of one generation by collection, refilled from the records and never edited otherwise."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Collection as Some
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tracing.domain import Collection, GalleryChange, Hit, Vector
from tracing.errors import Damaged, Invalid, Unavailable
from tracing.ports import GalleryShelf, Shelvable, Shelved, VectorIndex
from tracing.records import Records

BATCH = 10_000
"""Changes read at once; at 128 dimensions about 5 MB of templates."""
SHELVED_FROM: Final = 2_000
"""Templates from which on a gallery is kept on disk; fewer are filled from the records in a moment."""
SHELVED_AGAIN: Final = 20
"""It is kept again when one part in so many, and ``SHELVED_FROM`` at least, has moved since."""
CASE_BYTES: Final = "S64"
ORDER: Final = tuple(Collection)
ERASED: Final = "erase_case"

log = logging.getLogger(__name__)


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


class Gallery:
    """The templates of one encoder, in one index per collection, as a pure function of the records.

    Dropping it loses nothing: a new one fills itself at its first ``refresh``, from the ``shelf`` where it was kept there and
    from the records' changes since. Safe for several threads; a change excludes searches, and a search never sees half a
    refresh.
    """

    def __init__(self, encoder_id: str, make_index: Callable[[], VectorIndex], shelf: GalleryShelf | None = None) -> None:
        self.encoder_id = encoder_id
        self._make_index = make_index
        self._shelf = shelf
        self._moved = 0
        """Templates that moved since it was kept."""
        self._refreshing = Lock()
        self._using = Lock()
        self._places = _Places(make_index)
        self._broken = False

    def refresh(self, records: Records) -> int:
        """Take over what was committed since the last time; the number of templates that moved.

        Where it raises, the gallery is as it was, or (after a failure in the middle of a change) refuses to be probed until
        a later refresh has filled it anew. ``Damaged``: a template in the records cannot be compared.
        """
        with self._refreshing:
            if self._broken or self._places.after == 0:
                return self._fill(records)
            # Read everything before the first change, so that a failing database leaves nothing half done.
            latest = {change.template_id: change for batch in self._batches(records) for change in batch}
            if latest:
                with self._using:
                    self._broken = True
                    self._places.apply(latest.values())
                    self._broken = False
                self._moved += len(latest)
            return len(latest)

    def probe(
        self, vectors: Vector, collections: Some[Collection], limit: int, exclude_case: str | None = None
    ) -> dict[Collection, list[CaseHit]]:
        """The ``limit`` best cases of each of these collections, apart from ``exclude_case``.

        ``vectors`` are the templates of one person, shape (n, dimension): a case's score is the best of any of them against
        any of its templates. Best first, ties by case id; however many photos a case has, it takes one place.
        """
        (found,) = self.probe_many([Probe(vectors, exclude_case)], collections, limit)
        return found

    def probe_many(
        self, probes: Sequence[Probe], collections: Some[Collection], limit: int
    ) -> list[dict[Collection, list[CaseHit]]]:
        """As ``probe`` for each, compared together, which takes a fraction of the time."""
        if limit < 1:
            raise Invalid("A list of candidates has at least one place.", "limit")
        found: list[dict[Collection, list[CaseHit]]] = [{} for _ in probes]
        with self._using:
            self._refuse_broken()
            for collection in collections:
                for lists, hits in zip(found, self._places.nearest(collection, probes, limit), strict=True):
                    lists[collection] = hits
        return found

    def finish(self) -> None:
        """Wait until the indexes have done what they do in the background."""
        for index in self._places.indexes.values():
            if isinstance(index, Shelvable):
                index.finish()

    def size(self, collection: Collection) -> int:
        """How many templates are in the collection."""
        with self._using:
            return len(self._places.indexes[collection])

    def recall(self, collection: Collection) -> float | None:
        """The share of the true lists that searches of the collection find, as the index knows it."""
        with self._using:
            return self._places.indexes[collection].recall

    def people(self, collection: Collection) -> int:
        """How many cases have a template in the collection: the N of a 1:N search."""
        with self._using:
            return len(self._places.people[collection])

    def snapshot(self) -> dict[int, Collection]:
        """Every template here and where it stands, for a comparison with the records.

        Read from the indexes themselves, so that a difference between them and our own notes shows.
        """
        with self._using:
            self._refuse_broken()
            indexes = self._places.indexes
            return {int(name): collection for collection, index in indexes.items() for name in index.ids()}

    def _fill(self, records: Records) -> int:
        """Fill new indexes beside the ones in use, then swap: searches go on meanwhile, and a failure changes nothing."""
        places = self._from_shelf(records) or _Places(self._make_index)
        moved = 0
        for batch in self._batches(records, start=places.after):
            places.apply(batch)
            moved += len(batch)
        with self._using:
            self._places = places
            self._broken = False
        self._moved = moved
        return moved

    def shelve(self, records: Records) -> int | None:
        """Keep the gallery on disk if enough has moved since the last time: the last row of the audit it may know of, or None.

        Searches and refreshes go on meanwhile. Where a case was erased after that row what was kept has to be discarded.
        """
        with self._refreshing:
            places = self._places
            if self._shelf is None or self._broken or not places.shelvable:
                return None
            if self._moved < max(SHELVED_FROM, len(places) // SHELVED_AGAIN):
                return None
            with self._using:
                if not places.tidy():
                    return None
            self._moved = 0  # also where it fails: what failed for want of room would fail every two seconds
            seq, chained = records.audit.head()
            facts, arrays = places.shelved()
        self._shelf.save(self.encoder_id, facts | {"audit": [seq, chained]}, arrays)
        return seq

    def _from_shelf(self, records: Records) -> _Places | None:
        """What was kept, if it was kept of these very records: the audit chain has to have the same row at the same place."""
        if self._shelf is None or (kept := self._shelf.load(self.encoder_id)) is None:
            return None
        try:
            seq, chained = kept.facts["audit"]
            rows = records.audit.events(seq - 1, 1)
            if not rows or rows[0].seq != seq or rows[0].hash != chained or kept.facts["after"] > records.gallery.head():
                raise Damaged("The gallery that was kept is not one of these records.")
            places = _Places.taken_back(self._make_index, kept)
        except (Damaged, KeyError, ValueError, TypeError) as error:
            log.warning("the gallery is filled from the records, not from what was kept: %s", error)
            self._shelf.discard(self.encoder_id)
            return None
        if erased_since(records, seq):
            self._shelf.discard(self.encoder_id)
        return places

    def _batches(self, records: Records, start: int | None = None) -> Iterator[Sequence[GalleryChange]]:
        after = self._places.after if start is None else start
        while batch := records.gallery.changes(self.encoder_id, after, BATCH):
            yield batch
            after = batch[-1].seq

    def _refuse_broken(self) -> None:
        if self._broken:
            raise Unavailable("The gallery was interrupted while it was being updated. It is filled anew at the next search.")


class Galleries:
    """One gallery per encoder, made at its first use. Safe for several threads."""

    def __init__(self, make: Callable[[str], Gallery]) -> None:
        self._make = make
        self._lock = Lock()
        self._galleries: dict[str, Gallery] = {}

    def of(self, encoder_id: str) -> Gallery:
        """The gallery of this encoder, always the same one; it is empty until its first ``refresh``."""
        with self._lock:
            if encoder_id not in self._galleries:
                self._galleries[encoder_id] = self._make(encoder_id)
            return self._galleries[encoder_id]

    def in_use(self) -> list[str]:
        """The encoders whose galleries there are in this process."""
        with self._lock:
            return list(self._galleries)

    def forget(self, encoder_id: str) -> None:
        """Free the memory of a retired generation; twice is no error."""
        with self._lock:
            self._galleries.pop(encoder_id, None)


def erased_since(records: Records, seq: int) -> bool:
    """Whether a case was erased after that row of the audit."""
    while page := records.audit.events(seq, BATCH):
        if any(event.action == ERASED for event in page):
            return True
        seq = page[-1].seq
    return False


@dataclass(frozen=True, slots=True)
class _Place:
    collection: Collection
    case_id: str


class _Places:
    """Where every template stands, after the change numbered ``after``. Its owner sees to the locks."""

    def __init__(self, make_index: Callable[[], VectorIndex]) -> None:
        self.after = 0
        self.indexes: Mapping[Collection, VectorIndex] = {collection: make_index() for collection in Collection}
        self.people: Mapping[Collection, Counter[str]] = {collection: Counter() for collection in Collection}
        self._place: dict[int, _Place] = {}
        self._shared: dict[_Place, _Place] = {}  # one object for all templates of a case: there are millions

    def __len__(self) -> int:
        return len(self._place)

    @property
    def shelvable(self) -> bool:
        """Whether the indexes are of a kind that can be kept on disk."""
        return all(isinstance(index, Shelvable) for index in self.indexes.values())

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
    def taken_back(cls, make_index: Callable[[], VectorIndex], kept: Shelved) -> _Places:
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
        known = [_Place(order[which], case.decode()) for which, case in zip(collections.tolist(), cases.tolist(), strict=True)]
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
        for collection, index in self.indexes.items():
            leaving = [change.template_id for change in moving if self._leaves(change, collection)]
            if leaving:
                index.remove(np.array(leaving, dtype=np.int64))
            self._take_in(index, [change for change in moving if change.collection is collection])
        for change in moving:
            self._note(change)
        self.after = max([self.after, *(change.seq for change in moving)])

    def nearest(self, collection: Collection, probes: Sequence[Probe], limit: int) -> list[list[CaseHit]]:
        """The ``limit`` best cases for each, fetching more and more templates until those not fetched cannot change the list.

        Many photos of one person crowd a list of templates: the first fifty may all be of one case.
        """
        index, fetch = self.indexes[collection], 2 * limit
        found: list[list[CaseHit]] = [[] for _ in probes]
        open_ones = list(range(len(probes)))
        while open_ones:
            lists = iter(index.search(np.concatenate([probes[number].vectors for number in open_ones]), fetch))
            undecided = []
            for number in open_ones:
                own = list(islice(lists, len(probes[number].vectors)))
                found[number] = self._best_per_case(own, probes[number].exclude_case)[:limit]
                unseen = [hits[-1].score for hits in own if len(hits) == fetch < len(index)]
                if unseen and not (len(found[number]) == limit and found[number][-1].score > max(unseen)):
                    undecided.append(number)
            open_ones, fetch = undecided, min(4 * fetch, len(index))
        return found

    def _best_per_case(self, lists: Iterable[Sequence[Hit]], exclude_case: str | None) -> list[CaseHit]:
        best: dict[str, Hit] = {}
        hits = (hit for found in lists for hit in found)
        for hit in sorted(hits, key=lambda hit: (-hit.score, hit.template_id)):
            best.setdefault(self._place[hit.template_id].case_id, hit)
        cases = [CaseHit(case_id, hit.template_id, hit.score) for case_id, hit in best.items() if case_id != exclude_case]
        return sorted(cases, key=lambda case: (-case.score, case.case_id))

    def _leaves(self, change: GalleryChange, collection: Collection) -> bool:
        place = self._place.get(change.template_id)
        return place is not None and place.collection is collection and change.collection is not collection

    def _take_in(self, index: VectorIndex, changes: Sequence[GalleryChange]) -> None:
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

    def _note(self, change: GalleryChange) -> None:
        before = self._place.pop(change.template_id, None)
        if before is not None:
            people = self.people[before.collection]
            people[before.case_id] -= 1
            if people[before.case_id] == 0:
                del people[before.case_id], self._shared[before]
        if change.collection is not None and change.case_id is not None:
            place = _Place(change.collection, change.case_id)
            self._place[change.template_id] = self._shared.setdefault(place, place)
            self.people[change.collection][change.case_id] += 1
