"""The only door for foreign image bytes: checked against caps, decoded strictly, turned upright, made RGB."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import TypeVar

import numpy as np
from PIL import Image, ImageFile

from tracing.domain import Landmarks, Pixels
from tracing.embeddings import pictures
from tracing.errors import PhotoTooLarge, TracingError, UnreadablePhoto
from tracing.ports import PhotoInfo

MAX_BYTES = 40 * 2**20
MAX_PIXELS = 80_000_000
MAX_SCANS = 64
"""A progressive JPEG of a camera has about ten scans; thousands of them make a small file cost minutes."""

SENTENCES = {
    "empty": "The photo file is empty. Please send it again or take a new one.",
    "not_an_image": "This file is not a photo that can be read. Please send a JPEG, PNG, WebP, HEIC, TIFF, BMP or GIF picture.",
    "truncated": "The photo is incomplete, perhaps the upload was cut off. Please send it again or take a new one.",
    "damaged": "The photo file is damaged and cannot be read. Please send it again or take a new one.",
    "too_many_bytes": "The photo file is larger than {limit} MB. Please send a smaller copy or take a new one.",
    "too_many_pixels": "The photo has more than {limit} million pixels. Please send a smaller copy or take a new one.",
}

HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
SIGNATURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
}

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each value of the EXIF tag Orientation; 1 is upright."""
ORIENTATION = 0x0112

Result = TypeVar("Result")


class PillowReader:
    """An ``ImageReader`` on Pillow and libheif; safe to share between threads, of which ``at_once`` decode at a time.

    Reads JPEG, PNG, WebP, HEIC/HEIF, TIFF, BMP and GIF (the first frame of what has several). Whatever goes wrong with the
    bytes is an ``UnreadablePhoto`` whose ``problem`` is a key of ``SENTENCES``; the caps are checked before decoding.
    """

    def __init__(self, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS, at_once: int = 4) -> None:
        self.max_bytes = max_bytes
        self.max_pixels = max_pixels
        self._turns = threading.BoundedSemaphore(at_once)

    def verify(self, data: bytes) -> PhotoInfo:
        return self._decoding(data, self._verify)

    def read(self, data: bytes) -> Pixels:
        return self._decoding(data, lambda image: np.array(_upright(image), dtype=np.uint8))

    def thumbnail(self, data: bytes, longest: int) -> bytes:
        def reduce(image: Image.Image) -> bytes:
            image.draft(None, (2 * longest, 2 * longest))
            small = _upright(image, before=lambda whole: pictures.fitted(whole, longest))
            return pictures.jpeg(small)

        return self._decoding(data, reduce)

    def portrait(self, data: bytes, landmarks: Landmarks, size: int) -> bytes:
        return self._decoding(data, lambda image: pictures.jpeg(pictures.portrait(_upright(image), landmarks, size)))

    def _verify(self, image: Image.Image) -> PhotoInfo:
        kind = "JPEG" if image.format == "MPO" else str(image.format)
        size = image.size
        if kind == "JPEG":  # an eighth of the size: every byte is read, a small part of the arithmetic is done
            image.draft(None, (max(1, size[0] // 8), max(1, size[1] // 8)))
        image.load()
        width, height = size if kind == "JPEG" else image.size
        if _orientation(image) >= 5:
            width, height = height, width
        return PhotoInfo(kind.lower(), width, height)

    def _decoding(self, data: bytes, work: Callable[[Image.Image], Result]) -> Result:
        """The one place where Pillow's many exceptions become ours."""
        if not data:
            raise _unreadable("empty")
        if len(data) > self.max_bytes:
            raise _too_large("too_many_bytes", self.max_bytes // 2**20)
        kind = _format(data)
        _make_pillow_quiet_and_strict()
        with self._turns:
            try:
                with Image.open(io.BytesIO(data), formats=[kind]) as image:
                    self._check_size(image.size)
                    return work(image)
            except TracingError:
                raise
            except Image.DecompressionBombError as error:
                raise _too_large("too_many_pixels", self.max_pixels // 1_000_000) from error
            except Exception as error:  # OSError, SyntaxError, ValueError, struct.error, zlib.error, MemoryError ...
                raise _unreadable("truncated" if "truncated" in str(error).lower() else "damaged") from error

    def _check_size(self, size: tuple[int, int]) -> None:
        if size[0] * size[1] > self.max_pixels:
            raise _too_large("too_many_pixels", self.max_pixels // 1_000_000)


def to_jpeg(pixels: Pixels, quality: int = 90) -> bytes:
    """The pixels as a JPEG without metadata."""
    return pictures.jpeg(Image.fromarray(pixels), quality)


def _unreadable(problem: str) -> UnreadablePhoto:
    return UnreadablePhoto(SENTENCES[problem], problem)


def _too_large(problem: str, limit: int) -> PhotoTooLarge:
    return PhotoTooLarge(SENTENCES[problem].format(limit=limit), problem)


def _format(data: bytes) -> str:
    """Pillow's name of the format, told by the first bytes; no other of its decoders ever sees them."""
    if data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS:
        from pillow_heif import register_heif_opener

        register_heif_opener()
        return "HEIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    for signature, kind in SIGNATURES.items():
        if data.startswith(signature):
            if kind == "JPEG" and data.count(b"\xff\xda") > MAX_SCANS:
                raise _unreadable("damaged")
            return kind
    raise _unreadable("not_an_image")


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 where there is none that makes sense. Valid after decoding: Pillow turns TIFF by itself."""
    try:
        value = image.getexif().get(ORIENTATION, 1)
    except Exception:  # broken metadata is no reason to refuse a photo
        return 1
    return value if value in TURNS else 1


def _upright(image: Image.Image, before: Callable[[Image.Image], Image.Image] = lambda whole: whole) -> Image.Image:
    """Decoded, turned upright, RGB; ``before`` may make it smaller first."""
    image.load()
    turn = TURNS.get(_orientation(image))
    rgb = before(pictures.rgb(image))
    return rgb if turn is None else rgb.transpose(turn)


class _StrictImageFile(ModuleType):
    """Pillow's module ``ImageFile``, whose switch LOAD_TRUNCATED_IMAGES stays off whoever sets it.

    face_recognition switches it on for the whole process when it is imported; then half a photo is a photo with a grey
    lower half, and a face that is not there is "not found". Switching it off afterwards would leave other threads a gap.
    """

    LOAD_TRUNCATED_IMAGES = property(lambda _: False, lambda *_: None)


def _make_pillow_quiet_and_strict() -> None:
    """Pillow warns about the photo in hand, which is for us to judge; and it must never accept a truncated one."""
    if ImageFile.__class__ is not _StrictImageFile:
        vars(ImageFile)["LOAD_TRUNCATED_IMAGES"] = False
        ImageFile.__class__ = _StrictImageFile
    # Not catch_warnings: it swaps the filters of all threads, and swaps them back under another thread's feet.
    warnings.filterwarnings("ignore", module=r"PIL\.|pillow_heif")
