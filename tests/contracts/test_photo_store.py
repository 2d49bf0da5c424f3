"""What every photo store promises: complete, durable, unreadable for others, and gone when erased."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.factories import an_id
from tracing.errors import Damaged, Misconfigured, NotFound, Unavailable
from tracing.store.keys import Keyring
from tracing.store.photos import LOCK, FilePhotoStore

PHOTO = b"\xff\xd8\xff\xe0 a photo " * 1000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "photos"


@pytest.fixture
def store(folder: Path) -> FilePhotoStore:
    return FilePhotoStore(folder, Keyring(b"k" * 32))


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != LOCK]


def test_a_photo_comes_back_as_it_was_put(store: FilePhotoStore) -> None:
    key = store.put(PHOTO)
    assert store.get(key) == PHOTO
    assert list(store.keys()) == [key]
    assert store.get(store.put(b"")) == b""


def test_the_same_photo_twice_has_two_keys_so_that_erasing_one_leaves_the_other(store: FilePhotoStore) -> None:
    one, other = store.put(PHOTO), store.put(PHOTO)
    assert one != other
    assert store.erase(one)
    assert store.get(other) == PHOTO


def test_an_erased_photo_is_gone(store: FilePhotoStore, folder: Path) -> None:
    key = store.put(PHOTO)
    assert store.erase(key)
    assert not store.erase(key)
    assert files(folder) == []
    with pytest.raises(NotFound):
        store.get(key)


def test_an_empty_store_has_no_keys(store: FilePhotoStore) -> None:
    assert list(store.keys()) == []
    assert not store.erase(an_id())
    assert store.sweep(datetime.now(UTC)) == 0


@pytest.mark.parametrize(
    "key", ["", "../../etc/passwd", "a" * 31, "a" * 33, "G" * 32, "A" * 32, "/" + "a" * 31, "a" * 32 + "\n"]
)
def test_a_key_that_is_none_leads_nowhere(store: FilePhotoStore, key: str) -> None:
    with pytest.raises(NotFound):
        store.get(key)
    assert not store.erase(key)


def test_files_hold_nothing_of_the_photo_and_open_to_nobody_else(store: FilePhotoStore, folder: Path) -> None:
    key = store.put(PHOTO)
    (path,) = files(folder)
    assert path == folder / key[:2] / key[2:4] / key
    assert b"photo" not in path.read_bytes()
    assert not path.read_bytes().startswith(b"\xff\xd8")
    assert path.stat().st_mode & 0o777 == 0o600
    for above in (path.parent, path.parent.parent, folder):
        assert above.stat().st_mode & 0o777 == 0o700


def test_a_file_that_was_altered_or_swapped_is_damaged(store: FilePhotoStore, folder: Path) -> None:
    one, other = store.put(PHOTO), store.put(PHOTO)
    first, second = (folder / key[:2] / key[2:4] / key for key in (one, other))
    first.write_bytes(second.read_bytes())
    with pytest.raises(Damaged):
        store.get(one)
    sealed = second.read_bytes()
    second.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(Damaged):
        store.get(other)
    second.write_bytes(b"")
    with pytest.raises(Damaged):
        store.get(other)


def test_what_a_crash_left_behind_is_no_photo_and_is_swept_when_old(store: FilePhotoStore, folder: Path) -> None:
    key = store.put(PHOTO)
    (path,) = files(folder)
    old, new = (path.with_name(f".{an_id()}.draft") for _ in range(2))
    for draft in (old, new):
        draft.write_bytes(b"half")
    a_day_ago = datetime.now(UTC) - timedelta(days=1)
    os.utime(old, (a_day_ago.timestamp(), a_day_ago.timestamp()))
    assert list(store.keys()) == [key]
    assert store.sweep(datetime.now(UTC) - timedelta(hours=1)) == 1
    assert sorted(files(folder)) == sorted([path, new])


def test_foreign_files_are_not_taken_for_photos(store: FilePhotoStore, folder: Path) -> None:
    key = store.put(PHOTO)
    (folder / "readme").write_text("hello")
    (folder / key[:2] / key[2:4] / "note").write_text("hello")
    misplaced = folder / "00" / "00" / ("f" * 32)
    misplaced.parent.mkdir(parents=True)
    misplaced.write_bytes(b"")
    assert list(store.keys()) == [key]


def test_a_full_disk_is_said_and_leaves_no_half_photo(folder: Path) -> None:
    """In a process that may write no file above a few bytes: the disk refuses in the middle of a photo."""
    program = f"""
import resource
from pathlib import Path
from tracing.errors import Unavailable
from tracing.store.keys import Keyring
from tracing.store.photos import LOCK, FilePhotoStore
store = FilePhotoStore(Path({str(folder)!r}), Keyring(b"k" * 32))
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    store.put(bytes(100_000))
except Unavailable as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert "disk for photos is full" in said.stdout
    assert files(folder) == []


def test_a_folder_that_is_a_file_is_a_matter_for_the_operator(folder: Path) -> None:
    folder.write_text("not a folder")
    with pytest.raises(Misconfigured):
        FilePhotoStore(folder, Keyring(b"k" * 32)).put(PHOTO)


def test_photos_are_read_with_the_key_that_sealed_them(store: FilePhotoStore, folder: Path) -> None:
    key = store.put(PHOTO)
    rotated = FilePhotoStore(folder, Keyring(b"n" * 32, [b"k" * 32]))
    assert rotated.get(key) == PHOTO
    with pytest.raises(Damaged):
        FilePhotoStore(folder, Keyring(b"n" * 32)).get(key)


def test_where_another_folder_shows_in_place_of_the_photos_nothing_is_saved_found_or_taken_for_erased(tmp_path: Path) -> None:
    folder, disk = tmp_path / "photos", tmp_path / "disk"
    photos = FilePhotoStore(folder, Keyring(b"k" * 32), proof="data.keys")
    folder.mkdir()
    (folder / "data.keys").touch()
    key = photos.put(PHOTO)
    folder.rename(disk)
    folder.mkdir()
    for use in (lambda: photos.put(PHOTO), lambda: photos.get(key), lambda: photos.erase(key), photos.try_writing):
        with pytest.raises(Unavailable, match="gone from its place"):
            use()
    assert list(folder.iterdir()) == []
    folder.rmdir()
    disk.rename(folder)
    assert photos.get(key) == PHOTO
    assert photos.erase(key)
