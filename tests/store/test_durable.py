"""What was acknowledged survives a power cut: the bytes are on the disk, and so is the folder that names them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.factories import NOON
from tracing.domain import Event, LetGo
from tracing.store.backup.ledger import add_lines
from tracing.store.folders import make_folder, replace_file, write_new
from tracing.store.keys import Keyring
from tracing.store.photos import FilePhotoStore
from tracing.store.spool import AuditSpool

RING = Keyring(b"k" * 32)
KEY = "ab" * 16
STEP = LetGo(7, NOON, "erase_case", "0" * 32, False)
EVENT = Event(0, NOON, "lin", "open_case", "0" * 32, {}, "", "")


def a_photo(folder: Path) -> Path:
    FilePhotoStore(folder, RING, lambda: KEY).put(b"a photo")
    return folder / "ab" / "ab" / KEY


def an_older_photo(folder: Path) -> Path:
    FilePhotoStore(folder, Keyring(b"o" * 32), lambda: KEY).put(b"a photo")
    FilePhotoStore(folder, Keyring(b"k" * 32, [b"o" * 32])).reseal(KEY)
    return folder / "ab" / "ab" / KEY


def rows_for_the_audit(folder: Path) -> Path:
    AuditSpool(folder, RING).keep(KEY, [EVENT])
    return folder / f"{KEY}.events"


def a_key_file(folder: Path) -> Path:
    make_folder(folder, above=folder)
    write_new(folder / "keys", b"old")
    replace_file(folder / "keys", b"new")
    return folder / "keys"


def a_list_of_erased_cases(folder: Path) -> Path:
    add_lines(folder / "erased.jsonl", [STEP])
    return folder / "erased.jsonl"


WRITERS = (a_photo, an_older_photo, rows_for_the_audit, a_key_file, a_list_of_erased_cases)


@pytest.mark.parametrize("write", WRITERS)
def test_what_is_written_is_on_the_disk_with_the_folder_that_names_it(
    write: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder after the file has its name, and every folder that was made in the one above."""
    synced: list[tuple[int, list[str]]] = []
    sync = os.fsync

    def noted(descriptor: int) -> None:
        sync(descriptor)
        place = f"/proc/self/fd/{descriptor}"
        names = os.listdir(place) if Path(place).is_dir() else []  # noqa: PTH208 - of a descriptor
        synced.append((os.fstat(descriptor).st_ino, names))

    monkeypatch.setattr(os, "fsync", noted)
    file = write(tmp_path / "new")
    path = file
    assert path.stat().st_ino in [inode for inode, _ in synced], "the bytes"
    while path != tmp_path:
        last = [names for inode, names in synced if inode == path.parent.stat().st_ino]
        assert last, f"{path.parent.name} names {path.name}"
        assert path.name in last[-1], f"{path.parent.name} was synced before it named {path.name}"
        path = path.parent
