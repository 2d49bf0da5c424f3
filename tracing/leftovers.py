"""Photo files without a photo: none is written before it is noted, so that whatever is interrupted is cleared away."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from tracing.errors import TracingError, Unavailable
from tracing.ports import Clock, PhotoStore, RecordStore
from tracing.records import Records

log = logging.getLogger(__name__)

AT_ONCE: Final = 100


class Leftovers:
    """Whoever saves a photo has the time ``grace`` to do so; after it the file is given up, and erased by a worker.

    A file that is given up gets no photo any more, so that nobody erases what somebody else has just saved.
    """

    def __init__(self, store: RecordStore, photos: PhotoStore, clock: Clock, grace: timedelta) -> None:
        self._store = store
        self._photos = photos
        self._clock = clock
        self._grace = grace

    def keep(self, data: bytes) -> str:
        """Store the bytes; the key, which is to be settled in the transaction that saves the photo, or to be given up."""
        key = self._photos.new_key()
        with self._store.transaction() as records:
            records.files.note(key, self._clock())
        try:
            return self._photos.put(data, key)
        except BaseException:
            self.give_up(key)
            raise

    @staticmethod
    def settle(records: Records, key: str) -> None:
        """The photo of this file is saved in this transaction. ``Unavailable`` where that comes too late."""
        if not records.files.settle(key):
            raise Unavailable("Saving the photo took too long. Send it again.")

    def give_up(self, key: str) -> None:
        """Erase the file, unless a photo has it. What cannot be done now is done by a worker: nothing is raised.

        Where the connection is lost in a commit, nobody knows whether the photo was saved; the records do.
        """
        try:
            with self._store.transaction() as records:
                given_up = records.files.give_up(key)
            if given_up:
                self._erase(key)
        except TracingError as error:
            log.warning("a photo file is cleared away later: %s", error)

    def tend(self) -> None:
        """What the worker does now and then. Cheap where nothing is left over."""
        now = self._clock()
        late = now - self._grace, now + self._grace
        with self._store.reading() as records:
            number, doomed = records.files.noted(*late), records.files.given_up(AT_ONCE)
        if number:
            with self._store.transaction() as records:
                records.files.give_up_noted(*late)
                doomed = records.files.given_up(AT_ONCE)
        try:
            for key in doomed:
                self._erase(key)
        except TracingError as error:
            log.warning("photo files are cleared away later: %s", error)

    def _erase(self, key: str) -> None:
        self._photos.erase(key)
        with self._store.transaction() as records:
            records.files.forget(key)
