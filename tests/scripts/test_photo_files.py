"""Folders and files that an operator names: what is no ordinary file is not waited for."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from scripts.imported_pfif import is_xml
from scripts.lists import open_list, photo_set
from scripts.photo_files import MOST_BYTES, people_in, photo_bytes, photos_below
from tests.fakes import painted_photo
from tracing.errors import Invalid


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    file = tmp_path / "wang" / "pipe.jpg"
    file.parent.mkdir()
    os.mkfifo(file)
    return file


def test_a_folder_has_the_photos_that_are_files(pipe: Path) -> None:
    photo = pipe.with_name("1.jpg")
    photo.write_bytes(painted_photo(1))
    pipe.with_name("folder.jpg").mkdir()
    pipe.with_name("nowhere.jpg").symlink_to("gone.jpg")
    pipe.with_name("round.jpg").symlink_to("round.jpg")
    pipe.with_name("device.jpg").symlink_to("/dev/zero")
    assert photos_below(pipe.parents[1]) == [photo]
    assert people_in(pipe.parents[1]) == {"wang": [photo]}


def test_what_may_never_end_is_not_read(pipe: Path) -> None:
    for file in (pipe, Path("/dev/zero")):
        with pytest.raises(Invalid, match="no ordinary file"):
            photo_bytes(file)
        with ExitStack() as opened, pytest.raises(Invalid, match="no ordinary file"):
            open_list(file, None, 100, opened)
        with ExitStack() as opened, pytest.raises(Invalid, match="no ordinary file"):
            photo_set(file, 100, opened)
        assert not is_xml(file)


def test_of_a_huge_photo_no_more_is_read_than_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts.photo_files.MOST_BYTES", 1000)
    huge = tmp_path / "huge.jpg"
    huge.touch()
    os.truncate(huge, MOST_BYTES * 100)
    assert len(photo_bytes(huge)) == 1001
