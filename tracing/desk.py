"""What a person finds on their desk: the work that waits for hands, a case's photos, the portraits cases are known by."""

from __future__ import annotations

from collections.abc import Collection as Some
from dataclasses import dataclass, replace
from typing import Final

from tracing.access import Permission, require
from tracing.domain import Actor, Analysis, Case, Part, Photo
from tracing.photo_reports import PhotoReport, report_of
from tracing.ports import RecordStore
from tracing.stations.scope import check_photos, counted_station, reach_of, readable

MOST: Final = 200
"""Cases of one sort that are looked for; nobody works off more in a day."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Open cases that need somebody's hand, the newest photo first. ``MOST`` of each at most."""

    to_choose: tuple[Case, ...]
    """Several faces in a photo, and nobody has said which."""
    without_face: tuple[Case, ...]
    """Photos, but no face in any: only another photo helps."""
    stuck_photos: int
    searches_due: int


class Desk:
    """Reads only. ``max_attempts`` is the number of failed analyses after which a photo is stuck."""

    def __init__(self, store: RecordStore, max_attempts: int) -> None:
        self._store = store
        self._max_attempts = max_attempts

    def waiting(self, actor: Actor) -> Waiting:
        require(actor, Permission.READ_CASES)
        with self._store.reading() as records:
            reach = reach_of(records, actor)
            station = "" if reach.everything else actor.station_id
            to_choose, no_face, unreadable = (
                _cases_of(records.photos.of_open_cases(each, MOST, station))
                for each in (Analysis.CHOOSE_FACE, Analysis.NO_FACE, Analysis.UNREADABLE)
            )
            faceless = list(dict.fromkeys(no_face + unreadable))
            known = {case_id for case_id, faces in records.faces.of_cases(faceless).items() if faces}
            without_face = [case_id for case_id in faceless if case_id not in known and case_id not in to_choose]
            cases = records.cases.by_ids({*to_choose, *without_face})
            counted = counted_station(records, actor)
            stuck, due = records.photos.stuck(self._max_attempts, counted), records.cases.count_due(counted)
        return Waiting(
            tuple(cases[case_id] for case_id in to_choose),
            tuple(cases[case_id] for case_id in without_face),
            stuck,
            due,
        )

    def photos(self, actor: Actor, case_id: str) -> list[PhotoReport]:
        """The photos of a case in the order they were received, each with its faces, the largest first."""
        require(actor, Permission.READ_CASES)
        with self._store.reading() as records:
            check_photos(records, actor, case_id)
            reports = [report_of(records, photo) for photo in records.photos.of_case(case_id)]
        return [replace(each, faces=tuple(sorted(each.faces, key=lambda face: -face.box.area))) for each in reports]

    def portraits(self, actor: Actor, case_ids: Some[str]) -> dict[str, str]:
        """case_id -> the photo that shows the person's face best; cases without a face are left out."""
        require(actor, Permission.READ_CASES)
        with self._store.reading() as records:
            faces = records.faces.of_cases(readable(records, actor, case_ids, Part.PHOTOS))
        return {case_id: found[0].photo_id for case_id, found in faces.items() if found}

    def photo_counts(self, actor: Actor, case_ids: Some[str]) -> dict[str, int]:
        """case_id -> how many photos of the person can be looked at; cases without any are left out."""
        require(actor, Permission.READ_CASES)
        with self._store.reading() as records:
            found = records.photos.of_cases(readable(records, actor, case_ids, Part.PHOTOS))
        counts = {each: sum(photo.analysis is not Analysis.UNREADABLE for photo in photos) for each, photos in found.items()}
        return {case_id: count for case_id, count in counts.items() if count}


def _cases_of(photos: list[Photo]) -> list[str]:
    """The cases of these photos, each once, in order."""
    return list(dict.fromkeys(photo.case_id for photo in photos))
