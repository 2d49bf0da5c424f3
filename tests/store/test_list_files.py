"""Lists wait sealed, are read from any place, and are there whole or not at all."""

from __future__ import annotations

import io
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from zipfile import ZipFile

import pytest

from tests.factories import an_id
from tracing.errors import Damaged, DiskFull, NotFound
from tracing.store import list_files
from tracing.store.keys import Keyring
from tracing.store.list_files import SEALED_PIECE, SealedListFiles

KEYS = Keyring(bytes(32), root=b"r" * 32)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SealedListFiles:
    """With small pieces, so that a little is many of them."""
    monkeypatch.setattr(list_files, "PIECE", 16)
    monkeypatch.setattr(list_files, "SEALED_PIECE", SEALED_PIECE - (1 << 18) + 16)
    return SealedListFiles(tmp_path / "lists", KEYS)


def put(files: SealedListFiles, data: bytes, step: int = 7, part: str = "table", list_id: str = an_id(1)) -> str:
    with files.writing(list_id, part) as writer:
        for start in range(0, len(data), step):
            writer.write(data[start : start + step])
    return list_id


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 32, 33, 1000])
@pytest.mark.parametrize("step", [1, 16, 500])
def test_what_arrived_in_pieces_is_read_as_it_was(files: SealedListFiles, length: int, step: int) -> None:
    data = Random(length).randbytes(length)
    list_id = put(files, data, step)
    with files.reading(list_id, "table") as file:
        assert file.read() == data
        assert file.seek(0, io.SEEK_END) == length


def test_it_is_read_from_any_place(files: SealedListFiles) -> None:
    data = Random(7).randbytes(333)
    list_id, dice = put(files, data), Random(8)
    with files.reading(list_id, "table") as file:
        for _ in range(200):
            start, length = dice.randrange(340), dice.randrange(40)
            file.seek(start)
            assert file.read(length) == data[start : start + length]
        with pytest.raises(OSError, match="before the beginning"):
            file.seek(-1)


def test_an_archive_is_read_without_being_unpacked(files: SealedListFiles) -> None:
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        for number in range(20):
            archive.writestr(f"{number}.jpg", Random(number).randbytes(100))
    list_id = put(files, packed.getvalue(), part="photos")
    with files.reading(list_id, "photos") as file, ZipFile(file) as archive:
        assert archive.read("13.jpg") == Random(13).randbytes(100)


def test_size_and_digest_are_those_of_what_came(files: SealedListFiles) -> None:
    with files.writing(an_id(1), "table") as writer:
        writer.write(b"abc")
        writer.write(b"def")
        assert writer.size == 6
        assert writer.digest.hex().startswith("bef57ec7f53a6d40beb640a780a639c8")


def test_nothing_of_it_lies_open_and_nobody_else_may_read_it(files: SealedListFiles, tmp_path: Path) -> None:
    list_id = put(files, "王建国,13800000000".encode() * 9)
    path = tmp_path / "lists" / f"{list_id}.table"
    assert "王建国".encode() not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_what_is_altered_cut_off_or_put_elsewhere_is_noticed(files: SealedListFiles, tmp_path: Path) -> None:
    list_id = put(files, bytes(range(100)))
    path = tmp_path / "lists" / f"{list_id}.table"
    whole, piece = path.read_bytes(), list_files.SEALED_PIECE
    for broken in (
        whole[: 3 * piece],  # at a border: every piece that is there opens
        whole[:-1],
        whole[:5],
        b"",
        whole[piece : 2 * piece] + whole[:piece] + whole[2 * piece :],
        whole[:40] + bytes([whole[40] ^ 1]) + whole[41:],
    ):
        path.write_bytes(broken)
        with pytest.raises(Damaged), files.reading(list_id, "table") as file:
            file.read()
    path.write_bytes(whole)
    path.rename(path.with_name(f"{an_id(2)}.table"))
    with pytest.raises(Damaged), files.reading(an_id(2), "table") as file:
        file.read()


def test_it_opens_after_the_keys_have_changed_and_for_every_process(files: SealedListFiles, tmp_path: Path) -> None:
    list_id = put(files, b"abc")
    later = SealedListFiles(tmp_path / "lists", Keyring(b"n" * 32, root=b"r" * 32))
    with later.reading(list_id, "table") as file:
        assert file.read() == b"abc"


def test_what_breaks_off_is_not_there(files: SealedListFiles) -> None:
    def broken_off() -> None:
        with files.writing(an_id(1), "table") as writer:
            writer.write(bytes(100))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert not files.holds(an_id(1), "table")
    with pytest.raises(NotFound, match="not there any more"), files.reading(an_id(1), "table"):
        pass


def test_a_full_disk_is_said(files: SealedListFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match="Make room"):
        put(files, b"abc")
    assert not files.holds(an_id(1), "table")


def test_a_list_leaves_half_of_the_room_to_the_photos_of_people(
    files: SealedListFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lay in a watched folder was copied until the disk was full and nobody could be taken in."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100))
    with pytest.raises(DiskFull, match="more than half of the room"):
        put(files, bytes(60))
    with pytest.raises(DiskFull, match="more than half of the room"), files.writing(an_id(1), "table", size=60):
        pytest.fail("it is known before the first byte")
    assert not files.holds(an_id(1), "table")
    put(files, bytes(50))


@pytest.mark.parametrize("name", ["", "../x", "x" * 32, an_id(1)[:31], an_id(1) + "/"])
def test_no_name_leads_out_of_the_folder(files: SealedListFiles, name: str) -> None:
    with pytest.raises(NotFound), files.writing(name, "table"):
        pass
    with pytest.raises(NotFound), files.reading(name, "table"):
        pass
    with pytest.raises(NotFound), files.reading(an_id(1), "else"):
        pass


def test_parts_go_alone_or_all_of_them(files: SealedListFiles) -> None:
    for part in ("table", "photos", "refused"):
        put(files, b"abc", part=part)
    put(files, b"abc", list_id=an_id(2))
    files.erase(an_id(1), "table", "check")
    assert [files.holds(an_id(1), part) for part in ("table", "photos", "refused")] == [False, True, True]
    files.erase(an_id(1))
    files.erase(an_id(1))
    assert not files.holds(an_id(1), "photos")
    assert files.holds(an_id(2), "table")


def test_those_are_told_of_which_nothing_was_written_for_long(files: SealedListFiles, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    for number in (1, 2):
        put(files, b"abc", list_id=an_id(number))
    put(files, b"abc", part="refused", list_id=an_id(1))
    old = (now - timedelta(days=2)).timestamp()
    for path in (tmp_path / "lists").glob(f"{an_id(2)}*"):
        os.utime(path, (old, old))
    os.utime(tmp_path / "lists" / f"{an_id(1)}.table", (old, old))
    (tmp_path / "lists" / "README").write_text("by hand")
    assert files.left_since(now - timedelta(days=1)) == {an_id(2)}
    assert files.left_since(now + timedelta(days=1)) == {an_id(1), an_id(2)}
