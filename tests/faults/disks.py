"""Small disks of their own, which can be filled and locked."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.conftest import missing

PAGE = 4096
BALLAST = "ballast"


class Disk:
    """A tmpfs at a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        """To the last page, while others write as well."""
        with (self.folder / BALLAST).open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(PAGE))

    def make_room(self) -> None:
        (self.folder / BALLAST).unlink()

    def move(self, folder: Path) -> None:
        """Taken from its place, and mounted at another one."""
        folder.mkdir(mode=0o700, exist_ok=True)
        _mount("--bind", str(self.folder), str(folder))
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)
        self.folder = folder

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
    disk = Disk(folder)
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk.folder)], check=True)


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True, capture_output=True)
