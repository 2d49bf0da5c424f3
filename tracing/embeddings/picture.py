"""A decoded photo that stays as the file has it: turned, reduced and converted only in the parts that somebody asks for."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from PIL import Image

from tracing.embeddings import pictures
from tracing.embeddings.memory import memory_held
from tracing.ports import Part
from tracing.vision import Box, Pixels

TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each value of the EXIF tag Orientation; 1 is upright."""

MEMORY: Final = 470_000_000
"""Bytes that a picture and a part of it may take together; a part that would need more is averaged down."""
LEAST_PART: Final = 1_000_000
"""Pixels that a part may have in any case."""
PART_BYTES: Final = 10
"""Bytes for each pixel of a part while it is cut out of a turned or converted photo."""
COARSE: Final = 640
"""Longer side at least of the reduced copy of a large photo."""
SPARE: Final = 1.5
"""A view comes from the reduced copy where that is still so many times finer than the view."""
QUICK: Final = 1.2
"""A view for a detector is averaged by a whole factor down to at least so many times its size, and then resampled."""
FINE: Final = 2.0
"""The same for a picture that people look at."""
STRIP_PIXELS: Final = 1_000_000
"""A picture in another mode than RGB is converted in strips of about this size, so that no second copy of it is made."""

Raw = tuple[int, int, int, int]
"""Left, top, right, bottom in the image of the file, which may lie on its side."""


class DecodedPicture:
    """A ``Picture`` over a decoded image of Pillow, which may be coarser than the photo where the file was very large."""

    def __init__(self, image: Image.Image, orientation: int, width: int, height: int) -> None:
        self._image = image
        self._turn = orientation
        self.width, self.height = (height, width) if orientation >= 5 else (width, height)
        self._scale = width / image.width
        self._coarse: DecodedPicture | None = None

    def part(self, box: Box) -> Part:
        inside = self._inside(box)
        factor = self._factor(inside)
        if factor == 1 and self._turn not in TURNS and self._image.mode == "RGB" and inside.width > 0 and inside.height > 0:
            return self._as_part(_pixels(self._image, self._raw(inside)), *self._corner(inside), self._scale)
        piece, left, top, scale = self.cut(box)
        return self._as_part(_pixels(piece, (0, 0, *piece.size)), left, top, scale)

    def view(self, longest: int, box: Box | None = None) -> Part:
        shown = box or Box(0, 0, self.width, self.height)
        coarse = self._coarser()
        if coarse is not None and max(shown.width, shown.height) >= SPARE * coarse._scale * longest:
            return coarse.view(longest, shown)
        inside = self._inside(shown)
        scale = max(inside.width, inside.height, 1) / longest
        size = (max(1, round(inside.width / scale)), max(1, round(inside.height / scale)))
        piece = self._resized(inside, size, Image.Resampling.BILINEAR, QUICK)
        return self._as_part(np.asarray(piece), *self._corner(inside), scale * self._scale)

    def cut(self, box: Box) -> tuple[Image.Image, float, float, float]:
        """As ``part``: the image, where its upper left corner is, and how many pixels of the photo make one of its own."""
        inside = self._inside(box)
        factor = self._factor(inside)
        return self._piece(inside, factor), *self._corner(inside), factor * self._scale

    def fitted(self, longest: int) -> Image.Image:
        """Upright and RGB, its longer side at most ``longest``; never enlarged."""
        scale = max(1.0, max(self.width, self.height) / longest)
        size = (max(1, round(self.width / scale)), max(1, round(self.height / scale)))
        return self._resized(self._inside(Box(0, 0, self.width, self.height)), size, Image.Resampling.LANCZOS, FINE)

    def _coarser(self) -> DecodedPicture | None:
        """A reduced copy, made when it is first needed, in which a large photo is looked at again and again; or None."""
        factor = max(self._image.size) // COARSE
        if self._coarse is None and factor >= 2:
            small = self._image.reduce(factor) if self._image.mode == "RGB" else _averaged(self._image, self._all(), factor)
            raw_size = (self.height, self.width) if self._turn >= 5 else (self.width, self.height)
            self._coarse = DecodedPicture(small, self._turn, *raw_size)
        return self._coarse

    def _all(self) -> Raw:
        return (0, 0, *self._image.size)

    def _factor(self, inside: Box) -> int:
        """By how much a part has to be averaged down to keep the photo within its memory."""
        most = max(LEAST_PART, (MEMORY - memory_held(self._image)) / PART_BYTES)
        return max(1, math.ceil(math.sqrt(inside.area / most)))

    def _corner(self, inside: Box) -> tuple[float, float]:
        """Where a part begins, in pixels of the photo."""
        return inside.left * self._scale, inside.top * self._scale

    def _as_part(self, pixels: Pixels, left: float, top: float, scale: float) -> Part:
        edges = (-left, -top, self.width - left, self.height - top)
        return Part(pixels, left, top, scale, Box(*(round(edge / scale) for edge in edges)))

    def _inside(self, box: Box) -> Box:
        """The box in decoded pixels, upright, and no larger than the picture."""
        across, down = self._image.size[::-1] if self._turn >= 5 else self._image.size
        left, top = max(0, math.floor(box.left / self._scale)), max(0, math.floor(box.top / self._scale))
        right, bottom = min(across, math.ceil(box.right / self._scale)), min(down, math.ceil(box.bottom / self._scale))
        return Box(left, top, right, bottom)

    def _piece(self, inside: Box, factor: int) -> Image.Image:
        """Cut out, averaged down by a whole factor, RGB and upright; one black pixel where nothing is inside."""
        if inside.width <= 0 or inside.height <= 0:
            return Image.new("RGB", (1, 1))
        raw = self._raw(inside)
        if factor == 1:
            whole = raw == self._all()
            return self._upright(pictures.rgb(self._image if whole else self._image.crop(raw)))
        in_one_go = self._image.mode == "RGB"
        return self._upright(self._image.reduce(factor, raw) if in_one_go else _averaged(self._image, raw, factor))

    def _resized(self, inside: Box, size: tuple[int, int], resample: Image.Resampling, gap: float) -> Image.Image:
        if self._image.mode != "RGB" or inside.area == 0:
            scale = min(inside.width / size[0], inside.height / size[1])
            factor = max(1, int(scale if self._factor(inside) > 1 else scale / gap))
            return self._piece(inside, factor).resize(size, resample)
        raw_size = size[::-1] if self._turn >= 5 else size
        return self._upright(self._image.resize(raw_size, resample, box=self._raw(inside), reducing_gap=gap))

    def _raw(self, inside: Box) -> Raw:
        """The box of the upright picture as one of the image in the file."""
        left, top, right, bottom = inside.left, inside.top, inside.right, inside.bottom
        across, down = self._image.size
        if self._turn >= 5:
            left, top, right, bottom = top, left, bottom, right
        if self._turn in (2, 3, 7, 8):
            left, right = across - right, across - left
        if self._turn in (3, 4, 6, 7):
            top, bottom = down - bottom, down - top
        return left, top, right, bottom

    def _upright(self, image: Image.Image) -> Image.Image:
        turn = TURNS.get(self._turn)
        return image if turn is None else image.transpose(turn)


def _pixels(image: Image.Image, raw: Raw) -> Pixels:
    """A part of an RGB image as an array, strip by strip: five times as quick as in one go, and without a second copy."""
    left, top, right, bottom = raw
    pixels = np.empty((bottom - top, right - left, 3), dtype=np.uint8)
    height = max(1, STRIP_PIXELS // (4 * (right - left)))
    for row in range(top, bottom, height):
        end = min(bottom, row + height)
        pixels[row - top : end - top] = np.asarray(image.crop((left, row, right, end)))
    return pixels


def _averaged(image: Image.Image, raw: Raw, factor: int) -> Image.Image:
    """A part of the image in RGB, averaged down by a whole factor, strip by strip."""
    left, top, right, bottom = raw
    height = max(1, STRIP_PIXELS // (right - left) // factor) * factor
    small = Image.new("RGB", (-(-(right - left) // factor), -(-(bottom - top) // factor)))
    for row in range(top, bottom, height):
        strip = pictures.rgb(image.crop((left, row, right, min(bottom, row + height))))
        small.paste(strip.reduce(factor), (0, (row - top) // factor))
    return small
