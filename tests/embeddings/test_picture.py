"""A decoded photo, of which parts and views are asked for: the same pixels whatever its orientation, mode and scale."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.embeddings.pictures import corner_names, corners, noise
from tracing.domain import Box
from tracing.embeddings import picture as module
from tracing.embeddings.picture import TURNS, DecodedPicture

INVERSE = {turn: turn for turn in Image.Transpose} | {
    Image.Transpose.ROTATE_90: Image.Transpose.ROTATE_270,
    Image.Transpose.ROTATE_270: Image.Transpose.ROTATE_90,
}
BOXES = [Box(0, 0, 90, 60), Box(10, 5, 40, 30), Box(-20, -20, 15, 100), Box(80, 50, 400, 400), Box(33, 59, 34, 60)]


def lying(upright: Image.Image, orientation: int) -> DecodedPicture:
    """As a camera stores it that was held so."""
    turn = TURNS.get(orientation)
    raw = upright if turn is None else upright.transpose(INVERSE[turn])
    return DecodedPicture(raw, orientation, *raw.size)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("box", BOXES)
def test_a_part_is_what_the_upright_photo_shows_there(orientation: int, box: Box) -> None:
    upright = noise(90, 60)
    photo = lying(upright, orientation)
    assert (photo.width, photo.height) == (90, 60)
    part = photo.part(box)
    left, top, right, bottom = max(0, box.left), max(0, box.top), min(90, box.right), min(60, box.bottom)
    assert np.array_equal(part.pixels, np.asarray(upright)[top:bottom, left:right])
    assert (part.left, part.top, part.scale) == (left, top, 1)
    assert part.frame == Box(-left, -top, 90 - left, 60 - top)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("longest", "size"), [(90, (60, 90)), (45, (30, 45)), (180, (120, 180)), (7, (5, 7))])
def test_a_view_is_the_upright_photo_with_the_longer_side_asked_for(
    orientation: int, longest: int, size: tuple[int, int]
) -> None:
    view = lying(corners(90, 60), orientation).view(longest)
    assert view.pixels.shape[:2] == size
    assert view.scale == pytest.approx(90 / longest)
    assert (view.left, view.top) == (0, 0)
    if longest > 10:
        assert corner_names(view.pixels) == "rgbw"


def test_a_view_of_a_box_shows_the_box_alone_and_where_it_is() -> None:
    view = lying(corners(90, 60), 6).view(64, Box(45, 30, 90, 60))
    assert view.pixels.shape == (43, 64, 3)
    assert (view.pixels[2:, 2:] > 250).all()
    assert (view.left, view.top) == (45, 30)
    assert view.scale == pytest.approx(45 / 64)


@pytest.mark.parametrize("box", [Box(200, 200, 300, 300), Box(10, 10, 10, 40), Box(-9, -9, 0, 0)])
def test_nothing_is_one_black_pixel(box: Box) -> None:
    photo = lying(noise(90, 60), 1)
    assert photo.part(box).pixels.tolist() == [[[0, 0, 0]]]
    assert not photo.view(16, box).pixels.any()


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "RGBA", "LA", "1", "I;16"])
@pytest.mark.parametrize("longest", [300, 90, 20])
def test_every_mode_gives_rgb_of_the_same_size(mode: str, longest: int) -> None:
    image = Image.fromarray(np.full((200, 300), 30_000, dtype="<u2")) if mode == "I;16" else noise(300, 200).convert(mode)
    photo = DecodedPicture(image, 1, 300, 200)
    assert photo.view(longest).pixels.shape == (round(longest / 1.5), longest, 3)
    assert photo.part(Box(5, 5, 55, 45)).pixels.shape == (40, 50, 3)


def test_a_mode_that_is_converted_in_strips_looks_like_the_whole_converted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    image = Image.linear_gradient("L").resize((600, 400)).convert("CMYK")
    whole = np.asarray(DecodedPicture(image.convert("RGB"), 1, 600, 400).view(100).pixels, dtype=int)
    monkeypatch.setattr(module, "STRIP_PIXELS", 5_000)
    in_strips = np.asarray(DecodedPicture(image, 1, 600, 400).view(100).pixels, dtype=int)
    assert np.abs(whole - in_strips).max() <= 4


def test_a_part_that_would_take_too_much_memory_is_averaged_down(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = DecodedPicture(corners(400, 300), 8, 400, 300)
    monkeypatch.setattr(module, "MEMORY", 4 * 400 * 300 + 10 * 20_000)
    monkeypatch.setattr(module, "LEAST_PART", 1)
    part = photo.part(Box(0, 0, 300, 400))
    assert part.scale == 3
    assert part.pixels.shape == (134, 100, 3)
    assert photo.part(Box(0, 0, 100, 100)).scale == 1


def test_coordinates_stay_those_of_the_full_size_where_the_file_was_decoded_smaller() -> None:
    photo = DecodedPicture(corners(100, 50), 1, 400, 200)
    assert (photo.width, photo.height) == (400, 200)
    part = photo.part(Box(200, 100, 400, 200))
    assert part.pixels.shape == (25, 50, 3)
    assert (part.left, part.top, part.scale, part.frame) == (200, 100, 4, Box(-50, -25, 50, 25))
    assert (part.pixels == 255).all()
    assert photo.view(200).scale == 2
