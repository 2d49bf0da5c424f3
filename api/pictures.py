"""Photos as they are shown: upright, without metadata, whole, small, or as a portrait of one face."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Final

from api.kept import Kept
from tracing.access import Permission, require
from tracing.bootstrap import Services
from tracing.domain import Actor, Face, Photo
from tracing.errors import NotFound
from tracing.stations.scope import check_photos

THUMB: Final = 320
"""Longer side of a thumbnail, in pixels."""
SCREEN: Final = 1280
PORTRAIT: Final = 480
"""Side of a portrait, in pixels. Every portrait has its eyes at the same places, so that two can be compared."""
LONGEST: Final = 65_500
"""No JPEG has a longer side."""
MOST_SHOWN: Final = 24_000_000
"""Pixels of the largest picture that is sent. A photo of 250 million took the server 3 GiB and 12 seconds to write anew."""
KEPT_BYTES: Final = 32 << 20


class Variant(StrEnum):
    ORIGINAL = "original"
    """The whole photo in its own size; one of more than ``MOST_SHOWN`` pixels is made smaller."""
    FACE = "face"
    """The face of interest, or the one that is named."""
    SCREEN = "screen"
    """The whole photo, no larger than a phone shows it."""
    THUMB = "thumb"


LIMITS: Final = {Variant.THUMB: THUMB, Variant.SCREEN: SCREEN}
"""Longer side of the whole photo, in pixels; it is never enlarged."""


class Pictures:
    """JPEGs for people who may look at the photos of their cases; safe for several threads.

    Small ones are kept in memory for a while, never on disk. The photo's row is looked up every time, so that a picture that
    was kept does not outlive an erasure.
    """

    def __init__(self, services: Services, kept_bytes: int = KEPT_BYTES) -> None:
        self._services = services
        self._kept = Kept(kept_bytes)

    def jpeg(self, actor: Actor, photo_id: str, variant: Variant = Variant.ORIGINAL, face_id: str | None = None) -> bytes:
        """The picture; ``NotFound`` where there is no such photo, or no such face in it, or none was chosen yet."""
        require(actor, Permission.READ_CASES)
        with self._services.store.reading() as records:
            photo = records.photos.get(photo_id)
            check_photos(records, actor, photo.case_id)
            face = _face(records.faces.of_photo(photo_id), face_id) if variant is Variant.FACE else None
        if variant is Variant.ORIGINAL:
            return self._drawn(photo, variant, None)
        key = (photo.photo_key, variant, face.face_id if face else "")
        kept = self._kept.get(key)
        if kept is None:
            kept = self._drawn(photo, variant, face)
            self._kept.put(key, kept)
        return kept

    def _drawn(self, photo: Photo, variant: Variant, face: Face | None) -> bytes:
        data = self._services.photos.get(photo.photo_key)
        if face is not None:
            return self._services.reader.portrait(data, face.landmarks, PORTRAIT)
        return self._services.reader.thumbnail(data, LIMITS.get(variant) or _longest(photo.width, photo.height))


def _longest(width: int, height: int) -> int:
    """Longer side at most of the whole photo as it is sent."""
    share = min(1.0, math.sqrt(MOST_SHOWN / max(1, width * height)))
    return min(LONGEST, math.floor(share * max(width, height))) or LONGEST


def _face(faces: list[Face], face_id: str | None) -> Face:
    for face in faces:
        if face.face_id == face_id or (face_id is None and face.of_interest):
            return face
    raise NotFound("There is no such face in this photo, or nobody has said yet which face is the person's.")
