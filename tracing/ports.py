"""What the core needs from outside, as protocols; ``tracing.records`` holds those of the record store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tracing.domain import Box, Hit, Landmarks, Pixels, Quality, Vector
from tracing.records import Records


class Clock(Protocol):
    def __call__(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


NewId = Callable[[], str]
"""Makes a random identifier of 32 hexadecimal digits."""


class Metric(StrEnum):
    """How two templates of an encoder are compared; the score is the same way round for both: higher = more alike."""

    COSINE = "cosine"
    """score = a.b / (|a||b|), from -1 to 1."""
    L2 = "l2"
    """score = -|a - b|, at most 0."""


@dataclass(frozen=True, slots=True)
class PhotoInfo:
    """What a photo says of itself before anybody looks for faces. Width and height are pixels of the upright image."""

    format: str
    width: int
    height: int


class ImageReader(Protocol):
    """The only door for foreign image bytes."""

    def verify(self, data: bytes) -> PhotoInfo:
        """Decode cheaply and to the last byte. Raises ``UnreadablePhoto`` or ``PhotoTooLarge``."""
        ...

    def read(self, data: bytes) -> Pixels:
        """The upright RGB image, uint8 (height, width, 3). Raises like ``verify``."""
        ...

    def thumbnail(self, data: bytes, longest: int) -> bytes:
        """A JPEG without metadata, upright, its longer side at most ``longest`` pixels."""
        ...

    def portrait(self, data: bytes, landmarks: Landmarks, size: int) -> bytes:
        """A square JPEG of ``size`` pixels: eyes level and at a fixed distance, so that two faces can be compared."""
        ...


@dataclass(frozen=True, slots=True)
class Detection:
    """A face as a detector found it, in pixels of the image it was given."""

    box: Box
    landmarks: Landmarks


class Detector(Protocol):
    @property
    def detector_id(self) -> str: ...

    def detect(self, image: Pixels) -> list[Detection]:
        """All faces of the image, the largest first; an empty list is a result."""
        ...


class Encoder(Protocol):
    @property
    def encoder_id(self) -> str:
        """Names the model *and* everything that changes its vectors (alignment, flips, metric)."""
        ...

    @property
    def dimension(self) -> int: ...

    @property
    def metric(self) -> Metric: ...

    def encode(self, image: Pixels, faces: Sequence[Detection]) -> Vector:
        """float32, shape (len(faces), dimension), one finite row per face, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Sighted:
    """A face found by an examination, its quality, and its templates by encoder (empty where it was not encoded)."""

    detection: Detection
    quality: Quality
    vectors: dict[str, Vector] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Examination:
    """What the models saw in one photo; width and height are pixels of the upright image."""

    width: int
    height: int
    detector_id: str
    faces: tuple[Sighted, ...]


class Examiner(Protocol):
    """Photo bytes to faces and templates: reader, detector, quality and encoders in one step, perhaps in another process."""

    def verify(self, data: bytes) -> PhotoInfo:
        """As ``ImageReader.verify``."""
        ...

    def examine(self, data: bytes, encoder_ids: Sequence[str]) -> Examination:
        """Find the faces; where there is exactly one, encode it by each encoder.

        Raises ``UnreadablePhoto``, ``Busy`` (too many waiting), ``EncoderUnavailable`` (an unknown encoder, or a dead process).
        """
        ...

    def encode(self, data: bytes, faces: Sequence[Detection], encoder_ids: Sequence[str]) -> list[dict[str, Vector]]:
        """The templates of known faces, one dictionary per face. Raises like ``examine``."""
        ...


class VectorIndex(Protocol):
    """Near vectors by id. Scores follow the metric: higher = more alike."""

    def add(self, ids: NDArray[np.int64], vectors: Vector) -> None:
        """Add, or replace where the id is there. Wrong shape or a non-finite value is an ``Invalid``, and nothing is added."""
        ...

    def remove(self, ids: NDArray[np.int64]) -> int:
        """Remove those that are there; the number removed."""
        ...

    def search(self, probes: Vector, limit: int, allow: NDArray[np.int64] | None = None) -> list[list[Hit]]:
        """One list per probe, best first, ties by id; at most ``limit`` long and never padded. ``allow`` restricts the ids."""
        ...

    def ids(self) -> NDArray[np.int64]:
        """All ids, ascending."""
        ...

    def __len__(self) -> int: ...


class PhotoStore(Protocol):
    """The only door to photo files. Keys are random and say nothing about the photo."""

    def put(self, data: bytes) -> str:
        """Store durably and encrypted; the new key."""
        ...

    def get(self, key: str) -> bytes:
        """Raises ``NotFound`` for an unknown key, ``Damaged`` where the bytes do not verify."""
        ...

    def erase(self, key: str) -> bool:
        """Remove for good; whether there was anything."""
        ...

    def keys(self) -> Iterator[str]: ...


class RecordStore(Protocol):
    """The truth. Nothing outside ``store/`` knows how it is kept."""

    def transaction(self) -> AbstractContextManager[Records]:
        """Write: commits when the block ends, rolls everything back when it raises."""
        ...

    def reading(self) -> AbstractContextManager[Records]:
        """Read one consistent moment; never waits for a writer."""
        ...

    def is_current(self) -> bool:
        """Whether the store has the form that this version of the program needs."""
        ...
