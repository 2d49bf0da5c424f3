"""Small disks of their own, which can be filled and locked."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.conftest import missing

PAGE = 4096


class Disk:
    """A tmpfs at a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """To the last page, while others write as well."""
        with self._ballast.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(PAGE))

    def make_room(self) -> None:
        self._ballast.unlink()

    def write_protect(self, protect: bool = True) -> None:
        _mount("-o", f"remount,{'ro' if protect else 'rw'}", str(self.folder))


@contextmanager
def a_small_disk(folder: Path, mib: int) -> Iterator[Disk]:
    """Skips the test where nobody lets us mount one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        _mount("-t", "tmpfs", "-o", f"size={mib}m,mode=0700", "tmpfs", str(folder))
    except (subprocess.CalledProcessError, FileNotFoundError):
        missing("disks", "a small disk (tmpfs) may not be mounted here: only root may, with CAP_SYS_ADMIN")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True, capture_output=True)
