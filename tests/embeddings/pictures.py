"""Pictures that tests write in every format and colour mode, none of them a person."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

from tracing.domain import Box, Pixels
from tracing.ports import ImageReader


def corners(width: int = 64, height: int = 48) -> Image.Image:
    """Red at the upper left, green at the upper right, blue at the lower left, white at the lower right."""
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    pixels[: height // 2, : width // 2] = (255, 0, 0)
    pixels[: height // 2, width // 2 :] = (0, 255, 0)
    pixels[height // 2 :, : width // 2] = (0, 0, 255)
    pixels[height // 2 :, width // 2 :] = (255, 255, 255)
    return Image.fromarray(pixels)


def corner_names(pixels: Pixels) -> str:
    """The colours of the four corners, row by row, such as ``rgbw``."""
    height, width = pixels.shape[:2]
    names = ""
    for row in (height // 8, height - 1 - height // 8):
        for column in (width // 8, width - 1 - width // 8):
            red, green, blue = (int(value) > 127 for value in pixels[row, column])
            names += {(1, 0, 0): "r", (0, 1, 0): "g", (0, 0, 1): "b", (1, 1, 1): "w"}.get((red, green, blue), "?")
    return names


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The bytes of a file of this format (Pillow's name of it)."""
    if kind == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener()
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def whole(reader: ImageReader, data: bytes) -> Pixels:
    """All pixels of a photo, upright."""
    picture = reader.open(data)
    return picture.part(Box(0, 0, picture.width, picture.height)).pixels
