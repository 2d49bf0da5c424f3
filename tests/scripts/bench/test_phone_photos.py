"""Photos of the sizes that phones make, and folders of them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts.bench.phone_photos import MIX, SIZES, draw_people, mixed_folder, photos_of, resized
from tests.fakes import painted_photo, unreadable_photo
from tracing.errors import Invalid


def size_of(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "JPEG"
        return image.size


def test_a_photo_gets_the_size_by_its_longer_side_or_by_its_pixels() -> None:
    small, middle, large = (size_of(resized(painted_photo(), size)) for size in SIZES)
    assert max(small) == 640
    assert np.prod(middle) == pytest.approx(2_000_000, rel=0.01)
    assert np.prod(large) == pytest.approx(12_000_000, rel=0.01)


def test_the_same_seed_gives_the_same_noise_and_another_one_another() -> None:
    photo = painted_photo()
    assert resized(photo, SIZES[0], 1) == resized(photo, SIZES[0], 1) != resized(photo, SIZES[0], 2)


def test_of_a_large_folder_photos_are_taken_evenly_and_broken_ones_left_out(tmp_path: Path) -> None:
    for number in range(7):
        (tmp_path / f"{number}.png").write_bytes(unreadable_photo() if number == 4 else painted_photo(number))
    assert [each.name for each in photos_of(tmp_path, 7)] == ["0.png", "1.png", "2.png", "3.png", "5.png", "6.png"]
    assert [each.name for each in photos_of(tmp_path, 4)] == ["0.png", "2.png", "6.png"]


def test_a_folder_without_a_photo_that_can_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no JPEG"):
        photos_of(tmp_path, 4)
    (tmp_path / "broken.jpg").write_bytes(unreadable_photo())
    with pytest.raises(Invalid, match="no JPEG"):
        photos_of(tmp_path, 4)


def test_a_mixed_folder_keeps_to_the_mix(tmp_path: Path) -> None:
    (tmp_path / "source.png").write_bytes(painted_photo())
    into = tmp_path / "mixed"
    into.mkdir()
    photos = mixed_folder([tmp_path / "source.png"], range(len(MIX)), into)
    assert sorted(into.iterdir()) == sorted(photos)
    assert [each.suffix for each in photos] == [".png" if size is None else ".jpg" for size in MIX]
    large = [size_of(each.read_bytes()) for each in photos if each.suffix == ".jpg"]
    assert sorted(round(np.prod(each) / 1e6) for each in large) == [2, 2, 2, 12]


def test_drawn_people_are_the_same_each_time(tmp_path: Path) -> None:
    one, other = (draw_people(tmp_path, [seed])[0].read_bytes() for seed in (3, 3))
    assert one == other
    assert size_of(one) == (480, 600)
