"""Quick stand-ins that keep the promises of the ports: painted photos, and an examiner that finds painted faces in them.

A painted face is a block of flat colour that carries a number: the person. ``FakeExaminer`` is the real examiner around the
real reader of photos, with a detector and encoders that understand such blocks only. The contract tests run over both.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from tracing.domain import Box, NoFaceReason, Pixels, Vector
from tracing.embeddings.examiner import PhotoExaminer
from tracing.embeddings.finder import FaceFinder, Look
from tracing.embeddings.imaging import PillowReader
from tracing.ports import Detection, Examination, Metric, PhotoInfo

ENCODER = "fake-1"
SKIN = 201
"""The red of a painted face; nothing else has it."""
SIDE = 40


def painted_photo(person: int = 1, faces: int = 1, shot: int = 0) -> bytes:
    """A small PNG with as many faces: the largest is ``person``, the others are ``person + 1``, ``person + 2`` ...

    Other shots of a person differ a little, as another photo would. The same arguments give the same bytes.
    """
    canvas = np.full((80, max(120, 20 + faces * (SIDE + 10)), 3), 235, dtype=np.uint8)
    for number in range(faces):
        side = SIDE - 2 * min(number, 12)
        left = 10 + number * (SIDE + 10)
        block = canvas[20 : 20 + side, left : left + side]
        block[:, :] = (SKIN, *divmod((person + number) % 65_536, 256))
        block[1:3, 1:3, 1:] = divmod(shot % 65_536, 256)
    file = io.BytesIO()
    Image.fromarray(canvas).save(file, "PNG")
    return file.getvalue()


def faceless_photo() -> bytes:
    return painted_photo(faces=0)


def crowded_photo(person: int = 1, behind: int = 2) -> bytes:
    """The face of ``person`` in the middle, and far smaller behind it, on the left, that of ``behind``."""
    canvas = np.full((80, 120, 3), 235, dtype=np.uint8)
    for who, side, left, top in ((person, SIDE, 40, 20), (behind, SIDE // 3, 10, 10)):
        canvas[top : top + side, left : left + side] = (SKIN, *divmod(who % 65_536, 256))
    file = io.BytesIO()
    Image.fromarray(canvas).save(file, "PNG")
    return file.getvalue()


def unreadable_photo() -> bytes:
    """The first half of a photo."""
    whole = painted_photo()
    return whole[: len(whole) // 2]


class FakeDetector:
    """Finds painted faces."""

    detector_id = "fake-detector"

    def detect(self, image: Pixels) -> list[Detection]:
        skin = image[:, :, 0] == SKIN
        columns = np.flatnonzero(skin.any(axis=0))
        runs = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1) if columns.size else []
        return sorted((_painted(skin, run) for run in runs), key=lambda face: (-face.box.area, face.box.left))


def _painted(skin: np.ndarray, columns: np.ndarray) -> Detection:
    rows = np.flatnonzero(skin[:, columns].any(axis=1))
    box = Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    eyes = box.top + 0.35 * box.height
    left, middle, right = (box.left + share * box.width for share in (0.3, 0.5, 0.7))
    return Detection(box, ((left, eyes), (right, eyes), (middle, box.top + 0.6 * box.height)))


def fake_finder() -> FaceFinder:
    """Looks at painted photos in their own size."""
    look = Look(FakeDetector(), 100_000)
    return FaceFinder([look], look)


class FakeEncoder:
    """Gives every painted person a random direction of its own, and every shot a small turn away from it.

    Two shots of a person score about ``1 - noise**2`` by cosine, two people about 0. Another ``encoder_id`` is another model.
    """

    metric = Metric.COSINE

    def __init__(self, encoder_id: str = ENCODER, dimension: int = 128, noise: float = 0.2) -> None:
        self.encoder_id = encoder_id
        self.dimension = dimension
        self.noise = noise

    def encode(self, image: Pixels, faces: Sequence[Detection]) -> Vector:
        vectors = np.zeros((len(faces), self.dimension), dtype=np.float32)
        for row, face in enumerate(faces):
            block = image[face.box.top : face.box.bottom, face.box.left : face.box.right]
            person = block[block.shape[0] // 2, block.shape[1] // 2, 1:].tobytes()
            away = self._direction(block.tobytes())
            vector = self._direction(person) + self.noise * away
            vectors[row] = vector / np.linalg.norm(vector)
        return vectors

    def warm(self) -> None:
        """There is nothing to load."""

    def _direction(self, what: bytes) -> np.ndarray:
        digest = hashlib.sha256(self.encoder_id.encode() + b"\0" + what).digest()
        vector = np.random.default_rng(int.from_bytes(digest[:8])).standard_normal(self.dimension)
        return vector / np.linalg.norm(vector)


class FakeExaminer:
    """An ``Examiner`` for painted photos. Put an exception into ``failure`` and it is raised until you take it out.

    ``examined`` counts the photos whose faces were looked for. Put a reason into ``no_face`` and every photo without a face
    has it.
    """

    def __init__(self, *encoder_ids: str) -> None:
        self.encoder_ids = encoder_ids or (ENCODER,)
        self._examiner = PhotoExaminer(PillowReader(), fake_finder(), [FakeEncoder(name) for name in self.encoder_ids])
        self.failure: Exception | None = None
        self.examined = 0
        self.no_face: NoFaceReason | None = None

    def verify(self, data: bytes, patience: float | None = None) -> PhotoInfo:
        return self._examiner.verify(data, patience)

    def examine(self, data: bytes, encoder_ids: Sequence[str]) -> Examination:
        self._fail()
        self.examined += 1
        seen = self._examiner.examine(data, encoder_ids)
        return replace(seen, no_face=self.no_face) if self.no_face is not None and not seen.faces else seen

    def encode(self, data: bytes, faces: Sequence[Detection], encoder_ids: Sequence[str]) -> list[dict[str, Vector]]:
        self._fail()
        return self._examiner.encode(data, faces, encoder_ids)

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure
