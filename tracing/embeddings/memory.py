"""How much memory a photo takes while it is decoded, told from its header.

Measured with Pillow 13 and pillow_heif 1.8 on pictures of 24 megapixels; ``tests/embeddings/test_memory.py`` measures it again.
"""

from __future__ import annotations

from typing import Final

from PIL import Image, TiffImagePlugin

JPEGS: Final = ("JPEG", "MPO")
"""What Pillow calls a JPEG; a phone's may carry a second picture."""

BY_FORMAT: Final = {"WEBP": 17.0, "HEIF": 7.5, "GIF": 2.0}
"""Bytes per pixel where the decoder needs more than the image: its own canvas, or planes of luminance and colour."""
BY_MODE: Final = {"1": 1.0, "L": 1.0, "P": 1.0, "I": 22.0, "F": 22.0}
"""Bytes per pixel of Pillow's images; 32-bit samples are stretched by way of 64-bit ones. Everything else takes 4."""
OTHERWISE: Final = 4.2
BITS, COLOURS, SAMPLES, ROWS_PER_STRIP, PLANES, TILE_WIDTH, TILE_LENGTH = 258, 262, 277, 278, 284, 322, 323
"""Tags of a TIFF."""
APART, YCBCR, BYTES_OF_RGBA = 2, 6, 4
SCANS: Final = "scans"
"""Key of ``image.info`` for how many scans a JPEG has, as ``containers.scans`` counts them."""


def memory_needed(image: Image.Image, factor: int = 1) -> float:
    """Bytes at most, for an image that is opened and not decoded yet; a JPEG at ``1 / factor`` of its width and height."""
    pixels = image.width * image.height
    if image.format in JPEGS:
        return pixels * (BY_MODE.get(image.mode, 4.0) / factor**2 + _coefficients(image))
    if image.mode.startswith("I;16"):
        return pixels * 2.2 + _piece(image)
    by_mode = OTHERWISE if image.has_transparency_data else BY_MODE.get(image.mode, OTHERWISE)  # it is laid over white
    return pixels * max(BY_FORMAT.get(str(image.format), 0.0), by_mode) + _piece(image)


def memory_held(image: Image.Image) -> float:
    """Bytes of a decoded image, as Pillow keeps it."""
    by_pixel = 2.0 if image.mode.startswith("I;16") else {"1": 1.0, "L": 1.0, "P": 1.0}.get(image.mode, 4.0)
    return by_pixel * image.width * image.height


def _piece(image: Image.Image) -> float:
    """Bytes of a strip or tile of a packed TIFF, which is unpacked whole: that of a photo of 64 pixels may be a gigabyte."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile) or not image.tile or image.tile[0].codec_name != "libtiff":
        return 0.0
    tags = image.tag_v2
    across, down = tags.get(TILE_WIDTH, image.width), tags.get(TILE_LENGTH)
    if down is None:
        down = min(tags.get(ROWS_PER_STRIP, image.height), image.height)
    samples = 1 if tags.get(PLANES) == APART else tags.get(SAMPLES, 1)
    bits: int = max(tags.get(BITS, (1,)))
    whole_pixel = BYTES_OF_RGBA if tags.get(COLOURS) == YCBCR else 0  # libtiff makes RGBA of it
    return float(across) * float(down) * max(samples * bits / 8, whole_pixel)


def _coefficients(image: Image.Image) -> float:
    """Bytes per pixel that a JPEG of several scans keeps until its last one, two per sample, at whatever size it is decoded."""
    if not image.info.get("progressive") and image.info.get(SCANS, 1) <= 1:
        return 0.0
    layers: list[tuple[int, int, int, int]] = getattr(image, "layer", [])
    factors = [(across, down) for _, across, down, _ in layers] or [(1, 1)] * 4
    most = max(across for across, _ in factors) * max(down for _, down in factors)
    return 2.0 * sum(across * down for across, down in factors) / most
