"""People of the station read what informants have seen, and write it down as a clue."""

from __future__ import annotations

import pytest

from tests.factories import an_actor
from tests.families.sent import a_sighting, photo_of
from tests.house import House
from tracing.access import SYSTEM
from tracing.domain import Case, Role, Sighting, SightingState
from tracing.errors import Invalid, NotAllowed, NotFound, OtherStation, Stale, WrongState

ALL = set(SightingState)


@pytest.fixture
def case(house: House) -> Case:
    return house.missing(1, names=("王建国",))


@pytest.fixture
def seen(house: House, case: Case) -> Sighting:
    return a_sighting(house, case)


def test_a_sighting_becomes_a_clue_by_a_person_in_their_words(house: House, case: Case, seen: Sighting) -> None:
    service = house.services.seen_sightings
    assert service.waiting(house.intake) == service.of_case(house.intake, case.case_id) == 1
    clue_id = service.note(house.intake, seen.sighting_id, seen.version, "有人说在阜阳市颍上县见过他")
    (clue,) = house.services.interviews.of_case(house.intake, case.case_id)
    assert (clue.clue.clue_id, clue.clue.said) == (clue_id, "有人说在阜阳市颍上县见过他")
    view = service.view(house.intake, seen.sighting_id)
    assert (view.sighting.state, view.sighting.clue_id, view.sighting.read_by) == ("noted", clue_id, house.intake.account_id)
    with pytest.raises(WrongState):
        service.note(house.intake, seen.sighting_id, view.sighting.version, "again")
    assert service.waiting(house.intake) == 0


def test_a_note_that_was_interrupted_makes_one_clue(house: House, case: Case, seen: Sighting) -> None:
    service = house.services.seen_sightings
    with pytest.raises(Invalid):
        service.note(house.intake, seen.sighting_id, seen.version, "")  # refused after its number was kept
    again = service.view(house.intake, seen.sighting_id).sighting
    assert again.clue_id
    service.note(house.intake, seen.sighting_id, again.version, "在阜阳见过")
    assert len(house.services.interviews.of_case(house.intake, case.case_id)) == 1


def test_it_is_marked_as_read_once_on_the_version_that_was_read(house: House, seen: Sighting) -> None:
    service = house.services.seen_sightings
    read = service.mark_read(house.manager, seen.sighting_id, seen.version)
    assert (read.state, read.read_by) == (SightingState.READ, house.manager.account_id)
    with pytest.raises(Stale):
        service.mark_read(house.intake, seen.sighting_id, seen.version)


def test_l18_whom_an_informant_named_is_for_those_who_read_contacts_at_the_station(
    house: House, case: Case, seen: Sighting
) -> None:
    service = house.services.seen_sightings
    for actor in (house.reviewer, house.auditor, house.partner):
        for look in (
            lambda actor=actor: service.find(actor, ALL, 9),
            lambda actor=actor: service.view(actor, seen.sighting_id),
            lambda actor=actor: service.photo(actor, seen.sighting_id, photo_of(house, seen)),
            lambda actor=actor: service.mark_read(actor, seen.sighting_id, seen.version),
            lambda actor=actor: service.note(actor, seen.sighting_id, seen.version, "seen"),
        ):
            with pytest.raises(NotAllowed):
                look()
    for station in ("main", "north"):
        house.services.stations.add(SYSTEM, station)
    north = an_actor(role=Role.INTAKE, station_id="north")
    assert service.find(north, ALL, 9) == ([], 0)
    assert service.of_case(north, case.case_id) == 0
    with pytest.raises(OtherStation):
        service.view(north, seen.sighting_id)
    with pytest.raises(OtherStation):
        service.find(north, ALL, 9, case_id=case.case_id)


def test_a_photo_belongs_to_its_sighting_alone(house: House, case: Case, seen: Sighting) -> None:
    other = a_sighting(house, case)
    with pytest.raises(NotFound):
        house.services.seen_sightings.photo(house.intake, seen.sighting_id, photo_of(house, other))
    photo, data = house.services.seen_sightings.photo(house.intake, seen.sighting_id, photo_of(house, seen))
    assert len(data) == photo.size
