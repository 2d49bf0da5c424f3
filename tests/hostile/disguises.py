"""What is no photo and says it is one, what is one and something else besides, and huge or broken notes beside the pixels."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import zipfile
from collections.abc import Callable, Mapping

from tests.hostile.bombs import GREY, ROOM, chunk, png_of, tiff, zeros
from tests.hostile.samples import samples

HTML = b"<html><script>fetch('/api/v1/cases')</script><?php system($_GET['c']); ?></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><image href="file:///etc/passwd"/></svg>'
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
MP4 = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + b"\0\0\0\x10moov\0\0\0\x08free"
SIGNATURES = {
    "jpg": b"\xff\xd8\xff\xe0",
    "png": b"\x89PNG\r\n\x1a\n",
    "gif": b"GIF89a",
    "bmp": b"BM",
    "tif": b"II*\0",
    "big.tif": b"II+\0",
    "webp": b"RIFF\xff\xff\xff\xffWEBPVP8 ",
    "heic": b"\0\0\0\x18ftypheic",
}


def archive(*members: tuple[str, bytes, int]) -> bytes:
    """A ZIP of (name, content, mode of Unix) each; a mode of a symlink makes its content where it leads."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content, mode in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            packed.writestr(info, content)
    return file.getvalue()


LINK, PLAIN = stat.S_IFLNK | 0o777, stat.S_IFREG | 0o644

WRONG: Mapping[str, Callable[[], bytes]] = {
    "page.html.jpg": lambda: HTML,
    "drawing.svg": lambda: SVG,
    "paper.pdf": lambda: PDF,
    "film.mp4": lambda: MP4,
    "program.exe": lambda: b"MZ" + bytes(400),
    "program.elf": lambda: b"\x7fELF" + bytes(400),
    "table.csv": lambda: b"name,photo\n=cmd|' /C calc'!A1,x.jpg\n",
    "packed.jpg.gz": lambda: gzip.compress(samples()["jpg"]),
    "photos.zip": lambda: archive(("face.png", samples()["face.png"], PLAIN)),
    "link.zip": lambda: archive(("face.png", b"/etc/passwd", LINK), ("keys", b"../../keys/photo.key", LINK)),
    "outside.zip": lambda: archive(("../../../etc/cron.d/x", b"* * * * * root true", PLAIN)),
    "nested.zip": lambda: archive(("a.zip", archive(("b.zip", archive(("c", bytes(10_000_000), PLAIN)), PLAIN)), PLAIN)),
    "raw.dng": lambda: b"II*\0" + bytes(4),
    "text.txt": lambda: "一张照片".encode(),
    "utf16.jpg": lambda: "照片".encode("utf-16") * 100,
    "twice.jpg": lambda: samples()["jpg"].hex().encode(),
    "empty": lambda: b"",
    "one_byte": lambda: b"\xff",
    "zeros": lambda: bytes(1_000_000),
    "ones": lambda: b"\xff" * 1_000_000,
    "too_many_bytes.jpg": lambda: samples()["jpg"] + bytes(ROOM + 2 * 2**20),
    **{f"signature.{kind}": (lambda said=said: said) for kind, said in SIGNATURES.items()},
    **{f"signature_and_zeros.{kind}": (lambda said=said: said + bytes(100_000)) for kind, said in SIGNATURES.items()},
    **{f"signature_and_ones.{kind}": (lambda said=said: said + b"\xff" * 100_000) for kind, said in SIGNATURES.items()},
}
"""No photo at all: refused."""


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _in_jpeg(*segments: bytes, jfif: bool = True) -> bytes:
    whole = samples()["grey.jpg"]
    return whole[:2] + b"".join(segments) + whole[2 if jfif else 20 :]


def _in_png(*chunks: bytes) -> bytes:
    whole = samples()["palette.png"]
    return whole[:33] + b"".join(chunks) + whole[33:]


def _exif_segments(exif: bytes) -> list[bytes]:
    return [segment(0xE1, b"Exif\0\0" + exif[at : at + 65_000]) for at in range(0, len(exif), 65_000)]


def _big_exif() -> bytes:
    """Hundreds of tags whose values are one and the same four megabytes."""
    return tiff(tuple((40_000 + each, 1, 4 << 20, 4096) for each in range(300)), bytes(5 << 20))


def _exif_of_itself() -> bytes:
    """Its parts and its thumbnail begin where it begins itself."""
    return tiff(((0x8769, 4, 1, 8), (0x8825, 4, 1, 8), (0xA005, 4, 1, 8), (0x0112, 3, 1, 6)), following=8)


def _icc_parts(number: int, of: int) -> list[bytes]:
    return [segment(0xE2, b"ICC_PROFILE\0" + bytes([each % 255 + 1, of]) + bytes(65_000)) for each in range(number)]


def _beside(kind: str, note: bytes, **names: bytes) -> bytes:
    from tests.embeddings.pictures import noise, written

    return written(noise(64, 64), kind, **{name: value + note for name, value in names.items()})


NOTES: Mapping[str, Callable[[], bytes]] = {
    "no_palette.png": lambda: png_of(64, 64, 8, 3, zeros(1)),
    "clear_beyond_palette.png": lambda: _in_png(chunk(b"tRNS", bytes(300))),
    "no_number.tif": lambda: tiff((*GREY[:2], (258, 3, 1, 32), *GREY[3:], (339, 3, 1, 3)), b"\xff" * 20_000),
    "exif_16_mib.jpg": lambda: _in_jpeg(*_exif_segments(bytes(16 << 20)), jfif=False),
    "exif_overlapping.jpg": lambda: _in_jpeg(*_exif_segments(_big_exif()), jfif=False),
    "exif_of_itself.jpg": lambda: _in_jpeg(*_exif_segments(_exif_of_itself()), jfif=False),
    "exif_overlapping.png": lambda: _in_png(chunk(b"eXIf", _big_exif())),
    "exif_of_itself.png": lambda: _in_png(chunk(b"eXIf", _exif_of_itself())),
    "exif_32_mib.png": lambda: _in_png(chunk(b"eXIf", b"II*\0" + bytes(32 << 20))),
    "exif_overlapping.webp": lambda: _beside("WEBP", _big_exif(), exif=b"Exif\0\0"),
    "exif_of_itself.heic": lambda: _beside("HEIF", _exif_of_itself(), exif=b"Exif\0\0"),
    "exif_overlapping.heic": lambda: _beside("HEIF", _big_exif(), exif=b"Exif\0\0"),
    "profile_255_parts.jpg": lambda: _in_jpeg(*_icc_parts(255, 255)),
    "profile_1000_parts.jpg": lambda: _in_jpeg(*_icc_parts(1000, 255)),
    "profile_of_none.jpg": lambda: _in_jpeg(*_icc_parts(1, 0)),
    "profile.webp": lambda: _beside("WEBP", bytes(8 << 20), icc_profile=b"x"),
    "xmp_32_mib.jpg": lambda: _in_jpeg(*[segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + b"<x>" * 21_000)] * 512),
    "xmp_32_mib.png": lambda: _in_png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + b"<x>" * (11 << 20))),
    "xmp_laughs.png": lambda: _in_png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + LAUGHS)),
    "photoshop.jpg": lambda: _in_jpeg(*[segment(0xED, b"Photoshop 3.0\0" + b"8BIM\x03\xed\0\0\xff\xff\xff\xff" * 5_000)] * 100),
}
LAUGHS = (
    b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">&c;&c;&c;&c;&c;&c;&c;&c;</x:xmpmeta>'
)
"""Huge or senseless notes beside pixels that are whole: kept or refused, never costly."""


def _twofold(kind: str, tail: bytes) -> bytes:
    return samples()[kind] + tail


TWOFOLD: Mapping[str, Callable[[], bytes]] = {
    "html_in_comment.jpg": lambda: _in_jpeg(segment(0xFE, HTML)),
    "html_behind.jpg": lambda: _twofold("jpg", HTML),
    "html_in_text.png": lambda: _in_png(chunk(b"tEXt", b"Comment\0" + HTML)),
    "html_behind.gif": lambda: _twofold("gif", HTML),
    "zip_behind.jpg": lambda: _twofold("jpg", archive(("face.png", b"/etc/passwd", LINK))),
    "zip_behind.png": lambda: _twofold("png", archive(("../x.sh", b"true", PLAIN))),
    "pdf_behind.jpg": lambda: _twofold("jpg", PDF),
    "pdf_in_comment.jpg": lambda: _in_jpeg(segment(0xFE, PDF)),
    "jpeg_behind.png": lambda: _twofold("png", samples()["jpg"]),
    "png_behind.webp": lambda: _twofold("webp", samples()["png"]),
    "php_in_palette.png": lambda: _in_png(chunk(b"tEXt", b"x\0<?php system('id'); ?>")),
}
"""Photos that are something else besides: kept as they came, and nothing of the other thing leaves by a derivative."""
