"""Photos that are built as no camera builds them are refused before a decoder sees them; those of cameras are not."""

from __future__ import annotations

import re

import pytest
from PIL import Image

from tests.embeddings.pictures import noise, written
from tests.hostile.bombs import BOMBS, chunk
from tests.hostile.disguises import segment
from tests.hostile.samples import samples
from tracing.embeddings import containers
from tracing.embeddings.imaging import MAX_SIDE, PillowReader
from tracing.embeddings.memory import SCANS, memory_needed
from tracing.errors import UnreadablePhoto

READER = PillowReader()
FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "heic": "HEIF", "gif": "GIF", "tif": "TIFF", "bmp": "BMP"}
UNUSUAL = [
    *("comments.jpg", "filled.jpg", "reserved.jpg", "after_the_end.jpg", "chunks.png", "empty_data.png", "chunks_behind.png"),
    *("extensions.gif", "comment.gif", "junk.gif", "chunks.webp", "free.heic", "row_of_runs.bmp", "many_runs.bmp"),
    *("one_row.png", "one_column.png", "scans_grey.jpg", "scans_colour.jpg"),
]


@pytest.mark.parametrize("name", samples())
def test_what_a_phone_or_a_program_writes_is_nothing_unusual(name: str) -> None:
    assert not containers.unusual(FORMATS[name.split(".")[-1]], samples()[name])
    READER.verify(samples()[name])


@pytest.mark.parametrize("name", UNUSUAL)
def test_what_would_cost_minutes_or_gigabytes_is_refused_by_how_it_is_built(name: str) -> None:
    with pytest.raises(UnreadablePhoto) as refused:
        READER.verify(BOMBS[name]())
    assert refused.value.problem == "unusual"


@pytest.mark.parametrize("kind", FORMATS.values())
@pytest.mark.parametrize("rest", [b"", b"\0" * 9, b"\xff" * 9, b"\xff\xd8\xff\xda", b"II*\0\xff\xff\xff\xff"])
def test_what_is_hardly_there_is_looked_over_without_a_stumble(kind: str, rest: bytes) -> None:
    containers.unusual(kind, rest)
    containers.scans(rest)


@pytest.mark.parametrize("size", [(MAX_SIDE, 1), (1, MAX_SIDE)])
def test_the_longest_side_that_is_read_can_also_be_shown(size: tuple[int, int]) -> None:
    assert READER.thumbnail(written(Image.new("L", size), "PNG"), 200)
    with pytest.raises(UnreadablePhoto):
        READER.verify(written(Image.new("L", tuple(MAX_SIDE + 1 if side > 1 else 1 for side in size)), "PNG"))


def test_scans_are_those_of_the_first_picture_whatever_lies_behind_it() -> None:
    plain, progressive = written(noise(64, 64), "JPEG"), written(noise(64, 64), "JPEG", progressive=True)
    assert containers.scans(plain) == 1
    assert containers.scans(progressive) == progressive.count(b"\xff\xda")
    assert containers.scans(plain + progressive * 20) == 1
    assert containers.scans(plain[:2] + segment(0xE1, progressive) + plain[2:]) == 1, "a thumbnail inside of the notes"


def test_a_photo_with_a_film_behind_it_is_read() -> None:
    """As phones keep motion photos; two megabytes of any film hold the bytes of a scan's start a few dozen times."""
    film = b"\0\0\0\x18ftypmp42" + b"\x11\xff\xda\x00" * 5_000
    assert READER.verify(written(noise(64, 64), "JPEG") + film).width == 64


def test_a_first_scan_that_leaves_colours_out_counts_as_several() -> None:
    """libjpeg keeps all coefficients then, whatever follows."""
    whole = written(noise(64, 64), "JPEG")
    at = whole.index(b"\xff\xda")
    only_grey = whole[:at] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + whole[at + 14 :]
    assert containers.scans(only_grey) == 2
    one, two = Image.new("RGB", (64, 64)), Image.new("RGB", (64, 64))
    one.format = two.format = "JPEG"
    one.info[SCANS], two.info[SCANS] = 1, 2
    assert memory_needed(two) > memory_needed(one)


def test_a_photo_of_many_chunks_as_programs_write_them_is_kept() -> None:
    whole = samples()["png"]
    assert READER.verify(whole[:33] + chunk(b"tEXt", b"a\0b") * 1_000 + whole[33:]).format == "png"


def test_the_sentence_says_what_to_do() -> None:
    with pytest.raises(UnreadablePhoto) as refused:
        READER.verify(BOMBS["junk.gif"]())
    assert re.search("save it anew as a JPEG", str(refused.value))
