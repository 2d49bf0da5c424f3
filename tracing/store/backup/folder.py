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

    def unfinished(self) -> list[str]:
        """The ids of those that were interrupted while they were made, or are being let go: none of them is a backup."""
        return [path.name.removeprefix(".").removesuffix(PARTLY) for path in sorted(self._backups.glob(f".*{PARTLY}"))]

    def sweep(self) -> int:
        """Delete the photos that no backup names; how many those were."""
        named = {line.file for each in self.all() for line in self.lines(each)}
        stray = [path for path in self.photos.glob("??/??/*") if str(path.relative_to(self.photos)) not in named]
        for path in stray:
            path.unlink(missing_ok=True)
        return len(stray)

    def clear(self, backup_id: str) -> None:
        """Delete what is left of one that is unfinished."""
        shutil.rmtree(self._draft(backup_id))

    def begin(self, backup_id: str) -> Path:
        """The folder of a backup that is being made."""
        draft = self._draft(backup_id)
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

    def set_aside(self, backup: Manifest) -> None:
        """From here on it is no backup any more, and unfinished until somebody clears it away."""
        self.of(backup).rename(self._draft(backup.backup_id))
        sync_folder(self._backups)

    def _draft(self, backup_id: str) -> Path:
        return self._backups / f".{backup_id}{PARTLY}"

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
