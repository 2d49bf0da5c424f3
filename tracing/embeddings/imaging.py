"""The only door for foreign image bytes: checked against caps, decoded strictly, turned upright, made RGB."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TypeVar

from PIL import Image, ImageFile

from tracing.embeddings import containers, pictures
from tracing.embeddings.memory import JPEGS, SCANS, memory_needed
from tracing.embeddings.picture import TURNS, DecodedPicture
from tracing.errors import Invalid, PhotoTooLarge, TracingError, Unavailable, UnreadablePhoto
from tracing.ports import PhotoInfo
from tracing.turns import Turns
from tracing.vision import Box, Landmarks, Pixels

MAX_BYTES = 80 * 2**20
MAX_PIXELS = 250_000_000
"""Phones make photos of 200 megapixels."""
MAX_MEMORY = 440_000_000
"""Bytes that one decoded photo may take; a worker with all models stays below 700 MiB with it."""
SMALLEST = 8
"""A JPEG can be decoded at one part in so many of its width and height."""
LARGE = 100_000_000
"""Bytes from which on a photo is decoded alone, however many threads there are."""
MAX_SIDE = 65_500
"""As libjpeg takes at most. Pillow keeps a pointer for each row: a hundred million rows of one pixel took it 2 GiB."""
MAX_SCANS = 64
"""A progressive JPEG of a camera has about ten scans; thousands of them make a small file cost minutes."""
MAX_SCANNED = 1_500_000_000
"""Pixels times scans, for two or three seconds; ten scans of the largest photo that the memory allows are half of it."""

SENTENCES = {
    "empty": "The photo file is empty. Please send it again or take a new one.",
    "not_an_image": "This file is not a photo that can be read. Please send a JPEG, PNG, WebP, HEIC, TIFF, BMP or GIF picture.",
    "truncated": "The photo is incomplete, perhaps the upload was cut off. Please send it again or take a new one.",
    "damaged": "The photo file is damaged and cannot be read. Please send it again or take a new one.",
    "unusual": "The photo file is built as no camera does it. Please save it anew as a JPEG and send that, or take a new one.",
    "too_many_bytes": "The photo file is larger than {limit} MB. Please send a smaller copy or take a new one.",
    "too_many_pixels": "The photo has more than {limit} million pixels. Please send a smaller copy or take a new one.",
    "too_much_memory": "The photo is too large for its format ({limit} million pixels). Please send it as an ordinary JPEG.",
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

ORIENTATION = 0x0112

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Header:
    """What is known of a photo before it is decoded; ``large`` ones are decoded one at a time."""

    kind: str
    scans: int
    large: bool
    info: PhotoInfo


class PillowReader:
    """An ``ImageReader`` on Pillow and libheif; safe to share between threads, of which ``at_once`` decode at a time.

    Reads JPEG, PNG, WebP, HEIC/HEIF, TIFF, BMP and GIF (the first frame of what has several). Whatever goes wrong with the
    bytes is an ``UnreadablePhoto`` whose ``problem`` is a key of ``SENTENCES``; the caps are checked before decoding. A JPEG
    that would take more than ``MAX_MEMORY`` is decoded at a half, a quarter or an eighth of its size; others are refused.

    Who waits for a turn for more than ``patience`` seconds is ``Busy``; None: in any time. Where the machine has not enough
    memory it is ``Unavailable``; ``verify`` then says what the header says, so that the photo is kept and looked at later.
    """

    def __init__(
        self, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS, at_once: int = 4, patience: float | None = None
    ) -> None:
        self.max_bytes = max_bytes
        self.max_pixels = max_pixels
        self._patience = patience
        self._turns = Turns(at_once)
        self._headers = Turns(at_once)

    def verify(self, data: bytes, patience: float | None = None) -> PhotoInfo:
        header = self._header(data)
        if patience is not None and patience <= 0:
            return header.info
        try:
            return self._in_turn(data, header, _verify, patience)
        except Unavailable:
            return header.info

    def open(self, data: bytes) -> DecodedPicture:
        return self._decoding(data, _decoded)

    def thumbnail(self, data: bytes, longest: int) -> bytes:
        return self._decoding(data, lambda image: pictures.jpeg(_decoded(image, 2 * longest).fitted(longest)))

    def portrait(self, data: bytes, landmarks: Landmarks, size: int) -> bytes:
        return self._decoding(data, lambda image: pictures.jpeg(_portrait(_decoded(image), landmarks, size)))

    def excerpt(self, data: bytes, longest: int, box: Box | None = None, blurred: Sequence[Box] = ()) -> bytes:
        return self._decoding(data, lambda image: pictures.jpeg(_excerpt(image, longest, box, blurred)))

    def _decoding(self, data: bytes, work: Callable[[Image.Image], Result]) -> Result:
        return self._in_turn(data, self._header(data), work, self._patience)

    def _in_turn(self, data: bytes, header: _Header, work: Callable[[Image.Image], Result], patience: float | None) -> Result:
        with self._turns.turn(header.large, patience):
            return self._opened(data, header.kind, header.scans, work)

    def _header(self, data: bytes) -> _Header:
        if not data:
            raise _unreadable("empty")
        if len(data) > self.max_bytes:
            raise _too_large("too_many_bytes", self.max_bytes // 2**20)
        kind = _format(data)
        if containers.unusual(kind, data):
            raise _unreadable("unusual")
        _make_pillow_quiet_and_strict()
        scans = containers.scans(data) if kind == "JPEG" else 0
        with self._headers.turn(large=False, patience=None):
            return self._opened(
                data, kind, scans, lambda image: _Header(kind, scans, memory_needed(image) > LARGE, _told(image, *image.size))
            )

    def _opened(self, data: bytes, kind: str, scans: int, work: Callable[[Image.Image], Result]) -> Result:
        """The one place where Pillow's many exceptions become ours."""
        try:
            with Image.open(io.BytesIO(data), formats=[kind]) as image:
                image.info[SCANS] = scans
                self._check_size(image)
                return work(image)
        except TracingError:
            raise
        except Image.DecompressionBombError as error:
            raise _too_large("too_many_pixels", self.max_pixels // 1_000_000) from error
        except MemoryError as error:  # of this machine: the photo may be whole
            raise Unavailable(f"The photo could not be examined ({type(error).__name__}).") from error
        except Exception as error:  # OSError, SyntaxError, ValueError, struct.error, zlib.error ...
            raise _unreadable("truncated" if "truncated" in str(error).lower() else "damaged") from error

    def _check_size(self, image: Image.Image) -> None:
        pixels = image.width * image.height
        if pixels > self.max_pixels:
            raise _too_large("too_many_pixels", self.max_pixels // 1_000_000)
        scans = image.info[SCANS]
        if max(image.size) > MAX_SIDE or scans > MAX_SCANS or scans * pixels > MAX_SCANNED:
            raise _unreadable("unusual")
        if memory_needed(image, SMALLEST if image.format in JPEGS else 1) > MAX_MEMORY:
            raise _too_large("too_much_memory", pixels // 1_000_000)


def _verify(image: Image.Image) -> PhotoInfo:
    size = image.size
    if image.format in JPEGS:  # an eighth of the size: every byte is read, a small part of the arithmetic is done
        image.draft(None, (max(1, size[0] // SMALLEST), max(1, size[1] // SMALLEST)))
    image.load()
    _flat(image)
    return _told(image, *(size if image.format in JPEGS else image.size))


def _told(image: Image.Image, width: int, height: int) -> PhotoInfo:
    if image.format != "TIFF" and _orientation(image) >= 5:  # Pillow tells the size of a TIFF as it will be once turned
        width, height = height, width
    return PhotoInfo("jpeg" if image.format in JPEGS else str(image.format).lower(), width, height)


def _flat(image: Image.Image) -> Image.Image:
    """What has no way to RGB is refused here, so that every door refuses it."""
    pixels = pictures.flat(image)
    pictures.rgb(pixels.crop((0, 0, 1, 1)))
    return pixels


def _decoded(image: Image.Image, enough: int | None = None) -> DecodedPicture:
    """In full, or as small as ``enough`` pixels on the longer side and the memory allow."""
    width, height = image.size
    if image.format in JPEGS:
        factor = next((factor for factor in (1, 2, 4) if memory_needed(image, factor) <= MAX_MEMORY), SMALLEST)
        if enough is not None:
            factor = max(factor, max(width, height) // enough)
        if factor > 1:
            image.draft(None, (max(1, width // factor), max(1, height // factor)))
    image.load()
    if image.format not in JPEGS:
        width, height = image.size  # Pillow turns a TIFF by itself while it decodes it
    return DecodedPicture(_flat(image), _orientation(image), width, height)


def _portrait(picture: DecodedPicture, landmarks: Landmarks, size: int) -> Image.Image:
    part, left, top, scale = picture.cut(pictures.portrait_box(landmarks))
    return pictures.portrait(part, tuple(((x - left) / scale, (y - top) / scale) for x, y in landmarks), size)


def _excerpt(image: Image.Image, longest: int, box: Box | None, blurred: Sequence[Box]) -> Image.Image:
    """Decoded in twice as many pixels as are shown, as far as the file has them."""
    side = max(image.size) if box is None else max(box.width, box.height, 1)
    picture = _decoded(image, math.ceil(2 * longest * max(image.size) / side))
    shown = box or Box(0, 0, picture.width, picture.height)
    if not (0 <= shown.left < shown.right <= picture.width and 0 <= shown.top < shown.bottom <= picture.height):
        raise Invalid("This part of the photo lies outside of it.", "box")
    part, left, top, scale = picture.cut(shown)
    inside = [
        tuple(round(value / scale) for value in (each.left - left, each.top - top, each.right - left, each.bottom - top))
        for each in blurred
    ]
    return pictures.reduced(pictures.unrecognisable(part, inside), longest)


def to_jpeg(pixels: Pixels, quality: int = 90) -> bytes:
    """The pixels as a JPEG without metadata."""
    return pictures.jpeg(Image.fromarray(pixels), quality)


def _unreadable(problem: str) -> UnreadablePhoto:
    return UnreadablePhoto(SENTENCES[problem], problem)


def _too_large(problem: str, limit: int) -> PhotoTooLarge:
    return PhotoTooLarge(SENTENCES[problem].format(limit=limit), problem)


def _format(data: bytes) -> str:
    """Pillow's name of the format, told by the first bytes; no other of its decoders ever sees them."""
    if data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS and not _is_avif(data):
        from pillow_heif import register_heif_opener

        register_heif_opener()
        return "HEIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    for signature, kind in SIGNATURES.items():
        if data.startswith(signature):
            return kind
    raise _unreadable("not_an_image")


def _is_avif(data: bytes) -> bool:
    """Of the brands that say no codec: AV1 says so beside them."""
    end = min(64, int.from_bytes(data[:4]))
    return data[8:12] in (b"mif1", b"msf1") and any(data[at : at + 4] in (b"avif", b"avis") for at in range(16, end, 4))


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 where there is none that makes sense. Valid after decoding: Pillow turns TIFF by itself."""
    try:
        value = image.getexif().get(ORIENTATION, 1)
    except Exception:  # broken metadata is no reason to refuse a photo
        return 1
    return value if value in TURNS else 1


class _StrictImageFile(ModuleType):
    """Pillow's module ``ImageFile``, whose switch LOAD_TRUNCATED_IMAGES stays off whoever sets it.

    face_recognition switches it on for the whole process when it is imported; then half a photo is a photo with a grey
    lower half, and a face that is not there is "not found". Switching it off afterwards would leave other threads a gap.
    """

    LOAD_TRUNCATED_IMAGES = property(lambda _: False, lambda *_: None)


def _make_pillow_quiet_and_strict() -> None:
    """Pillow warns about the photo in hand, which is for us to judge; and it must never accept a truncated one.

    Its own limit of pixels stands between that of ``PillowReader`` and the photos of 200 megapixels that phones make.
    """
    Image.MAX_IMAGE_PIXELS = None
    if ImageFile.__class__ is not _StrictImageFile:
        vars(ImageFile)["LOAD_TRUNCATED_IMAGES"] = False
        ImageFile.__class__ = _StrictImageFile
    # Not catch_warnings: it swaps the filters of all threads, and swaps them back under another thread's feet.
    warnings.filterwarnings("ignore", module=r"PIL\.|pillow_heif")
