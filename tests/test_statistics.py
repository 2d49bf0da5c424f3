"""How much there is of everything."""

from __future__ import annotations

import pytest

from tests.fakes import painted_photo
from tests.house import House
from tests.neighbours import HOME, NORTH, Neighbours
from tracing.access import ROLE_PERMISSIONS, SYSTEM
from tracing.domain import Analysis, CaseKind, CaseState, PairState
from tracing.errors import EncoderUnavailable, NotAllowed
from tracing.photo_reports import MAX_ATTEMPTS
from tracing.statistics import Counts, Statistics
from tracing.verdict import Proof


def test_everything_is_counted_in_its_state(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    house.photograph(house.sheltered(2), 3, faces=2)
    house.confirm(house.pair(missing, sheltered))
    counts = Statistics(house.services.store, MAX_ATTEMPTS).counts(house.auditor)
    assert {state: number for state, number in counts.cases[CaseKind.SHELTERED].items() if number} == {
        CaseState.MATCHED: 1,
        CaseState.OPEN: 1,
    }
    assert counts.cases[CaseKind.MISSING][CaseState.MATCHED] == 1
    assert (counts.photos[Analysis.ENROLLED], counts.photos[Analysis.CHOOSE_FACE]) == (3, 1)
    assert {state: number for state, number in counts.pairs.items() if number} == {PairState.CONFIRMED: 1}
    assert (counts.searches_due, counts.photos_stuck) == (0, 0)


def test_what_waits_and_what_is_stuck_is_counted(house: House) -> None:
    house.missing(1)
    with house.services.store.transaction() as records:
        records.cases.want_search_everywhere()
    house.examiner.failure = EncoderUnavailable("the model is gone")
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(EncoderUnavailable):
            house.photograph(house.open(CaseKind.MISSING), 2)
    case = house.open(CaseKind.MISSING)
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(EncoderUnavailable):
            house.photograph(case, 3)
        house.clock.advance(minutes=5)
    counts = Statistics(house.services.store, MAX_ATTEMPTS).counts(house.manager)
    assert (counts.searches_due, counts.photos[Analysis.PENDING], counts.photos_stuck) == (1, MAX_ATTEMPTS + 1, 1)


def test_who_may_not_read_statistics_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracing.access.ROLE_PERMISSIONS", dict.fromkeys(ROLE_PERMISSIONS, frozenset()))
    with pytest.raises(NotAllowed):
        Statistics(house.services.store, MAX_ATTEMPTS).counts(house.manager)


# Of several stations


@pytest.fixture
def north(house: House) -> Neighbours:
    """A pair of the first station, one between the two, and a case of the first one with two photos."""
    found = Neighbours(house)
    house.pair(house.missing(9, age_min=40), house.sheltered(9, age_min=40))
    house.missing(1, age_min=40)
    case = house.open(CaseKind.SHELTERED, found.intake, age_min=40)
    photo = house.services.intake.add_photo(found.intake, case.case_id, painted_photo(1, 1, 8))
    house.services.intake.analyse(photo.photo_id)
    house.photograph(house.sheltered(2, age_min=40), 3, faces=2)
    return found


def numbers(counts: Counts) -> dict[str, int]:
    return {
        "cases": sum(sum(states.values()) for states in counts.cases.values()),
        "photos": sum(counts.photos.values()),
        "pairs": sum(counts.pairs.values()),
        "open": counts.open_cases,
        "clues": counts.searched_by_clues,
    }


def test_each_station_is_told_of_its_own_and_the_central_one_of_all(house: House, north: Neighbours) -> None:
    counts = house.services.statistics.counts
    all_of_it = numbers(counts(north.supervisor))
    with house.services.store.reading() as records:
        stations = [
            {records.cases.get(each).station_id for each in pair.case_ids} for pair in records.pairs.in_states(PairState)
        ]
    there = sum(NORTH in each for each in stations)
    assert 0 < there < len(stations)
    assert all_of_it == {"cases": 5, "photos": 6, "pairs": len(stations), "open": 5, "clues": 0}
    assert numbers(counts(north.manager)) == {"cases": 1, "photos": 1, "pairs": there, "open": 1, "clues": 0}
    own = counts(house.manager)
    assert (numbers(own)["cases"], numbers(own)["photos"], own.station_id) == (4, 5, HOME)
    assert counts(north.supervisor).station_id is None
    assert counts(SYSTEM) == counts(north.supervisor)


def test_what_waits_is_of_the_own_station_too(house: House, north: Neighbours) -> None:
    with house.services.store.transaction() as records:
        records.cases.want_search_everywhere()
    for actor, due in ((house.manager, 4), (north.manager, 1), (north.supervisor, 5)):
        assert house.services.statistics.counts(actor).searches_due == due
        assert house.services.desk.waiting(actor).searches_due == due


def test_the_whole_house_is_counted_where_it_is_asked_for(house: House, north: Neighbours) -> None:
    counts = house.services.statistics.counts
    assert counts(north.manager, whole_house=True) == counts(north.supervisor)


def test_coverage_and_duties_are_of_the_own_station(house: House, north: Neighbours) -> None:
    house.services.clockwork.follow()
    house.clock.advance(days=60)
    for actor, stations in ((house.manager, {HOME}), (north.auditor, {NORTH}), (north.supervisor, {HOME, NORTH})):
        report = house.services.coverage.report(actor)
        assert {each.station_id for each in report.stations} == stations
        assert {each.station_id for each in house.services.compliance.by_station(actor)} == stations
        assert set(house.services.compliance.overdue(actor)) == stations
    assert house.services.coverage.report(north.manager, HOME).stations == ()
    whole = house.services.coverage.report(north.manager, whole_house=True)
    assert {each.station_id for each in whole.stations} == {HOME, NORTH}
    assert set(house.services.compliance.overdue(north.manager, whole_house=True)) == {HOME, NORTH}


def test_reunions_are_counted_where_the_person_was_in_care(house: House, north: Neighbours) -> None:
    pair = house.pair(house.missing(7, age_min=40), house.sheltered(7, age_min=40))
    house.confirm(pair)
    house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "L-7")
    house.services.review.reunite(house.manager, pair.pair_id, "to the brother")
    for actor, count in ((house.manager, 1), (north.manager, 0), (north.supervisor, 1)):
        assert sum(house.services.compliance.reunions(actor).values()) == count
