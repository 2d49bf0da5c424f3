"""From a face in an image to the small upright picture of it that an encoder's network looks at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tracing.embeddings.boxes import quarters_to_upright, seed_box, turned
from tracing.embeddings.dlib_models import DLIB, dlib_module, five_points
from tracing.ports import Detection
from tracing.vision import Box, Landmarks, Pixels

DLIB_SIDE: Final = 150
DLIB_PADDING: Final = 0.25
"""What ``compute_face_descriptor`` of dlib uses; face_recognition leaves it at that."""

ARCFACE_SIDE: Final = 112
ARCFACE_POINTS: Final = np.array(
    [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)]
)
"""Where eyes, tip of the nose and corners of the mouth belong in a chip of 112 pixels (Deng et al., ArcFace, 2019)."""


def dlib_chips(image: Pixels, faces: Sequence[Detection]) -> Pixels:
    """uint8 (n, 150, 150, 3): each face as dlib aligns it by its five points; one that lies on its side is turned first."""
    chips = np.empty((len(faces), DLIB_SIDE, DLIB_SIDE, 3), dtype=np.uint8)
    for row, face in enumerate(faces):
        view, upright = _upright(image, face)
        chips[row] = _dlib_chip(view, seed_box(upright))
    return chips


def dlib_points(image: Pixels, box: Box) -> Landmarks:
    """dlib's five points in a box: the corners of the eye on the right, of the eye on the left, the base of the nose."""
    with DLIB:
        return tuple((float(point.x), float(point.y)) for point in five_points()(image, _rectangle(box)).parts())


def arcface_chips(image: Pixels, faces: Sequence[Landmarks]) -> Pixels:
    """uint8 (n, 112, 112, 3): each face with its five points, or its two eyes alone, as near as can be to where they belong."""
    chips = np.empty((len(faces), ARCFACE_SIDE, ARCFACE_SIDE, 3), dtype=np.uint8)
    for row, landmarks in enumerate(faces):
        points = np.array(landmarks if len(landmarks) == 5 else landmarks[:2], dtype=np.float64).reshape(-1, 2)
        chips[row] = _warped(image, similarity(ARCFACE_POINTS[: len(points)], points))
    return chips


def similarity(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The turn, scale and shift (2, 3) that bring the points ``source`` nearest to ``target`` by least squares.

    Closed form in complex numbers: with z = x + iy, the best w in target = w * source + shift is <source, target> / |source|^2
    over centred points (Umeyama 1991, without reflection).
    """
    here, there = source[:, 0] + 1j * source[:, 1], target[:, 0] + 1j * target[:, 1]
    centred = here - here.mean()
    turn = np.vdot(centred, there - there.mean()) / max(float(np.vdot(centred, centred).real), 1e-12)
    shift = there.mean() - turn * here.mean()
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def _upright(image: Pixels, face: Detection) -> tuple[Pixels, Detection]:
    quarters = quarters_to_upright(face.landmarks)
    if quarters == 0:
        return np.ascontiguousarray(image), face
    height, width = image.shape[:2]
    return np.ascontiguousarray(np.rot90(image, quarters)), turned(face, quarters, width, height)


def _dlib_chip(image: Pixels, box: Box) -> Pixels:
    dlib = dlib_module()
    with DLIB:
        shape = five_points()(image, _rectangle(box))
        chip: Pixels = dlib.get_face_chip(image, shape, DLIB_SIDE, DLIB_PADDING)
        return chip


def _rectangle(box: Box) -> Any:
    return dlib_module().rectangle(box.left, box.top, box.right, box.bottom)


def _warped(image: Pixels, transform: NDArray[np.float64]) -> Pixels:
    """The chip whose pixels ``transform`` maps into the image, as numbers of columns and rows; what lies outside is black.

    A face much larger than the chip is averaged down by a whole factor first: resampling looks at four pixels only.
    Pillow counts from the edges of pixels and not from their middles, half a pixel away.
    """
    corners = transform @ np.array([[0, ARCFACE_SIDE, 0, ARCFACE_SIDE], [0, 0, ARCFACE_SIDE, ARCFACE_SIDE], [1, 1, 1, 1]])
    left, top = np.maximum(np.floor(corners.min(axis=1)).astype(int) - 2, 0)
    right, bottom = np.ceil(corners.max(axis=1)).astype(int) + 2
    part = np.ascontiguousarray(image[top : max(top, bottom), left : max(left, right)])
    if part.size == 0:
        return np.zeros((ARCFACE_SIDE, ARCFACE_SIDE, 3), dtype=np.uint8)
    factor = max(1, int(np.hypot(transform[0, 0], transform[1, 0])))
    picture = Image.fromarray(part).reduce(factor) if factor > 1 else Image.fromarray(part)
    shift = transform[:, 2] - transform[:, :2].sum(axis=1) / 2 + 0.5 - (left, top)
    inside = np.column_stack([transform[:, :2], shift]) / factor
    chip = picture.transform(
        (ARCFACE_SIDE, ARCFACE_SIDE), Image.Transform.AFFINE, tuple(inside.ravel().tolist()), resample=Image.Resampling.BILINEAR
    )
    return np.asarray(chip)
