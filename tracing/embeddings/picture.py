"""A decoded photo that stays as the file has it: turned, reduced and converted only in the parts that somebody asks for."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from PIL import Image

from tracing.domain import Box
from tracing.embeddings import pictures
from tracing.embeddings.memory import memory_held
from tracing.ports import Part

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
"""Bytes for each pixel of a part while it is cut out: Pillow's copy, its bytes, and the array's."""
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

    def part(self, box: Box) -> Part:
        return self._as_part(*self.cut(box))

    def view(self, longest: int, box: Box | None = None) -> Part:
        inside = self._inside(box or Box(0, 0, self.width, self.height))
        scale = max(inside.width, inside.height, 1) / longest
        size = (max(1, round(inside.width / scale)), max(1, round(inside.height / scale)))
        piece = self._resized(inside, size, Image.Resampling.BILINEAR)
        return self._as_part(piece, inside.left * self._scale, inside.top * self._scale, scale * self._scale)

    def cut(self, box: Box) -> tuple[Image.Image, float, float, float]:
        """As ``part``: the image, where its upper left corner is, and how many pixels of the photo make one of its own."""
        inside = self._inside(box)
        most = max(LEAST_PART, (MEMORY - memory_held(self._image)) / PART_BYTES)
        factor = max(1, math.ceil(math.sqrt(inside.area / most)))
        piece = self._piece(inside, factor)
        return piece, inside.left * self._scale, inside.top * self._scale, factor * self._scale

    def fitted(self, longest: int) -> Image.Image:
        """Upright and RGB, its longer side at most ``longest``; never enlarged."""
        scale = max(1.0, max(self.width, self.height) / longest)
        size = (max(1, round(self.width / scale)), max(1, round(self.height / scale)))
        return self._resized(self._inside(Box(0, 0, self.width, self.height)), size, Image.Resampling.LANCZOS)

    def _as_part(self, image: Image.Image, left: float, top: float, scale: float) -> Part:
        edges = (-left, -top, self.width - left, self.height - top)
        return Part(np.asarray(image), left, top, scale, Box(*(round(edge / scale) for edge in edges)))

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
            whole = raw == (0, 0, *self._image.size)
            return self._upright(pictures.rgb(self._image if whole else self._image.crop(raw)))
        in_one_go = self._image.mode == "RGB"
        return self._upright(self._image.reduce(factor, raw) if in_one_go else _averaged(self._image, raw, factor))

    def _resized(self, inside: Box, size: tuple[int, int], resample: Image.Resampling) -> Image.Image:
        if self._image.mode != "RGB" or inside.area == 0:
            factor = max(1, min(inside.width // (2 * size[0]), inside.height // (2 * size[1])))
            return self._piece(inside, factor).resize(size, resample)
        raw_size = size[::-1] if self._turn >= 5 else size
        return self._upright(self._image.resize(raw_size, resample, box=self._raw(inside), reducing_gap=2.0))

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


def _averaged(image: Image.Image, raw: Raw, factor: int) -> Image.Image:
    """A part of the image in RGB, averaged down by a whole factor, strip by strip."""
    left, top, right, bottom = raw
    height = max(1, STRIP_PIXELS // (right - left) // factor) * factor
    small = Image.new("RGB", (-(-(right - left) // factor), -(-(bottom - top) // factor)))
    for row in range(top, bottom, height):
        strip = pictures.rgb(image.crop((left, row, right, min(bottom, row + height))))
        small.paste(strip.reduce(factor), (0, (row - top) // factor))
    return small
