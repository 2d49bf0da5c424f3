"""1:N search: the templates of one generation by collection, refilled from the records and never edited otherwise."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Collection as Some
from contextlib import contextmanager
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracing.domain import Collection, GalleryChange, Vector
from tracing.errors import Damaged, Invalid, Unavailable
from tracing.keeping import GalleryShelf
from tracing.places import CaseHit, Places, Probe
from tracing.ports import RecordStore, VectorIndex
from tracing.records import Records
from tracing.sharing import Sharing

AT_ONCE: Final = 64
"""Probes that are compared before others get their turn."""
BATCH = 10_000
"""Changes read at once; at 128 dimensions about 5 MB of templates."""
SHELVED_FROM: Final = 2_000
"""Templates from which on a gallery is kept on disk; fewer are filled from the records in a moment."""
SHELVED_AGAIN: Final = 20
"""It is kept again when one part in so many, and ``SHELVED_FROM`` at least, has moved since."""
ERASED: Final = "erase_case"
"""The action in the audit after which nothing of a case may be left anywhere."""
WITHDRAWN: Final = "withdraw_face"
GIVEN_BACK: Final = "give_face_back"
"""The action after which nothing of a case's face may be left anywhere."""

log = logging.getLogger(__name__)


class Gallery:
    """The templates of one encoder, in one index per collection, as a pure function of the records.

    Dropping it loses nothing: a new one fills itself at its first ``refresh``, from the ``shelf`` where it was kept there and
    from the records' changes since. Safe for several threads; a change excludes searches, and a search never sees half a
    refresh.

    Indexes that are shared with other processes (``Shared``) need the ``store``. They stay, only our notes are made anew.
    """

    def __init__(
        self,
        encoder_id: str,
        make_index: Callable[[Collection], VectorIndex],
        shelf: GalleryShelf | None = None,
        store: RecordStore | None = None,
    ) -> None:
        self.encoder_id = encoder_id
        self._make_index = make_index
        self._shelf = shelf
        self._moved = 0
        """Templates that moved since it was kept."""
        self._refreshing = Lock()
        self._using = Lock()
        self._places = Places(make_index)
        self._sharing = Sharing.of(encoder_id, self._places.indexes, store)
        self._broken = False

    @property
    def shared(self) -> bool:
        """Whether other processes search the same indexes."""
        return self._sharing is not None

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
            if self._sharing is not None:
                self._sharing.follow(max((change.seq for change in latest.values()), default=self._places.after))
            if latest:
                with self._using:
                    self._broken = True
                    self._places.apply(latest.values())
                    self._broken = False
                self._moved += len(latest)
            return len(latest)

    def keep_up(self) -> None:
        """Write shared indexes up to the records, as far as somebody has filled them; nothing where they are our own."""
        if self._sharing is not None:
            self._sharing.keep_up()

    def probe(
        self,
        vectors: Vector,
        collections: Some[Collection],
        limit: int,
        exclude_case: str | None = None,
        allow: NDArray[np.int64] | None = None,
    ) -> dict[Collection, list[CaseHit]]:
        """The ``limit`` best cases of each of these collections, apart from ``exclude_case``, by the templates of ``allow`` if
        it is given.

        ``vectors`` are the templates of one person, shape (n, dimension): a case's score is the best of any of them against
        any of its templates. Best first, ties by case id; however many photos a case has, it takes one place.
        """
        (found,) = self.probe_many([Probe(vectors, exclude_case)], collections, limit, allow)
        return found

    def probe_many(
        self,
        probes: Sequence[Probe],
        collections: Some[Collection],
        limit: int,
        allow: NDArray[np.int64] | None = None,
    ) -> list[dict[Collection, list[CaseHit]]]:
        """As ``probe`` for each, compared together, which takes a fraction of the time."""
        if limit < 1:
            raise Invalid("A list of candidates has at least one place.", "limit")
        found: list[dict[Collection, list[CaseHit]]] = []
        for start in range(0, len(probes), AT_ONCE):
            part = probes[start : start + AT_ONCE]
            lists: list[dict[Collection, list[CaseHit]]] = [{} for _ in part]
            with self._using, self._doubting():
                self._refuse_broken()
                for collection in collections:
                    for own, hits in zip(lists, self._places.nearest(collection, part, limit, allow), strict=True):
                        own[collection] = hits
            found += lists
        return found

    def finish(self) -> None:
        """Wait until the indexes have done what they do in the background."""
        self._places.finish()

    def size(self, collection: Collection) -> int:
        """How many templates are in the collection."""
        with self._using:
            return self._places.owners.templates[collection]

    def recall(self, collection: Collection) -> float | None:
        """The share of the true lists that searches of the collection find, as the index knows it."""
        with self._using:
            return self._places.indexes[collection].recall

    def people(self, collection: Collection) -> int:
        """How many cases have a template in the collection: the N of a 1:N search."""
        with self._using:
            return self._places.owners.people[collection]

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
        if self._sharing is not None:
            places = Places(self._places.indexes.__getitem__)
        else:
            places = self._from_shelf(records) or Places(self._make_index)
        moved = 0
        for batch in self._batches(records, start=places.after):
            places.apply(batch)
            moved += len(batch)
        if self._sharing is not None:
            self._sharing.follow(places.after)
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

    def _from_shelf(self, records: Records) -> Places | None:
        """What was kept, if it was kept of these very records: the audit chain has to have the same row at the same place."""
        if self._shelf is None or (kept := self._shelf.load(self.encoder_id)) is None:
            return None
        try:
            seq, chained = kept.facts["audit"]
            rows = records.audit.events(seq - 1, 1)
            if not rows or rows[0].seq != seq or rows[0].hash != chained or kept.facts["after"] > records.gallery.head():
                raise Damaged("The gallery that was kept is not one of these records.")
            places = Places.taken_back(self._make_index, kept)
        except (Damaged, KeyError, ValueError, TypeError) as error:
            log.warning("the gallery is filled from the records, not from what was kept: %s", error)
            self._shelf.discard(self.encoder_id)
            return None
        if erased_since(records, seq):
            self._shelf.discard(self.encoder_id)
        return places

    def _batches(self, records: Records, start: int | None = None) -> Iterator[Sequence[GalleryChange]]:
        after = self._places.after if start is None else start
        while batch := records.gallery.changes(self.encoder_id, after, BATCH, vectors=self._sharing is None):
            yield batch
            after = batch[-1].seq

    @contextmanager
    def _doubting(self) -> Iterator[None]:
        """Where a shared index failed, all of them are looked at before the next search."""
        try:
            yield
        except Unavailable:
            if self._sharing is not None:
                self._sharing.doubt()
            raise

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
    """Whether a case was erased, or its face withdrawn, after that row of the audit."""
    while page := records.audit.events(seq, BATCH):
        if any(event.action in (ERASED, WITHDRAWN) for event in page):
            return True
        seq = page[-1].seq
    return False
