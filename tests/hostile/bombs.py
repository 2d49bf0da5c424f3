"""Small files that would be large: bombs of pixels, of frames, of packed texts, and of parts."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from functools import cache

from PIL import Image

from tests.embeddings.pictures import noise, written
from tests.hostile.samples import samples

MIB = 2**20
ROOM = 79 * MIB
"""What fits into a photo file that is just small enough to be looked at."""
HEADER = 33
"""Signature and IHDR of a PNG."""


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _png(*between: bytes) -> bytes:
    whole = samples()["palette.png"]
    return whole[:HEADER] + b"".join(between) + whole[HEADER:]


def png_of(width: int, height: int, bits: int, colour: int, body: bytes, interlaced: bool = False) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlaced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@cache
def zeros(mib: int) -> bytes:
    """So many of them, packed: a thousandth of it."""
    packer = zlib.compressobj(9)
    return b"".join([*(packer.compress(bytes(MIB)) for _ in range(mib)), packer.flush()])


def _jpeg(*between: bytes) -> bytes:
    whole = samples()["grey.jpg"]
    return whole[:2] + b"".join(between) + whole[2:]


def _jpeg_of(width: int, height: int) -> bytes:
    """The frame header says another size than the scan has."""
    whole = bytearray(samples()["grey.jpg"])
    at = whole.index(b"\xff\xc0") + 5
    whole[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(whole)


def _scans(side: int, again: int, mode: str) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    whole = written(Image.new(mode, (side, side)), "JPEG", progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last * again + whole[-2:]


def _gif(*blocks: bytes) -> bytes:
    whole = samples()["gif"]
    at = 13 + (3 << (1 + (whole[10] & 7)))
    return whole[:at] + b"".join(blocks) + whole[at:]


def _gif_of(width: int, height: int) -> bytes:
    whole = bytearray(samples()["gif"])
    whole[6:10] = struct.pack("<HH", width, height)
    return bytes(whole)


def _frames_gif(number: int) -> bytes:
    """Each of one pixel, on a large screen."""
    frame = b",\0\0\0\0\1\0\1\0\0\2\2D\1\0"
    return b"GIF89a" + struct.pack("<HHBBB", 9000, 9000, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff" + frame * number + b";"


def _webp(body: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _frames_webp() -> bytes:
    whole = samples()["animated.webp"]
    at = whole.index(b"ANMF")
    (size,) = struct.unpack_from("<I", whole, at + 4)
    frame = whole[at : at + 8 + size + size % 2]
    return _webp(whole[12:at] + frame * (10 * MIB // len(frame)))


def _canvas_webp(side: int) -> bytes:
    extended = b"VP8X" + struct.pack("<I", 10) + b"\2\0\0\0" + (side - 1).to_bytes(3, "little") * 2
    still = samples()["webp"]
    return _webp(extended + b"ANIM\6\0\0\0\0\0\0\0\0\0" + still[still.index(b"VP8 ") :])


def _bmp_of(width: int, height: int, packing: int, body: bytes) -> bytes:
    table = b"\0\0\0\0" * 256
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, packing, len(body), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 14 + 40 + len(table) + len(body), 0, 0, 14 + 40 + len(table)) + head + table + body


Entry = tuple[int, int, int, int]
GREY = ((256, 3, 1, 64), (257, 3, 1, 64), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8), (278, 3, 1, 64))


def tiff(entries: tuple[Entry, ...], rest: bytes = b"", following: int = 0) -> bytes:
    """(tag, type, count, value or offset) of each entry of the one directory."""
    body = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + struct.pack("<I", following) + rest


def packed_tiff(side: int, packed: bytes, *tile: Entry) -> bytes:
    """Grey, in one tile; ``tile`` says how large that is."""
    tags = ((256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1), *tile)
    tags += ((324, 4, 1, 1024), (325, 4, 1, len(packed)))
    return tiff(tags, bytes(1024 - 8 - 2 - 12 * len(tags) - 4) + packed)


def clear(png: bytes) -> bytes:
    """The same with one value of grey that shows through."""
    return png[:HEADER] + chunk(b"tRNS", b"\0\0") + png[HEADER:]


def _overlapping(length: int, tags: int) -> bytes:
    """Tags whose values are one and the same place of the file, again and again."""
    return tiff((*GREY, *((40_000 + each, 1, length, 4096) for each in range(tags))), bytes(length + 8192))


def _heif(*boxes: bytes) -> bytes:
    whole = samples()["heic"]
    (at,) = struct.unpack_from(">I", whole)
    return whole[:at] + b"".join(boxes) + whole[at:]


def _heif_of(width: int, height: int) -> bytes:
    whole = bytearray(samples()["heic"])
    at = whole.index(b"ispe") + 8
    whole[at : at + 8] = struct.pack(">II", width, height)
    return bytes(whole)


BOMBS: Mapping[str, Callable[[], bytes]] = {
    # Of pixels
    "pixels.png": lambda: written(Image.new("1", (30_000, 30_000)), "PNG"),
    "true_colour.png": lambda: written(Image.new("RGB", (11_000, 10_000)), "PNG"),
    "most_grey.png": lambda: written(Image.new("L", (15_800, 15_800)), "PNG"),
    "header_only.png": lambda: png_of(2**31 - 1, 2**31 - 1, 16, 6, b""),
    "sixteen_bit.png": lambda: png_of(60_000, 60_000, 16, 6, zeros(20)),
    "interlaced.png": lambda: png_of(12_000, 12_000, 8, 2, zeros(412), interlaced=True),
    "longer_than_it_says.png": lambda: png_of(64, 64, 8, 0, zeros(1000)),
    "one_row.png": lambda: png_of(240_000_000, 1, 1, 0, zeros(30)),
    "one_column.png": lambda: png_of(1, 100_000_000, 1, 0, zeros(191)),
    "largest.jpg": lambda: _jpeg_of(65_535, 65_535),
    "no_rows.jpg": lambda: _jpeg_of(96, 0),
    "short_scan.jpg": lambda: _jpeg_of(15_000, 15_000),
    "scans_grey.jpg": lambda: _scans(8_000, 50, "L"),
    "scans_colour.jpg": lambda: _scans(6_000, 50, "RGB"),
    "screen.gif": lambda: _gif_of(65_535, 65_535),
    "canvas.webp": lambda: _canvas_webp(16_777_216),
    "most.webp": lambda: written(Image.new("RGB", (5_000, 5_000)), "WEBP", method=0),
    "largest.bmp": lambda: _bmp_of(2**31 - 1, -(2**31), 0, b""),
    "row_of_runs.bmp": lambda: _bmp_of(60_000_000, 1, 1, b"\1\1\0\0\0\1"),
    "many_runs.bmp": lambda: _bmp_of(9_000, 9_000, 1, b"\1\1" * (8 * MIB) + b"\0\1"),
    "largest.tif": lambda: tiff(((256, 4, 1, 2**32 - 1), (257, 4, 1, 2**32 - 1), *GREY[2:])),
    "tiles.tif": lambda: tiff((*GREY[:5], (322, 4, 1, 2**31), (323, 4, 1, 2**31), (324, 4, 1, 8), (325, 4, 1, 8))),
    "size_of_item.heic": lambda: _heif_of(2**31, 2**31),
    "size_of_item_small.heic": lambda: _heif_of(15_000, 15_000),
    "tile.tif": lambda: packed_tiff(64, zeros(420), (322, 4, 1, 20_000), (323, 4, 1, 22_000)),
    "clear.png": lambda: clear(png_of(15_800, 15_800, 8, 0, zeros(240))),
    # Of frames
    "frames.gif": lambda: _frames_gif(1_000_000),
    "frames.webp": _frames_webp,
    "frames.png": lambda: _png(chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)), chunk(b"fcTL", bytes(26)) * 50_000),
    "pages.tif": lambda: written(noise(8, 8), "TIFF", save_all=True, append_images=[noise(8, 8)] * 2_000),
    "page_of_itself.tif": lambda: tiff(GREY, bytes(4096), following=8),
    "pictures.jpg": lambda: written(noise(8, 8), "MPO", save_all=True, append_images=[noise(8, 8)] * 500),
    # Of packed texts
    "profile.png": lambda: _png(chunk(b"iCCP", b"x\0\0" + zeros(1000))),
    "text.png": lambda: _png(chunk(b"zTXt", b"x\0\0" + zeros(1000))),
    "texts.png": lambda: _png(chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(1_000_000), 9)) * 200),
    "international.png": lambda: _png(chunk(b"iTXt", b"x\0\1\0\0\0" + zeros(1000))),
    "strip.tif": lambda: tiff(
        (*GREY[:3], (259, 3, 1, 8), *GREY[4:5], (273, 4, 1, 200), (278, 3, 1, 64), (279, 4, 1, len(zeros(400)))),
        bytes(94) + zeros(400),
    ),
    # Of parts
    "comments.jpg": lambda: _jpeg(b"\xff\xfe\0\2" * (ROOM // 4)),
    "filled.jpg": lambda: _jpeg(b"\xff" * ROOM),
    "reserved.jpg": lambda: _jpeg((b"\xff\xf0\xff\xfd" + b"\xff" * 65_531) * (ROOM // 65_535)),
    "after_the_end.jpg": lambda: _jpeg(b"\xff\xd9" + b"\xff\xfe\0\2" * (ROOM // 4)),
    "restarts.jpg": lambda: samples()["grey.jpg"][:-2] + b"\xff\xd0" * (ROOM // 2) + b"\xff\xd9",
    "chunks.png": lambda: _png(chunk(b"abCd", b"") * (ROOM // 12)),
    "empty_data.png": lambda: _png(chunk(b"IDAT", b"") * (ROOM // 12)),
    "chunks_behind.png": lambda: samples()["palette.png"][:-12] + chunk(b"abCd", b"") * (ROOM // 12) + chunk(b"IEND", b""),
    "extensions.gif": lambda: _gif(b"!\xfe\0" * (ROOM // 3)),
    "comment.gif": lambda: _gif(b"!\xfe", b"\1a" * (ROOM // 2), b"\0"),
    "junk.gif": lambda: _gif(b"a" * ROOM),
    "chunks.webp": lambda: _webp(samples()["webp"][12:] + b"abcd\0\0\0\0" * (ROOM // 8)),
    "free.heic": lambda: _heif(b"\0\0\0\x08free" * (ROOM // 8)),
    "nested.heic": lambda: _heif(b"".join(struct.pack(">I", 8 * (100_000 - each)) + b"moov" for each in range(100_000))),
    "tags.tif": lambda: tiff((*GREY, *((40_000 + each, 3, 1, 1) for each in range(25_000))), bytes(4096)),
    "overlapping.tif": lambda: _overlapping(8 * MIB, 500),
}
