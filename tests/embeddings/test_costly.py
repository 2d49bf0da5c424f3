"""Small files that would take gigabytes, or that one door reads and another does not."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from tests.embeddings.pictures import written
from tests.hostile.bombs import clear, packed_tiff, png_of, tiff
from tests.hostile.disguises import NOTES
from tracing.embeddings.imaging import PillowReader
from tracing.embeddings.memory import OTHERWISE, memory_needed
from tracing.errors import UnreadablePhoto

DOORS: dict[str, Callable[[PillowReader, bytes], object]] = {
    "verify": PillowReader.verify,
    "open": PillowReader.open,
    "thumbnail": lambda reader, data: reader.thumbnail(data, 32),
}


def said(data: bytes) -> set[str]:
    """What the doors say of a photo; one word where all say the same."""
    found = set()
    for look in DOORS.values():
        try:
            look(PillowReader(), data)
            found.add("read")
        except UnreadablePhoto as refused:
            found.add(refused.problem)
    return found


def test_a_tile_counts_for_what_it_is_unpacked_to() -> None:
    """Five photos of 64 pixels across and down took 5 GiB."""
    assert said(packed_tiff(64, zlib.compress(bytes(256 * 256)), (322, 4, 1, 256), (323, 4, 1, 256))) == {"read"}
    assert said(packed_tiff(64, b"", (322, 4, 1, 20_000), (323, 4, 1, 22_000))) == {"too_much_memory"}


@pytest.mark.parametrize(("planes", "samples"), [(1, 3), (2, 1)])
def test_so_does_a_strip_and_of_colours_in_planes_one(planes: int, samples: int) -> None:
    tags = ((256, 4, 1, 5_000), (257, 4, 1, 4_000), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 2), (277, 3, 1, 3))
    tags += ((273, 4, 1, 8), (278, 4, 1, 2**32 - 1), (279, 4, 1, 8), (284, 3, 1, planes))
    with Image.open(io.BytesIO(tiff(tags))) as image:
        assert memory_needed(image) == 20e6 * (OTHERWISE + samples)


def test_what_shows_through_counts_for_the_colours_it_is_laid_over() -> None:
    """A thumbnail of it took eleven seconds."""
    header = png_of(15_800, 15_800, 8, 0, b"")
    assert said(header) == {"truncated"}
    assert said(clear(header)) == {"too_much_memory"}


@pytest.mark.parametrize("name", ["no_palette.png", "clear_beyond_palette.png", "no_number.tif"])
def test_what_cannot_be_shown_is_not_taken_either(name: str) -> None:
    assert said(NOTES[name]()) == {"damaged"}


def test_a_photo_of_another_codec_in_the_same_box_is_no_photo_rather_than_a_damaged_one() -> None:
    data = bytearray(written(Image.new("RGB", (64, 48)), "AVIF"))
    data[8:12] = b"mif1"
    assert said(bytes(data)) == {"not_an_image"}
