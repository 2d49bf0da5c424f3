"""Where the parts of a photo file begin: a file that is cut off there looks whole to a careless reader."""

from __future__ import annotations

import struct
from collections.abc import Iterator


def beginnings(data: bytes) -> list[int]:
    """The offset of each segment, chunk, block or box, in order; at least the end of the signature."""
    return sorted({at for at in _walk(data) if 0 < at < len(data)})


def _walk(data: bytes) -> Iterator[int]:
    if data.startswith(b"\xff\xd8"):
        yield from _jpeg(data)
    elif data.startswith(b"\x89PNG"):
        yield from _chunks(data, 8, ">", 12)
    elif data.startswith(b"RIFF"):
        yield from _chunks(data, 12, "<", 8)
    elif data[4:8] == b"ftyp":
        yield from _boxes(data, 0, len(data))
    elif data.startswith(b"GIF8"):
        yield from _gif(data)
    elif data[:4] in (b"II*\0", b"MM\0*"):
        yield from _tiff(data)
    elif data.startswith(b"BM"):
        yield from (2, 14, 54, *struct.unpack_from("<I", data, 10))


def _jpeg(data: bytes) -> Iterator[int]:
    at = 2
    while at + 4 <= len(data):
        yield at
        size = int.from_bytes(data[at + 2 : at + 4])
        is_scan, at = data[at + 1] == 0xDA, at + 2 + size
        if is_scan:
            while at + 2 <= len(data) and not (data[at] == 0xFF and data[at + 1] not in (0, *range(0xD0, 0xD8))):
                at += 1
            yield at


def _chunks(data: bytes, at: int, order: str, around: int) -> Iterator[int]:
    """PNG has the length before the name, RIFF behind it and no checksum, but even lengths."""
    while at + 8 <= len(data):
        yield at
        yield at + 8
        (size,) = struct.unpack_from(order + "I", data, at if order == ">" else at + 4)
        at += around + size + (size % 2 if order == "<" else 0)


def _boxes(data: bytes, at: int, end: int) -> Iterator[int]:
    while at + 8 <= end:
        yield at
        size, name = struct.unpack_from(">I4s", data, at)
        if name == b"meta":
            yield from _boxes(data, at + 12, at + size)
        elif name in (b"iprp", b"ipco"):
            yield from _boxes(data, at + 8, at + size)
        at += max(8, size)


def _gif(data: bytes) -> Iterator[int]:
    yield from (6, 13)
    at = 13 + (3 << (1 + (data[10] & 7)) if data[10] & 0x80 else 0)
    while at < len(data) and data[at] != 0x3B:
        yield at
        if data[at] == 0x2C:
            at += 11 + (3 << (1 + (data[at + 9] & 7)) if data[at + 9] & 0x80 else 0)
        else:
            at += 2
        while at < len(data) and data[at]:
            at += 1 + data[at]
            yield at
        at += 1


def _tiff(data: bytes) -> Iterator[int]:
    order = "<" if data[:2] == b"II" else ">"
    (at,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, at)
    yield from (4, 8, at, at + 2)
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        yield entry
        yield struct.unpack_from(order + "I", data, entry + 8)[0]
