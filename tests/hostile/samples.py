"""Whole photos to spoil: drawn in every format, small, and with everything that a phone writes beside the pixels."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.embeddings.pictures import noise, written
from tests.fakes import painted_photo

SIDE = 96
PROFILE = b"\0\0\2\x30ADBE\2\x10\0\0mntrRGB XYZ " + b"\0" * 540
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>'


@cache
def samples() -> Mapping[str, bytes]:
    """By the ending of their names."""
    picture, other = noise(SIDE, SIDE), noise(SIDE, SIDE, seed=1)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    exif.get_ifd(0x8825)[1] = "N"
    beside = {"exif": exif, "icc_profile": PROFILE}
    said = PngInfo()
    said.add_text("Comment", "taken at the gate")
    said.add_itxt("Description", "门口", zip=True)
    both = {"save_all": True, "append_images": [other, picture]}
    return {
        "jpg": written(picture, "JPEG", comment=b"taken at the gate", xmp=XMP, **beside),
        "progressive.jpg": written(picture, "JPEG", progressive=True),
        "grey.jpg": written(picture.convert("L"), "JPEG"),
        "two.jpg": written(picture, "MPO", **both),
        "png": written(picture, "PNG", pnginfo=said, **beside),
        "palette.png": written(picture.quantize(), "PNG"),
        "animated.png": written(picture, "PNG", **both),
        "webp": written(picture, "WEBP", xmp=XMP, **beside),
        "lossless.webp": written(picture, "WEBP", lossless=True),
        "animated.webp": written(picture, "WEBP", **both),
        "heic": written(picture, "HEIF", exif=exif, xmp=XMP),
        "gif": written(picture.quantize(), "GIF", comment="taken at the gate"),
        "animated.gif": written(picture.quantize(), "GIF", save_all=True, append_images=[other.quantize()]),
        "tif": written(picture, "TIFF", **beside),
        "packed.tif": written(picture, "TIFF", compression="tiff_adobe_deflate"),
        "bmp": written(picture, "BMP"),
        "face.png": painted_photo(7),
    }
