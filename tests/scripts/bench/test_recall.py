"""Whom the detectors miss, counted over painted people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts.bench.recall import measure
from tests.embeddings.pictures import written
from tests.fakes import SKIN, FakeExaminer, faceless_photo, painted_photo, unreadable_photo


def painted(*faces: tuple[int, int, int]) -> bytes:
    """A photo of 400 x 300 pixels with a face at each (left, top) with this side."""
    canvas = np.full((300, 400, 3), 235, dtype=np.uint8)
    for person, (left, top, side) in enumerate(faces):
        canvas[top : top + side, left : left + side] = (SKIN, 0, person)
    return written(Image.fromarray(canvas), "PNG")


PHOTOS = {
    "alone.png": painted((140, 90, 120)),
    "dominating.png": painted((140, 90, 120), (10, 10, 30)),
    "among equals.png": painted((140, 90, 120), (290, 20, 100)),
    "in the corner.png": painted((5, 5, 40)),
    "nobody.png": faceless_photo(),
    "broken.png": unreadable_photo(),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "somebody"
    home.mkdir()
    for name, data in PHOTOS.items():
        (home / name).write_bytes(data)
    return tmp_path


def test_each_photo_is_counted_once_and_what_went_wrong_is_named(folder: Path) -> None:
    result = measure(folder, FakeExaminer())
    assert (result.photos, result.found, result.several, result.taken) == (5, 3, 2, 1)
    assert result.missed == ["somebody/in the corner.png", "somebody/nobody.png"]
    assert result.unreadable == ["somebody/broken.png"]
    assert result.wrong == []


def test_a_bystander_who_was_taken_is_named(folder: Path) -> None:
    class Careless(FakeExaminer):
        def examine(self, data: bytes, encoder_ids: object) -> object:  # type: ignore[override]
            seen = super().examine(data, [])
            return type(seen)(seen.width, seen.height, seen.detector_id, seen.faces, subject=len(seen.faces) - 1)

    (folder / "somebody" / "nobody.png").write_bytes(painted_photo())
    result = measure(folder, Careless())
    assert result.wrong == ["somebody/among equals.png", "somebody/dominating.png"]
