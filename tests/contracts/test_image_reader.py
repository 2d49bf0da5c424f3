"""What every ImageReader promises."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.embeddings.pictures import corner_names, corners, noise, whole, written
from tests.fakes import FakeExaminer, painted_photo, unreadable_photo
from tracing.embeddings.imaging import PillowReader
from tracing.errors import UnreadablePhoto
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


@pytest.mark.parametrize("use", ["verify", "open", "thumbnail", "portrait"])
@pytest.mark.parametrize("data", [b"", b"not a picture", unreadable_photo()], ids=["empty", "text", "half"])
def test_every_door_refuses_what_is_no_photo(reader: ImageReader, use: str, data: bytes) -> None:
    further = {"thumbnail": (32,), "portrait": (LEVEL_EYES, 32)}.get(use, ())
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
