"""What every record store promises about photos that wait for a person's hand, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.factories import NOON, a_case, a_photo
from tracing.domain import Analysis, CaseState
from tracing.ports import RecordStore


def test_photos_of_open_cases_that_stand_at_a_point_come_newest_first(store: RecordStore) -> None:
    open_case, closed = a_case(), a_case(state=CaseState.CLOSED)
    photos = [
        a_photo(case.case_id, received_at=NOON + timedelta(minutes=minute))
        for minute, case in enumerate((open_case, closed, open_case, open_case))
    ]
    with store.transaction() as records:
        for case in (open_case, closed):
            records.cases.add(case)
        for photo in photos:
            records.photos.add(photo)
        for photo in photos[:3]:
            assert records.photos.finish(replace(photo, analysis=Analysis.NO_FACE), was=Analysis.PENDING)
    with store.reading() as records:
        without = records.photos.of_open_cases(Analysis.NO_FACE, 10)
        assert [photo.photo_id for photo in without] == [photos[2].photo_id, photos[0].photo_id]
        assert records.photos.of_open_cases(Analysis.NO_FACE, 1) == without[:1]
        assert [photo.photo_id for photo in records.photos.of_open_cases(Analysis.PENDING, 10)] == [photos[3].photo_id]
        assert records.photos.of_open_cases(Analysis.NO_FACE, 10, "station-1") == without
        assert records.photos.of_open_cases(Analysis.NO_FACE, 10, "station-2") == []
        assert records.photos.of_open_cases(Analysis.CHOOSE_FACE, 10) == []
