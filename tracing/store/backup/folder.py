"""The folder that backups are kept in: which there are, whether they are whole, and letting one go."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracing.errors import Damaged, Misconfigured, NotFound
from tracing.store.backup.manifest import Manifest, PhotoLine, digest_of, photo_lines, read_manifest
from tracing.store.data_keys import FILE as DATA_KEYS
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
        """Make it, for this account alone. ``Misconfigured`` where others may read it, or it is a data folder."""
        make_folder(self.folder, above=self.folder)
        if self.folder.stat().st_mode & 0o077:
            raise Misconfigured(f"Other users can read the backups. Run: chmod 700 {self.folder}")
        self.refuse_data_folder()
        for each in (self.photos, self._backups):
            make_folder(each, above=self.folder)

    def refuse_data_folder(self) -> None:
        """``Misconfigured`` where a service keeps its photos here: no backup names them, and they would be cleared away."""
        if (self.photos / DATA_KEYS).exists():
            raise Misconfigured(f"{self.folder} is the data folder of a service. Name a folder for backups alone.")

    def unfinished(self) -> list[str]:
        """The ids of those that were interrupted while they were made, or are being let go: none of them is a backup."""
        return [path.name.removeprefix(".").removesuffix(PARTLY) for path in sorted(self._backups.glob(f".*{PARTLY}"))]

    def sweep(self) -> int:
        """Delete the photos that no backup names; how many those were. None where a backup cannot be read: they may be its."""
        backups, damaged = self._read()
        if damaged:
            return 0
        try:
            named = {line.file for each in backups for line in self.lines(each)}
        except Damaged:
            return 0
        stray = [path for path in self.photos.glob("??/??/*") if str(path.relative_to(self.photos)) not in named]
        for path in stray:
            path.unlink(missing_ok=True)
        return len(stray)

    def make_room(self) -> None:
        """Delete what lies in those that are unfinished, as far as that is possible; they stay to be let go of."""
        for each in self._backups.glob(f".*{PARTLY}/*"):
            with suppress(OSError):
                each.unlink()

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
        """Those whose manifest can be read, the oldest first."""
        return self._read()[0]

    def unreadable(self) -> dict[str, str]:
        """The ids of those whose manifest cannot be read, and why: one of them holds up no other backup."""
        return self._read()[1]

    def _read(self) -> tuple[list[Manifest], dict[str, str]]:
        found: list[Manifest] = []
        damaged: dict[str, str] = {}
        for path in self._places():
            try:
                found.append(read_manifest(path))
            except (Damaged, NotFound) as error:
                damaged[path.name] = str(error)
        return sorted(found, key=lambda each: (each.point, each.backup_id)), damaged

    def find(self, backup_id: str = "") -> Manifest:
        """The latest one where none is named. ``Damaged`` where that may be one whose manifest cannot be read."""
        places = [path for path in self._places() if backup_id in ("", path.name)]
        if not places:
            raise NotFound(f"There is no such backup in {self.folder}; see: tracing backup list {self.folder}")
        if backup_id:
            return read_manifest(places[0])
        read_manifest(max(places))  # what is older is brought back where somebody names it, and not by itself
        return self.all()[-1]

    def _places(self) -> list[Path]:
        """Folders that are named as backups are; whatever else lies beside them is none."""
        return sorted(path for path in self._backups.glob("[0-9]*-[0-9]*-*") if path.is_dir())

    def of(self, backup: Manifest) -> Path:
        return self._backups / backup.backup_id

    def latest_lines(self) -> dict[str, PhotoLine]:
        """The photos of the latest backup by their places; none where their list cannot be read."""
        try:
            return {line.file: line for each in self.all()[-1:] for line in self.lines(each)}
        except Damaged:
            return {}

    def has(self, line: PhotoLine) -> bool:
        """Whether the photo is there, as long as it was; what is in it ``verify`` knows."""
        try:
            return (self.photos / line.file).stat().st_size == line.size
        except FileNotFoundError:
            return False

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

    def set_aside(self, backup_id: str) -> None:
        """From here on it is no backup any more, and unfinished until somebody clears it away. ``NotFound`` where none is."""
        if backup_id not in {path.name for path in self._places()}:
            raise NotFound(f"There is no such backup in {self.folder}; see: tracing backup list {self.folder}")
        (self._backups / backup_id).rename(self._draft(backup_id))
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
