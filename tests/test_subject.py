"""Which of several faces a photo is about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.domain import Box
from tracing.subject import DOMINANT, subject_of

WIDTH, HEIGHT = 400, 300


def face(x: int, y: int, side: int) -> Box:
    """A square around a point."""
    return Box(x - side // 2, y - side // 2, x + side // 2, y + side // 2)


MIDDLE = face(200, 150, 100)
SETTINGS = {
    "nobody": ([], None),
    "the only face, wherever it is": ([face(20, 20, 30)], 0),
    "a large face in the middle and a small one behind": ([MIDDLE, face(350, 60, 40)], 0),
    "the same in another order": ([face(350, 60, 40), MIDDLE], 1),
    "two people side by side": ([face(130, 150, 90), face(270, 150, 88)], None),
    "a face that is larger, but not clearly": ([MIDDLE, face(350, 60, 60)], None),
    "just clearly": ([MIDDLE, face(350, 60, 50)], 0),
    "a large face at the edge, the person in the middle farther away": ([face(60, 60, 110), face(200, 150, 40)], None),
    "a crowd around one who stands out": ([MIDDLE, *(face(20 + 40 * n, 30, 20) for n in range(9))], 0),
    "a crowd with two who stand out": ([MIDDLE, face(320, 200, 90), *(face(20 + 40 * n, 30, 20) for n in range(9))], None),
    "two faces at one place": ([MIDDLE, MIDDLE], None),
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_photo_is_about_who_is_alone_or_clearly_dominates(setting: str) -> None:
    boxes, subject = SETTINGS[setting]
    assert subject_of(boxes, WIDTH, HEIGHT) == subject


BOXES = st.lists(st.builds(face, st.integers(0, WIDTH), st.integers(0, HEIGHT), st.integers(2, 300)), min_size=1, max_size=6)


@given(BOXES)
def test_whoever_is_chosen_is_far_larger_than_everybody_else(boxes: list[Box]) -> None:
    subject = subject_of(boxes, WIDTH, HEIGHT)
    if len(boxes) == 1:
        assert subject == 0
    elif subject is not None:
        others = [box.area for number, box in enumerate(boxes) if number != subject]
        assert boxes[subject].area >= DOMINANT**2 * max(others)


@given(BOXES, st.randoms(use_true_random=False))
def test_the_order_of_the_faces_does_not_matter(boxes: list[Box], random: object) -> None:
    shuffled = list(boxes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = subject_of(boxes, WIDTH, HEIGHT), subject_of(shuffled, WIDTH, HEIGHT)
    assert (one is None) == (other is None)
    assert one is None or other is None or boxes[one] == shuffled[other]
