"""A face drawn in a few strokes: no likeness of anybody, but as bright, contrasty and sharp as a good photo of a face."""

from __future__ import annotations

import numpy as np

from tracing.domain import Box, Landmarks, Pixels
from tracing.ports import Detection

SIDE = 280
BOX = Box(55, 65, 225, 235)
FIVE: Landmarks = ((105.0, 120.0), (175.0, 120.0), (140.0, 165.0), (109.0, 200.0), (171.0, 200.0))
"""Eyes 70 pixels apart, tip of the nose, corners of the mouth."""
THREE: Landmarks = FIVE[:3]

SKIN, DARK, LIP = (196, 152, 128), (42, 34, 32), (150, 62, 66)

ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE]


def portrait(mask: tuple[int, int, int] | None = None, glasses: bool = False) -> Pixels:
    """The face of ``FIVE``, seen from the front; with a mask of this colour, or with dark glasses."""
    canvas = np.empty((SIDE, SIDE, 3))
    canvas[:] = np.linspace(70, 110, SIDE)[:, None, None]
    _paint(canvas, _oval(140, 155, 85, 115), SKIN)
    for x, y in FIVE[:2]:
        _paint(canvas, _oval(x, y - 16, 19, 4), DARK)
        _paint(canvas, _oval(x, y, 15, 8), (225, 222, 218))
        _paint(canvas, _oval(x, y, 7, 7), DARK)
    _paint(canvas, _oval(140, 172, 14, 3), (150, 110, 92))
    _paint(canvas, _oval(140, 200, 31, 9), LIP)
    _paint(canvas, _oval(140, 200, 29, 2), DARK)
    canvas *= 1.08 - 0.3 * ((COLUMNS - 140) / 85)[..., None] ** 2
    canvas += 5 * _grain()[..., None]
    if mask is not None:
        _paint(canvas, _oval(140, 205, 78, 58) & (ROWS > 155), mask)
    if glasses:
        for x, y in FIVE[:2]:
            _paint(canvas, _oval(x, y, 29, 21), (20, 20, 22))
    return _pixels(canvas)


def seen(pixels: Pixels, gain: float = 1.0, offset: float = 0.0) -> Pixels:
    """The same in more or less light, or with less contrast."""
    return _pixels(pixels * gain + offset)


def turned(detection: Detection, quarters: int, side: int = SIDE) -> Detection:
    """The face of a square picture in ``numpy.rot90(picture, quarters)``; the eyes keep their order."""
    box, landmarks = detection.box, detection.landmarks
    for _ in range(quarters):
        box = Box(box.top, side - box.right, box.bottom, side - box.left)
        landmarks = tuple((y, side - 1 - x) for x, y in landmarks)
    return Detection(box, landmarks)


def _oval(x: float, y: float, across: float, down: float) -> np.ndarray:
    return ((COLUMNS - x) / across) ** 2 + ((ROWS - y) / down) ** 2 <= 1


def _paint(canvas: np.ndarray, where: np.ndarray, colour: tuple[int, int, int]) -> None:
    canvas[where] = colour


def _grain() -> np.ndarray:
    """Skin: it varies over five pixels, with a standard deviation of 1."""
    noise = np.random.default_rng(0).standard_normal((SIDE, SIDE))
    for axis in (0, 1):
        noise = sum(np.roll(noise, shift, axis) for shift in range(5))
    grain: np.ndarray = noise / noise.std()
    return grain


def _pixels(canvas: np.ndarray) -> Pixels:
    return np.clip(canvas, 0, 255).astype(np.uint8)
