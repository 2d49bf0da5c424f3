"""What every record store promises about marks against relatives, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import NOON, a_case, a_request, an_actor, an_emergency, an_id
from tracing.domain import Case, RequestState, Safeguard, Station
from tracing.errors import Conflict, WrongState
from tracing.ports import RecordStore

HOUR = timedelta(hours=1)
GUEST = an_actor(station_id="station-2")


@pytest.fixture
def case(store: RecordStore) -> Case:
    made = a_case(age_min=30)
    with store.transaction() as records:
        records.cases.add(made)
    return made


def a_mark(case: Case, hours: int = 0) -> Safeguard:
    return Safeguard(an_id(), case.case_id, an_id(1), NOON + hours * HOUR, "怕父亲")


def cleared(mark: Safeguard) -> Safeguard:
    return replace(mark, cleared_by=an_id(2), cleared_at=mark.set_at + HOUR, finding="没有嫌疑")


def test_a_mark_is_read_as_it_was_written_and_the_newest_comes_first(store: RecordStore, case: Case) -> None:
    first, second = a_mark(case), a_mark(case, hours=3)
    with store.transaction() as records:
        records.safeguards.add(first)
        assert records.safeguards.of_cases([case.case_id, an_id()]) == [first]
        records.safeguards.clear(cleared(first))
        records.safeguards.add(second)
    with store.reading() as records:
        assert records.safeguards.of_cases([case.case_id]) == [second, cleared(first)]
        assert records.safeguards.of_cases([]) == []


def test_of_a_case_one_stands_and_is_cleared_once(store: RecordStore, case: Case) -> None:
    mark = a_mark(case)
    with store.transaction() as records:
        records.safeguards.add(mark)
        with pytest.raises(Conflict):
            records.safeguards.add(a_mark(case))
        records.safeguards.clear(cleared(mark))
        with pytest.raises(WrongState):
            records.safeguards.clear(cleared(mark))


def test_those_that_stand_come_with_the_oldest_first(store: RecordStore, case: Case) -> None:
    others = [a_case() for _ in range(3)]
    marks = [a_mark(each, hours) for each, hours in zip(others, (2, 0, 1), strict=True)]
    with store.transaction() as records:
        for each, mark in zip(others, marks, strict=True):
            records.cases.add(each)
            records.safeguards.add(mark)
        records.safeguards.clear(cleared(marks[2]))
        assert records.safeguards.standing() == [marks[1], marks[0]]


def test_a_guarded_case_is_in_the_reach_of_its_own_station_alone(store: RecordStore, case: Case) -> None:
    """Whatever was granted, and whoever has it open in an emergency; and again once the mark is cleared."""
    with store.transaction() as records:
        for number in (1, 2):
            records.stations.add(Station(f"station-{number}", f"Number {number}", NOON))
        records.stations.add_request(a_request(case, state=RequestState.ACCEPTED))
        records.stations.add_emergency(an_emergency(case, account_id=GUEST.account_id, station_id="station-2"))
        before = records.stations.reach(GUEST)
        assert (set(before.granted), before.opened) == ({case.case_id}, {case.case_id})
        guarded = records.cases.save(replace(case, guarded_since=NOON))
        assert records.cases.get(case.case_id).guarded
        reach = records.stations.reach(GUEST)
        assert (reach.granted, reach.opened) == ({}, frozenset())
        records.cases.save(replace(guarded, guarded_since=None))
        assert records.stations.reach(GUEST) == before
