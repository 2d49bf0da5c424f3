"""Who is, or may be, under 14 is seen by no other station, by any door, until a guardian has agreed (DOMAIN.md, L3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from api.pictures import Pictures, Variant
from tests.factories import NOON, a_hit, a_request
from tests.fakes import painted_photo
from tests.house import House
from tests.importing.handed import put
from tests.neighbours import NORTH, Neighbours
from tracing.domain import Case, CaseKind, Description, LegalBasis, PartialDate, RequestState
from tracing.errors import OtherStation

PLACE = "安徽省阜阳市王家坳村"


@pytest.fixture
def north(house: House) -> Neighbours:
    return Neighbours(house)


def sought_by_both(house: House, north: Neighbours, **said: Any) -> tuple[Case, Case]:
    """Somebody of this station, and the report of the other one that fits by face and by words."""
    theirs = house.sheltered(1, names=("王小明",), seen_place=PLACE, **said)
    own = house.open(CaseKind.MISSING, north.intake, names=("王小明",), seen_place=PLACE, **said)
    photo = house.services.intake.add_photo(north.intake, own.case_id, painted_photo(1, shot=9))
    house.services.intake.analyse(photo.photo_id)
    house.services.worker.work_off()
    put(house, a_hit(theirs, station_id=NORTH))
    return theirs, own


def seen(house: House, north: Neighbours, theirs: Case, own: Case) -> dict[str, bool]:
    """Door -> whether the other station sees anything of the person there."""
    services, pair = house.services, house.pair(theirs, own)
    with services.store.reading() as records:
        (photo,) = records.photos.of_case(theirs.case_id)

    def picture() -> bool:
        try:
            return bool(Pictures(services).jpeg(north.reviewer, photo.photo_id, Variant.THUMB))
        except OtherStation:
            return False

    def page() -> bool:
        try:
            return services.review.view(north.reviewer, pair.pair_id).pair.pair_id == pair.pair_id
        except OtherStation:
            return False

    candidates = services.candidates.of_case(north.intake, own.case_id).candidates
    return {
        "candidates": theirs.case_id in {each.case.case_id for each in candidates},
        "queue": pair.pair_id in {each.pair_id for each in services.review.queue(north.reviewer).pairs},
        "pair": page(),
        "photo": picture(),
        "enquiry": bool(services.enquiries.ask(north.intake, PLACE, CaseKind.SHELTERED).elsewhere),
        "hits of lists": bool(services.list_hits.find(north.intake)[0]),
    }


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"age_min": 13},
        {"age_min": 0, "age_max": 80},
        {"birth_date": PartialDate(2012)},
        {"birth_date": PartialDate(2012, 4)},
    ],
    ids=str,
)
def test_l3_no_door_shows_a_child_to_another_station_until_a_guardian_agrees(
    house: House, north: Neighbours, said: dict[str, Any]
) -> None:
    theirs, own = sought_by_both(house, north, **said)
    assert not any(seen(house, north, theirs, own).values()), seen(house, north, theirs, own)
    house.services.casework.amend(house.intake, theirs.case_id, legal_basis=LegalBasis.GUARDIAN_CONSENT)
    house.services.worker.work_off()
    assert all(seen(house, north, theirs, own).values()), seen(house, north, theirs, own)


@pytest.mark.parametrize("answers", [{"age_claimed": "12"}, {"categories": ["child"]}], ids=str)
def test_l3_no_door_shows_whom_the_form_alone_calls_a_child(
    house: House, north: Neighbours, answers: dict[str, object]
) -> None:
    theirs, own = sought_by_both(house, north, age_min=40)
    assert all(seen(house, north, theirs, own).values())
    house.services.filing.write(house.intake, theirs.case_id, answers)
    house.services.worker.work_off()
    assert not any(seen(house, north, theirs, own).values()), seen(house, north, theirs, own)
    house.services.filing.write(house.intake, theirs.case_id, {"age_claimed": "", "categories": []})
    house.services.worker.work_off()
    assert all(seen(house, north, theirs, own).values()), seen(house, north, theirs, own)


@pytest.mark.parametrize("said", [{"age_min": 14}, {"birth_date": PartialDate(2012, 2)}], ids=str)
def test_l3_whoever_is_surely_older_is_compared_by_stations(house: House, north: Neighbours, said: dict[str, Any]) -> None:
    theirs, own = sought_by_both(house, north, **said)
    assert all(seen(house, north, theirs, own).values()), seen(house, north, theirs, own)


def test_l3_what_was_granted_ends_when_the_person_may_be_a_child(house: House, north: Neighbours) -> None:
    case = house.sheltered(1, age_min=14)
    until = NOON + timedelta(days=14)
    with house.services.store.transaction() as records:
        records.stations.add_request(a_request(case, NORTH, state=RequestState.ACCEPTED, deadline=until))
    assert house.services.casework.read(north.intake, case.case_id).case_id == case.case_id
    house.services.casework.amend(house.intake, case.case_id, Description(age_min=13))
    with pytest.raises(OtherStation):
        house.services.casework.read(north.intake, case.case_id)
    house.services.casework.amend(house.intake, case.case_id, Description(age_min=14))
    assert house.services.casework.read(north.intake, case.case_id).case_id == case.case_id
    house.services.filing.write(house.intake, case.case_id, {"age_claimed": "13"})
    with pytest.raises(OtherStation):
        house.services.casework.read(north.intake, case.case_id)


def test_l3_the_case_that_was_opened_for_a_record_of_a_list_is_shown_to_whoever_may_read_it(
    house: House, north: Neighbours
) -> None:
    opened = house.sheltered(1, age_min=12)
    own = house.open(CaseKind.MISSING, north.intake, age_min=40)
    put(house, a_hit(own, station_id=NORTH, opened_case_id=opened.case_id))
    for actor, shown in ((north.intake, None), (north.central, opened.case_id)):
        ((view,), _) = house.services.list_hits.find(actor)
        assert (view.opened and view.opened.case_id) == shown
