"""Bringing a backup back onto an empty machine, checked to the row."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from tracing.errors import Damaged, Misconfigured
from tracing.ports import Clock
from tracing.store.backup.databases import Database, database_of
from tracing.store.backup.folder import BackupFolder, Progress, quiet
from tracing.store.backup.ledger import FILE as ERASED
from tracing.store.backup.making import KEY_FILE
from tracing.store.backup.manifest import Manifest
from tracing.store.data_keys import FILE as DATA_KEYS
from tracing.store.data_keys import DataKeyFile
from tracing.store.folders import make_folder, replace_file, sync_folder, write_new
from tracing.store.key_files import MasterKey, keys_in
from tracing.store.keys import key_id

BROUGHT_ALONG: Final = ("keys", "models", ERASED, "lost+found")
"""What may lie in the data folder before a backup is brought back."""
MARK: Final = "restoring"
"""A file in the data folder as long as not everything is brought back: no service starts beside it."""


class Restoring:
    """Everything is verified before the first byte is written; until ``finish`` nothing but a restore runs on the machine."""

    def __init__(self, data_dir: Path, photo_dir: Path, url: str, master: MasterKey, clock: Clock) -> None:
        self._data_dir = data_dir
        self._photo_dir = photo_dir
        self._url = url
        self._master = master
        self._clock = clock

    def restore(self, source: Path, backup_id: str = "", keys: Path | None = None, progress: Progress = quiet) -> Manifest:
        """The latest where none is named. ``Misconfigured`` where the machine is not empty, or the key is another one."""
        folder, database = BackupFolder(source), database_of(self._url)
        backup = folder.find(backup_id)
        self._refuse_used(database, backup)
        if faults := folder.verify(backup):
            named = "; ".join(f"{fault.file} is {fault.what}" for fault in faults[:5])
            raise Damaged(f"The backup is not whole, so nothing was brought back: {named}. {len(faults)} files in all.")
        make_folder(self._data_dir, above=self._data_dir)
        self._take_key(backup, keys)
        replace_file(self._data_dir / MARK, f"{backup.backup_id}\n".encode())
        self._photos(folder, backup, progress)
        write_new(self._photo_dir / DATA_KEYS, (folder.of(backup) / DATA_KEYS).read_bytes())
        sync_folder(self._photo_dir)
        DataKeyFile(self._photo_dir, self._master, self._clock).read()  # does the key open them?
        tables = database.restore(folder.of(backup) / database.file_name)
        if wrong := sorted(name for name in tables.keys() | backup.tables if tables.get(name) != backup.tables.get(name)):
            raise Damaged(f"What was brought back is not what was backed up, in: {', '.join(wrong)}.")
        return backup

    def finish(self) -> None:
        """The service may start from here on."""
        (self._data_dir / MARK).unlink(missing_ok=True)
        sync_folder(self._data_dir)

    def _refuse_used(self, database: Database, backup: Manifest) -> None:
        if database.file_name != backup.database:
            raise Misconfigured(
                f"The backup is of another kind of database: {backup.database}. Set TRACING_DATABASE_URL accordingly."
            )
        if there := self._in_the_way():
            raise Misconfigured(
                f"The data folder {self._data_dir} is not empty: it holds {there}. A backup is brought back onto an empty "
                "machine only; what an interrupted restore has left there may be deleted."
            )
        database.refuse_used()

    def _in_the_way(self) -> str:
        """What lies in the data folder and is of another life of it; empty where nothing does."""
        if not self._data_dir.is_dir():
            return ""
        named = sorted(path for path in self._data_dir.iterdir() if path.name not in BROUGHT_ALONG)
        return next((path.name for path in named if not path.is_dir() or any(each.is_file() for each in path.rglob("*"))), "")

    def _take_key(self, backup: Manifest, keys: Path | None) -> None:
        brought = None
        if keys is not None and not self._master.exists():
            try:
                brought = (keys / KEY_FILE).read_bytes()
            except OSError as error:
                raise Misconfigured(f"The master key {keys / KEY_FILE} cannot be read: {error.strerror}.") from error
        if brought is None and not self._master.exists():
            raise Misconfigured(
                f"The master key is missing. Name its folder with --keys, put it at {self._master.file} with mode 600, or set "
                "TRACING_PHOTO_KEY."
            )
        held = keys_in(brought, str(keys)) if brought is not None else self._master.held()
        if backup.master not in (names := {key_id(each).hex() for each in held}):
            raise Misconfigured(
                f"The backup opens with the master key {backup.master}; here is {', '.join(sorted(names))}. "
                "Put the key of that time back."
            )
        if brought is not None:  # no sooner: a wrong one would be in the way of the right one
            make_folder(self._master.file.parent, above=self._data_dir)
            write_new(self._master.file, brought)

    def _photos(self, folder: BackupFolder, backup: Manifest, progress: Progress) -> None:
        make_folder(self._photo_dir, above=self._data_dir)
        for number, line in enumerate(folder.lines(backup), 1):
            target = self._photo_dir / line.key[:2] / line.key[2:4] / line.key
            make_folder(target.parent, above=self._photo_dir)
            write_new(target, (folder.photos / line.file).read_bytes())
            progress(number, backup.photos)
        os.sync()


def refuse_unfinished(data_dir: Path) -> None:
    """``Misconfigured`` where a restore was interrupted: half of the records would look like all of them."""
    if (data_dir / MARK).exists():
        raise Misconfigured(
            f"A restore into {data_dir} was not finished. Empty the folder and the database, and call `tracing restore` again."
        )
