"""What every record store promises about stations, requests and emergencies, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from tests.factories import (
    NOON,
    FixedClock,
    a_case,
    a_generation,
    a_request,
    a_sheltered_case,
    a_suggestion,
    an_actor,
    an_emergency,
    an_id,
)
from tests.fixtures_postgres import KEYRING
from tracing.domain import Case, LegalBasis, Part, PartialDate, RequestKind, RequestState, Station
from tracing.errors import Conflict, NotFound, Stale, WrongState
from tracing.lifecycle import WAITING_FOR_REVIEW
from tracing.ports import RecordStore
from tracing.records import CaseFilter, QueueFilter
from tracing.stations.reach import TO_COMPARE, Reach, may_be_shared
from tracing.store.database import SqlRecordStore

GUEST = an_actor(station_id="station-2")


@pytest.fixture
def case(store: RecordStore) -> Case:
    """A grown-up's case of the first of two stations."""
    made = a_case(age_min=30)
    with store.transaction() as records:
        records.cases.add(made)
        for number in (1, 2):
            records.stations.add(Station(f"station-{number}", f"Number {number}", NOON))
    return made


def test_a_station_is_set_up_once_and_can_be_closed(store: RecordStore) -> None:
    station = Station("north", "North shelter", NOON, central=True)
    with store.transaction() as records:
        assert records.stations.all() == []
        records.stations.add(station)
        with pytest.raises(Conflict):
            records.stations.add(station)
        with pytest.raises(NotFound):
            records.stations.get("south")
        closed = replace(station, closed_at=NOON)
        records.stations.save(closed)
        assert records.stations.get("north") == closed
        assert records.stations.all() == [closed]


def test_without_stations_and_at_a_central_one_everything_is_in_reach(store: RecordStore) -> None:
    with store.transaction() as records:
        assert records.stations.reach(GUEST) == Reach("station-2", NOON.date(), everything=True)
        records.stations.add(Station("station-1", "One", NOON))
        assert not records.stations.reach(GUEST).everything
        records.stations.add(Station("station-2", "Two", NOON, central=True))
        assert records.stations.reach(GUEST).everything
        records.stations.save(Station("station-2", "Two", NOON, central=True, closed_at=NOON))
        assert not records.stations.reach(GUEST).everything


@pytest.mark.parametrize(
    ("changes", "runs"),
    [
        ({}, True),
        ({"state": RequestState.IN_PROGRESS}, False),
        ({"state": RequestState.REVOKED}, False),
        ({"state": RequestState.DONE}, False),
        ({"kind": RequestKind.TRANSFER}, False),
        ({"deadline": NOON}, False),
        ({"deadline": NOON + timedelta(seconds=1)}, True),
        ({"guest": "station-3", "asked": "station-3"}, False),
        # The station that granted it has the case no more.
        ({"asking": "station-9"}, False),
    ],
)
def test_a_grant_is_accepted_assistance_that_runs(
    store: RecordStore, case: Case, changes: dict[str, object], runs: bool
) -> None:
    request = a_request(case, **{"state": RequestState.ACCEPTED} | changes)
    with store.transaction() as records:
        records.stations.add_request(request)
        assert records.stations.reach(GUEST).granted == ({case.case_id: TO_COMPARE} if runs else {})
        assert records.stations.request(request.request_id) == request


def test_l3_two_grants_are_one_and_a_child_s_ends_at_once(store: RecordStore, case: Case) -> None:
    with store.transaction() as records:
        for part in (Part.PHOTOS, Part.CONTACTS):
            records.stations.add_request(a_request(case, parts=(part,), state=RequestState.ACCEPTED))
        assert records.stations.reach(GUEST).granted == {case.case_id: {Part.PHOTOS, Part.CONTACTS}}
        child = replace(case, description=replace(case.description, age_min=12))
        child = records.cases.save(child)
        assert records.stations.reach(GUEST).granted == {}
        records.cases.save(replace(child, legal_basis=LegalBasis.GUARDIAN_CONSENT))
        assert set(records.stations.reach(GUEST).granted) == {case.case_id}


def test_requests_come_newest_first_and_of_two_answers_the_second_is_stale(store: RecordStore, case: Case) -> None:
    early, late = a_request(case), a_request(case, asked_at=NOON + timedelta(hours=1))
    with store.transaction() as records:
        for each in (early, late):
            records.stations.add_request(each)
        assert records.stations.requests("station-2", 10) == records.stations.requests("station-1", 10) == [late, early]
        assert records.stations.requests_of(case.case_id) == records.stations.requests("", 10) == [late, early]
        assert records.stations.requests("station-3", 10) == []
        assert records.stations.requests("", 1) == [late]
        saved = records.stations.save_request(replace(early, state=RequestState.REJECTED))
        assert saved == replace(early, state=RequestState.REJECTED, version=2)
        with pytest.raises(Stale):
            records.stations.save_request(replace(early, state=RequestState.ACCEPTED))
        with pytest.raises(NotFound):
            records.stations.save_request(replace(early, request_id=an_id()))


def test_an_emergency_ends_by_the_clock_and_is_looked_at_once(store_url: str) -> None:
    clock = FixedClock()
    store = SqlRecordStore(store_url, KEYRING, clock, an_id)
    case = a_case()
    first, second = an_emergency(case), an_emergency(case, opened_at=NOON + timedelta(hours=1))
    somebody = an_actor(account_id=first.account_id, station_id="station-2")
    with store.transaction() as records:
        records.cases.add(case)
        records.stations.add(Station("station-1", "One", NOON))
        records.stations.add_emergency(first)
        assert records.stations.reach(somebody).opened == {case.case_id}
        assert records.stations.reach(GUEST).opened == frozenset()
        clock.now = first.ends_at
        assert records.stations.reach(somebody).opened == frozenset()
        records.stations.add_emergency(second)
        assert records.stations.emergencies(10) == [second, first]
        seen = replace(second, seen_by=an_id(3), seen_at=NOON, finding="it was right")
        records.stations.see_emergency(seen)
        assert records.stations.emergencies(10) == [first, seen], "what nobody has looked at comes first"
        assert records.stations.emergencies(10, "station-1") == records.stations.emergencies(10, "station-2") == [first, seen]
        assert records.stations.emergencies(10, "station-3") == []
        assert records.stations.count_emergencies() == (1, 1)
        with pytest.raises(WrongState):
            records.stations.see_emergency(seen)
        with pytest.raises(NotFound):
            records.stations.see_emergency(an_emergency(case))
    store.close()


SAID = [
    {"birth_date": None if born is None else PartialDate.parse(born), "age_min": age, "legal_basis": basis}
    for born, age, basis in product(
        (None, "1980", "2012", "2012-02", "2012-03", "2012-03-01", "2012-03-02", "2025-12"),
        (None, 13, 14),
        (LegalBasis.STATUTORY_DUTY, LegalBasis.GUARDIAN_CONSENT),
    )
]
SAID += [{"age_min": 40, "age_max": 13}, {"birth_date": PartialDate(1980), "age_max": 13}]
SAID += [{"age_min": 40, "child_said": said} for said in (True, None)]


def test_queue_and_list_hold_what_the_rules_say(store: RecordStore) -> None:
    """``Reach`` in SQL against ``Reach`` in words, over pairs of every sort."""
    generation = a_generation()
    missing = {name: a_case(station_id=name, age_min=40) for name in ("station-1", "station-2", "station-3")}
    others = [a_sheltered_case(station_id=name, **said) for name in ("station-1", "station-2") for said in SAID]
    others += [a_sheltered_case(station_id=name, age_min=40, guarded_since=NOON) for name in ("station-1", "station-2")]
    cases = [*missing.values(), *others]
    shared, half = missing["station-3"], others[0]
    reach = Reach("station-2", NOON.date(), granted={shared.case_id: TO_COMPARE, half.case_id: frozenset({Part.DESCRIPTION})})
    alone = replace(reach, granted={})
    third = replace(alone, station_id="station-3")
    theirs = QueueFilter(reach=third)
    with store.transaction() as records:
        records.generations.add(generation)
        for each in cases:
            records.cases.add(each)
        pairs = [(one, other) for one in missing.values() for other in others]
        records.pairs.suggest([a_suggestion(one, other, generation.generation_id) for one, other in pairs], NOON)
        for mine in (reach, alone, replace(reach, everything=True)):
            waiting = records.pairs.queue(an_id(7), WAITING_FOR_REVIEW, NOON, 1000, wanted=QueueFilter(reach=mine))
            expected = {frozenset((one.case_id, other.case_id)) for one, other in pairs if mine.compares(one, other)}
            assert {frozenset(pair.case_ids) for pair in waiting} == expected
            assert records.pairs.queue_size(an_id(7), WAITING_FOR_REVIEW, NOON, QueueFilter(reach=mine)) == len(expected)
            assert records.pairs.queue_size("", WAITING_FOR_REVIEW, NOON, QueueFilter(reach=mine), theirs) == sum(
                mine.compares(one, other) or third.compares(one, other) for one, other in pairs
            ), "of two stations each pair once"
            listed = records.cases.find(CaseFilter(reach=mine), 1000)
            owned = {each.case_id for each in cases if Part.DESCRIPTION in mine.parts(each)}
            assert {each.case_id for each in listed} == owned
            assert records.cases.count(CaseFilter(reach=mine)) == len(owned)
        ids = {each.case_id for each in cases}
        assert records.stations.compared(ids, alone) == {
            case.case_id for pair in pairs for case, mate in (pair, pair[::-1]) if alone.near(mate)
        }
    assert {may_be_shared(each, NOON.date()) for each in others} == {True, False}
