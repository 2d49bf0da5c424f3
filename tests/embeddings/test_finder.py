"""The ladder of looks: what ends it, what is looked at once more, and in whose pixels faces are answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from PIL import Image

from tracing.domain import Box, Pixels
from tracing.embeddings.boxes import head_box, spread_of
from tracing.embeddings.finder import CERTAIN, CONFIRMED, WINDOW, FaceFinder, Look
from tracing.embeddings.picture import DecodedPicture
from tracing.ports import Detection

POINTS = np.array([(-16.0, -10.0), (16.0, -10.0), (0.0, 4.0), (-12.0, 18.0), (12.0, 18.0)])
"""A face of about 75 pixels, around its middle."""
EYE, NOSE = (255, 0, 0), (0, 255, 0)


def painted(faces: Sequence[tuple[int, int, float]], width: int = 900, height: int = 600) -> Image.Image:
    """Grey, with a red and green pattern of five points for each (x, y, scale)."""
    canvas = np.full((height, width, 3), 90, dtype=np.uint8)
    for x, y, scale in faces:
        for number, (across, down) in enumerate(POINTS * scale + (x, y)):
            half = max(1, round(3 * scale))
            colour = EYE if number < 2 else NOSE
            canvas[round(down) - half : round(down) + half, round(across) - half : round(across) + half] = colour
    return Image.fromarray(canvas)


@dataclass
class Scripted:
    """A detector that answers from a list what it sees in its first, second ... image, and notes their shapes."""

    answers: list[list[Detection]]
    detector_id: str = "scripted"
    shapes: list[tuple[int, ...]] = field(default_factory=list)
    images: list[Pixels] = field(default_factory=list)

    def detect(self, image: Pixels) -> list[Detection]:
        self.shapes.append(image.shape[:2])
        self.images.append(image)
        return self.answers[len(self.shapes) - 1] if len(self.shapes) <= len(self.answers) else []


def seen(x: float, y: float, score: float = 0.95, scale: float = 1.0) -> Detection:
    points = POINTS * scale + (x, y)
    return Detection(head_box(points), tuple(map(tuple, points.tolist())), score)


def photo(width: int = 900, height: int = 600) -> DecodedPicture:
    return DecodedPicture(painted([], width, height), 1, width, height)


def middle(face: Detection) -> tuple[float, float]:
    x, y = np.mean(face.landmarks, axis=0)
    return (float(x), float(y))


def test_the_first_look_that_finds_something_ends_the_ladder() -> None:
    detector = Scripted([[], [seen(100, 50)]])
    look = [Look(detector, 300), Look(detector, 600), Look(detector, 900)]
    found = FaceFinder(look, Look(detector, 300)).find(photo())
    assert detector.shapes == [(200, 300), (400, 600)]
    assert found.detector_id == "scripted"
    assert middle(found.faces[0]) == pytest.approx((150.25, 81.25), abs=0.01)
    assert found.faces[0].box.width == pytest.approx(seen(0, 0).box.width * 1.5, abs=2)


def test_a_small_photo_is_enlarged_no_more_than_the_look_allows() -> None:
    detector = Scripted([])
    FaceFinder(
        [Look(detector, 640), Look(detector, 640, enlarged=4), Look(detector, 100, enlarged=4)], Look(detector, 50)
    ).find(photo(90, 60))
    assert detector.shapes[:3] == [(60, 90), (240, 360), (67, 100)]


def test_a_photo_without_a_face_is_looked_at_sideways_and_then_by_the_last_detector() -> None:
    detector, last = Scripted([]), Scripted([], "last")
    found = FaceFinder([Look(detector, 300)], Look(detector, 300), Look(last, 600)).find(photo())
    assert detector.shapes == [(200, 300), (300, 200), (200, 300), (300, 200)]
    assert last.shapes == [(400, 600)]
    assert (found.faces, found.detector_id) == ((), "last")


def test_what_the_last_detector_finds_counts() -> None:
    detector, last = Scripted([]), Scripted([[seen(100, 100)]], "last")
    found = FaceFinder([Look(detector, 300)], Look(detector, 300), Look(last, 900)).find(photo())
    assert (len(found.faces), found.detector_id) == (1, "last")


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_face_found_sideways_is_answered_in_the_pixels_of_the_photo(quarters: int) -> None:
    upright = painted([(60, 40, 1.0)], 300, 200)
    stored = Image.fromarray(np.rot90(np.asarray(upright), -quarters))

    class Pattern:
        detector_id = "pattern"

        def detect(self, image: Pixels) -> list[Detection]:
            eyes = np.argwhere((image == EYE).all(axis=2))
            nose = np.argwhere((image == NOSE).all(axis=2))
            upright = len(eyes) and len(nose) and np.ptp(eyes[:, 0]) < 10 and eyes[:, 0].mean() < nose[:, 0].mean()
            return [seen(60, 40)] if upright else []

    finder = FaceFinder([Look(Pattern(), 300)], Look(Pattern(), 300))
    (face,) = finder.find(DecodedPicture(stored, 1, *stored.size)).faces
    pixels = np.asarray(stored)
    for number, (x, y) in enumerate(face.landmarks):
        assert tuple(pixels[round(y), round(x)]) == (EYE if number < 2 else NOSE)


def test_of_several_ways_that_the_photo_may_lie_the_surest_is_taken() -> None:
    detector = Scripted([[], [seen(50, 50, 0.91)], [seen(60, 60, 0.95)], [seen(70, 70, 0.93)]])
    (face,) = FaceFinder([Look(detector, 900)], Look(detector, 900)).find(photo()).faces
    assert face.score == 0.95


# Looking once more


def confirming(first: list[Detection], again: Callable[[Pixels], list[Detection]]) -> tuple[FaceFinder, Scripted]:
    """A finder whose detector sees ``first`` in the whole photo, and answers with ``again`` for every view of one face."""

    class Confirming(Scripted):
        def detect(self, image: Pixels) -> list[Detection]:
            self.shapes.append(image.shape[:2])
            return first if max(image.shape) == 900 else again(image) if max(image.shape) == WINDOW else []

    detector = Confirming([])
    return FaceFinder([Look(detector, 900)], Look(detector, 300), confirming=detector), detector


def in_the_middle(image: Pixels, score: float, away: float = 0.0) -> list[Detection]:
    """What a face looks like in its own view, whose side is eight times the spread of its points."""
    height, width = image.shape[:2]
    scale = WINDOW / 8 / spread_of(POINTS)
    x, y = np.mean(POINTS, axis=0) * scale
    return [seen(width / 2 - x + away, height / 2 - y, score, scale)]


def test_a_face_that_is_seen_again_in_its_usual_size_is_taken_with_its_exact_landmarks() -> None:
    finder, detector = confirming([seen(403, 298, 0.7)], lambda image: in_the_middle(image, 0.93))
    (face,) = finder.find(photo()).faces
    assert face.score == 0.93
    assert middle(face) == pytest.approx((403, 302), abs=2)
    assert detector.shapes[1:] == [(WINDOW, WINDOW)]


def test_a_face_at_the_edge_is_seen_again_in_the_same_scale() -> None:
    finder, detector = confirming([seen(2, 298)], lambda image: in_the_middle(image, 0.93))
    finder.find(photo())
    height, width = detector.shapes[1]
    assert (height, round(width / height, 1)) == (WINDOW, 0.5)


@pytest.mark.parametrize(
    "again",
    [
        lambda image: [],
        lambda image: in_the_middle(image, CONFIRMED - 0.01),
        lambda image: in_the_middle(image, 0.95, away=40),
    ],
    ids=["not seen", "doubtful", "elsewhere"],
)
def test_a_likeness_that_is_not_seen_again_is_no_face(again: Callable[[Pixels], list[Detection]]) -> None:
    finder, _ = confirming([seen(400, 300)], again)
    assert finder.find(photo()).faces == ()


def test_a_doubtful_face_is_compared_with_what_the_photo_shows_sideways() -> None:
    finder, detector = confirming([seen(400, 300)], lambda image: in_the_middle(image, CERTAIN - 0.02))
    (face,) = finder.find(photo()).faces
    assert face.score == CERTAIN - 0.02
    assert (300, 200) in detector.shapes


def test_a_certain_face_is_not() -> None:
    finder, detector = confirming([seen(400, 300)], lambda image: in_the_middle(image, CERTAIN))
    finder.find(photo())
    assert (300, 200) not in detector.shapes


def test_boxes_lie_in_the_photo() -> None:
    detector = Scripted([[Detection(Box(0, 0, 334, 223), ())]])
    (face,) = FaceFinder([Look(detector, 333)], Look(detector, 300)).find(photo(1000, 667)).faces
    assert face.box == Box(0, 0, 1000, 667)
