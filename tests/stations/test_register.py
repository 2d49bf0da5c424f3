"""What people of another station can do with a case: nothing, what was granted, and what comparing needs; and until when."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from api.pictures import Pictures
from tests.fakes import painted_photo
from tests.house import House
from tests.neighbours import HOME, NORTH, POOL, Neighbours
from tests.stories import pairs_of
from tracing.access import SYSTEM
from tracing.domain import Actor, Case, CaseKind, Judgement, Outcome, Pair, PairState, Part, RequestKind, Role
from tracing.errors import Conflict, Invalid, NotAllowed, OtherStation, TracingError
from tracing.records import CaseFilter
from tracing.verdict import Proof, Verdict

GROWN = {"age_min": 40, "age_max": 60}
VERDICT = Verdict(Judgement.SAME_LIKELY, "the same scar")


@pytest.fixture
def north(house: House) -> Neighbours:
    return Neighbours(house)


# Setting up


def test_until_a_station_is_set_up_everybody_sees_every_case(house: House) -> None:
    account, _ = house.services.accounts.add(SYSTEM, "elsewhere", Role.INTAKE, station_id=NORTH)
    elsewhere = Actor(account.account_id, account.name, account.role, account.station_id)
    case = house.missing(1)
    assert house.services.casework.read(elsewhere, case.case_id).case_id == case.case_id
    house.services.stations.add(SYSTEM, HOME)
    with pytest.raises(OtherStation):
        house.services.casework.read(elsewhere, case.case_id)
    assert house.services.stations.unknown(SYSTEM) == [NORTH]


def test_a_station_is_named_once_closed_once_and_opened_again(house: House) -> None:
    stations = house.services.stations
    made = stations.add(SYSTEM, NORTH, " North shelter ")
    assert (made.name, made.central, made.closed_at) == ("North shelter", False, None)
    with pytest.raises(Conflict, match="set up already"):
        stations.add(SYSTEM, NORTH)
    assert [each.station_id for each in stations.others(house.intake)] == [NORTH]
    stations.close(SYSTEM, NORTH)
    assert stations.others(house.intake) == []
    with pytest.raises(Conflict, match="closed already"):
        stations.close(SYSTEM, NORTH)
    again = stations.add(SYSTEM, NORTH, "North", central=True)
    assert stations.all(house.intake) == [again]


@pytest.mark.parametrize("wrong", ["", "a b", "a/b", "x" * 65, "a\n"])
def test_the_id_of_a_station_can_stand_in_an_address(house: House, wrong: str) -> None:
    with pytest.raises(Invalid):
        house.services.stations.add(SYSTEM, wrong)


def test_an_account_is_of_a_station_that_is_there(house: House, north: Neighbours) -> None:
    with pytest.raises(Invalid, match="no open station"):
        north.hire("lost", Role.INTAKE, "nroth")
    with pytest.raises(Invalid, match="no open station"):
        house.services.accounts.move(SYSTEM, "lin", "nroth")
    key = house.services.accounts.new_api_key(SYSTEM, "lin")
    house.services.accounts.move(SYSTEM, "lin", NORTH)
    assert house.services.accounts.by_api_key(key).station_id == NORTH


# Cases


def doors(house: House, case: Case, photo_id: str, face_id: str) -> dict[str, Callable[[Actor], object]]:
    """Every way to a case, for somebody whose role allows it."""
    services, pictures = house.services, Pictures(house.services)
    return {
        "get": lambda actor: services.casework.get(actor, case.case_id),
        "read": lambda actor: services.casework.read(actor, case.case_id),
        "timeline": lambda actor: services.timeline.of_case(actor, case.case_id),
        "photos": lambda actor: services.desk.photos(actor, case.case_id),
        "picture": lambda actor: pictures.jpeg(actor, photo_id),
        "candidates": lambda actor: services.candidates.of_case(actor, case.case_id),
        "amend": lambda actor: services.casework.amend(actor, case.case_id),
        "add a photo": lambda actor: services.intake.add_photo(actor, case.case_id, b"x"),
        "choose a face": lambda actor: services.intake.choose_face(actor, face_id),
        "close": lambda actor: services.casework.close(actor, case.case_id, Outcome.SELF_LEFT, "why"),
        "suspend": lambda actor: services.casework.suspend(actor, case.case_id, "why"),
        "reopen": lambda actor: services.casework.reopen(actor, case.case_id, "why"),
        "erase": lambda actor: services.retention.erase_case(actor, case.case_id),
    }


def opened(found: dict[str, Callable[[Actor], object]], actor: Actor) -> set[str]:
    """Those that are not shut because of the station."""

    def lets_in(knock: Callable[[Actor], object]) -> bool:
        try:
            knock(actor)
        except OtherStation:
            return False
        except TracingError:
            return True
        return True

    return {name for name, knock in found.items() if lets_in(knock)}


def test_each_door_asks_which_station_somebody_is_of(house: House, north: Neighbours) -> None:
    case = north.case()
    report = house.photograph(case, 1, faces=2)
    found = doors(house, case, report.photo.photo_id, report.faces[0].face_id)
    reading = {"get", "read", "timeline"}
    looking = reading | {"photos", "picture"}
    assert opened(found, north.manager) == set()
    request = north.granted(case, Part.DESCRIPTION)
    assert opened(found, north.manager) == reading
    north.granted(case, Part.PHOTOS)
    assert opened(found, north.manager) == looking | {"candidates"}
    house.services.assistance.revoke(house.manager, request.request_id, "enough")
    assert opened(found, north.manager) == looking
    house.clock.advance(days=14)
    assert opened(found, north.manager) == set()
    house.services.emergencies.open(north.manager, case.case_id, "urgent")
    assert opened(found, north.manager) == looking
    house.clock.advance(minutes=30)
    assert opened(found, north.manager) == set()
    assert opened(found, house.manager) == opened(found, north.supervisor) | {"get", "read"} == set(found)


def test_the_list_the_desk_and_the_portraits_hold_the_own_station_s_cases(house: House, north: Neighbours) -> None:
    theirs, chosen = north.case(), north.case()
    house.photograph(theirs, 1)
    house.photograph(chosen, 2, faces=2)
    services, ids = house.services, [theirs.case_id, chosen.case_id]
    assert services.casework.find(north.intake, CaseFilter(text="老王"), 10).total == 0
    assert services.desk.waiting(north.intake).to_choose == ()
    assert services.desk.portraits(north.intake, ids) == services.desk.photo_counts(north.intake, ids) == {}
    assert services.casework.find(house.intake, CaseFilter(), 10).total == 2
    assert services.desk.waiting(house.intake).to_choose == (house.case(chosen),)
    assert set(services.desk.portraits(north.central, ids)) == {theirs.case_id}
    north.granted(theirs, Part.DESCRIPTION)
    assert services.casework.find(north.intake, CaseFilter(text="老王"), 10).total == 1


# Pairs


def a_pair(house: House, north: Neighbours, mine: dict[str, int], theirs: dict[str, int]) -> tuple[Pair, Case, Case]:
    """A missing person of the second station and a person in the care of the first."""
    missing = house.open(CaseKind.MISSING, actor=north.intake, **mine)
    house.services.intake.analyse(_photo(house, north.intake, missing))
    sheltered = house.sheltered(1, **theirs)
    return house.pair(missing, sheltered), missing, sheltered


def _photo(house: House, actor: Actor, case: Case) -> str:
    return house.services.intake.add_photo(actor, case.case_id, painted_photo(1, shot=3)).photo_id


def test_the_search_spans_all_stations_and_both_compare_what_it_found(house: House, north: Neighbours) -> None:
    pair, missing, sheltered = a_pair(house, north, GROWN, GROWN)
    review = house.services.review
    assert [each.pair_id for each in review.queue(north.reviewer).pairs] == [pair.pair_id]
    assert [each.pair_id for each in review.queue(house.reviewer).pairs] == [pair.pair_id]
    assert set(house.services.desk.portraits(north.reviewer, pair.case_ids)) == set(pair.case_ids)
    assert house.services.desk.photos(north.reviewer, sheltered.case_id)
    with pytest.raises(OtherStation):
        house.services.casework.read(north.reviewer, sheltered.case_id)
    (view,) = house.services.candidates.of_case(north.intake, missing.case_id).candidates
    assert view.case.case_id == sheltered.case_id
    house.judge(north.reviewer, pair)
    assert house.judge(house.reviewer, pair).state is PairState.CONFIRMED
    assert review.verify(north.manager, pair.pair_id, Proof.DNA, "a laboratory").state is PairState.VERIFIED


def test_a_third_station_neither_sees_nor_judges_nor_ends_the_pair(house: House, north: Neighbours) -> None:
    pair, missing, _ = a_pair(house, north, GROWN, GROWN)
    house.services.stations.add(SYSTEM, "south")
    reviewer, manager = north.hire("south chen", Role.REVIEWER, "south"), north.hire("south sun", Role.MANAGER, "south")
    review = house.services.review
    assert review.queue(reviewer).total == 0
    assert house.services.desk.portraits(reviewer, pair.case_ids) == {}
    for forbidden in (
        lambda: review.view(reviewer, pair.pair_id),
        lambda: review.claim(reviewer, pair.pair_id),
        lambda: review.decide(reviewer, pair.pair_id, VERDICT),
        lambda: review.reconsider(reviewer, pair.pair_id, VERDICT),
        lambda: review.verify(manager, pair.pair_id, Proof.DNA, "why"),
        lambda: review.reunite(manager, pair.pair_id, "why"),
        lambda: review.revoke(manager, pair.pair_id, "why"),
        lambda: house.services.fairness.of_pair(reviewer, pair.pair_id),
        lambda: house.services.candidates.of_case(reviewer, missing.case_id),
    ):
        with pytest.raises(OtherStation):
            forbidden()
    house.judge(house.reviewer, pair, Judgement.LOOKS_LIKE_RELATIVE)
    assert [each.pair.pair_id for each in house.services.leads.open_ones(house.intake)] == [pair.pair_id]
    assert house.services.leads.open_ones(north.hire("south lin", Role.INTAKE, "south")) == []


def test_l3_a_child_of_another_station_is_compared_at_the_central_one_and_by_its_own(house: House, north: Neighbours) -> None:
    pair, missing, _ = a_pair(house, north, GROWN, {})
    review = house.services.review
    assert review.queue(north.reviewer).total == 0
    assert house.services.candidates.of_case(north.intake, missing.case_id).candidates == ()
    with pytest.raises(OtherStation):
        review.view(north.reviewer, pair.pair_id)
    for reviewer in (house.reviewer, north.central):
        assert [each.pair_id for each in review.queue(reviewer).pairs] == [pair.pair_id]


def test_a_pair_that_was_claimed_under_a_grant_is_not_decided_after_it(house: House, north: Neighbours) -> None:
    """Time moves between claim and decision: one moment before the end the judgement counts, at the end it is refused."""
    pairs = []
    for number in (1, 50):
        one, other = house.missing(number, **GROWN), house.sheltered(number, **GROWN)
        north.granted(one, days=2)
        pairs.append(house.pair(one, other))
    review = house.services.review
    assert review.queue(north.reviewer).total == 2
    house.clock.advance(days=1, hours=23, minutes=59)
    for pair in pairs:
        assert review.claim(north.reviewer, pair.pair_id).claimed_by == north.reviewer.account_id
    house.clock.advance(seconds=59)
    assert house.judge(north.reviewer, pairs[0]).state is PairState.FIRST_POSITIVE
    house.clock.advance(seconds=1)
    with pytest.raises(OtherStation):
        house.judge(north.reviewer, pairs[1])
    with pytest.raises(OtherStation):
        review.reconsider(north.reviewer, pairs[0].pair_id, Verdict(Judgement.EXCLUDED, "another nose"))
    assert review.queue(north.reviewer).total == 0
    with house.services.store.reading() as records:
        assert records.pairs.decisions(pairs[1].pair_id) == []


def test_a_claim_does_not_outlast_the_transfer_of_the_case(house: House, north: Neighbours) -> None:
    one, other = house.missing(1, **GROWN), house.sheltered(1, **GROWN)
    pair = house.pair(one, other)
    house.services.review.claim(house.reviewer, pair.pair_id)
    for case in (one, other):
        asked = north.asked(case, kind=RequestKind.TRANSFER)
        house.services.assistance.accept(house.manager, asked.request_id, "they go home")
    with pytest.raises(OtherStation):
        house.judge(house.reviewer, pair)
    house.clock.advance(hours=1)
    assert house.judge(north.reviewer, pair).state is PairState.FIRST_POSITIVE


def test_l13_the_author_and_the_first_reviewer_stay_out_at_every_station(house: House, north: Neighbours) -> None:
    pair, _, _ = a_pair(house, north, GROWN, GROWN)
    house.judge(north.reviewer, pair)
    assert house.services.review.queue(north.reviewer).total == 0
    with pytest.raises(NotAllowed, match="judged this pair already"):
        house.judge(north.reviewer, pair)
    boss = house.manager
    own = house.open(CaseKind.MISSING, actor=boss, **GROWN)
    house.services.intake.analyse(_photo(house, boss, own))
    assert own.case_id not in {case_id for each in house.services.review.queue(boss, 50).pairs for case_id in each.case_ids}
    (*_, mine) = pairs_of(house, own)
    for step in (lambda: house.services.review.claim(boss, mine.pair_id), lambda: house.judge(boss, mine)):
        with pytest.raises(NotAllowed, match="opened one of these cases yourself"):
            step()


def test_where_people_belong_is_told(house: House, north: Neighbours) -> None:
    reach = house.services.stations.reach
    assert (reach(north.intake).everything, reach(north.central).everything) == (False, True)
    assert {each.station_id for each in house.services.stations.others(north.intake)} == {HOME, POOL}
