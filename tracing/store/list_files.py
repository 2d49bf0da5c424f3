"""Lists that wait beside the database: sealed piece by piece as they arrive, and read from any place without being unpacked."""

from __future__ import annotations

import errno
import hashlib
import io
import re
import shutil
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, Final

from tracing.errors import Damaged, DiskFull, NotFound, NotWritable, Unavailable
from tracing.store.folders import make_folder, open_new, sync_folder
from tracing.store.keys import HEADER, Keyring

PIECE: Final = 1 << 18
"""Bytes of a piece that is sealed: what a reader holds at least, and reads at least."""
TAG: Final = 16
SEALED_PIECE: Final = HEADER + PIECE + TAG
HELD: Final = 8
"""Pieces that a reader keeps opened: the directory of an archive stands at its end, its files anywhere."""
NAME: Final = re.compile(r"([0-9a-f]{32})\.(table|photos|check|refused)")
FULL: Final = "The disk for lists is full, so the list was not taken. Make room, then send it again."
TOO_MUCH: Final = (
    "The list needs more than half of the room on its disk, where photos of people who come in have to find room too, so it "
    "was not taken. Make room, or send it in parts."
)
READ_ONLY: Final = "Nothing may be written to the disk for lists just now. The operator has to look at it; then send it again."
GONE: Final = "This list is not there any more. Hand it in again."


class SealedListFiles:
    """``ListFiles`` in a folder. Sealed with a key derived for it alone, which outlives changes of the other keys."""

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self._folder = folder
        self._keyring = Keyring(keyring.derive("lists"))

    @contextmanager
    def writing(self, list_id: str, part: str, size: int = 0) -> Iterator[_Writer]:
        path = self._path(list_id, part)
        try:
            make_folder(self._folder, above=self._folder)
            room = shutil.disk_usage(self._folder).free // 2
            if size > room:
                raise DiskFull(TOO_MUCH)
            path.unlink(missing_ok=True)
            try:
                with open_new(path) as file:
                    writer = _Writer(file, self._keyring, f"list:{list_id}:{part}", room)
                    yield writer
                    writer.end()
            except BaseException:
                path.unlink(missing_ok=True)
                raise
            sync_folder(self._folder)
        except OSError as error:
            raise _trouble(error) from error

    @contextmanager
    def reading(self, list_id: str, part: str) -> Iterator[BinaryIO]:
        try:
            with self._path(list_id, part).open("rb") as file:
                yield io.BufferedReader(_Reader(file, self._keyring, f"list:{list_id}:{part}"), PIECE)
        except FileNotFoundError as error:
            raise NotFound(GONE) from error
        except OSError as error:
            raise _trouble(error) from error

    def holds(self, list_id: str, part: str) -> bool:
        return self._path(list_id, part).is_file()

    def erase(self, list_id: str, *parts: str) -> None:
        for path in self._files():
            found = NAME.fullmatch(path.name)
            if found is not None and found[1] == list_id and (not parts or found[2] in parts):
                path.unlink(missing_ok=True)

    def left_since(self, before: datetime) -> set[str]:
        limit = before.timestamp()
        last: dict[str, float] = {}
        for path in self._files():
            if (found := NAME.fullmatch(path.name)) is not None:
                try:
                    last[found[1]] = max(last.get(found[1], 0.0), path.stat().st_mtime)
                except FileNotFoundError:  # erased at this moment
                    continue
        return {list_id for list_id, moment in last.items() if moment < limit}

    def _files(self) -> list[Path]:
        return list(self._folder.iterdir()) if self._folder.is_dir() else []

    def _path(self, list_id: str, part: str) -> Path:
        """``NotFound`` for whatever is no list's id, so that no id leads out of the folder."""
        name = f"{list_id}.{part}"
        if not NAME.fullmatch(name):
            raise NotFound(GONE)
        return self._folder / name


class _Writer:
    def __init__(self, file: IO[bytes], keyring: Keyring, context: str, room: int) -> None:
        self._file = file
        self._keyring = keyring
        self._context = context
        self._room = room
        self._rest = bytearray()
        self._number = 0
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def digest(self) -> bytes:
        return self._hash.digest()

    def write(self, data: bytes) -> None:
        self._hash.update(data)
        self.size += len(data)
        if self.size > self._room:
            raise DiskFull(TOO_MUCH)
        self._rest += data
        while len(self._rest) > PIECE:  # the last piece is sealed as the last one, so one stays in hand
            self._put(bytes(self._rest[:PIECE]), last=False)
            del self._rest[:PIECE]

    def end(self) -> None:
        self._put(bytes(self._rest), last=True)

    def _put(self, data: bytes, *, last: bool) -> None:
        self._file.write(self._keyring.seal(data, _context(self._context, self._number, last=last)))
        self._number += 1


class _Reader(io.RawIOBase):
    """The file as it was before it was sealed. ``Damaged`` where a piece is altered, missing or out of place."""

    def __init__(self, file: BinaryIO, keyring: Keyring, context: str) -> None:
        self._file = file
        self._keyring = keyring
        self._context = context
        self._place = 0
        self._opened: OrderedDict[int, bytes] = OrderedDict()
        sealed = file.seek(0, io.SEEK_END)
        self._pieces = max(1, -(-sealed // SEALED_PIECE))
        self._size = sealed - self._pieces * (HEADER + TAG)
        if self._size < 0:
            raise Damaged("A list that waits is incomplete.")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, "a place before the beginning of a list")
        self._place = start + offset
        return self._place

    def readinto(self, buffer: Any) -> int:
        if self._place >= self._size:
            return 0
        number, within = divmod(self._place, PIECE)
        piece = self._piece(number)[within : within + len(buffer)]
        buffer[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)

    def _piece(self, number: int) -> bytes:
        if number not in self._opened:
            self._file.seek(number * SEALED_PIECE)
            last = number == self._pieces - 1
            context = _context(self._context, number, last=last)
            self._opened[number] = self._keyring.open(self._file.read(SEALED_PIECE), context)
            if len(self._opened) > HELD:
                self._opened.popitem(last=False)
        self._opened.move_to_end(number)
        return self._opened[number]


def _context(context: str, number: int, *, last: bool) -> str:
    return f"{context}:{number}" + (":last" if last else "")


def _trouble(error: OSError) -> Unavailable:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DiskFull(FULL)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return NotWritable(READ_ONLY)
    return Unavailable(f"The disk for lists does not answer as it should: {error.strerror}.")
