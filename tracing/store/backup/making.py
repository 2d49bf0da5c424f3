"""Making a backup while the service runs."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from tracing.access import SYSTEM
from tracing.domain import Backup
from tracing.errors import Misconfigured, Unavailable
from tracing.ports import Clock, NewId, RecordStore
from tracing.store.backup.databases import database_of
from tracing.store.backup.folder import BackupFolder, Progress, quiet
from tracing.store.backup.manifest import PHOTOS, Manifest, PhotoLine, digest_of
from tracing.store.data_keys import FILE as DATA_KEYS
from tracing.store.folders import make_folder, replace_file, write_new
from tracing.store.key_files import MasterKey
from tracing.store.keys import HEADER, key_id
from tracing.store.rotation import HOLD

KEY_FILE = "photo.key"


class Backups:
    """``tracing backup``. The keys are held meanwhile: a rotation would change what is being copied."""

    def __init__(self, store: RecordStore, url: str, photo_dir: Path, master: MasterKey, clock: Clock, new_id: NewId) -> None:
        self._store = store
        self._url = url
        self._photo_dir = photo_dir
        self._master = master
        self._clock = clock
        self._new_id = new_id

    def make(self, target: Path, keys: Path | None = None, beside: bool = False, progress: Progress = quiet) -> Manifest:
        """The database at one moment first, then the photos that it names, then the data keys.

        Photos come before their rows and go after them, so each that the database names is there, unless it was erased since.
        Those that an earlier backup in the folder holds are not copied again. ``keys``: where the master key goes, if anywhere.
        """
        folder = BackupFolder(target)
        self._refuse(target, keys, beside)
        with self._store.hold(HOLD) as check:
            try:
                folder.prepare()
            except OSError as error:
                raise Misconfigured(f"Nothing can be written into {target}: {error.strerror}.") from error
            self._settle(folder)
            try:
                manifest = self._made(folder, check, progress)
            except Exception as error:
                folder.make_room()
                with suppress(Exception):  # else the next one does it
                    self._settle(folder)
                if isinstance(error, OSError | sqlite3.Error):
                    reason = getattr(error, "strerror", "") or str(error)
                    raise Unavailable(f"No backup was made in {target}: {reason}. Earlier ones are as they were.") from error
                raise
        if keys is not None:
            self._save_key(keys)
        return manifest

    def _made(self, folder: BackupFolder, check: Callable[[], None], progress: Progress) -> Manifest:
        point = self._clock()
        backup_id = f"{point:%Y%m%d-%H%M%S}-{self._new_id()[:4]}"
        draft = folder.begin(backup_id)
        database = database_of(self._url)
        saved = database.save(draft / database.file_name)
        check()
        lines = list(self._copied(folder, saved.photo_keys, folder.latest_lines(), progress))
        write_new(draft / PHOTOS, b"".join(json.dumps(asdict(line)).encode() + b"\n" for line in lines))
        write_new(draft / DATA_KEYS, (self._photo_dir / DATA_KEYS).read_bytes())
        manifest = Manifest(
            backup_id,
            point,
            database.file_name,
            saved.tables,
            len(lines),
            sum(line.size for line in lines),
            len(saved.photo_keys) - len(lines),
            key_id(self._master.held()[0]).hex(),
            {name: digest_of(draft / name) for name in (database.file_name, PHOTOS, DATA_KEYS)},
        )
        manifest.write(draft)
        self._note(manifest, folder.folder)  # first, so that no backup holds an erased person and nobody knows of it
        folder.finish(draft, backup_id)
        return manifest

    def forget(self, target: Path, backup_id: str) -> int:
        """Delete a backup; how many photos went with it. The register of backups knows it no more.

        One that was interrupted, while it was made or forgotten, goes as well, here and whenever a backup is made.
        """
        folder = BackupFolder(target)
        folder.refuse_data_folder()
        with self._store.hold(HOLD):
            left, photos = self._settle(folder)
            if backup_id not in left:
                folder.set_aside(backup_id)
                _, photos = self._settle(folder)
        return photos

    def _settle(self, folder: BackupFolder) -> tuple[list[str], int]:
        """Let go of what is unfinished, its folder last, so that an interruption here is repeated; the ids, how many photos."""
        left = folder.unfinished()
        photos = folder.sweep() if left else 0
        if left:
            with self._store.transaction() as records:
                for each in left:
                    records.backups.forget(each)
                    records.audit.append(SYSTEM, "forget_backup", each)
        for each in left:
            folder.clear(each)
        return left, photos

    def _refuse(self, target: Path, keys: Path | None, beside: bool) -> None:
        data, backups = self._photo_dir.parent.resolve(), target.resolve()
        if backups.is_relative_to(data):
            raise Misconfigured(f"A backup inside the data folder {data} is lost with it. Name a folder on another disk.")
        if keys is None or beside:
            return
        place = keys.resolve()
        if place.is_relative_to(backups) or backups.is_relative_to(place):
            raise Misconfigured(
                "The key beside the backup lets every thief read it. Name a folder on another disk, or add --beside."
            )

    def _copied(
        self, folder: BackupFolder, keys: list[str], known: dict[str, PhotoLine], progress: Progress
    ) -> Iterator[PhotoLine]:
        for number, key in enumerate(keys, 1):
            with suppress(FileNotFoundError):  # erased since the moment of the database
                yield self._copy(folder, key, known)
            progress(number, len(keys))

    def _copy(self, folder: BackupFolder, key: str, known: dict[str, PhotoLine]) -> PhotoLine:
        """Named after its seal as well: a photo that is sealed anew is another file, and earlier backups keep theirs."""
        source = self._photo_dir / key[:2] / key[2:4] / key
        with source.open("rb") as file:
            head = file.read(HEADER)
            name = f"{key[:2]}/{key[2:4]}/{key}.{hashlib.sha256(head).hexdigest()[:16]}"
            if name in known and folder.has(known[name]):
                return known[name]
            sealed = head + file.read()
        target = folder.photos / name
        make_folder(target.parent, above=folder.photos)
        replace_file(target, sealed)
        return PhotoLine(key, name, len(sealed), hashlib.sha256(sealed).hexdigest())

    def _save_key(self, keys: Path) -> None:
        try:
            make_folder(keys, above=keys)
            replace_file(keys / KEY_FILE, b"".join(base64.b64encode(key) + b"\n" for key in self._master.held()))
        except OSError as error:
            raise Unavailable(f"The backup is made, and the master key is not in {keys}: {error.strerror}.") from error

    def _note(self, manifest: Manifest, target: Path) -> None:
        with self._store.transaction() as records:
            records.backups.add(Backup(manifest.backup_id, str(target.resolve()), manifest.point))
            records.audit.append(SYSTEM, "make_backup", manifest.backup_id)
