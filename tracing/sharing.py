"""Shared indexes, written up to the records by one process at a time, and filled anew where they are not of these records."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final, cast

import numpy as np

from tracing.domain import Collection, GalleryChange
from tracing.errors import Misconfigured
from tracing.places import take_in
from tracing.ports import RecordStore, VectorIndex
from tracing.records import Records
from tracing.shared import Position, Shared, SharedIndex

WRITTEN: Final = 10_000
"""Changes between two positions: what a process that dies in the middle leaves to be done again."""

log = logging.getLogger(__name__)


class Sharing:
    """The indexes of one encoder, the first of which leads: its position is set last and taken away first.

    Safe to be used by any number of processes at once, each with its own ``Sharing``. A process that dies leaves at worst
    changes behind that are made again: adding replaces, and removing twice is no error.
    """

    def __init__(self, encoder_id: str, indexes: Mapping[Collection, SharedIndex], store: RecordStore) -> None:
        self._encoder_id = encoder_id
        self._indexes = indexes
        self._store = store
        self._sure = False
        """Whether all indexes were looked at since the last failure, and not the leading one alone."""
        self._verified: tuple[int, str] | None = None

    @classmethod
    def of(cls, encoder_id: str, indexes: Mapping[Collection, VectorIndex], store: RecordStore | None) -> Sharing | None:
        """None where the indexes are the process's own."""
        shared = {collection: cast(SharedIndex, index) for collection, index in indexes.items() if isinstance(index, Shared)}
        if len(shared) < len(indexes) or not indexes:
            return None
        if store is None:
            raise Misconfigured("A gallery that is shared with other processes needs the records to be written from.")
        return cls(encoder_id, shared, store)

    def doubt(self) -> None:
        """Something failed: look at all of them the next time."""
        self._sure = False

    def follow(self, after: int) -> None:
        """Everything up to this change is in the indexes afterwards, whoever wrote it.

        ``Unavailable`` where Milvus, or a process that writes just now, keeps one waiting; nothing is wrong then.
        """
        written = self._written()
        if written is None or written < after:
            try:
                self._write()
            except Exception:
                self.doubt()
                raise
        self._sure = True

    def keep_up(self) -> None:
        """As ``follow``, up to the last change there is; nothing where the indexes would have to be filled anew for it."""
        written = self._written()
        if written is None:
            return
        with self._store.reading() as records:
            behind = records.gallery.changes(self._encoder_id, written, 1, vectors=False)
        if behind:
            self.follow(behind[0].seq)

    def _written(self) -> int | None:
        """Up to which change, as far as the indexes are of these records; None where they have to be filled anew."""
        looked_at = list(self._indexes.values()) if not self._sure else list(self._indexes.values())[:1]
        positions = [index.position() for index in looked_at]
        own = [position.after for position in positions if position is not None and self._is_ours(position)]
        return min(own) if len(own) == len(positions) else None

    def _is_ours(self, position: Position) -> bool:
        """Whether the audit's row that was the last one then is in the audit of these records, at the same place.

        The records are read after the position was, so that a row of another process cannot be too new to be seen.
        """
        row = position.audit_seq, position.audit_hash
        if row == self._verified:
            return True
        with self._store.reading() as records:
            events = records.audit.events(position.audit_seq - 1, 1)
            ours = bool(events) and (events[0].seq, events[0].hash) == row and position.after <= records.gallery.head()
        if ours:
            self._verified = row
        return ours

    def _write(self) -> None:
        with self._store.hold(f"gallery of {self._encoder_id}") as still_held:
            self._sure = False
            after = self._written()
            new = after is None
            if after is None:
                log.info("the shared gallery of %s is filled anew from the records", self._encoder_id)
                for index in self._indexes.values():
                    still_held()
                    index.empty()
            with self._store.reading() as records:
                self._write_after(records, after or 0, new, still_held)

    def _write_after(self, records: Records, after: int, new: bool, still_held: Callable[[], None]) -> None:
        audit = records.audit.head()
        if new:
            self._mark(Position(0, *audit))
        while batch := records.gallery.changes(self._encoder_id, after, WRITTEN):
            still_held()
            self._move(batch, new)
            after = batch[-1].seq
            still_held()
            self._mark(Position(after, *audit))

    def _move(self, changes: Sequence[GalleryChange], new: bool) -> None:
        """First in, then out: a template that moves is always somewhere."""
        for collection, index in self._indexes.items():
            take_in(index, [change for change in changes if change.collection is collection])
        if new:
            return
        for collection, index in self._indexes.items():
            leaving = [change.template_id for change in changes if change.collection is not collection]
            if leaving:
                index.discard(np.array(leaving, dtype=np.int64))

    def _mark(self, position: Position) -> None:
        for index in reversed(list(self._indexes.values())):
            index.mark(position)
