"""What every record store promises about reports of families and sightings, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.factories import NOON, a_case, an_id
from tracing.domain import (
    Case,
    Consent,
    Declined,
    FamilyReport,
    HandedPhoto,
    PartialDate,
    ReportState,
    Sighting,
    SightingState,
)
from tracing.errors import Conflict, NotFound, Stale
from tracing.ports import RecordStore

DAY = timedelta(days=1)
CONSENT = Consent("1", "zh_CN", "d" * 64, face=True)


@pytest.fixture
def case(store: RecordStore) -> Case:
    made = a_case()
    with store.transaction() as records:
        records.cases.add(made)
    return made


def a_report(**more: Any) -> FamilyReport:
    values: dict[str, Any] = {"state": ReportState.SENT, "sent_at": NOON, "touched_at": NOON, "typed": {"names": "王建国"}}
    return FamilyReport(an_id(), f"FR-{an_id()[-8:]}", an_id(), an_id(), CONSENT, NOON, **values | more)


def a_sighting(case: Case, **more: Any) -> Sighting:
    values: dict[str, Any] = {"sent_at": NOON, "said": "看到他", "seen_on": "昨天", "place": "阜阳", "contact": "139"}
    return Sighting(an_id(), case.case_id, an_id(), "zh_CN", **values | more)


def a_photo(**owner: Any) -> HandedPhoto:
    return HandedPhoto(an_id(), an_id(), "a" * 64, 1000, 30, 20, NOON, PartialDate(2019, 5), **owner)


def add(store: RecordStore, *things: FamilyReport | Sighting | HandedPhoto) -> None:
    with store.transaction() as records:
        for each in things:
            if isinstance(each, FamilyReport):
                records.reports.add(each)
            elif isinstance(each, Sighting):
                records.sightings.add(each)
            else:
                records.handed.add(each)


def test_a_report_is_read_as_it_was_written_by_each_of_its_names(store: RecordStore, case: Case) -> None:
    told = a_report(
        station_id="main", case_id=case.case_id, declined=Declined.TALK_FIRST, answered_by="x", answered_at=NOON,
        withdrawn_at=NOON + DAY, heeded_at=NOON + 2 * DAY,
    )  # fmt: skip
    add(store, told, a_report())
    with store.reading() as records:
        reports = records.reports
        assert reports.get(told.report_id) == reports.by_draft(told.draft_hash) == reports.by_reference(told.reference) == told
        assert reports.of_case(case.case_id) == told
        assert reports.secret_of(told.reference) == (told.report_id, told.secret_hash)
        assert reports.by_draft("?") is reports.by_reference("?") is reports.secret_of("?") is reports.of_case("?") is None
        with pytest.raises(NotFound):
            reports.get(an_id())


def test_number_draft_and_case_belong_to_one_report(store: RecordStore, case: Case) -> None:
    told = a_report(case_id=case.case_id)
    add(store, told)
    with store.transaction() as records:
        for same in ({"reference": told.reference}, {"draft_hash": told.draft_hash}, {"case_id": told.case_id}):
            with pytest.raises(Conflict):
                records.reports.add(replace(a_report(), **same))


def test_no_secret_of_a_draft_is_looked_up(store: RecordStore) -> None:
    draft = a_report(state=ReportState.DRAFT, sent_at=None)
    add(store, draft)
    with store.reading() as records:
        assert records.reports.secret_of(draft.reference) is None
        assert records.reports.count(ReportState.DRAFT) == 1


def test_of_two_who_save_the_second_is_told(store: RecordStore) -> None:
    told = a_report()
    add(store, told)
    with store.transaction() as records:
        saved = records.reports.save(replace(told, typed={"names": "李"}))
        assert (saved.version, records.reports.get(told.report_id)) == (2, saved)
        assert records.reports.lock(told.report_id) == saved
        with pytest.raises(Stale):
            records.reports.save(replace(told, typed={}))
        with pytest.raises(NotFound):
            records.reports.save(a_report())
        with pytest.raises(NotFound):
            records.reports.lock(an_id())


def test_a_station_finds_its_own_and_those_of_none_the_oldest_first(store: RecordStore) -> None:
    late, early = a_report(sent_at=NOON + DAY), a_report(sent_at=NOON, station_id="main")
    other, declined = a_report(station_id="north"), a_report(state=ReportState.DECLINED)
    add(store, late, early, other, declined)
    with store.reading() as records:
        assert records.reports.find([ReportState.SENT], "main", 9) == ([early, late], 2)
        assert records.reports.find([ReportState.SENT], "main", 1, 1) == ([late], 2)
        assert records.reports.find([ReportState.SENT], None, 9)[1] == 3
        assert records.reports.find([], None, 9) == ([], 0)


def test_a_report_goes_with_its_photos_and_their_files_are_given_up(store: RecordStore) -> None:
    told, stays = a_report(), a_report()
    photo, other = a_photo(report_id=told.report_id), a_photo(report_id=stays.report_id)
    add(store, told, stays, photo, other)
    with store.transaction() as records:
        assert records.handed.bytes_waiting() == 2000
        assert records.reports.erase([told.report_id, an_id()]) == 1
        assert records.files.given_up(9) == [photo.photo_key]
        assert records.handed.by_key() == {other.photo_key: other}
        assert records.handed.of_reports([told.report_id, stays.report_id]) == [other]


def test_what_is_over_is_counted_and_dropped(store: RecordStore, case: Case) -> None:
    old, new = a_report(touched_at=NOON), a_report()
    accepted, draft = a_report(case_id=case.case_id), a_report(state=ReportState.DRAFT)
    add(store, replace(new, touched_at=NOON + DAY), old, accepted, draft)
    with store.transaction() as records:
        assert records.reports.over(None) == (2, 0)
        assert records.reports.over(NOON) == (2, 1)
        assert records.reports.stale_drafts(NOON) == [draft.report_id]
        assert records.reports.stale_drafts(NOON - DAY) == []
        assert [records.reports.erase_drafts(each) for each in (NOON - DAY, NOON, NOON)] == [0, 1, 0]
        records.reports.over(NOON, drop=True)
        assert records.reports.over(NOON + DAY) == (1, 1)
        assert records.reports.get(accepted.report_id) == accepted


def test_what_the_worker_has_to_do_is_found(store: RecordStore, case: Case) -> None:
    accepted = a_report(state=ReportState.ACCEPTED, case_id=case.case_id)
    withdrawn = a_report(state=ReportState.WITHDRAWN, withdrawn_at=NOON)
    heeded = a_report(state=ReportState.WITHDRAWN, heeded_at=NOON)
    add(store, accepted, withdrawn, heeded, a_photo(report_id=accepted.report_id), a_photo(report_id=withdrawn.report_id))
    with store.reading() as records:
        assert records.reports.with_photos_to_move(9) == [accepted]
        assert records.reports.withdrawn_unheeded() == [withdrawn]


def test_cases_whose_family_has_withdrawn_are_told_until_that_is_carried_out(store: RecordStore, case: Case) -> None:
    withdrawn = a_report(state=ReportState.WITHDRAWN, withdrawn_at=NOON, case_id=case.case_id)
    add(store, withdrawn, a_report(state=ReportState.WITHDRAWN, withdrawn_at=NOON))
    with store.transaction() as records:
        assert records.reports.taken_back([case.case_id, "another"]) == {case.case_id}
        assert records.reports.taken_back(["another"]) == set()
        records.reports.save(replace(withdrawn, heeded_at=NOON))
        assert records.reports.taken_back([case.case_id]) == set()


def test_a_sighting_is_read_as_it_was_written_and_saved_on_its_version(store: RecordStore, case: Case) -> None:
    seen = a_sighting(case, state=SightingState.READ, read_by="x", read_at=NOON, clue_id=an_id())
    add(store, seen)
    with store.transaction() as records:
        assert records.sightings.get(seen.sighting_id) == seen
        saved = records.sightings.save(replace(seen, state=SightingState.NOTED))
        assert records.sightings.of_case(case.case_id) == [saved]
        with pytest.raises(Stale):
            records.sightings.save(seen)
        with pytest.raises(NotFound):
            records.sightings.get(an_id())


def test_sightings_are_found_by_station_case_and_state_the_newest_first(store: RecordStore, case: Case) -> None:
    other = a_case(station_id="elsewhere")
    with store.transaction() as records:
        records.cases.add(other)
    old, new = a_sighting(case), a_sighting(case, sent_at=NOON + DAY)
    read, theirs = a_sighting(case, state=SightingState.READ), a_sighting(other)
    add(store, old, new, read, theirs)
    with store.reading() as records:
        found = records.sightings
        assert found.find([SightingState.NEW], case.station_id, 9) == ([new, old], 2)
        assert found.find([SightingState.NEW], case.station_id, 1, 1) == ([old], 2)
        assert found.find([SightingState.NEW], None, 9)[1] == 3
        assert found.find(set(SightingState), None, 9, 0, other.case_id) == ([theirs], 1)
        assert found.find([SightingState.NEW], None, 0, 0, case.case_id) == ([], 2)


def test_sightings_that_are_over_go_with_their_photos(store: RecordStore, case: Case) -> None:
    old, new = a_sighting(case), a_sighting(case, sent_at=NOON + DAY)
    photo = a_photo(sighting_id=old.sighting_id)
    add(store, old, new, photo)
    with store.transaction() as records:
        assert records.sightings.over(None) == (2, 0)
        assert records.sightings.over(NOON, drop=True) == (2, 1)
        assert records.sightings.of_case(case.case_id) == [new]
        assert records.files.given_up(9) == [photo.photo_key]


def test_a_handed_photo_is_dropped_once(store: RecordStore) -> None:
    told = a_report()
    photo = a_photo(report_id=told.report_id)
    add(store, told, photo)
    with store.transaction() as records:
        assert records.handed.get(photo.handed_id) == photo
        assert records.handed.drop(photo.handed_id)
        assert not records.handed.drop(photo.handed_id)


def test_a_proof_is_spent_once_and_forgotten_when_it_cannot_be_used(store: RecordStore) -> None:
    with store.transaction() as records:
        records.handed.spend("one", NOON)
        with pytest.raises(Conflict):
            records.handed.spend("one", NOON + DAY)
        records.handed.spend("two", NOON + DAY)
        assert records.handed.forget_spent(NOON) == 0
        assert records.handed.forget_spent(NOON + DAY) == 1
        with pytest.raises(Conflict):
            records.handed.spend("two", NOON)


def test_with_its_case_everything_goes(store: RecordStore, case: Case) -> None:
    told, seen = a_report(case_id=case.case_id), a_sighting(case)
    photos = a_photo(report_id=told.report_id), a_photo(sighting_id=seen.sighting_id)
    add(store, told, seen, *photos)
    with store.transaction() as records:
        assert sorted(records.cases.erase(case.case_id)) == sorted(photo.photo_key for photo in photos)
        assert records.reports.by_reference(told.reference) is None
        assert records.handed.by_key() == {}
        assert records.sightings.of_case(case.case_id) == []
