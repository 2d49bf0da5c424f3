"""Another station's case opened in an emergency: for a short time, for reading, seen by managers afterwards."""

from __future__ import annotations

import pytest

from tests.house import House
from tests.neighbours import Neighbours
from tracing.access import SYSTEM
from tracing.domain import Event, Role
from tracing.errors import Invalid, NotAllowed, NotFound, OtherStation, WrongState
from tracing.records import CaseFilter


@pytest.fixture
def north(house: House) -> Neighbours:
    return Neighbours(house)


def test_it_opens_the_case_for_one_person_and_half_an_hour(house: House, north: Neighbours) -> None:
    case, read = north.case(age_min=None), house.services.casework.read
    opened = house.services.emergencies.open(north.intake, case.case_id, "he has collapsed at our door")
    assert read(north.intake, case.case_id) == case
    assert house.services.casework.find(north.intake, CaseFilter(), 10).cases == (case,)
    with pytest.raises(OtherStation):
        read(north.manager, case.case_id)
    house.clock.now = opened.ends_at
    with pytest.raises(OtherStation):
        read(north.intake, case.case_id)
    assert house.services.casework.find(north.intake, CaseFilter(), 10).cases == ()
    seen = [(event.action, dict(event.detail)) for event in _events(house, case.case_id)]
    assert ("read_case", {"through": "emergency"}) in seen
    assert [action for action, _ in seen] == ["open_case", "open_in_emergency", "read_case"]


def test_what_a_clock_opened_that_was_a_year_ahead_is_closed_once_it_is_set_right(house: House, north: Neighbours) -> None:
    case = north.case(age_min=None)
    house.clock.advance(days=365)
    house.services.emergencies.open(north.intake, case.case_id, "he has collapsed at our door")
    house.services.casework.read(north.intake, case.case_id)
    house.clock.advance(days=-364)
    with pytest.raises(OtherStation):
        house.services.casework.read(north.intake, case.case_id)
    assert [alert.running for alert in house.services.emergencies.alerts(north.manager)] == [False]


def test_it_changes_nothing_and_opens_no_pair(house: House, north: Neighbours) -> None:
    one, other = house.missing(1, age_min=40), house.sheltered(1, age_min=40)
    pair = house.pair(one, other)
    house.services.emergencies.open(north.manager, one.case_id, "urgent")
    for forbidden in (
        lambda: house.services.casework.amend(north.manager, one.case_id),
        lambda: house.services.casework.suspend(north.manager, one.case_id, "why"),
        lambda: house.services.retention.erase_case(north.manager, one.case_id),
        lambda: house.services.candidates.of_case(north.manager, one.case_id),
        lambda: house.services.review.view(north.manager, pair.pair_id),
        lambda: house.services.review.claim(north.manager, pair.pair_id),
    ):
        with pytest.raises(OtherStation):
            forbidden()
    assert house.services.review.queue(north.manager).pairs == ()


def test_the_managers_of_both_stations_see_the_alert_until_one_has_looked_at_it(house: House, north: Neighbours) -> None:
    services = house.services.emergencies
    case = north.case(age_min=None)
    opened = services.open(north.intake, case.case_id, "he has collapsed at our door")
    for manager in (house.manager, north.manager, north.supervisor):
        (alert,) = services.alerts(manager)
        assert (alert.emergency, alert.reference, alert.host) == (opened, case.reference, "main")
        assert alert.running
        assert alert.maybe_a_child
        assert alert.may_be_seen
    house.services.stations.add(SYSTEM, "south")
    south = north.hire("south sun", Role.MANAGER, "south")
    assert services.alerts(south) == []
    with pytest.raises(NotFound):
        services.see(south, opened.emergency_id, "none of my business")
    seen = services.see(house.manager, opened.emergency_id, "right: the ambulance came")
    assert (seen.seen_by, seen.finding) == (house.manager.account_id, "right: the ambulance came")
    with pytest.raises(WrongState):
        services.see(north.manager, opened.emergency_id, "again")
    (alert,) = services.alerts(north.manager)
    assert alert.emergency == seen
    assert not alert.may_be_seen


def test_nobody_looks_at_their_own(house: House, north: Neighbours) -> None:
    opened = house.services.emergencies.open(north.manager, north.case().case_id, "urgent")
    assert [alert.may_be_seen for alert in house.services.emergencies.alerts(north.manager)] == [False]
    with pytest.raises(NotAllowed, match="another manager"):
        house.services.emergencies.see(north.manager, opened.emergency_id, "all right")


def test_it_needs_a_reason_and_another_station_s_case(house: House, north: Neighbours) -> None:
    case = north.case()
    with pytest.raises(Invalid) as refused:
        house.services.emergencies.open(north.intake, case.case_id, " ")
    assert refused.value.field == "reason"
    with pytest.raises(Invalid, match="your own station"):
        house.services.emergencies.open(house.intake, case.case_id, "urgent")


def _events(house: House, case_id: str) -> list[Event]:
    with house.services.store.reading() as records:
        return records.audit.of_subject(case_id)
