"""Stations ask each other about a case: whose step is whose, what is granted and for how long, and races."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import NOON, CountingIds, FixedClock, a_case, an_actor
from tests.fixtures_postgres import KEYRING, migrated
from tests.house import House
from tests.neighbours import HOME, NORTH, TO_COMPARE, Neighbours
from tracing.access import SYSTEM
from tracing.domain import EntryKind, LegalBasis, Part, RequestKind, RequestState, Role, Station, StationRequest
from tracing.errors import Conflict, Invalid, NotAllowed, NotFound, OtherStation, Stale, TracingError, WrongState
from tracing.opening import ContactDraft
from tracing.stations.asking import REQUEST_STEPS, whose
from tracing.stations.assistance import MOST_DAYS, Assistance
from tracing.store.database import SqlRecordStore

ASSIST, TRANSFER = RequestKind.ASSISTANCE, RequestKind.TRANSFER


@pytest.fixture
def north(house: House) -> Neighbours:
    return Neighbours(house)


def test_a_station_asks_for_parts_of_a_case_and_reads_them_until_the_day(house: House, north: Neighbours) -> None:
    case = north.case()
    house.photograph(case, 1)
    with pytest.raises(OtherStation):
        house.services.casework.read(north.intake, case.case_id)
    request = north.asked(case, Part.DESCRIPTION)
    assert (request.asking, request.asked, request.guest, request.host) == (NORTH, HOME, NORTH, HOME)
    with pytest.raises(OtherStation):
        house.services.casework.read(north.intake, case.case_id)
    house.services.assistance.accept(house.manager, request.request_id, "they know the dialect")
    assert house.services.casework.read(north.intake, case.case_id).title == "老王"
    with pytest.raises(OtherStation):
        house.services.desk.photos(north.intake, case.case_id)
    assert set(house.services.timeline.of_case(north.intake, case.case_id).counts) == {EntryKind.STATION}
    house.clock.advance(days=14)
    with pytest.raises(OtherStation):
        house.services.casework.read(north.intake, case.case_id)


def test_a_station_offers_its_own_case_and_the_other_accepts(house: House, north: Neighbours) -> None:
    case = north.case()
    ask, accept = house.services.assistance.ask, house.services.assistance.accept
    request = ask(house.intake, case.case_id, ASSIST, "he speaks as you do", NORTH, TO_COMPARE)
    assert (request.asking, request.asked, request.host) == (HOME, NORTH, HOME)
    with pytest.raises(NotAllowed):
        accept(house.manager, request.request_id, "for them")
    accepted = accept(north.manager, request.request_id, "we ask around", parts=())
    assert accepted.parts == TO_COMPARE, "the one who is asked for help narrows nothing"
    assert house.services.casework.get(north.reviewer, case.case_id) == case


def test_contacts_are_shown_only_if_they_were_asked_for_and_granted(house: House, north: Neighbours) -> None:
    case = house.services.intake.open_case(
        house.intake,
        north.case().kind,
        north.case().description,
        LegalBasis.STATUTORY_DUTY,
        ContactDraft("daughter", "王芳", "138"),
    )
    contacts = house.services.casework.contacts
    north.granted(case, *TO_COMPARE)
    assert contacts(north.intake, case.case_id) == []
    asked = north.asked(case, Part.CONTACTS, Part.CLUES)
    house.services.assistance.accept(house.manager, asked.request_id, "not whom to call", parts=[Part.CLUES])
    assert contacts(north.intake, case.case_id) == []
    asked = north.asked(case, Part.CONTACTS)
    house.services.assistance.accept(house.manager, asked.request_id, "call her", parts=list(Part))
    assert [each.name for each in contacts(north.intake, case.case_id)] == ["王芳"]
    assert contacts(north.reviewer, case.case_id) == [], "the role has still to allow it"


def test_at_least_one_part_is_granted_or_the_request_rejected(house: House, north: Neighbours) -> None:
    request = north.asked(north.case(), Part.PHOTOS)
    with pytest.raises(Invalid, match="at least one") as refused:
        house.services.assistance.accept(house.manager, request.request_id, "why", parts=[Part.CLUES])
    assert refused.value.field == "parts"


def test_a_transfer_brings_the_case_over_and_its_revocation_back(house: House, north: Neighbours) -> None:
    case, services = north.case(), house.services.assistance
    request = services.ask(house.intake, case.case_id, TRANSFER, "his home is there", NORTH)
    services.accept(north.manager, request.request_id, "we fetch him")
    moved = house.services.casework.read(north.intake, case.case_id)
    assert (moved.station_id, moved.reference) == (NORTH, case.reference)
    with pytest.raises(OtherStation):
        house.services.casework.read(house.intake, case.case_id)
    services.revoke(house.manager, request.request_id, "he would not go")
    assert house.services.casework.read(house.intake, case.case_id).station_id == HOME
    assert [each.action for each in house.done(case)] == [
        "open_case",
        "ask_station",
        "move_case",
        "answer_station",
        "move_case",
        "answer_station",
    ]


def test_a_case_that_has_gone_on_is_not_brought_back_and_grants_of_the_former_station_end(
    house: House, north: Neighbours
) -> None:
    case, services = north.case(), house.services.assistance
    house.services.stations.add(SYSTEM, "south", "South shelter")
    south = north.hire("south sun", Role.MANAGER, "south")
    grant = services.ask(house.intake, case.case_id, ASSIST, "help", "south", TO_COMPARE)
    services.accept(south, grant.request_id, "we help")
    waiting = services.ask(house.intake, case.case_id, TRANSFER, "home", "south")
    request = services.ask(house.intake, case.case_id, TRANSFER, "home", NORTH)
    services.accept(north.manager, request.request_id, "yes")
    with pytest.raises(OtherStation):
        house.services.casework.get(south, case.case_id)
    with pytest.raises(WrongState, match="another station meanwhile"):
        services.accept(south, waiting.request_id, "we too")
    onward = services.ask(north.intake, case.case_id, TRANSFER, "farther", "south")
    services.accept(south, onward.request_id, "yes")
    with pytest.raises(WrongState, match="another station meanwhile"):
        services.revoke(house.manager, request.request_id, "back")


def test_help_that_was_given_ends_the_grant_and_a_grant_can_be_taken_back_by_either(house: House, north: Neighbours) -> None:
    services = house.services
    for end in (
        lambda request: services.assistance.finish(north.intake, request, "found the village"),
        lambda request: services.assistance.revoke(house.manager, request, "a mistake"),
        lambda request: services.assistance.revoke(north.manager, request, "nobody knows him"),
    ):
        case = north.case()
        request = north.granted(case)
        assert services.casework.get(north.intake, case.case_id) == case
        end(request.request_id)
        with pytest.raises(OtherStation):
            services.casework.get(north.intake, case.case_id)


def test_what_is_not_answered_in_time_cannot_be_accepted_any_more_and_can_be_asked_again(
    house: House, north: Neighbours
) -> None:
    case = north.case()
    request = north.asked(case, Part.PHOTOS, days=3)
    with pytest.raises(Conflict, match="asked already"):
        north.asked(case, Part.CLUES)
    house.clock.advance(days=3)
    (view,) = house.services.assistance.box(house.manager)
    assert view.expired
    assert view.incoming
    assert view.steps == (RequestState.REJECTED,)
    with pytest.raises(WrongState, match="run out"):
        house.services.assistance.accept(house.manager, request.request_id, "late")
    assert north.asked(case, Part.PHOTOS).state is RequestState.IN_PROGRESS


@pytest.mark.parametrize("kind", list(RequestKind))
def test_l3_whoever_may_be_a_child_is_neither_offered_nor_given(house: House, north: Neighbours, kind: RequestKind) -> None:
    """L3, at every step of a share: when it is asked, when it is accepted, and while it runs."""
    services = house.services
    for young in ({"age_min": None}, {"age_min": 13}):
        with pytest.raises(Invalid, match="under 14"):
            services.assistance.ask(house.intake, north.case(**young).case_id, kind, "why", NORTH, TO_COMPARE)
        with pytest.raises(Invalid, match="under 14"):
            north.asked(north.case(**young), *TO_COMPARE, kind=kind)
    claims = north.case()
    services.filing.write(house.intake, claims.case_id, {"age_claimed": "12"})
    with pytest.raises(Invalid, match="under 14"):
        services.assistance.ask(house.intake, claims.case_id, kind, "why", NORTH, TO_COMPARE)
    case = north.case()
    request = services.assistance.ask(house.intake, case.case_id, kind, "why", NORTH, TO_COMPARE)
    younger = north.case(age_min=12).description
    services.casework.amend(house.intake, case.case_id, younger)
    with pytest.raises(Invalid, match="under 14"):
        services.assistance.accept(north.manager, request.request_id, "yes")
    services.casework.amend(house.intake, case.case_id, legal_basis=LegalBasis.GUARDIAN_CONSENT)
    services.assistance.accept(north.manager, request.request_id, "yes")
    assert services.casework.get(north.intake, case.case_id).case_id == case.case_id


def test_what_makes_no_sense_is_refused_with_the_field_that_has_to_change(house: House, north: Neighbours) -> None:
    case = north.case()
    for field, wrong in {
        "reason": {"reason": " "},
        "station_id": {"station_id": "nowhere"},
        "parts": {"parts": ()},
        "days": {"days": MOST_DAYS + 1},
    }.items():
        asked: dict[str, Any] = {"reason": "why", "station_id": NORTH, "parts": TO_COMPARE, "days": 1} | wrong
        with pytest.raises(Invalid) as refused:
            house.services.assistance.ask(house.intake, case.case_id, ASSIST, **asked)
        assert refused.value.field == field
    with pytest.raises(Invalid, match="already"):
        house.services.assistance.ask(house.intake, case.case_id, TRANSFER, "why", HOME)


def test_without_stations_there_is_nobody_to_ask(house: House) -> None:
    case = house.missing(1)
    with pytest.raises(Invalid, match="no open station"):
        house.services.assistance.ask(house.intake, case.case_id, TRANSFER, "why", NORTH)


def test_a_request_is_the_business_of_its_two_stations_and_of_the_central_one(house: House, north: Neighbours) -> None:
    request = north.asked(north.case(), Part.PHOTOS)
    house.services.stations.add(SYSTEM, "south", "South shelter")
    south = north.hire("south sun", Role.MANAGER, "south")
    assert house.services.assistance.box(south) == []
    with pytest.raises(NotFound):
        house.services.assistance.read(south, request.request_id)
    with pytest.raises(NotFound):
        house.services.assistance.accept(south, request.request_id, "why")
    assert [each.request for each in house.services.assistance.box(north.supervisor)] == [request]
    assert house.services.assistance.read(north.intake, request.request_id).steps == (RequestState.REVOKED,)
    assert house.services.assistance.read(house.manager, request.request_id).steps == (
        RequestState.ACCEPTED,
        RequestState.REJECTED,
    )
    assert house.services.assistance.read(house.intake, request.request_id).steps == ()


def test_an_answer_to_another_version_is_stale(house: House, north: Neighbours) -> None:
    request = north.asked(north.case(), Part.PHOTOS)
    with pytest.raises(Stale):
        house.services.assistance.accept(house.manager, request.request_id, "why", version=request.version + 1)
    house.services.assistance.accept(house.manager, request.request_id, "why", version=request.version)


# Any sequence of steps, against the table


class Desk:
    """Two stations over one store, without the rest of a service."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / 'records.sqlite'}"
        migrated(url)
        self.clock = FixedClock()
        self.store = SqlRecordStore(url, KEYRING, self.clock, CountingIds())
        self.assistance = Assistance(self.store, self.clock, CountingIds())
        self.people = {
            name: an_actor(role=role, station_id=station)
            for name, role, station in (
                ("asker", Role.INTAKE, "b"),
                ("asking manager", Role.MANAGER, "b"),
                ("clerk", Role.INTAKE, "a"),
                ("asked manager", Role.MANAGER, "a"),
                ("stranger", Role.MANAGER, "c"),
            )
        }
        with self.store.transaction() as records:
            for name in "abc":
                records.stations.add(Station(name, name, NOON))


@pytest.fixture(scope="module")
def two_stations() -> Iterator[Desk]:
    with tempfile.TemporaryDirectory() as folder:
        made = Desk(Path(folder))
        yield made
        made.store.close()


STEPS = {
    "accept": RequestState.ACCEPTED,
    "reject": RequestState.REJECTED,
    "revoke": RequestState.REVOKED,
    "finish": RequestState.DONE,
}
NAMES = ("asker", "asking manager", "clerk", "asked manager", "stranger")


@settings(max_examples=60)
@given(
    st.sampled_from(RequestKind),
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(sorted(STEPS)), st.integers(0, 5)), max_size=6),
)
def test_any_sequence_of_steps_by_anybody_follows_the_table(
    two_stations: Desk, kind: RequestKind, story: list[tuple[str, str, int]]
) -> None:
    desk = two_stations
    case = a_case(station_id="a", age_min=30)
    with desk.store.transaction() as records:
        records.cases.add(case)
    request = desk.assistance.ask(desk.people["asker"], case.case_id, kind, "why", parts=TO_COMPARE, days=7)
    place, state = "a", request.state
    for name, verb, days in story:
        desk.clock.advance(days=days)
        actor, then = desk.people[name], STEPS[verb]
        theirs = actor.station_id in whose(request, then)
        plain = then is RequestState.DONE or (then is RequestState.REVOKED and state is RequestState.IN_PROGRESS)
        expected = (
            theirs
            and (plain or actor.role is Role.MANAGER)
            and then in REQUEST_STEPS[state]
            and not (then is RequestState.ACCEPTED and request.deadline <= desk.clock.now)
        )
        if not expected:
            with pytest.raises(TracingError):
                getattr(desk.assistance, verb)(actor, request.request_id, "why")
        else:
            if kind is TRANSFER:
                place = {RequestState.ACCEPTED: "b", RequestState.REVOKED: "a"}.get(then, place)
            state = then
            request = getattr(desk.assistance, verb)(actor, request.request_id, "why")
        with desk.store.reading() as records:
            assert records.stations.request(request.request_id).state is state
            assert records.cases.get(case.case_id).station_id == place
            runs = kind is ASSIST and state is RequestState.ACCEPTED and request.deadline > desk.clock.now
            assert (case.case_id in records.stations.reach(desk.people["asker"]).granted) is runs


# Two answers at the same moment


@pytest.mark.parametrize("kind", list(RequestKind))
def test_of_two_acceptances_at_the_same_moment_one_wins(store_url: str, kind: RequestKind) -> None:
    clock, new_id = FixedClock(), CountingIds()
    stores = [SqlRecordStore(store_url, KEYRING, clock, new_id) for _ in range(2)]
    case = a_case(station_id="a", age_min=30)
    with stores[0].transaction() as records:
        records.cases.add(case)
        for name in "ab":
            records.stations.add(Station(name, name, NOON))
    desks = [Assistance(store, clock, new_id) for store in stores]
    asker, managers = an_actor(station_id="b"), [an_actor(role=Role.MANAGER, station_id="a") for _ in range(2)]
    request = desks[0].ask(asker, case.case_id, kind, "why", parts=TO_COMPARE)
    start = Barrier(2)

    def accept(place: int) -> StationRequest | TracingError:
        start.wait()
        try:
            return desks[place].accept(managers[place], request.request_id, f"number {place}")
        except TracingError as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(accept, range(2)))
    (won,) = [each for each in answers if isinstance(each, StationRequest)]
    (lost,) = [each for each in answers if isinstance(each, TracingError)]
    assert isinstance(lost, Conflict)
    with stores[1].reading() as records:
        assert records.stations.request(request.request_id) == won
        moves = [event for event in records.audit.of_subject(case.case_id) if event.action == "answer_station"]
        assert len(moves) == 1
        assert records.cases.get(case.case_id).station_id == ("b" if kind is TRANSFER else "a")
        assert won.deadline == NOON + timedelta(days=14)
    for store in stores:
        store.close()
