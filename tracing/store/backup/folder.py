"""The folder that backups are kept in: which there are, whether they are whole, and letting one go."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracing.errors import Misconfigured, NotFound
from tracing.store.backup.manifest import Manifest, PhotoLine, digest_of, photo_lines, read_manifest
from tracing.store.folders import make_folder, replace_file, sync_folder

Progress = Callable[[int, int], None]
PARTLY: Final = ".draft"


def quiet(done: int, total: int) -> None:
    """No progress is shown."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A file of a backup that is missing or altered."""

    file: str
    what: str


class BackupFolder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.photos = folder / "photos"
        self._backups = folder / "backups"

    def prepare(self) -> None:
        """Make it, for this account alone. ``Misconfigured`` where others may read it, or it is the data folder's own."""
        make_folder(self.folder, above=self.folder)
        if self.folder.stat().st_mode & 0o077:
            raise Misconfigured(f"Other users can read the backups. Run: chmod 700 {self.folder}")
        for each in (self.photos, self._backups):
            make_folder(each, above=self.folder)

    def begin(self, backup_id: str) -> Path:
        """The folder of a backup that is being made; what an interrupted one left is removed."""
        for left in self._backups.glob(f".*{PARTLY}"):
            shutil.rmtree(left)
        draft = self._backups / f".{backup_id}{PARTLY}"
        draft.mkdir(mode=0o700)
        return draft

    def finish(self, draft: Path, backup_id: str) -> None:
        """From here on it is a backup."""
        sync_folder(draft)
        draft.rename(self._backups / backup_id)
        sync_folder(self._backups)

    def all(self) -> list[Manifest]:
        """The oldest first."""
        found = [read_manifest(path) for path in self._backups.glob("[!.]*")] if self._backups.is_dir() else []
        return sorted(found, key=lambda each: (each.point, each.backup_id))

    def find(self, backup_id: str = "") -> Manifest:
        """The latest one where none is named."""
        backups = [each for each in self.all() if not backup_id or each.backup_id == backup_id]
        if not backups:
            raise NotFound(f"There is no such backup in {self.folder}; see: tracing backup list {self.folder}")
        return backups[-1]

    def of(self, backup: Manifest) -> Path:
        return self._backups / backup.backup_id

    def lines(self, backup: Manifest) -> Iterator[PhotoLine]:
        return photo_lines(self.of(backup))

    def verify(self, backup: Manifest, progress: Progress = quiet) -> list[Fault]:
        """Read every file of it and compare the digests."""
        own = self.of(backup)
        faults = [fault for name, digest in backup.files.items() if (fault := _fault(own / name, name, digest))]
        if faults:
            return faults
        for number, line in enumerate(self.lines(backup), 1):
            if fault := _fault(self.photos / line.file, f"photos/{line.file}", line.sha256):
                faults.append(fault)
            progress(number, backup.photos)
        return faults

    def forget(self, backup: Manifest) -> int:
        """Delete it, and the photos that no other one names; how many those were."""
        others = {line.file for each in self.all() if each.backup_id != backup.backup_id for line in self.lines(each)}
        only = [line.file for line in self.lines(backup) if line.file not in others]
        shutil.rmtree(self.of(backup))
        for file in only:
            (self.photos / file).unlink(missing_ok=True)
        return len(only)

    def keep(self, name: str, content: bytes) -> None:
        """A file beside the backups, replaced as a whole."""
        replace_file(self.folder / name, content)


def _fault(path: Path, name: str, digest: str) -> Fault | None:
    try:
        return None if digest_of(path) == digest else Fault(name, "altered")
    except FileNotFoundError:
        return Fault(name, "missing")
    except OSError as error:
        return Fault(name, f"unreadable: {error.strerror}")
