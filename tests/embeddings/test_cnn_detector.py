"""The converted face detector beside dlib's own, on photos of people, of several people and of none."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import dlib
import numpy as np
import pytest
from PIL import Image

from tracing.domain import Box, Pixels
from tracing.embeddings.cnn_detector import BORDER, FACES, CnnDetector, Window, _box, _is_same, _pyramid, reduced
from tracing.embeddings.dlib_file import read_network
from tracing.embeddings.dlib_layers import Network
from tracing.embeddings.dlib_models import CNN, RESNET, detection_network, model_file
from tracing.embeddings.dlib_onnx import detection_graph, window_of
from tracing.errors import EncoderUnavailable
from tracing.ports import Detection

ONE_FACE = "negatives/rotated_pixels_0_reference.jpg"
SEVERAL_FACES = "negatives/many_4.jpg"

Read = Callable[[str], Pixels]


@pytest.fixture(scope="module")
def network() -> Network:
    return read_network(model_file(CNN).read_bytes())


@pytest.fixture(scope="module")
def model(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "detector.onnx"
    path.write_bytes(detection_graph(network))
    return path


@pytest.fixture(scope="module")
def detector(model: Path) -> CnnDetector:
    return CnnDetector(lambda: model)


@pytest.fixture
def read(dev_set: Path) -> Read:
    """The pixels of a photo, or of the first in a person's folder."""

    def pixels(name: str) -> Pixels:
        path = dev_set / name
        return np.array(Image.open(sorted(path.iterdir())[0] if path.is_dir() else path).convert("RGB"))

    return pixels


def noise(height: int, width: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def theirs(image: Pixels) -> list[tuple[Box, float]]:
    """What dlib finds, with its box cut at the edges; its right and bottom are inclusive."""
    found = []
    for face in detection_network(model_file(CNN))(image, 0):
        box = Box(face.rect.left(), face.rect.top(), face.rect.right() + 1, face.rect.bottom() + 1)
        found.append((inside(box, image), face.confidence))
    return found


def inside(box: Box, image: Pixels) -> Box:
    height, width = image.shape[:2]
    return Box(max(0, box.left), max(0, box.top), min(width, box.right), min(height, box.bottom))


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    shared = max(0, width) * max(0, height)
    return shared / (one.area + other.area - shared)


def nearest(box: Box, faces: list[Detection]) -> Detection:
    assert faces, "nothing was found"
    return max(faces, key=lambda face: overlap(face.box, box))


# Beside dlib


@pytest.mark.photos
@pytest.mark.parametrize(
    "name",
    [
        ONE_FACE,
        SEVERAL_FACES,
        "negatives/cartoon_face.jpg",
        "negatives/noface_mountain.jpg",
        "negatives/exif3_lfw__Tony_Stewart__Tony_Stewart_0006.jpg",  # on its head, and read without the tag
        "people/lfw__Sonia_Gandhi",
        "people/fgnet__026",
    ],
)
def test_it_finds_what_dlib_finds_and_nothing_else(detector: CnnDetector, read: Read, name: str) -> None:
    image = read(name)
    faces, expected = detector.detect(image), theirs(image)
    assert len(faces) == len(expected)
    for box, _ in expected:
        assert overlap(nearest(box, faces).box, box) > 0.55  # the windows of smaller copies stand on another grid


@pytest.mark.photos
def test_in_the_image_itself_boxes_and_scores_are_those_of_dlib(detector: CnnDetector, read: Read) -> None:
    """Of smaller copies neither can be the same; but here dlib's large image begins with the same black border."""
    image = read(SEVERAL_FACES)
    expected = [(box, score) for box, score in theirs(image) if box.width == FACES.width]
    assert len(expected) >= 3
    faces = detector.detect(image)
    for box, score in expected:
        face = nearest(box, faces)
        assert face.box == box
        assert face.score == pytest.approx(score, abs=0.01)


@pytest.mark.photos
def test_a_face_cut_by_the_edge_is_found_with_its_box_cut_at_the_edge(detector: CnnDetector, read: Read) -> None:
    image = read(ONE_FACE)
    (face,) = detector.detect(image)
    cut = image[:, face.box.left + face.box.width // 8 :]
    (found,) = detector.detect(cut)
    assert found.box.left == 0
    assert found.box.right <= cut.shape[1]


@pytest.mark.photos
def test_a_face_scores_about_one_and_none_is_told_below_the_least(detector: CnnDetector, model: Path, read: Read) -> None:
    image = read(ONE_FACE)
    (face,) = detector.detect(image)
    assert 0.7 < face.score < 1.5
    assert CnnDetector(lambda: model, least=1.5).detect(image) == []


@pytest.mark.photos
def test_the_eyes_are_in_the_upper_half_of_the_box(detector: CnnDetector, read: Read) -> None:
    for face in detector.detect(read(SEVERAL_FACES)):
        (left, left_y), (right, right_y), nose = face.landmarks
        assert face.box.left < left < nose[0] < right < face.box.right
        assert face.box.top < (left_y + right_y) / 2 < face.box.top + face.box.height * 0.6


@pytest.mark.photos
def test_the_largest_comes_first(detector: CnnDetector, read: Read) -> None:
    areas = [face.box.area for face in detector.detect(read(SEVERAL_FACES))]
    assert areas == sorted(areas, reverse=True)


@pytest.mark.photos
def test_a_view_into_a_larger_array_is_fine_and_is_not_changed(detector: CnnDetector, read: Read) -> None:
    image = read(ONE_FACE)
    before, view = image.copy(), np.pad(image, ((7, 5), (3, 9), (0, 0)))[7:-5, 3:-9]
    assert detector.detect(view) == detector.detect(image)
    assert np.array_equal(image, before)


@pytest.mark.photos
def test_threads_get_what_one_thread_gets(detector: CnnDetector, read: Read) -> None:
    image = read("people/lfw__Sonia_Gandhi")
    alone = detector.detect(image)
    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(lambda _: detector.detect(image) == alone, range(8)))


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2), (39, 41), (40, 40), (41, 1000), (80, 80), (201, 203)])
def test_an_image_of_any_size_is_searched(detector: CnnDetector, size: tuple[int, int]) -> None:
    assert detector.detect(np.full((*size, 3), 128, dtype=np.uint8)) == []
    assert detector.detect(noise(*size)) == []


def test_missing_weights_are_told(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match=r"detector\.onnx cannot be loaded"):
        CnnDetector(lambda: tmp_path / "detector.onnx").detect(noise(100, 100))


# The pyramid


@pytest.mark.parametrize("size", [(80, 80), (97, 131), (332, 500), (41, 300)])
def test_a_copy_is_the_one_that_dlib_makes(size: tuple[int, int]) -> None:
    image: Any = noise(*size)
    for _ in range(3):
        expected = dlib.pyramid_down(6)(image)
        mine = reduced(image)
        assert mine.shape == expected.shape
        difference = np.abs(mine.astype(int) - expected)
        assert difference.max() <= 1
        assert (difference > 0).mean() < 0.02
        image = expected


def test_copies_get_smaller_until_a_window_hardly_fits() -> None:
    sides = [copy.shape[0] for copy in _pyramid(noise(130, 200), FACES)]
    assert sides == [130, 108, 90, 75, 62, 51, 42]


def test_the_window_is_the_one_that_the_file_describes(network: Network) -> None:
    assert window_of(network) == FACES


def test_a_network_that_detects_nothing_has_no_window() -> None:
    with pytest.raises(EncoderUnavailable, match="no detector"):
        window_of(read_network(model_file(RESNET).read_bytes()))


@pytest.mark.parametrize("level", range(4))
def test_a_place_is_led_back_into_the_image_as_dlib_does_it(level: int) -> None:
    for row, column in ((0, 0), (3, 7), (40, 21)):
        x, y = (place * FACES.stride + FACES.offset - BORDER for place in (column, row))
        window = dlib.drectangle(x - 39.5, y - 39.5, x + 39.5, y + 39.5)
        up = dlib.pyramid_down(6).rect_up(window, level) if level else window
        sides = [int(np.floor(side + 0.5)) for side in (up.left(), up.top(), up.right(), up.bottom())]
        assert _box(row, column, level, FACES) == Box(sides[0], sides[1], sides[2] + 1, sides[3] + 1)


COVERING: Window = replace(FACES, most_covered=0.9)


@pytest.mark.parametrize(
    ("one", "other", "window", "same"),
    [
        (Box(0, 0, 100, 100), Box(0, 0, 100, 100), FACES, True),
        (Box(0, 0, 100, 100), Box(100, 0, 200, 100), FACES, False),
        (Box(0, 0, 100, 100), Box(49, 0, 149, 100), FACES, True),  # 51 of 149
        (Box(0, 0, 100, 100), Box(50, 0, 150, 100), FACES, False),  # 50 of 150
        (Box(0, 0, 100, 100), Box(28, 28, 128, 128), FACES, False),  # 0.35 of the union, 0.32 of the rectangle around both
        (Box(0, 0, 100, 100), Box(20, 20, 70, 70), FACES, False),  # inside, but a quarter of it
        (Box(0, 0, 100, 100), Box(20, 20, 70, 70), COVERING, True),
    ],
)
def test_two_windows_show_one_face_where_dlib_thinks_so(one: Box, other: Box, window: Window, same: bool) -> None:
    assert _is_same(one, other, window) is same
    assert _is_same(other, one, window) is same
