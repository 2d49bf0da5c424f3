"""Files and folders that nobody else may read and that survive a power cut."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

TRIED: Final = 1 << 20
"""A disk that does not take so many bytes takes no photo."""


@contextmanager
def open_new(path: Path) -> Iterator[IO[bytes]]:
    """A new file of mode 600, on the disk when the block has ended; an existing one is a ``FileExistsError``."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def write_new(path: Path, content: bytes) -> None:
    """As ``open_new``, of what is there already."""
    with open_new(path) as file:
        file.write(content)


def make_folder(folder: Path, above: Path) -> None:
    """The folder and those between it and ``above``, each of mode 700 and entered durably in its parent."""
    if folder.is_dir():
        return
    if folder == above:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    else:
        make_folder(folder.parent, above)
        folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def try_writing(folder: Path) -> None:
    """Write a little into the folder, in a file without a name: nothing is left behind."""
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(TRIED))
        file.flush()


def sync_folder(folder: Path) -> None:
    """Make what was created, renamed or removed in the folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, content: bytes) -> None:
    """The file has the old content or the new one at every moment, and the new one on the disk when this returns."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        write_new(draft, content)
        draft.rename(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Make what others have written into the file survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
