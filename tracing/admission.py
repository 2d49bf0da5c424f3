"""Whether a photo may be looked at, and whom it may show: withdrawn faces stay out, likenesses to keep-outs are held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tracing.access import SYSTEM
from tracing.domain import Analysis, Box, HeldPhoto, Photo, PhotoProblem, Vector
from tracing.likeness import Likeness
from tracing.ports import Clock
from tracing.records import Records


@dataclass(frozen=True, slots=True)
class Admitted:
    """``photo`` as it stands after the look; ``held`` where a person has to decide."""

    photo: Photo
    held: HeldPhoto | None = None


class Admission:
    """``usable`` tells whether an encoder's files are here: keep-outs may be older than the encoders in use."""

    def __init__(self, likeness: Likeness, usable: Callable[[str], bool], clock: Clock) -> None:
        self._likeness = likeness
        self._usable = usable
        self._clock = clock

    def encoders(self, records: Records) -> list[str]:
        """Those of the live generations, and those by which somebody is kept out."""
        live = records.generations.live_encoders()
        kept = [each for each in records.keepouts.encoders(self._clock()) if each not in live]
        return live + [each for each in kept if self._usable(each)]

    def resembles(self, records: Records, vectors: Mapping[str, Vector]) -> bool:
        """Whether a face with these templates may be somebody's who is kept out."""
        return self._likeness.of(records, vectors, self._clock()) is not None

    def judged(self, records: Records, photo: Photo, face: Box | None, vectors: Mapping[str, Vector]) -> Admitted:
        """The photo as it stands after a look at its face: as it is, or withdrawn, or held for a person to decide.

        ``face`` is the one that it is about, ``vectors`` its templates. What a person has decided holds for that face, and
        against those who were kept out then. To be called in the transaction that writes the result, first of all in it.
        """
        if records.rights.is_withdrawn(photo.case_id):
            return Admitted(replace(photo, analysis=Analysis.WITHDRAWN, problem=PhotoProblem.WITHDRAWN, no_face=None))
        if face is None:
            return Admitted(photo)
        now, earlier = self._clock(), records.keepouts.held(photo.photo_id)
        keepout_id = self._likeness.of(records, vectors, now, earlier.decided(face) if earlier else None)
        if keepout_id is None:
            return Admitted(photo)
        faces = (*(earlier.faces if earlier else ()), face)
        held = HeldPhoto(photo.photo_id, photo.case_id, keepout_id, now, faces=faces)
        return Admitted(replace(photo, analysis=Analysis.HELD, problem=PhotoProblem.HELD, no_face=None), held)

    @staticmethod
    def hold(records: Records, admitted: Admitted) -> None:
        """Write down that the photo is held, if it is; nothing of the faces in it is kept meanwhile."""
        if admitted.held is not None:
            records.faces.forget(admitted.photo.photo_id)
            records.keepouts.hold(admitted.held)
            records.audit.append(SYSTEM, "hold_photo", admitted.photo.case_id, {"photo_id": admitted.photo.photo_id})
