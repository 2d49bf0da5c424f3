"""Changing the keys while the service runs: a new data key, a new master key, and the end of keys that nothing needs."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from tracing.access import SYSTEM
from tracing.errors import Misconfigured
from tracing.keeping import GalleryShelf
from tracing.ports import Clock, RecordStore
from tracing.store.data_keys import DataKeyFile, DataKeys
from tracing.store.key_files import MasterKey
from tracing.store.keys import KEY_BYTES, key_id
from tracing.store.photos import FilePhotoStore
from tracing.store.resealing import Progress, Resealed, Resealing, quiet

HOLD: Final = "the keys"
GRACE: Final = timedelta(hours=1)
"""No key is destroyed sooner after its retirement: a process that had it in hand then has long written what it sealed."""


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A key, and what it seals. A master key that seals any rows or photos did so before there were data keys."""

    key_id: str
    master: bool
    current: bool
    made_at: datetime | None
    retired_at: datetime | None
    rows: int
    photos: int


class Rotation:
    """One process at a time rotates; every other one reads and writes on, and takes the new keys over by itself."""

    def __init__(
        self,
        store: RecordStore,
        photos: FilePhotoStore,
        shelf: GalleryShelf,
        file: DataKeyFile,
        master: MasterKey,
        clock: Clock,
    ) -> None:
        self._store = store
        self._photos = photos
        self._shelf = shelf
        self._file = file
        self._master = master
        self._clock = clock
        self._resealing = Resealing(store, photos)

    def listed(self) -> list[KeyLine]:
        """The data keys, the oldest first, then the master keys; whatever else seals something comes last, without a date."""
        rows, photos = self._rows(), self._resealing.photos_by_key()
        keys = self._file.read()
        data = [
            KeyLine(
                each.key_id, False, each is keys.current, each.made_at, each.retired_at, rows[each.key_id], photos[each.key_id]
            )
            for each in keys.keys
        ]
        names = [key_id(each).hex() for each in self._master.held()]
        masters = [KeyLine(name, True, place == 0, None, None, rows[name], photos[name]) for place, name in enumerate(names)]
        known = {each.key_id for each in (*data, *masters)}
        unknown = sorted((rows.keys() | photos.keys()) - known)
        return [*data, *masters, *(KeyLine(name, False, False, None, None, rows[name], photos[name]) for name in unknown)]

    def rotate(self, progress: Progress = quiet) -> Resealed:
        """A new data key, and everything sealed anew with it. After an interruption: go on with the one that was begun."""
        with self._store.hold(HOLD) as check:
            keys = self._file.read()
            if not keys.unfinished:
                keys = keys.with_new(self._clock())
                self._file.write(keys)
                self._note("rotate_keys", keys.current.key_id)
            done = self._resealing.run(progress, check)
            self._shelf.discard_all()
            self._file.write(replace(keys, unfinished=False))
        return done

    def rotate_master(self) -> str:
        """Lock the data keys with a new master key; its id. What the old one sealed itself has to be sealed anew before.

        The key file holds both until the data keys are locked anew, so that an interruption at any point can be repeated.
        A key in the environment is changed there: the new one before the old one, then this, then the old one goes.
        """
        with self._store.hold(HOLD):
            keys, masters = self._file.read(), self._master.held()
            if not self._master.from_environment:
                masters = masters if len(masters) > 1 else [secrets.token_bytes(KEY_BYTES), *masters]
                self._master.replace(masters)
            elif len(masters) == 1:
                raise Misconfigured(
                    "TRACING_PHOTO_KEY holds one key. Set it to the new key, a space and the old key, on every server and "
                    "worker, restart them, and repeat this."
                )
            self._refuse_sealed_by([key_id(each).hex() for each in masters[1:]])
            self._file.write(keys)
            if not self._master.from_environment:
                self._master.replace(masters[:1])
            name = key_id(masters[0]).hex()
            self._note("rotate_master_key", name)
        return name

    def destroy(self) -> tuple[list[str], dict[str, str]]:
        """Seal anew what retired keys still seal, and forget them; the ids of those that are gone, and why others are kept."""
        with self._store.hold(HOLD) as check:
            keys = self._file.read()
            if not any(each.retired_at for each in keys.keys):
                return [], {}
            self._shelf.discard_all()
            self._resealing.run(check=check)
            used = self._rows() + self._resealing.photos_by_key()
            check()
            kept = {each.key_id: self._reason(keys, each.key_id, used) for each in keys.keys[:-1]}
            gone = [name for name, reason in kept.items() if not reason]
            if gone:
                self._file.write(replace(keys, keys=tuple(each for each in keys.keys if each.key_id not in gone)))
                self._note("destroy_keys", *gone)
        return gone, {name: reason for name, reason in kept.items() if reason}

    def _reason(self, keys: DataKeys, name: str, used: Counter[str]) -> str:
        (key,) = (each for each in keys.keys if each.key_id == name)
        if used[name]:
            return f"it seals {used[name]} rows or photos that do not open; see `tracing check --photos`"
        if key.retired_at is not None and self._clock() - key.retired_at < GRACE:
            return f"it may be destroyed from {key.retired_at + GRACE:%Y-%m-%d %H:%M} UTC on"
        return ""

    def _refuse_sealed_by(self, names: list[str]) -> None:
        used = self._rows() + self._resealing.photos_by_key()
        if any(used[name] for name in names):
            raise Misconfigured("The old master key still seals photos or rows itself. First run: tracing keys rotate")

    def _rows(self) -> Counter[str]:
        found: Counter[str] = Counter()
        with self._store.reading() as records:
            for place in records.sealed.places():
                found.update(records.sealed.by_key(place))
        return found

    def _note(self, action: str, *names: str) -> None:
        with self._store.transaction() as records:
            for name in names:
                records.audit.append(SYSTEM, action, name)
