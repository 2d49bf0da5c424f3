"""Photos that come with a list, in a folder or a zip archive: found by name, never unpacked to disk, never outside of it."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from tracing.errors import Invalid
from tracing.exchange.archives import opened
from tracing.folding import folded

MOST_FILES: Final = 500_000
MOST_FOLDERS: Final = 3
"""Inside of each other, by which a file is told from others of its name."""
_CHINESE: Final = re.compile("[\u2e80-\U0003ffff]")
_BESIDE_A_NAME: Final = re.compile(r"[^0-9a-z]*([0-9a-z](?:[0-9a-z-]*[0-9a-z])?)[^0-9a-z]*(?:[^0-9a-z]\d{1,3}[^0-9a-z]*)?")
LEAST_BESIDE_A_NAME: Final = 8
"""Letters of a number that is known beside a name, as 王建国110101199003074514: 图片17 is a picture that a program counted."""
LONGEST_BESIDE_A_NAME: Final = 255
_OF_SYSTEMS: Final = frozenset({"__macosx", "thumbs.db", "desktop.ini"})
_NUMBERED: Final = re.compile(r"[ _\-.(（]+\d{1,3}[)）]?$")
"""What follows the sender's number in the names of several photos of one person: ``7-2``, ``7_02``, ``7 (2)``."""


class PhotoSet:
    """Files by name: each read on its own, when it is asked for.

    ``files``: path inside of the set, with slashes -> what reads that file. Of two that differ by case alone the first counts.
    """

    def __init__(self, files: dict[str, Callable[[], bytes]]) -> None:
        self._files = files
        self._by_path: dict[str, str] = {}
        for path in sorted(files):
            self._by_path.setdefault(_plain(path), path)
        self._by_end: dict[str, str | None] = {}
        """What paths inside of folders end with -> the only one that does."""
        for plain, path in self._by_path.items():
            for end in _ends(plain):
                self._by_end[end] = None if end in self._by_end else path

    def __len__(self) -> int:
        return len(self._files)

    def named(self, name: str, source_id: str) -> str | None:
        """The path of a file that the row of this number names, with or without its folders.

        None where it did not come along, and where several are called so and none lies in the folder of the record: a photo
        never goes to another person.
        """
        said = _plain(name)
        own = f"{folded(source_id)}/{said}"
        found = self._by_path.get(own) or self._by_end.get(own) or self._by_path.get(said)
        if found is not None or said in self._by_end:
            return found or self._by_end[said]
        return next((self._by_path[end] for end in _ends(said) if end in self._by_path), None)

    def by_number(self, source_ids: Collection[str]) -> tuple[dict[str, list[str]], set[str]]:
        """The paths of the files of each sender's number, ``7.jpg``, ``7-2.jpg``, or whatever lies in a folder ``7``; and the
        disputed numbers, of whose files nobody knows which are theirs.

        ``7-2.jpg`` is of 7 only where no record of its own is called 7-2. What lies in the folder of one and is called after
        another is nobody's (``7/1.jpg`` is the first photo of 7, or that of record 1 in the seventh batch), nor what two
        numbers are called that differ by case alone.
        """
        numbers: dict[str, set[str]] = {}
        for source_id in source_ids:
            numbers.setdefault(folded(source_id), set()).add(source_id)
        found: dict[str, list[str]] = {}
        disputed: set[str] = set()
        for path in sorted(self._files):
            inside = PurePosixPath(path)
            called = next((each for each in _called_after(folded(inside.stem)) if each in numbers), "")
            owners = numbers.get(called, set()) | numbers.get(folded(inside.parent.name), set())
            if len(owners) == 1:
                (owner,) = owners
                found.setdefault(owner, []).append(path)
            else:
                disputed |= owners
        return found, disputed

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises ``Invalid`` where they cannot be read, or are more than a photo may have."""
        return self._files[path]()


def _called_after(stem: str) -> Iterator[str]:
    """The numbers that a name of a file may be of, the likeliest first: itself, without what counts photos, without a name."""
    yield stem
    yield _NUMBERED.sub("", stem)
    beside = _BESIDE_A_NAME.fullmatch(stem[: LONGEST_BESIDE_A_NAME + 1])
    if len(stem) <= LONGEST_BESIDE_A_NAME and beside is not None and len(beside[1]) >= LEAST_BESIDE_A_NAME:
        yield beside[1]
        yield _NUMBERED.sub("", beside[1])


def _plain(path: str) -> str:
    return "/".join(PurePosixPath(folded(path.replace("\\", "/").lstrip("./"))).parts)


def _ends(plain: str) -> Iterator[str]:
    """What is left of a path without its first folders, the longest first."""
    parts = plain.split("/")
    return ("/".join(parts[at:]) for at in range(max(1, len(parts) - MOST_FOLDERS - 1), len(parts)))


def photos_in_folder(folder: Path, most_bytes: int) -> PhotoSet:
    """Every file below a folder; links are left out, wherever they lead."""
    files: dict[str, Callable[[], bytes]] = {}
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_file() or any(parent.is_symlink() for parent in path.relative_to(folder).parents):
            continue
        if _is_of_the_system(path.relative_to(folder).as_posix()):
            continue
        files[path.relative_to(folder).as_posix()] = _file_reader(path, most_bytes)
        if len(files) > MOST_FILES:
            raise Invalid(f"The folder holds more than {MOST_FILES} files.", "photos")
    return PhotoSet(files)


def photos_in_zip(file: BinaryIO, most_bytes: int) -> PhotoSet:
    """Every file in a zip archive, which stays open as long as the set is used; links and other oddities are left out.

    Raises ``Invalid`` where it is no archive, or is encrypted.
    """
    try:
        packed = _opened(file)
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Invalid("This is no zip archive that can be read.", "photos") from error
    parts = packed.infolist()
    if len(parts) > MOST_FILES:
        raise Invalid(f"The archive holds more than {MOST_FILES} files.", "photos")
    files: dict[str, Callable[[], bytes]] = {}
    for part in parts:
        kind = stat.S_IFMT(part.external_attr >> 16)
        path = part.filename.replace("\\", "/")  # as some programs of Windows part folders
        if not path or path.endswith("/") or kind not in (0, stat.S_IFREG) or ".." in PurePosixPath(path).parts:
            continue
        if _is_of_the_system(path):
            continue
        if part.flag_bits & 1:
            raise Invalid("The archive is encrypted. Send it without a password, by a safe way.", "photos")
        files[path.lstrip("/")] = _part_reader(packed, part, most_bytes)
    return PhotoSet(files)


def _opened(file: BinaryIO) -> ZipFile:
    """With names as they are meant: without a mark of UTF-8 they are so all the same from a Mac, and GB 18030 from Windows.

    Few Chinese names in GB 18030 are UTF-8 too, and then of no Chinese letter.
    """
    try:
        packed = opened(file, "utf-8")
    except UnicodeDecodeError:
        return opened(file, "gb18030")
    return packed if _CHINESE.search("".join(packed.namelist())) else opened(file, "gb18030")


def _is_of_the_system(path: str) -> bool:
    """What systems put into every folder: lists of thumbnails, and for each file of a Mac a second one of its name."""
    return PurePosixPath(path).name.startswith(".") or bool(_OF_SYSTEMS.intersection(folded(path).split("/")))


def _file_reader(path: Path, most_bytes: int) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with path.open("rb") as file:
                return _bounded(file.read(most_bytes + 1), most_bytes)
        except OSError as error:
            raise Invalid("The photo cannot be read from the folder.", "photos") from error

    return read


def _part_reader(packed: ZipFile, part: ZipInfo, most_bytes: int) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with packed.open(part) as file:
                return _bounded(file.read(most_bytes + 1), most_bytes)
        except Invalid:
            raise
        except Exception as error:  # a damaged archive fails in many ways
            raise Invalid("The photo cannot be read from the archive.", "photos") from error

    return read


def _bounded(data: bytes, most_bytes: int) -> bytes:
    """No word of its name: what is refused is kept, and photos are called after people."""
    if len(data) > most_bytes:
        raise Invalid(f"The photo is larger than {most_bytes // 2**20} MiB.", "photos")
    return data
