"""What every record store promises about lists that wait and hits of comparisons, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import NOON, a_case, a_hit, a_list, a_list_run, an_id
from tracing.domain import (
    HitState,
    ListPurpose,
    ListStage,
    RefusedRow,
    Source,
)
from tracing.errors import NotFound, Stale
from tracing.ports import RecordStore

MINUTE = timedelta(minutes=1)


def test_a_list_comes_back_as_it_was_handed_in_and_changes_by_its_version(store: RecordStore) -> None:
    handed, other = a_list(), a_list(station_id="north", handed_at=NOON + MINUTE)
    with store.transaction() as records:
        for each in (handed, other):
            records.lists.add(each)
        saved = records.lists.save(replace(handed, stage=ListStage.CHECKING, run_id=an_id(9)))
        assert saved.version == 2
        with pytest.raises(Stale):
            records.lists.save(replace(handed, source="somebody else"))
    with store.reading() as records:
        assert records.lists.get(handed.list_id) == records.lists.of_run(an_id(9)) == saved
        assert records.lists.of_run(an_id()) is None
        assert records.lists.waiting() == [other, saved]
        assert records.lists.waiting("main") == [saved]
    with store.transaction() as records:
        assert [records.lists.drop(handed.list_id) for _ in range(2)] == [True, False]
        with pytest.raises(NotFound):
            records.lists.get(handed.list_id)


def test_a_worker_takes_on_what_is_to_be_done_and_says_how_far_it_has_come(store: RecordStore) -> None:
    idle, due = a_list(), a_list(stage=ListStage.RUNNING)
    with store.transaction() as records:
        for each in (idle, due):
            records.lists.add(each)
        assert records.lists.to_do(9) == [due]
        assert records.lists.to_do(0) == []
        assert records.lists.take_on(due.list_id) == replace(due, attempts=1)
        assert records.lists.take_on(idle.list_id) is None
        assert records.lists.get_on(due.list_id, ListStage.RUNNING, 40, 100, NOON + MINUTE)
        assert not records.lists.get_on(due.list_id, ListStage.CHECKING, 50, 100, NOON + MINUTE)
        reached = records.lists.get(due.list_id)
        assert reached == replace(due, rows_read=40, rows_there=100, touched_at=NOON + MINUTE)


def test_lists_that_nobody_touches_are_told_and_what_runs_is_not(store: RecordStore) -> None:
    old, running, new = a_list(), a_list(stage=ListStage.RUNNING), a_list(touched_at=NOON + MINUTE)
    with store.transaction() as records:
        for each in (old, running, new):
            records.lists.add(each)
        assert records.lists.untouched(NOON) == [old.list_id]


def test_a_hit_is_kept_once_for_a_record_and_a_case_with_its_portrait(store: RecordStore) -> None:
    case, other = a_case(), a_case()
    first, second = a_hit(case), a_hit(other, band="", reasons=())
    with store.transaction() as records:
        records.cases.add_all([case, other])
        assert records.hits.put([first, second], {first.hit_id: b"jpeg", an_id(): b"of none"}) == {first.hit_id, second.hit_id}
        again, third = a_hit(case, row=9), a_hit(case, source_id="8")
        assert records.hits.put([again, third], {again.hit_id: b"another"}) == {third.hit_id}
        assert records.hits.put([], {}) == set()
    with store.reading() as records:
        assert records.hits.get(first.hit_id) == first
        assert records.hits.portrait(first.hit_id) == b"jpeg"
        assert records.hits.portrait(third.hit_id) is None
        assert {each.hit_id for each in records.hits.of_case(case.case_id)} == {first.hit_id, third.hit_id}
        with pytest.raises(NotFound):
            records.hits.get(again.hit_id)


def test_hits_are_found_by_state_source_and_run_the_longest_waiting_first(store: RecordStore) -> None:
    case, other = a_case(), a_case()
    late = a_hit(case, found_at=NOON + MINUTE)
    early, elsewhere = a_hit(other), a_hit(case, source="Hospital", run_id=an_id(2))
    with store.transaction() as records:
        records.cases.add_all([case, other])
        records.hits.put([late, early, elsewhere], {})
        assert records.hits.find([HitState.OPEN], source="Police of Sichuan") == [early, late]
        assert records.hits.find([HitState.OPEN], run_id=an_id(2)) == [elsewhere]
        assert records.hits.find([HitState.OPEN], limit=1)[0].found_at == NOON
        assert records.hits.find([HitState.NO_MATCH]) == records.hits.find([]) == []
        assert records.hits.sources() == ["Hospital", "Police of Sichuan"]


def test_a_decision_needs_the_version_that_was_read_and_ends_the_portrait(store: RecordStore) -> None:
    case = a_case()
    hit = a_hit(case)
    with store.transaction() as records:
        records.cases.add(case)
        records.hits.put([hit], {hit.hit_id: b"jpeg"})
        looked_at = records.hits.save(replace(hit, state=HitState.LOOKED_AT, decided_by="lin", decided_at=NOON, reason="asked"))
        assert records.hits.portrait(hit.hit_id) == b"jpeg"
        with pytest.raises(Stale):
            records.hits.save(replace(hit, state=HitState.NO_MATCH))
        ended = records.hits.save(replace(looked_at, state=HitState.NO_MATCH, reason="another nose"))
    with store.reading() as records:
        assert records.hits.get(hit.hit_id) == ended
        assert (ended.version, ended.reason) == (3, "another nose")
        assert records.hits.portrait(hit.hit_id) is None


def test_with_a_withdrawn_face_go_hits_by_the_face_and_what_others_say_of_it(store: RecordStore) -> None:
    case, other = a_case(), a_case()
    by_face, by_both = a_hit(case, reasons=()), a_hit(case, source_id="8")
    with store.transaction() as records:
        records.cases.add_all([case, other])
        theirs = a_hit(other)
        records.hits.put([by_face, by_both, theirs], dict.fromkeys((by_face.hit_id, by_both.hit_id), b"jpeg"))
        assert records.hits.forget_faces(case.case_id) == 1
        assert records.hits.of_case(case.case_id) == [replace(by_both, band="")]
        assert records.hits.portrait(by_both.hit_id) is None
        assert records.hits.get(theirs.hit_id) == theirs


def test_hits_go_when_nobody_has_touched_them_for_long(store: RecordStore) -> None:
    case = a_case()
    old, decided, new = (a_hit(case, source_id=str(number)) for number in range(3))
    with store.transaction() as records:
        records.cases.add(case)
        records.hits.put([old, decided, replace(new, found_at=NOON + MINUTE)], {old.hit_id: b"jpeg"})
        records.hits.save(replace(decided, state=HitState.NO_MATCH, decided_at=NOON + MINUTE))
        assert records.hits.over(None) == (3, 0)
        assert records.hits.over(NOON) == (3, 1)
        assert records.hits.over(NOON, drop=True) == (3, 1)
        assert records.hits.over(NOON) == (2, 0)


def test_an_erased_case_takes_its_hits_along_and_those_of_the_record_that_it_is(store: RecordStore) -> None:
    case, record, opened, other = (a_case() for _ in range(4))
    of_case, of_record, of_opened, of_other = (
        a_hit(case),
        a_hit(other, source_id="its own"),
        a_hit(other, source_id="8", opened_case_id=opened.case_id),
        a_hit(other, source_id="9"),
    )
    with store.transaction() as records:
        records.cases.add_all([case, record, opened, other])
        records.rights.add_sources({record.case_id: Source("Police of Sichuan", "its own")})
        records.hits.put([of_case, of_record, of_opened, of_other], {of_case.hit_id: b"jpeg"})
        for each in (case, record, opened):
            records.cases.erase(each.case_id)
        assert records.hits.find(list(HitState)) == [of_other]


def test_runs_are_told_by_station_and_sheet_with_the_last_one_of_each_source(store: RecordStore) -> None:
    first = a_list_run(finished_at=NOON, purpose=ListPurpose.COMPARE, compared=3, rows_there=4, touched_at=NOON)
    later = a_list_run(started_at=NOON + MINUTE, finished_at=NOON + MINUTE)
    elsewhere, cut_off = a_list_run(station_id="north", source="Hospital", finished_at=NOON), a_list_run(source="Never through")
    with store.transaction() as records:
        for each in (first, later, elsewhere, cut_off):
            records.imports.begin(each)
        assert records.imports.runs(9, station_id="main")[0] == later
        assert records.imports.get(first.run_id) == first
        assert len(records.imports.runs(2)) == 2
        assert records.imports.runs(9, 3) == records.imports.runs(9)[3:]
        assert (records.imports.count_runs(), records.imports.count_runs("north")) == (4, 1)
        assert records.imports.last_runs(NOON) == {"Police": NOON + MINUTE, "Hospital": NOON}
        assert records.imports.last_runs(NOON + MINUTE, "main") == {"Police": NOON + MINUTE}
        assert records.imports.last_runs(NOON, "nowhere") == {}


def test_refused_rows_come_by_sheets(store: RecordStore) -> None:
    run = a_list_run()
    rows = [RefusedRow(run.run_id, number, "names", "too long") for number in range(2, 7)]
    with store.transaction() as records:
        records.imports.begin(run)
        records.imports.refuse(rows)
        records.imports.refuse(rows)
        assert records.imports.count_refused(run.run_id) == 5
        assert records.imports.refused(run.run_id, 2, 3) == rows[3:]
        assert (records.imports.hits(run.run_id), records.imports.pairs(run.run_id, 9)) == (0, [])
