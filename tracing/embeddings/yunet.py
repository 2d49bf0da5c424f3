"""YuNet: a small network that finds faces and their five landmarks, run by ONNX Runtime.

Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector" (Machine Intelligence Research, 2023). For every cell of
three grids (8, 16 and 32 pixels wide) the network tells how much the cell looks like a face, how sure it is of the box, the
box, and five points as offsets from the cell.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracing.embeddings.boxes import clipped, distinct, head_box
from tracing.embeddings.runtime import OnnxModel
from tracing.ports import Detection
from tracing.vision import Pixels

STRIDES = (8, 16, 32)
LEAST = 0.6
"""A cell's score, from 0 to 1, from which on it may be a face; most that are reach 0.88."""

Floats = NDArray[np.float32]


class YunetDetector:
    """Finds faces from about 10 pixels on, leaning ones too. Safe to share between threads.

    Landmarks are the two eyes, the tip of the nose and the corners of the mouth, left before right in the picture. The box is
    derived from them and stands where dlib's detector would have put it, so that all that follows sees the same crop.
    """

    detector_id = "yunet"

    def __init__(self, weights: Callable[[], Path], least: float = LEAST) -> None:
        self._model = OnnxModel(weights)
        self._least = least

    def detect(self, image: Pixels) -> list[Detection]:
        """All faces, the largest first; their boxes lie within the image. ``EncoderUnavailable`` without the weights."""
        height, width = image.shape[:2]
        scores, points = self._cells(image)
        return distinct(
            Detection(
                clipped(head_box(points[row]), width, height),
                tuple((float(x), float(y)) for x, y in points[row]),
                float(scores[row]),
            )
            for row in _best(scores, points)
        )

    def _cells(self, image: Pixels) -> tuple[Floats, Floats]:
        """Scores (n,) and landmarks (n, 5, 2) of the cells that may be a face, in pixels of the image."""
        height, width = image.shape[:2]
        padded = np.zeros((1, 3, -(-height // 32) * 32, -(-width // 32) * 32), dtype=np.float32)
        padded[0, :, :height, :width] = image[:, :, ::-1].transpose(2, 0, 1)  # blue, green, red, from 0 to 255
        outputs = self._model.run(padded)
        found = [self._level(outputs, stride, padded.shape[3] // stride) for stride in STRIDES]
        return np.concatenate([scores for scores, _ in found]), np.concatenate([points for _, points in found])

    def _level(self, outputs: dict[str, Floats], stride: int, columns: int) -> tuple[Floats, Floats]:
        """The score is the geometric mean of class and objectness, as OpenCV's FaceDetectorYN has it."""
        sure = np.clip(outputs[f"cls_{stride}"][0, :, 0], 0, 1) * np.clip(outputs[f"obj_{stride}"][0, :, 0], 0, 1)
        scores = np.sqrt(sure)
        (kept,) = np.nonzero(scores >= self._least)
        corners = np.stack([kept % columns, kept // columns], axis=1).astype(np.float32)
        points = outputs[f"kps_{stride}"][0, kept].reshape(-1, 5, 2) + corners[:, np.newaxis]
        return scores[kept], points * np.float32(stride)


def _best(scores: Floats, points: Floats) -> list[int]:
    """Rows of the best cells first, without those whose points are centred within the spread of a better one's."""
    centres = points.mean(axis=1)
    spreads = np.sqrt(((points - centres[:, np.newaxis]) ** 2).sum(axis=2).mean(axis=1))
    left = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while left.size:
        best = int(left[0])
        kept.append(best)
        left = left[np.hypot(*(centres[left] - centres[best]).T) >= max(float(spreads[best]), 1e-6)]
    return kept
