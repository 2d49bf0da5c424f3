"""A photo with what was found in it, or how many are looked at before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tracing.domain import Analysis, Face, Photo
from tracing.records import Records

MAX_ATTEMPTS: Final = 3
"""After so many failed analyses a photo is left to a person."""


@dataclass(frozen=True, slots=True)
class PhotoReport:
    """``ahead``: photos that came earlier and still wait for their analysis; None where this one does not wait."""

    photo: Photo
    faces: tuple[Face, ...]
    ahead: int | None = None

    @property
    def face(self) -> Face | None:
        """The person's own, None before it is known."""
        return next((face for face in self.faces if face.of_interest), None)

    @property
    def stuck(self) -> bool:
        """Whether the photo has used up its attempts and waits for an operator."""
        return self.photo.analysis is Analysis.PENDING and self.ahead is None


def report_of(records: Records, photo: Photo) -> PhotoReport:
    waits = photo.analysis is Analysis.PENDING and photo.attempts < MAX_ATTEMPTS
    ahead = records.photos.ahead_of(photo, MAX_ATTEMPTS) if waits else None
    return PhotoReport(photo, tuple(records.faces.of_photo(photo.photo_id)), ahead)
