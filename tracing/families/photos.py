"""Photos that strangers hand in: read to the last byte by our own reader, sealed, and shown to nobody but the station."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Final

from tracing.domain import HandedPhoto, PartialDate
from tracing.errors import Busy, NotFound
from tracing.leftovers import Leftovers
from tracing.ports import Clock, ImageReader, NewId, RecordStore
from tracing.records import Records
from tracing.turns import Turns

AT_ONCE: Final = 2
"""Photos that are read at one time: each takes memory for all its pixels."""
PATIENCE: Final = 4.0
"""Seconds that a photo waits for others to be read: who sends many small ones that cost much keeps nobody else waiting."""
FULL: Final = "More was sent here than the station can take at the moment. Please call the station."


def chosen(photos: Iterable[HandedPhoto], handed_id: str) -> HandedPhoto:
    """The one of these with this number; ``NotFound`` where it is not among them."""
    found = next((each for each in photos if each.handed_id == handed_id), None)
    if found is None:
        raise NotFound("There is no such photo.")
    return found


class HandedPhotos:
    """``waiting_bytes``: of all photos together that wait for people; a stranger fills no disk."""

    def __init__(
        self,
        store: RecordStore,
        leftovers: Leftovers,
        reader: ImageReader,
        clock: Clock,
        new_id: NewId,
        waiting_bytes: int,
        patience: float = PATIENCE,
    ) -> None:
        self._store = store
        self._leftovers = leftovers
        self._reader = reader
        self._clock = clock
        self._new_id = new_id
        self._waiting_bytes = waiting_bytes
        self._patience = patience
        self._reading = Turns(AT_ONCE)

    def keep(
        self,
        data: bytes,
        taken_on: PartialDate | None,
        save: Callable[[Records, HandedPhoto], bool],
    ) -> None:
        """Keep the photo: ``save`` gives it an owner, in the transaction that adds it, or says that it is there already.

        ``UnreadablePhoto`` where it is none, ``Busy`` where too many wait.
        """
        with self._reading.turn(large=False, patience=self._patience):
            info = self._reader.verify(data)
        key = self._leftovers.keep(data)
        bare = HandedPhoto(
            self._new_id(),
            key,
            hashlib.sha256(data).hexdigest(),
            len(data),
            info.width,
            info.height,
            self._clock(),
            taken_on,
        )
        kept = False
        try:
            with self._store.transaction() as records:
                if records.handed.bytes_waiting() + len(data) > self._waiting_bytes:
                    raise Busy(FULL)
                kept = save(records, bare)
                if kept:
                    self._leftovers.settle(records, key)
        finally:
            if not kept:
                self._leftovers.give_up(key)
