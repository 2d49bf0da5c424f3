"""What people may ask of us about themselves: no search by their face, no record at all, and that neither comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tracing.domain.id_numbers import of_id_number
from tracing.vision import Box


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record came from: somebody else's system, and the name that the record has there.

    ``identity``: that name is known to be an identity number of its person; a Chinese one is known without it. A keyed digest
    is kept in its place.
    """

    source: str
    source_id: str
    identity: bool = False

    @property
    def names_a_person(self) -> bool:
        return self.identity or of_id_number(self.source_id) is not None


@dataclass(frozen=True, slots=True)
class FaceWithdrawal:
    """The case is kept and its face is not: nothing of it may be encoded, compared or found until it is given back."""

    case_id: str
    withdrawn_at: datetime
    withdrawn_by: str
    reason: str


class KeepoutPurpose(StrEnum):
    OBJECTION = "objection"
    """The person, or who speaks for them, asked not to be kept and searched again."""


@dataclass(frozen=True, slots=True)
class Keepout:
    """What is left of an erased person so that the next import does not bring them back: no name, no case, no photo.

    ``by_source``: a keyed digest of the source's name for the record is kept. ``encoders``: those by which one sealed template
    is kept; it stands in no gallery and is compared with new photos alone.
    """

    keepout_id: str
    purpose: KeepoutPurpose
    made_at: datetime
    expires_at: datetime
    by_source: bool = False
    encoders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldPhoto:
    """A new photo that may show somebody who is kept out; nobody is searched by it until a person has decided.

    ``keepout_id`` is empty once the keep-out has gone. With ``cleared_at`` a person has said that this is somebody else.
    ``faces``: those that it was held for, the last one now; none where it was held before that was kept.
    """

    photo_id: str
    case_id: str
    keepout_id: str
    held_at: datetime
    cleared_at: datetime | None = None
    cleared_by: str = ""
    reason: str = ""
    faces: tuple[Box, ...] = ()

    @property
    def face(self) -> Box | None:
        """The one that somebody has to look at; None where it is not known."""
        return self.faces[-1] if self.faces else None

    def decided(self, face: Box) -> datetime | None:
        """When a person said of this face that it is somebody else's; None where nobody has."""
        return self.cleared_at if not self.faces or any(face.shows_face_of(each) for each in self.faces) else None


@dataclass(frozen=True, slots=True)
class ErasureRequest:
    """One person's word that a case is to be erased, where a second has to carry it out."""

    case_id: str
    asked_by: str
    asked_at: datetime
    reason: str
    suppress: bool
