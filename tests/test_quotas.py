"""How many searches an account may make in a day, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import House, a_house
from tests.importing.handed import brought, checked, hand_in
from tracing.access import SYSTEM
from tracing.domain import ListPurpose, Role
from tracing.errors import Invalid, NotAllowed, TooMany
from tracing.records import CaseFilter

MOST = 3


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[House]:
    with a_house(tmp_path, searches_per_day=MOST, timezone="Asia/Shanghai") as house:
        yield house


def search(house: House, times: int = 1) -> None:
    for _ in range(times):
        house.services.casework.find(house.intake, CaseFilter(text="wang"), 10)


def test_l18_beyond_the_quota_nobody_is_looked_up_until_midnight_at_the_station(watched: House) -> None:
    search(watched, MOST)
    with pytest.raises(TooMany) as refused:
        search(watched)
    watched.clock.advance(seconds=refused.value.seconds - 1)
    with pytest.raises(TooMany):
        search(watched)
    watched.clock.advance(seconds=1)
    search(watched)


def test_enquiries_and_searches_for_cases_count_together_and_each_account_by_itself(watched: House) -> None:
    search(watched, MOST - 1)
    watched.services.enquiries.ask(watched.intake, "Fuyang")
    with pytest.raises(TooMany):
        watched.services.enquiries.ask(watched.intake, "Fuyang")
    other = watched.hire("wu", Role.INTAKE)
    watched.services.enquiries.ask(other, "Fuyang")
    watched.services.casework.find(watched.manager, CaseFilter(text="wang"), 10)


def test_l18_a_list_to_compare_is_a_search_and_one_to_bring_in_is_none(watched: House) -> None:
    """A list of one person, compared without a case, would look up anybody as often as somebody likes."""
    for number in range(MOST + 1):
        brought(watched, hand_in(watched, f"编号,姓名\n{number},王\n"))
    for number in range(MOST):
        brought(watched, hand_in(watched, f"编号,姓名\n{number},王\n", purpose=ListPurpose.COMPARE))
    one_more = checked(watched, hand_in(watched, purpose=ListPurpose.COMPARE))
    for _ in range(2):
        with pytest.raises(TooMany):
            watched.services.handed_lists.start(watched.intake, one_more.list_id, one_more.version)
    assert watched.services.quotas.reached(watched.manager) != []
    watched.clock.advance(days=1)
    assert watched.services.handed_lists.start(watched.intake, one_more.list_id, one_more.version)


def test_looking_through_the_list_and_searches_that_make_no_sense_count_nothing(watched: House) -> None:
    for _ in range(2 * MOST):
        watched.services.casework.find(watched.intake, CaseFilter(), 10)
        with pytest.raises(Invalid):
            watched.services.enquiries.ask(watched.intake, " ")
    search(watched, MOST)


def test_what_a_case_brings_up_by_itself_is_no_search_of_anybody(watched: House) -> None:
    """Intake goes on: the faces of who comes in are compared, however many come."""
    search(watched, MOST)
    for person in range(MOST + 1):
        case = watched.sheltered(person)
        assert watched.services.candidates.of_case(watched.intake, case.case_id).run is not None


def test_the_managers_of_the_station_are_told_who_it_was_and_the_audit_keeps_it(watched: House) -> None:
    search(watched, MOST - 1)
    assert watched.services.quotas.reached(watched.manager) == []
    assert watched.services.quotas.count_reached() == 0
    search(watched)
    for _ in range(2):
        with pytest.raises(TooMany):
            search(watched)
    (told,) = watched.services.quotas.reached(watched.manager)
    assert (told.name, told.searches) == ("lin", MOST + 2)
    assert watched.services.quotas.count_reached() == 1
    with watched.services.store.reading() as records:
        assert [each.action for each in records.audit.of_subject(watched.intake.account_id)].count("reach_quota") == 1
    with pytest.raises(NotAllowed):
        watched.services.quotas.reached(watched.reviewer)


def test_managers_of_other_stations_are_not_told(watched: House) -> None:
    search(watched, MOST)
    for station in ("main", "north"):
        watched.services.stations.add(SYSTEM, station)
    account, _ = watched.services.accounts.add(SYSTEM, "he", Role.MANAGER, station_id="north")
    elsewhere = type(watched.manager)(account.account_id, "he", Role.MANAGER, "north")
    assert watched.services.quotas.reached(elsewhere) == []
    assert len(watched.services.quotas.reached(watched.manager)) == 1


def test_the_command_line_counts_nothing_and_zero_switches_it_off(watched: House, tmp_path: Path) -> None:
    for _ in range(2 * MOST):
        watched.services.casework.find(SYSTEM, CaseFilter(text="wang"), 10)
    with a_house(tmp_path / "other", searches_per_day=0) as house:
        search(house, 2 * MOST)
        assert house.services.quotas.reached(house.manager) == []


def test_counts_of_long_ago_are_forgotten(watched: House) -> None:
    search(watched)
    first = watched.clock.now.date()
    watched.clock.advance(days=40)
    search(watched)
    with watched.services.store.reading() as records:
        assert records.doors.searches(first, 1) == {}
