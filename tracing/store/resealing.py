"""Everything that is sealed, sealed anew with the current key, while others read and write."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tracing.errors import Damaged, NotFound
from tracing.ports import RecordStore
from tracing.records import Portion
from tracing.store.photos import FilePhotoStore

BATCH: Final = 100
"""Rows of one transaction: a few thousandths of a second, so that nobody waits for it."""
Progress = Callable[[str, int, int], None]
"""Called with what is sealed anew just now, how many of it are done, and of how many."""


def quiet(what: str, done: int, total: int) -> None:
    """No progress is shown."""


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many were sealed anew, and what does not open: it was damaged before, and stays as it is."""

    rows: int
    photos: int
    damaged: tuple[str, ...]


class Resealing:
    """Nothing keeps count of where it is: what the current key has sealed is done, so an interrupted one begins again."""

    def __init__(self, store: RecordStore, photos: FilePhotoStore, pause: Callable[[float], None] = time.sleep) -> None:
        self._store = store
        self._photos = photos
        self._pause = pause

    def run(self, progress: Progress = quiet, check: Callable[[], None] = lambda: None) -> Resealed:
        """``check`` is called before every step, and stops it by raising.

        Rows first. Twice, because what somebody sealed with the key of before a moment ago may be committed behind our back.
        """
        rows, photos = 0, 0
        damaged: list[str] = []
        for _ in range(2):
            damaged.clear()
            with self._store.reading() as records:
                places = records.sealed.places()
            for place in places:
                rows += self._rows(place, progress, check, damaged)
            photos += self._files(progress, check, damaged)
        return Resealed(rows, photos, tuple(damaged))

    def photos_by_key(self) -> Counter[str]:
        """Key id -> how many photos it seals."""
        found: Counter[str] = Counter()
        for key in iter(self._photos.keys()):
            try:
                found[self._photos.sealed_by(key)] += 1
            except NotFound:  # erased at this moment
                continue
        return found

    def _rows(self, place: str, progress: Progress, check: Callable[[], None], damaged: list[str]) -> int:
        with self._store.reading() as records:
            total = sum(records.sealed.by_key(place).values())
        done, looked, after = 0, 0, None
        while True:
            check()
            began = time.monotonic()
            portion = self._portion(place, after)
            done += portion.resealed
            looked += BATCH
            damaged += [f"{place} {each}" for each in portion.damaged]
            progress(place, min(looked, total) if portion.after else total, total)
            if (after := portion.after) is None:
                return done
            # As long as the transaction took, the others have the database to themselves.
            self._pause(time.monotonic() - began)

    def _portion(self, place: str, after: tuple[Any, ...] | None) -> Portion:
        with self._store.transaction() as records:
            return records.sealed.reseal(place, after, BATCH)

    def _files(self, progress: Progress, check: Callable[[], None], damaged: list[str]) -> int:
        keys, done = list(self._photos.keys()), 0
        for number, key in enumerate(keys, 1):
            check()
            try:
                done += self._photos.reseal(key)
            except Damaged:
                damaged.append(f"photo {key}")
            progress("photos", number, len(keys))
        return done
