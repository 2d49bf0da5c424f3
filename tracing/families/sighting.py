"""Somebody who reads a published notice writes what they have seen; it waits, sealed, for the station that has the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from tracing.access import EVERYBODY
from tracing.domain import HandedPhoto, Sighting, SightingState
from tracing.errors import Busy, Incomplete, NotFound
from tracing.families.challenges import Challenges
from tracing.families.photos import FULL, HandedPhotos
from tracing.families.told import NEEDED, TOO_LONG, without_controls
from tracing.notices.published import PublishedNotices
from tracing.ports import Clock, NewId, RecordStore
from tracing.records import Records

FIELDS: Final[Mapping[str, int]] = {"said": 2000, "place": 300, "seen_on": 100, "contact": 200}
MOST_NEW_OF_CASE: Final = 500
"""Of one case that nobody has read; whoever sends more has to call."""


class Sightings:
    """Nothing is answered but that it came; nobody who sends one learns anything of the person or of the family."""

    def __init__(
        self,
        store: RecordStore,
        published: PublishedNotices,
        photos: HandedPhotos,
        challenges: Challenges,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._store = store
        self._published = published
        self._photos = photos
        self._challenges = challenges
        self._clock = clock
        self._new_id = new_id

    def send(self, token: str, language: str, typed: Mapping[str, str], challenge: str, photo: bytes = b"") -> None:
        """``NotFound`` where the notice is over, ``Incomplete`` where nothing was said, ``Conflict`` where it was sent."""
        told = {name: without_controls(typed.get(name, "")).strip() for name in FIELDS}
        wrong = {name: TOO_LONG for name, most in FIELDS.items() if len(told[name]) > most}
        if not told["said"]:
            wrong["said"] = NEEDED
        if wrong:
            raise Incomplete(wrong)
        self._published.one(token)
        if not photo:
            with self._store.transaction() as records:
                self._save(records, token, language, told, challenge)
            return

        def save(records: Records, handed: HandedPhoto) -> bool:
            sighting = self._save(records, token, language, told, challenge)
            records.handed.add(replace(handed, sighting_id=sighting.sighting_id))
            return True

        self._photos.keep(photo, None, save)

    def _save(self, records: Records, token: str, language: str, told: Mapping[str, str], challenge: str) -> Sighting:
        notice = records.notices.by_token(token)
        if notice is None:
            raise NotFound("There is no such notice.")
        if records.sightings.find([SightingState.NEW], None, 0, 0, notice.case_id)[1] >= MOST_NEW_OF_CASE:
            raise Busy(FULL)
        self._challenges.spend(records, challenge)
        sighting = Sighting(
            self._new_id(),
            notice.case_id,
            notice.notice_id,
            language,
            self._clock(),
            said=told["said"],
            seen_on=told["seen_on"],
            place=told["place"],
            contact=told["contact"],
        )
        records.sightings.add(sighting)
        records.audit.append(EVERYBODY, "send_sighting", notice.case_id, {"sighting_id": sighting.sighting_id})
        return sighting
