"""Photos in folders and archives are found by name, within limits, and never outside of what was sent."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

from tracing.errors import Invalid
from tracing.exchange.photo_sets import PhotoSet, photos_in_folder, photos_in_zip

MOST = 1000


def an_archive(*parts: tuple[str | zipfile.ZipInfo, bytes]) -> io.BytesIO:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts:
            packed.writestr(name, data)
    kept.seek(0)
    return kept


def a_link(name: str) -> zipfile.ZipInfo:
    link = zipfile.ZipInfo(name)
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    return link


@pytest.fixture(params=["folder", "zip"])
def sent(request: pytest.FixtureRequest, tmp_path: Path) -> PhotoSet:
    files = {"7.jpg": b"7", "照片/8-1.JPG": b"8-1", "照片/8 (2).jpg": b"8-2", "9/front.png": b"9", "81.jpg": b"81"}
    if request.param == "zip":
        return photos_in_zip(an_archive(*files.items()), MOST)
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return photos_in_folder(tmp_path, MOST)


def test_a_file_is_found_by_its_name_with_or_without_folder(sent: PhotoSet) -> None:
    assert len(sent) == 5
    for name in ("照片/8-1.JPG", "8-1.jpg", "照片\\8-1.jpg", "./照片/8-1.jpg"):
        path = sent.named(name, "8")
        assert path is not None
        assert sent.read(path) == b"8-1"
    assert sent.named("10.jpg", "10") is None


PEOPLE = {"1/1.jpg": b"1-1", "1/2.jpg": b"1-2", "2/1.jpg": b"2-1", "2/2.jpg": b"2-2", "photos/16/front.jpg": b"16"}
"""A folder for each person, in which a camera has counted."""


def a_set(files: dict[str, bytes]) -> PhotoSet:
    return PhotoSet({path: lambda data=data: data for path, data in files.items()})  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "number", "path"),
    [
        ("1.jpg", "2", "2/1.jpg"),
        ("1.jpg", "3", None),
        ("1/1.jpg", "3", "1/1.jpg"),
        ("17/front.jpg", "17", None),
        ("front.jpg", "17", "photos/16/front.jpg"),
        ("16/front.jpg", "17", "photos/16/front.jpg"),
        (r"C:\lists\photos\16\front.jpg", "17", "photos/16/front.jpg"),
        ("other/front.jpg", "17", None),
    ],
)
def test_a_name_that_several_files_have_is_that_of_the_one_in_the_folder_of_its_record(
    name: str, number: str, path: str | None
) -> None:
    assert a_set(PEOPLE).named(name, number) == path


def test_a_file_that_lies_with_one_record_and_is_called_after_another_is_nobodys() -> None:
    sent, people = a_set(PEOPLE), ["1", "2", "16"]
    found, disputed = sent.by_number(people)
    assert found == {"1": ["1/1.jpg"], "2": ["2/2.jpg"], "16": ["photos/16/front.jpg"]}
    assert disputed == {"1", "2"}
    found, disputed = sent.by_number(["2", "16"])
    assert found["2"] == ["1/2.jpg", "2/1.jpg", "2/2.jpg"]
    assert disputed == set()


def test_files_called_after_a_number_are_found_and_no_others(sent: PhotoSet) -> None:
    found = {number: [sent.read(path) for path in paths] for number, paths in sent.by_number(["7", "8", "9", "1"])[0].items()}
    assert found == {"7": [b"7"], "8": [b"8-2", b"8-1"], "9": [b"9"]}


def test_a_photo_goes_to_the_record_that_is_called_like_it(sent: PhotoSet) -> None:
    found = {number: [sent.read(path) for path in paths] for number, paths in sent.by_number(["8", "8-1", "81"])[0].items()}
    assert found == {"8": [b"8-2"], "8-1": [b"8-1"], "81": [b"81"]}


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("王建国110101199003074514", "110101199003074514"),
        ("110101199003074514王建国", "110101199003074514"),
        ("王建国_110101199003074514（正面）2", "110101199003074514"),
        ("买买提·艾力-FY2026-0017", "FY2026-0017"),
        ("王建国 FY2026-0017-2", "FY2026-0017"),
    ],
)
def test_a_photo_may_bear_the_name_beside_the_number(name: str, number: str) -> None:
    path = f"{name}.jpg"
    assert a_set({path: b""}).by_number([number, "17", "2026", "0017"]) == ({number: [path]}, set())


@pytest.mark.parametrize(
    "name", ["图片17", "第17张", "IMG_20260301_101500", "微信图片20260301101500", "2组17王建国", "王建国117"]
)
def test_a_number_in_a_name_is_no_record_where_it_may_count_something_else(name: str) -> None:
    assert a_set({f"{name}.jpg": b""}).by_number(["17", "20260301", "101500"]) == ({}, set())


def test_a_file_of_two_records_whose_numbers_differ_by_case_alone_is_nobodys() -> None:
    sent = a_set({"A1.jpg": b"A1", "A2.jpg": b"A2"})
    assert sent.by_number(["a1", "A1", "A2"]) == ({"A2": ["A2.jpg"]}, {"a1", "A1"})


def test_a_link_in_a_folder_leads_nowhere(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.jpg").write_bytes(b"secret")
    folder = tmp_path / "sent"
    folder.mkdir()
    (folder / "7.jpg").symlink_to(outside / "secret.jpg")
    (folder / "8").symlink_to(outside)
    assert len(photos_in_folder(folder, MOST)) == 0


@pytest.mark.parametrize("name", ["../7.jpg", "a/../../7.jpg", "/etc/7.jpg"])
def test_a_path_out_of_an_archive_leads_nowhere(name: str) -> None:
    sent = photos_in_zip(an_archive((name, b"7")), MOST)
    assert sent.named("/etc/passwd", "7") is None
    assert len(sent) == ("etc" in name), "an absolute path is one inside of the archive"


def test_a_file_without_a_name_in_an_archive_is_left_out() -> None:
    whole = an_archive(("7.jpg", b"7"), ("x", b"8")).getvalue()
    at = whole.rindex(b"PK\1\2")
    nameless = whole[: at + 28] + bytes(2) + whole[at + 30 : at + 46] + whole[at + 47 :]
    size = nameless.rindex(b"PK\5\6") + 12
    nameless = (
        nameless[:size] + (int.from_bytes(nameless[size : size + 4], "little") - 1).to_bytes(4, "little") + nameless[size + 4 :]
    )
    assert len(photos_in_zip(io.BytesIO(nameless), MOST)) == 1


def test_a_link_in_an_archive_is_left_out() -> None:
    assert len(photos_in_zip(an_archive((a_link("7.jpg"), b"/etc/passwd")), MOST)) == 0


def test_what_unpacks_to_more_than_a_photo_is_refused_without_unpacking_it_all() -> None:
    sent = photos_in_zip(an_archive(("7.jpg", bytes(MOST + 1)), ("8.jpg", bytes(MOST))), MOST)
    with pytest.raises(Invalid, match="photo is larger"):
        sent.read("7.jpg")
    assert len(sent.read("8.jpg")) == MOST


def test_a_damaged_part_costs_no_other() -> None:
    whole = an_archive(("7.jpg", b"seven" * 50), ("8.jpg", b"eight")).getvalue()
    at = whole.index(b"7.jpg") + len("7.jpg")
    sent = photos_in_zip(io.BytesIO(whole[:at] + b"\xff" + whole[at + 1 :]), MOST)
    with pytest.raises(Invalid, match="photo cannot be read"):
        sent.read("7.jpg")
    assert sent.read("8.jpg") == b"eight"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
@pytest.mark.parametrize("name", ["王", "模", "王建国"])
def test_names_without_a_mark_are_read_as_windows_and_as_macs_write_them(name: str, encoding: str) -> None:
    """模 in GB 18030 is a letter of UTF-8 as well."""
    written = name.encode(encoding)
    kept = an_archive(("X" * len(written) + ".jpg", b"7"))
    data = kept.getvalue().replace(b"X" * len(written), written)
    assert photos_in_zip(io.BytesIO(data), MOST).named(f"{name}.jpg", "7") == f"{name}.jpg"


@pytest.mark.parametrize("beside", ["__MACOSX/7/._front.jpg", "7/._front.jpg", "7/.DS_Store", "7/Thumbs.db", "7/desktop.ini"])
def test_what_systems_put_beside_photos_is_no_photo(beside: str, tmp_path: Path) -> None:
    for path in (beside, "7/front.jpg"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"7")
    for sent in (photos_in_zip(an_archive((beside, b""), ("7/front.jpg", b"7")), MOST), photos_in_folder(tmp_path, MOST)):
        assert sent.by_number(["7"]) == ({"7": ["7/front.jpg"]}, set())
        assert sent.named("front.jpg", "7") == "7/front.jpg"


def test_folders_of_an_archive_are_parted_as_windows_does_it_too() -> None:
    sent = photos_in_zip(an_archive(("photos\\7.jpg", b"7"), ("photos\\8\\a.jpg", b"8"), ("..\\9.jpg", b"9")), MOST)
    assert sent.by_number(["7", "8", "9"]) == ({"7": ["photos/7.jpg"], "8": ["photos/8/a.jpg"]}, set())


def test_an_encrypted_archive_is_refused() -> None:
    kept = bytearray(an_archive(("7.jpg", b"7")).getvalue())
    kept[kept.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(Invalid, match="encrypted"):
        photos_in_zip(io.BytesIO(bytes(kept)), MOST)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no archive"])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="no zip archive"):
        photos_in_zip(io.BytesIO(data), MOST)


def test_a_file_that_has_gone_is_told(tmp_path: Path) -> None:
    (tmp_path / "7.jpg").write_bytes(b"7")
    sent = photos_in_folder(tmp_path, MOST)
    (tmp_path / "7.jpg").unlink()
    with pytest.raises(Invalid, match="photo cannot be read"):
        sent.read("7.jpg")
