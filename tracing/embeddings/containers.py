"""What a photo file is built of, looked over before a decoder sees it: some cost minutes or gigabytes by their parts alone.

Pillow walks the parts of a file in Python. 79 MiB of empty JPEG comments took it 28 seconds, of fill bytes 115; blocks of a GIF
3.6 GiB; sixty bytes of a BMP packed by run lengths, a row of sixty million pixels, half a minute. The pixels of all of them
were few. No camera writes any of it (ADR 0030).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Final

from PIL.JpegImagePlugin import MARKER

MOST_PARTS: Final = 60_000
"""Segments, chunks or blocks; a PNG of 80 MiB in pieces of 8 KiB has ten thousand. Pillow takes half a second for as many."""
MOST_BLOCKS: Final = 4_000
"""Of a GIF before its first picture: a comment of so many blocks is a megabyte, and Pillow copies it with each one."""
START_OF_SCAN: Final = 0xFFDA
END_OF_PICTURE: Final = 0xFFD9
FRAMES: Final = frozenset(range(0xFFC0, 0xFFD0)) - {0xFFC4, 0xFFC8, 0xFFCC}
MARKER_IN_SCAN: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")

Steps = Iterator[int]


def unusual(kind: str, data: bytes) -> bool:
    """Whether no camera builds a photo like this one; ``kind`` is Pillow's name of the format. Reads no pixel."""
    walk, most = WALKS.get(kind, (_nothing, MOST_PARTS))
    return next(islice(walk(data), most, None), None) is not None


def _nothing(_: bytes) -> Steps:
    """Pillow sums up what the tags of a TIFF take, and libtiff has limits of its own."""
    return iter(())


def scans(data: bytes) -> int:
    """How many times a JPEG goes over its pixels; two at least where the first time leaves out a colour.

    Only the first picture counts: what a phone puts behind it, such as a film, may hold any bytes.
    """
    colours = 0
    for at in _jpeg(data):
        marker = int.from_bytes(data[at : at + 2])
        if marker in FRAMES:
            colours = data[at + 9] if at + 9 < len(data) else 0
        if marker == START_OF_SCAN:
            first = data[at + 4] if at + 4 < len(data) else 0
            return max(2 if first < colours else 1, sum(1 for _ in _scans(data, at)))
    return 0


def _scans(data: bytes, at: int) -> Steps:
    """The offset of each start of a scan, until the picture ends."""
    while (found := MARKER_IN_SCAN.search(data, at)) is not None:
        marker, at = int.from_bytes(found[0]), found.end()
        if marker == END_OF_PICTURE:
            return
        if marker == START_OF_SCAN:
            yield found.start()


def _jpeg(data: bytes) -> Steps:
    """The offset of each marker until the first scan, and of each byte between them, as Pillow walks: what it gives no heed
    it does not skip. After the start of a scan libjpeg goes on, which is quick.
    """
    at = 2
    while at + 4 <= len(data):
        yield at
        marker = int.from_bytes(data[at : at + 2])
        if marker == START_OF_SCAN:
            return
        if marker not in MARKER:
            at += 1
        elif MARKER[marker][2] is None:
            at += 2
        else:
            at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4]))


def _png(data: bytes) -> Steps:
    at = 8
    while at + 8 <= len(data) and data[at + 4 : at + 8] != b"IEND":
        yield at
        at += 12 + int.from_bytes(data[at : at + 4])


def _gif(data: bytes) -> Steps:
    """Each block before the first picture."""
    if len(data) < 13:
        return
    at = 13 + _colours(data[10])
    while at + 2 <= len(data) and data[at] not in (0x2C, 0x3B):
        yield at
        if data[at] != 0x21:
            at += 1
            continue
        at += 2
        while at < len(data) and data[at]:
            yield at
            at += 1 + data[at]
        at += 1


def _colours(flags: int) -> int:
    """Bytes of a table of colours."""
    return 3 << (1 + (flags & 7)) if flags & 0x80 else 0


def _webp(data: bytes) -> Steps:
    at, end = 12, min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= end:
        yield at
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + size % 2


def _bmp(data: bytes) -> Steps:
    """Endless where the pixels are packed by run lengths, which Pillow unpacks in Python: no photo is kept like that."""
    while data[30:34] in (b"\1\0\0\0", b"\2\0\0\0"):
        yield 0


def _heif(data: bytes) -> Steps:
    at = 0
    while at + 8 <= len(data):
        yield at
        size = int.from_bytes(data[at : at + 4])
        if size == 0:  # the last one
            return
        at += max(8, int.from_bytes(data[at + 8 : at + 16]) if size == 1 else size)


WALKS: Final[Mapping[str, tuple[Callable[[bytes], Steps], int]]] = {
    "JPEG": (_jpeg, MOST_PARTS),
    "PNG": (_png, MOST_PARTS),
    "GIF": (_gif, MOST_BLOCKS),
    "WEBP": (_webp, MOST_PARTS),
    "HEIF": (_heif, MOST_PARTS),
    "BMP": (_bmp, MOST_PARTS),
}
