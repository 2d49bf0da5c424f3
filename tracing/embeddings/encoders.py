"""Encoders: a face to its template, by way of an alignment and a network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from tracing.embeddings.alignment import arcface_chips, dlib_chips
from tracing.embeddings.boxes import clipped, moved
from tracing.embeddings.dlib_models import five_points
from tracing.embeddings.networks import Network
from tracing.ports import Detection, Detector, Encoder, Metric
from tracing.vectors import unit
from tracing.vision import Box, Landmarks, Pixels, Vector

AROUND = 0.6
"""How far beyond a box, as a part of its side, landmarks are looked for."""


class DlibEncoder:
    """A network of dlib's recognition family as face_recognition calls it: five landmarks, no jitter.

    Its vectors are not of unit length; by cosine they miss fewer people in a gallery than by distance. With ``mirrored`` a
    template is the mean of the face and its mirror image. Safe to share between threads.
    """

    metric = Metric.COSINE

    def __init__(self, encoder_id: str, network: Network, dimension: int = 128, mirrored: bool = False) -> None:
        self.encoder_id = encoder_id
        self.dimension = dimension
        self._network = network
        self._describe = partial(_mirrored, network) if mirrored else network.describe

    def encode(self, image: Pixels, faces: Sequence[Detection]) -> Vector:
        """float32 (len(faces), dimension). ``EncoderUnavailable`` where the models cannot be loaded."""
        if not faces:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return self._describe(dlib_chips(image, faces))

    def warm(self) -> None:
        five_points()
        self._network.warm()


class ArcFaceEncoder:
    """A network that was trained on faces aligned as ArcFace aligns them: by eyes, tip of the nose and corners of the mouth.

    A face that comes with other landmarks is looked for again by ``landmarks``; where that does not find it, its eyes alone
    have to do. ``mirrored`` as for ``DlibEncoder``. Safe to share between threads.
    """

    metric = Metric.COSINE

    def __init__(self, encoder_id: str, network: Network, dimension: int, landmarks: Detector, mirrored: bool = False) -> None:
        self.encoder_id = encoder_id
        self.dimension = dimension
        self._network = network
        self._describe = partial(_mirrored, network) if mirrored else network.describe
        self._landmarks = landmarks

    def encode(self, image: Pixels, faces: Sequence[Detection]) -> Vector:
        """float32 (len(faces), dimension). ``EncoderUnavailable`` where the models cannot be loaded."""
        if not faces:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return self._describe(arcface_chips(image, [self._points(image, face) for face in faces]))

    def warm(self) -> None:
        self._network.warm()

    def _points(self, image: Pixels, face: Detection) -> Landmarks:
        if len(face.landmarks) == 5:
            return face.landmarks
        return _five_landmarks(image, face, self._landmarks) or _eyes(face)


class CompositeEncoder:
    """Several encoders at once: their templates one after the other, each brought to unit length times the root of its weight.

    The cosine of two such templates is the weighted mean of the cosines of their parts. Weights are made to add up to 1.
    """

    metric = Metric.COSINE

    def __init__(self, encoder_id: str, parts: Sequence[tuple[Encoder, float]]) -> None:
        if not parts or any(weight <= 0 or encoder.metric is not Metric.COSINE for encoder, weight in parts):
            raise ValueError("a composite is made of encoders that are compared by cosine, each with a weight above 0")
        self.encoder_id = encoder_id
        self.dimension = sum(encoder.dimension for encoder, _ in parts)
        total = sum(weight for _, weight in parts)
        self._parts = [(encoder, np.float32(np.sqrt(weight / total))) for encoder, weight in parts]

    def encode(self, image: Pixels, faces: Sequence[Detection]) -> Vector:
        """float32 (len(faces), dimension), of unit length. ``EncoderUnavailable`` where a part cannot be loaded."""
        return np.concatenate([share * unit(encoder.encode(image, faces)) for encoder, share in self._parts], axis=1)

    def warm(self) -> None:
        for encoder, _ in self._parts:
            encoder.warm()


def _mirrored(network: Network, chips: Pixels) -> Vector:
    """The mean of what the network says of each chip and of its mirror image, both brought to unit length, and it too."""
    both = network.describe(np.concatenate([chips, chips[:, :, ::-1]]))
    straight, mirrored = unit(both[: len(chips)]), unit(both[len(chips) :])
    return unit(straight + mirrored)


def _five_landmarks(image: Pixels, face: Detection, detector: Detector) -> Landmarks:
    """Those of the face that the detector finds nearest to the middle of the box; none where it finds none in it."""
    height, width = image.shape[:2]
    box, margin = face.box, round(AROUND * max(face.box.width, face.box.height))
    around = clipped(Box(box.left - margin, box.top - margin, box.right + margin, box.bottom + margin), width, height)
    if around.area == 0:
        return ()
    step = max(1, max(around.width, around.height) // 256)  # the network is made for faces of some dozen pixels
    view = np.ascontiguousarray(image[around.top : around.bottom : step, around.left : around.right : step])
    middle = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
    seen = [moved(found, around.left, around.top, step) for found in detector.detect(view)]

    def away(found: Detection) -> float:
        return float(np.hypot(*(np.mean(found.landmarks, axis=0) - middle)))

    nearest = min(seen, key=away, default=None)
    return nearest.landmarks if nearest is not None and away(nearest) < max(box.width, box.height) / 2 else ()


def _eyes(face: Detection) -> Landmarks:
    """The two eyes, or where they usually are in such a box."""
    if len(face.landmarks) >= 2:
        return face.landmarks[:2]
    box = face.box
    return (
        (box.left + 0.3 * box.width, box.top + 0.37 * box.height),
        (box.left + 0.7 * box.width, box.top + 0.37 * box.height),
    )
