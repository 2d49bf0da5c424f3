"""Galleries on disk: as they were, or not at all."""

from __future__ import annotations

import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tracing.store.keys import Keyring
from tracing.store.shelf import FileShelf

KEY = secrets.token_bytes(32)
FACTS = {"after": 7, "audit": [3, "abc"], "recall": 0.9995}
ARRAYS = {
    "ids": [np.arange(5), np.arange(5, 8)],
    "vectors": [np.full((2, 3), 0.5, np.float32)],
    "half": [np.ones((1, 2), np.float16)],
    "cases": [np.array([b"one", b"two"], dtype="S64")],
    "none": [],
}


@pytest.fixture
def shelf(tmp_path: Path) -> FileShelf:
    return FileShelf(tmp_path / "galleries", Keyring(KEY))


def saved(shelf: FileShelf, name: str = "dlib/1") -> Path:
    shelf.save(name, FACTS, ARRAYS)
    (path,) = shelf._folder.iterdir()
    return path


def test_what_was_saved_comes_back(shelf: FileShelf) -> None:
    saved(shelf)
    kept = shelf.load("dlib/1")
    assert kept is not None
    assert kept.facts == FACTS
    assert {key: len(portions) for key, portions in kept.arrays.items()} == {"ids": 2, "vectors": 1, "half": 1, "cases": 1}
    for key, portions in kept.arrays.items():
        for ours, theirs in zip(portions, ARRAYS[key], strict=True):
            assert ours.dtype == theirs.dtype
            assert np.array_equal(ours, theirs)


def test_nobody_else_can_read_it_and_a_template_is_not_in_it(shelf: FileShelf) -> None:
    path = saved(shelf)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert np.full(3, 0.5, np.float32).tobytes() not in path.read_bytes()


def test_where_there_is_none_there_is_none(shelf: FileShelf) -> None:
    assert shelf.load("dlib/1") is None
    shelf.discard("dlib/1")
    shelf.discard_all()


def test_a_single_altered_byte_or_a_missing_end_throws_it_away(shelf: FileShelf) -> None:
    whole = saved(shelf).read_bytes()
    for place in range(0, len(whole), 11):
        path = saved(shelf)
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert shelf.load("dlib/1") is None, place
        assert not path.exists()
        saved(shelf).write_bytes(whole[:place])
        assert shelf.load("dlib/1") is None, place


def test_parts_of_two_files_do_not_make_one(shelf: FileShelf) -> None:
    one = saved(shelf).read_bytes()
    other = saved(shelf)
    half = len(one) // 2
    other.write_bytes(one[:half] + other.read_bytes()[half:])
    assert shelf.load("dlib/1") is None


def test_a_file_under_another_name_or_with_another_key_is_thrown_away(shelf: FileShelf) -> None:
    path = saved(shelf)
    path.rename(path.with_name("other.gallery"))
    assert shelf.load("other") is None
    saved(shelf)
    assert FileShelf(path.parent, Keyring(secrets.token_bytes(32))).load("dlib/1") is None


def test_saving_that_fails_leaves_the_earlier_one(shelf: FileShelf) -> None:
    path = saved(shelf)

    def breaks_off() -> Iterator[NDArray[np.float32]]:
        yield np.zeros((1, 2), np.float32)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        shelf.save("dlib/1", {"after": 8}, {"vectors": breaks_off()})
    assert list(path.parent.iterdir()) == [path]
    kept = shelf.load("dlib/1")
    assert kept is not None
    assert kept.facts == FACTS


def test_all_can_be_thrown_away_at_once_and_what_a_killed_process_left(
    shelf: FileShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(shelf)
    with monkeypatch.context() as killed:
        killed.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        killed.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(KeyboardInterrupt):
            shelf.save("dlib/1", FACTS, ARRAYS)
    assert len(list(shelf._folder.iterdir())) == 2
    shelf.save("mobilefacenet", FACTS, ARRAYS)
    shelf.discard_all()
    assert shelf.load("dlib/1") is shelf.load("mobilefacenet") is None
    assert list(shelf._folder.iterdir()) == []
