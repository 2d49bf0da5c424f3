"""The photos that are timed: sizes that phones make, of people who are drawn or whose photos the operator has."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from scripts.demo.people import invent_person
from scripts.demo.portraits import draw_portrait
from scripts.demo.scenes import intake_scene
from scripts.photo_files import photos_below
from tracing.embeddings.imaging import PillowReader, to_jpeg
from tracing.errors import Invalid, UnreadablePhoto

QUALITY: Final = 90
NOISE: Final = 6.0
"""Standard deviation of a sensor's noise in steps of brightness; with it the files are as large as a phone's."""
READ_BY_BOTH: Final = frozenset({".jpg", ".jpeg", ".png"})
"""What the command `face_recognition` takes out of a folder."""


@dataclass(frozen=True, slots=True)
class Size:
    """By its longer side, or by its number of pixels; ``target`` is how many times faster than face_recognition is wanted."""

    name: str
    target: float
    longest: int = 0
    pixels: int = 0

    def longer_side(self, width: int, height: int) -> int:
        """Of a photo with the proportions of this one."""
        return self.longest or round(math.sqrt(self.pixels * max(width, height) / min(width, height)))


SIZES: Final = (
    Size("640 pixels", 6, longest=640),
    Size("2 megapixels", 15, pixels=2_000_000),
    Size("12 megapixels", 35, pixels=12_000_000),
)
MIX: Final = (None, SIZES[1], None, None, SIZES[1], None, SIZES[2], None, SIZES[1], None)
"""Of ten photos in a folder six have the size of their source, three 2 megapixels, one 12 megapixels."""


def draw_people(into: Path, seeds: Iterable[int]) -> list[Path]:
    """Photos of invented people, 480 x 600 pixels, one for each seed; the same ones each time."""
    photos = []
    for seed in seeds:
        photos.append(into / f"drawn-{seed:03d}.jpg")
        photos[-1].write_bytes(to_jpeg(draw_portrait(invent_person(seed), intake_scene(seed), seed), QUALITY))
    return photos


def photos_of(folder: Path, most: int) -> list[Path]:
    """At most so many of the photos below a folder, evenly out of all; ``Invalid`` where none can be read."""
    found = [each for each in photos_below(folder) if each.suffix.lower() in READ_BY_BOTH]
    chosen = [each for each in found[:: max(1, math.ceil(len(found) / most))] if _is_readable(each)]
    if not chosen:
        raise Invalid(f"{folder} holds no JPEG and no PNG that can be read.", "photos")
    return chosen


def resized(data: bytes, size: Size, seed: int = 0) -> bytes:
    """The photo upright in this size, with a sensor's noise, as JPEG: as much work to decode as one that a phone has taken."""
    picture = PillowReader().open(data)
    pixels = picture.view(size.longer_side(picture.width, picture.height)).pixels
    noise = np.random.default_rng(seed).standard_normal(pixels.shape, np.float32)
    return to_jpeg(np.clip(pixels + NOISE * noise + 0.5, 0, 255).astype(np.uint8), QUALITY)


def mixed_folder(sources: Sequence[Path], numbers: Iterable[int], into: Path) -> list[Path]:
    """A photo for each number, in the sizes of ``MIX``, from each source in turn; those that keep their size are copies."""
    photos = []
    for number in numbers:
        source, size = sources[number % len(sources)], MIX[number % len(MIX)]
        data = source.read_bytes()
        photos.append(into / f"{number:04d}{source.suffix.lower() if size is None else '.jpg'}")
        photos[-1].write_bytes(data if size is None else resized(data, size, number))
    return photos


def _is_readable(photo: Path) -> bool:
    try:
        PillowReader().verify(photo.read_bytes())
    except UnreadablePhoto:
        return False
    return True
