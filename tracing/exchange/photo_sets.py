"""Photos that come with a list, in a folder or a zip archive: found by name, never unpacked to disk, never outside of it."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Collection
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from tracing.errors import Invalid
from tracing.exchange.archives import opened
from tracing.folding import folded

MOST_FILES: Final = 500_000
_NUMBERED: Final = re.compile(r"[ _\-.(（]+\d{1,3}[)）]?$")
"""What follows the sender's number in the names of several photos of one person: ``7-2``, ``7_02``, ``7 (2)``."""


class PhotoSet:
    """Files by name: each read on its own, when it is asked for.

    ``files``: path inside of the set, with slashes -> what reads that file. Of two that differ by case alone the first counts.
    """

    def __init__(self, files: dict[str, Callable[[], bytes]]) -> None:
        self._files = files
        self._by_path: dict[str, str] = {}
        self._by_name: dict[str, str] = {}
        for path in sorted(files):
            name = PurePosixPath(path).name
            self._by_path.setdefault(folded(path), path)
            self._by_name.setdefault(folded(name), path)

    def __len__(self) -> int:
        return len(self._files)

    def named(self, name: str) -> str | None:
        """The path of a file that a list names, with or without its folders; None where it did not come along."""
        path = folded(name.replace("\\", "/").lstrip("./"))
        return self._by_path.get(path) or self._by_name.get(PurePosixPath(path).name)

    def by_number(self, source_ids: Collection[str]) -> dict[str, list[str]]:
        """The paths of the files of each sender's number: ``7.jpg``, ``7-2.jpg``, or whatever lies in a folder ``7``.

        ``7-2.jpg`` is of 7 only where no record of its own is called 7-2: a photo never goes to another person.
        """
        numbers = {folded(source_id): source_id for source_id in source_ids}
        found: dict[str, list[str]] = {}
        for path in sorted(self._files):
            inside = PurePosixPath(path)
            stem = folded(inside.stem)
            for called in (stem, folded(inside.parent.name), _NUMBERED.sub("", stem)):
                if called in numbers:
                    found.setdefault(numbers[called], []).append(path)
                    break
        return found

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises ``Invalid`` where they cannot be read, or are more than a photo may have."""
        return self._files[path]()


def photos_in_folder(folder: Path, most_bytes: int) -> PhotoSet:
    """Every file below a folder; links are left out, wherever they lead."""
    files: dict[str, Callable[[], bytes]] = {}
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_file() or any(parent.is_symlink() for parent in path.relative_to(folder).parents):
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
        packed = opened(file, "gb18030")  # as Chinese programs name files that bear no mark of UTF-8
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Invalid("This is no zip archive that can be read.", "photos") from error
    parts = packed.infolist()
    if len(parts) > MOST_FILES:
        raise Invalid(f"The archive holds more than {MOST_FILES} files.", "photos")
    files: dict[str, Callable[[], bytes]] = {}
    for part in parts:
        kind = stat.S_IFMT(part.external_attr >> 16)
        if not part.filename or part.is_dir() or kind not in (0, stat.S_IFREG) or ".." in PurePosixPath(part.filename).parts:
            continue
        if part.flag_bits & 1:
            raise Invalid("The archive is encrypted. Send it without a password, by a safe way.", "photos")
        files[part.filename.lstrip("/")] = _part_reader(packed, part, most_bytes)
    return PhotoSet(files)


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
