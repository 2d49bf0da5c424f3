"""What the real detector and encoder say about a drawn picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracing.domain import Pixels


def found(picture: Pixels, upsample: int = 1) -> list[tuple[int, int, int, int]]:
    """The faces that face_recognition finds, in its own order: top, right, bottom, left."""
    import face_recognition

    places: list[tuple[int, int, int, int]] = face_recognition.face_locations(picture, upsample)
    return places


def encoded(picture: Pixels) -> NDArray[np.float64]:
    """The encoding of the one face in a picture, which is large enough to be found without being enlarged."""
    import face_recognition

    places = found(picture, upsample=0)
    assert len(places) == 1
    vectors: list[Any] = face_recognition.face_encodings(picture, places)
    return np.asarray(vectors[0])
