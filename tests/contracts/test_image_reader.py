"""What every ImageReader promises."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.embeddings.pictures import corner_names, corners, noise, whole, written
from tests.fakes import FakeExaminer, painted_photo, unreadable_photo
from tracing.domain import Box
from tracing.embeddings.imaging import PillowReader
from tracing.errors import Invalid, UnreadablePhoto
from tracing.ports import ImageReader, PhotoInfo

LEVEL_EYES = ((20.0, 20.0), (44.0, 20.0))


@pytest.fixture(params=[PillowReader])
def reader(request: pytest.FixtureRequest) -> ImageReader:
    return request.param()


def test_reading_gives_upright_rgb_of_the_size_that_verifying_told(reader: ImageReader) -> None:
    data = written(corners(64, 48), "PNG")
    pixels = whole(reader, data)
    assert pixels.shape == (48, 64, 3)
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    assert corner_names(pixels) == "rgbw"
    assert reader.verify(data) == PhotoInfo("png", 64, 48)


@pytest.mark.parametrize("use", ["verify", "open", "thumbnail", "portrait", "excerpt"])
@pytest.mark.parametrize("data", [b"", b"not a picture", unreadable_photo()], ids=["empty", "text", "half"])
def test_every_door_refuses_what_is_no_photo(reader: ImageReader, use: str, data: bytes) -> None:
    further = {"thumbnail": (32,), "excerpt": (32,), "portrait": (LEVEL_EYES, 32)}.get(use, ())
    with pytest.raises(UnreadablePhoto) as refusal:
        getattr(reader, use)(data, *further)
    assert refusal.value.problem
    assert str(refusal.value).endswith(".")


def test_a_thumbnail_is_a_jpeg_whose_longer_side_is_at_most_as_asked(reader: ImageReader) -> None:
    small = Image.open(io.BytesIO(reader.thumbnail(written(noise(300, 150), "JPEG"), 100)))
    assert (small.format, small.size) == ("JPEG", (100, 50))


def test_a_thumbnail_never_enlarges(reader: ImageReader) -> None:
    small = Image.open(io.BytesIO(reader.thumbnail(written(corners(30, 20), "PNG"), 100)))
    assert small.size == (30, 20)


def test_an_excerpt_is_what_lies_in_the_box_no_larger_than_asked(reader: ImageReader) -> None:
    exif = Image.Exif()
    exif[0x010E] = "where it was taken"
    data = written(corners(300, 200), "JPEG", exif=exif)
    whole_of_it = Image.open(io.BytesIO(reader.excerpt(data, 150)))
    assert (whole_of_it.format, whole_of_it.size) == ("JPEG", (150, 100))
    assert not whole_of_it.getexif()
    part = Image.open(io.BytesIO(reader.excerpt(data, 150, Box(0, 0, 60, 80))))
    assert part.size == (60, 80), "never enlarged"
    assert corner_names(np.asarray(part)) == "rrrr"


@pytest.mark.parametrize("box", [Box(0, 0, 301, 200), Box(-1, 0, 10, 10), Box(10, 10, 10, 20)])
def test_an_excerpt_of_what_is_not_in_the_photo_is_refused(reader: ImageReader, box: Box) -> None:
    with pytest.raises(Invalid):
        reader.excerpt(written(corners(300, 200), "PNG"), 100, box)


def test_of_what_is_blurred_next_to_nothing_is_left_and_the_rest_is_as_it_was(reader: ImageReader) -> None:
    data = written(noise(400, 400), "PNG")
    plain = np.asarray(Image.open(io.BytesIO(reader.excerpt(data, 400)))).astype(int)
    hidden = np.asarray(
        Image.open(io.BytesIO(reader.excerpt(data, 400, None, [Box(100, 100, 200, 220), Box(390, 390, 500, 500)])))
    )
    inside = hidden[104:216, 104:196].astype(int)
    assert np.abs(np.diff(inside, axis=1)).max() < 40, "no edge is left"
    assert np.abs(np.diff(plain[104:216, 104:196], axis=1)).max() > 100
    assert np.abs(hidden[:90].astype(int) - plain[:90]).max() < 10
    cut = np.asarray(Image.open(io.BytesIO(reader.excerpt(data, 400, Box(50, 50, 250, 250), [Box(100, 100, 200, 220)]))))
    assert np.abs(np.diff(cut[56:164, 56:144].astype(int), axis=1)).max() < 40, "wherever the box begins"


def test_a_portrait_is_a_square_jpeg_with_level_eyes_at_a_fixed_distance(reader: ImageReader) -> None:
    canvas = np.full((200, 200, 3), 90, dtype=np.uint8)
    canvas[98:103, 58:63] = (255, 0, 0)  # the eye on the left of a head that leans
    canvas[128:133, 98:103] = (0, 0, 255)
    data = written(Image.fromarray(canvas), "PNG")
    portrait = np.asarray(Image.open(io.BytesIO(reader.portrait(data, ((60.5, 100.5), (100.5, 130.5)), 200))))
    assert portrait.shape == (200, 200, 3)
    left, right = (_middle(portrait, colour) for colour in (0, 2))
    assert left == pytest.approx((70, 80), abs=1.5)
    assert right == pytest.approx((130, 80), abs=1.5)


def _middle(pixels: np.ndarray, channel: int) -> tuple[float, float]:
    other = 2 - channel
    rows, columns = np.nonzero(pixels[:, :, channel].astype(int) - pixels[:, :, other] > 100)
    return float(columns.mean()), float(rows.mean())


def test_what_lies_outside_of_the_picture_is_grey_in_a_portrait(reader: ImageReader) -> None:
    data = written(Image.new("RGB", (64, 64), (255, 255, 255)), "PNG")
    portrait = np.asarray(Image.open(io.BytesIO(reader.portrait(data, ((4.0, 6.0), (28.0, 6.0)), 100))))
    assert portrait[2, 50] == pytest.approx((128, 128, 128), abs=6)
    assert portrait[80, 60] == pytest.approx((255, 255, 255), abs=6)


def test_an_examiner_verifies_like_its_reader() -> None:
    assert FakeExaminer().verify(painted_photo()) == PillowReader().verify(painted_photo())
