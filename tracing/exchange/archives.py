"""Zip archives that others send, opened within limits: their directory is read at once, half a kilobyte for each name."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO, Final
from zipfile import BadZipFile, ZipFile

MOST_DIRECTORY: Final = 64 * 2**20
"""Bytes of the directory; half a million files with names of photos."""
END: Final = b"PK\5\6"
END_64: Final = b"PK\6\6"
TAIL: Final = 2**16 + 128
"""Where the end of an archive stands: behind it there is at most a comment."""


def opened(file: BinaryIO, encoding: str | None = None) -> ZipFile:
    """Raises what ``ZipFile`` does where it is no archive, and ``BadZipFile`` where its directory is huge."""
    if directory_size(file) > MOST_DIRECTORY:
        raise BadZipFile("its directory is too large")
    return ZipFile(file, metadata_encoding=encoding)


def directory_size(file: BinaryIO) -> int:
    """The most that any end in the tail of the file says: which of several counts is for the reader to decide."""
    file.seek(0, os.SEEK_END)
    file.seek(max(0, file.tell() - TAIL))
    tail = file.read()
    file.seek(0)
    sizes = [0]
    for mark, place, form in ((END, 12, "<I"), (END_64, 40, "<Q")):
        at = tail.find(mark)
        while at >= 0:
            if at + place + struct.calcsize(form) <= len(tail):
                (size,) = struct.unpack_from(form, tail, at + place)
                sizes.append(0 if form == "<I" and size == 2**32 - 1 else size)
            at = tail.find(mark, at + 1)
    return max(sizes)
