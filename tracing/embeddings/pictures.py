"""What is done to a decoded picture: any colour mode to RGB, smaller, cut out with level eyes, written as JPEG."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable

import numpy as np
from PIL import Image

from tracing.errors import Invalid
from tracing.vision import Box, Landmarks, Pixels

EYE_DISTANCE = 0.3
"""Of a portrait's width: both faces of a pair are shown at the same scale."""
EYE_HEIGHT = 0.4
"""Of a portrait's height, from the top."""
GREY = (128, 128, 128)
CELLS = 4
"""Of a face that nobody is to know, so many averages across and down are left."""
REACH = 0.8
"""A portrait shows nothing that is farther from the middle of the eyes than this part of its width."""


def flat(image: Image.Image) -> Image.Image:
    """The image, or a grey one where its samples mean something only beside all the others."""
    return _stretched(image) if image.mode in ("I", "F") else image


def rgb(image: Image.Image) -> Image.Image:
    """8-bit RGB: 16-bit samples are scaled, not clipped; transparency shows white. Any part gives that part of the whole."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        page = Image.new("RGB", layer.size, "white")
        page.paste(layer, mask=layer.getchannel("A"))
        return page
    return image if image.mode == "RGB" else image.convert("RGB")


def _stretched(image: Image.Image) -> Image.Image:
    """These modes have no agreed white: the darkest value becomes black, the brightest white."""
    values = np.asarray(image, dtype=np.float64)
    low, high = float(values.min()), float(values.max())
    if not math.isfinite(high - low):
        raise ValueError("a pixel is not a finite number")
    scaled = (values - low) * (255 / (high - low)) if high > low else np.zeros_like(values)
    return Image.fromarray(np.rint(scaled).astype(np.uint8))


def jpeg(image: Image.Image, quality: int = 85) -> bytes:
    """A JPEG without EXIF, comment or colour profile: a phone writes the place of the photo there."""
    file = io.BytesIO()
    Image.fromarray(np.asarray(image)).save(file, "JPEG", quality=quality)
    return file.getvalue()


def unrecognisable(image: Image.Image, boxes: Iterable[tuple[int, ...]]) -> Image.Image:
    """The image with a few averages of colour in each box (left, top, right, bottom) in place of what was there.

    Blurring a face leaves what can be sharpened again; of ``CELLS`` averages nobody makes a face.
    """
    hidden = image.copy()
    for left, top, right, bottom in boxes:
        inside = (max(0, left), max(0, top), min(image.width, right), min(image.height, bottom))
        if inside[0] < inside[2] and inside[1] < inside[3]:
            part = hidden.crop(inside)
            cells = part.resize((min(CELLS, part.width), min(CELLS, part.height)), Image.Resampling.BOX)
            hidden.paste(cells.resize(part.size, Image.Resampling.BICUBIC), inside[:2])
    return hidden


def reduced(image: Image.Image, longest: int) -> Image.Image:
    """Its longer side at most ``longest``; never enlarged."""
    share = min(1.0, longest / max(image.size))
    size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    return image if size == image.size else image.resize(size, Image.Resampling.LANCZOS)


def to_png(pixels: Pixels) -> bytes:
    """The pixels as a PNG, without any loss."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    return file.getvalue()


def portrait_box(landmarks: Landmarks) -> Box:
    """What of a picture ``portrait`` looks at. Eyes at the same place, or nowhere, are ``Invalid``."""
    (left_x, left_y), (right_x, right_y) = _eyes(landmarks)
    x, y = (left_x + right_x) / 2, (left_y + right_y) / 2
    radius = math.hypot(right_x - left_x, right_y - left_y) * REACH / EYE_DISTANCE + 1
    return Box(
        *(math.floor(side) for side in (x - radius, y - radius)), *(math.ceil(side) for side in (x + radius, y + radius))
    )


def portrait(image: Image.Image, landmarks: Landmarks, size: int) -> Image.Image:
    """A square of ``size`` pixels turned and scaled so that the eyes are level, ``EYE_DISTANCE`` apart and centred.

    What lies outside of the picture is grey. Eyes at the same place, or nowhere, are ``Invalid``.
    """
    (left_x, left_y), (right_x, right_y) = _eyes(landmarks)
    across, down = right_x - left_x, right_y - left_y
    distance = math.hypot(across, down)
    scale = distance / (EYE_DISTANCE * size)  # pixels of the picture per pixel of the portrait
    image, x, y, shrunk = _neighbourhood(image, (left_x + right_x) / 2, (left_y + right_y) / 2, REACH * size * scale, scale)
    cosine, sine = scale / shrunk * across / distance, scale / shrunk * down / distance
    middle_x, middle_y = size / 2, size * EYE_HEIGHT
    affine = (
        *(cosine, -sine, x - cosine * middle_x + sine * middle_y),
        *(sine, cosine, y - sine * middle_x - cosine * middle_y),
    )
    return image.transform((size, size), Image.Transform.AFFINE, affine, resample=Image.Resampling.BICUBIC, fillcolor=GREY)


def _eyes(landmarks: Landmarks) -> Landmarks:
    if len(landmarks) >= 2 and 1 <= math.dist(landmarks[0], landmarks[1]) < math.inf:
        return landmarks[:2]
    raise Invalid("The eyes of this face are not known well enough to show it upright.", "landmarks")


def _neighbourhood(
    image: Image.Image, x: float, y: float, radius: float, scale: float
) -> tuple[Image.Image, float, float, int]:
    """The part around (x, y), averaged down by a whole factor first where the portrait is much smaller than it.

    Bicubic resampling alone looks at 4 x 4 pixels and would turn a large face into a jagged small one.
    """
    left, top = max(0, math.floor(x - radius)), max(0, math.floor(y - radius))
    right, bottom = min(image.width, math.ceil(x + radius)), min(image.height, math.ceil(y + radius))
    if right <= left or bottom <= top:
        raise Invalid("The face lies outside of the picture.", "landmarks")
    part = image.crop((left, top, right, bottom))
    shrunk = max(1, math.floor(scale))
    if shrunk > 1:
        part = part.reduce(shrunk)
    return part, (x - left) / shrunk, (y - top) / shrunk, shrunk
