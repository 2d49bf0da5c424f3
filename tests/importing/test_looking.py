"""Hits of comparisons: seen by whom they concern, the face before the machine's word, decided by people with a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories import a_hit
from tests.house import House
from tests.importing.handed import put, two_stations
from tracing.domain import Case, CaseKind, HitState, LegalBasis, ListHit, PairState, Source
from tracing.errors import Invalid, NotAllowed, NotFound, Stale, WrongState
from tracing.records import CaseFilter


@pytest.fixture
def case(house: House) -> Case:
    """An adult in care."""
    return house.sheltered(1, age_min=60, age_max=60)


@pytest.fixture
def hit(house: House, case: Case) -> ListHit:
    """Brought by face and name, with a portrait."""
    return put(house, a_hit(case, found_at=house.clock()), portrait=b"jpeg")


def test_who_judges_blind_sees_the_face_and_nothing_of_what_the_machine_makes_of_it(house: House, hit: ListHit) -> None:
    for actor in (house.reviewer, house.manager):
        view = house.services.list_hits.view(actor, hit.hit_id)
        assert (view.hit.band, view.hit.reasons, view.has_portrait) == ("", (), True)
    seen = house.services.list_hits.view(house.intake, hit.hit_id).hit
    assert (seen.band, seen.reasons) == ("", hit.reasons)
    watched = house.services.list_hits.view(house.auditor, hit.hit_id).hit
    assert (watched.band, watched.reasons) == (hit.band, hit.reasons)


def test_once_somebody_has_decided_everybody_reads_what_it_was_worth(house: House, hit: ListHit) -> None:
    house.services.list_hits.decide(house.reviewer, hit.hit_id, HitState.LOOKED_AT, "the nose fits", hit.version)
    assert house.services.list_hits.view(house.reviewer, hit.hit_id).hit.band == ""
    house.services.list_hits.decide(house.reviewer, hit.hit_id, HitState.NO_MATCH, "another ear", 2)
    seen = house.services.list_hits.view(house.reviewer, hit.hit_id).hit
    assert (seen.band, seen.reasons, seen.reason) == (hit.band, hit.reasons, "another ear")


def test_what_is_followed_up_may_become_a_pair_so_that_those_who_judge_stay_blind(house: House, hit: ListHit) -> None:
    house.services.list_hits.decide(house.reviewer, hit.hit_id, HitState.FOLLOWED_UP, "the police come", hit.version)
    for actor in (house.reviewer, house.manager):
        seen = house.services.list_hits.view(actor, hit.hit_id).hit
        assert (seen.band, seen.reasons) == ("", ())
    assert house.services.list_hits.view(house.intake, hit.hit_id).hit.band == hit.band


def test_a_hit_by_words_alone_can_only_be_read(house: House, case: Case) -> None:
    hit = put(house, a_hit(case, band=""))
    assert house.services.list_hits.view(house.reviewer, hit.hit_id).hit.reasons == hit.reasons


def test_a_decision_has_a_reason_a_person_and_its_row_in_the_audit_and_makes_no_pair(house: House, hit: ListHit) -> None:
    hits = house.services.list_hits
    with pytest.raises(Invalid, match="Say why"):
        hits.decide(house.intake, hit.hit_id, HitState.NO_MATCH, " ", hit.version)
    house.clock.advance(hours=1)
    decided = hits.decide(house.intake, hit.hit_id, HitState.FOLLOWED_UP, "the police come to see him", hit.version)
    assert (decided.decided_by, decided.decided_at) == (house.intake.account_id, house.clock())
    with house.services.store.reading() as records:
        assert records.audit.of_subject(hit.case_id)[-1].detail == {"hit_id": hit.hit_id, "state": "followed_up"}
        assert records.pairs.of_case(hit.case_id) == []
    with pytest.raises(Stale):
        hits.decide(house.reviewer, hit.hit_id, HitState.NO_MATCH, "no", hit.version)
    with pytest.raises(WrongState, match="cannot become"):
        hits.decide(house.reviewer, hit.hit_id, HitState.LOOKED_AT, "no", decided.version)


def test_only_those_decide_who_look_at_people_here(house: House, hit: ListHit) -> None:
    for actor in (house.auditor, house.partner):
        with pytest.raises(NotAllowed):
            house.services.list_hits.decide(actor, hit.hit_id, HitState.NO_MATCH, "because", hit.version)
    with pytest.raises(NotAllowed):
        house.services.list_hits.source_of(house.reviewer, hit.hit_id)


def test_they_come_in_sheets_the_longest_waiting_first_whatever_they_are_worth(house: House, case: Case) -> None:
    house.clock.advance(days=1)
    weak = a_hit(case, source_id="1", band="moderate", found_at=house.clock())
    house.clock.advance(days=1)
    strong = a_hit(case, source_id="2", band="very_strong", found_at=house.clock(), source="Hospital")
    put(house, strong, weak)
    hits = house.services.list_hits
    found, total = hits.find(house.reviewer)
    assert ([each.hit.hit_id for each in found], total) == ([weak.hit_id, strong.hit_id], 2)
    assert hits.find(house.reviewer, limit=1, offset=1)[0][0].hit.hit_id == strong.hit_id
    assert hits.find(house.reviewer, source="Hospital")[1] == 1
    hits.decide(house.reviewer, weak.hit_id, HitState.NO_MATCH, "no", 1)
    assert hits.find(house.reviewer)[1] == 1
    assert hits.find(house.reviewer, [HitState.NO_MATCH])[0][0].hit.hit_id == weak.hit_id
    assert [each.hit.hit_id for each in hits.of_case(house.reviewer, case.case_id)] == [strong.hit_id, weak.hit_id]
    assert hits.sources(house.reviewer) == ["Hospital", "Police of Sichuan"]


def test_a_hit_is_seen_where_its_case_is_and_where_the_list_came_from(house: House, case: Case) -> None:
    north = two_stations(house)
    ours, theirs = a_hit(case, source_id="1"), a_hit(case, source_id="2", station_id="north")
    put(house, ours, theirs)
    assert {view.hit.hit_id for view in house.services.list_hits.find(house.intake)[0]} == {ours.hit_id, theirs.hit_id}
    assert [view.hit.hit_id for view in house.services.list_hits.find(north)[0]] == [theirs.hit_id]
    for step in (
        lambda: house.services.list_hits.view(north, ours.hit_id),
        lambda: house.services.list_hits.portrait(north, ours.hit_id),
        lambda: house.services.list_hits.decide(north, ours.hit_id, HitState.NO_MATCH, "because", 1),
    ):
        with pytest.raises(NotFound):
            step()


def test_l3_of_a_child_nothing_is_told_to_another_station(house: House) -> None:
    child = house.sheltered(3, age_min=8, age_max=9)
    north = two_stations(house)
    hit = put(house, a_hit(child, station_id="north"))
    assert house.services.list_hits.find(north) == ([], 0)
    with pytest.raises(NotFound):
        house.services.list_hits.view(north, hit.hit_id)


def test_a_case_is_opened_for_a_record_by_the_name_it_has_there(house: House, hit: ListHit, case: Case) -> None:
    hits, intake = house.services.list_hits, house.services.intake
    source = hits.source_of(house.intake, hit.hit_id)
    assert source == Source(hit.source, hit.source_id)
    opened = intake.open_case(
        house.intake, CaseKind.MISSING, replace(case.description, names=("王",)), LegalBasis.STATUTORY_DUTY, source=source
    )
    followed = hits.opened(house.intake, hit.hit_id, opened.case_id, "A case was opened for it.")
    assert (followed.state, followed.opened_case_id) == (HitState.FOLLOWED_UP, opened.case_id)
    assert hits.opened(house.intake, hit.hit_id, opened.case_id, "twice") == followed
    view = hits.view(house.intake, hit.hit_id)
    assert view.opened is not None
    assert view.opened.case_id == opened.case_id
    with pytest.raises(WrongState, match="already"):
        hits.source_of(house.intake, hit.hit_id)
    assert house.services.casework.find(house.intake, CaseFilter(), 9).total == 2


def test_no_case_is_opened_for_a_record_that_was_ruled_out(house: House, hit: ListHit) -> None:
    house.services.list_hits.decide(house.intake, hit.hit_id, HitState.NO_MATCH, "no", hit.version)
    with pytest.raises(WrongState, match="ruled it out"):
        house.services.list_hits.source_of(house.intake, hit.hit_id)
    with pytest.raises(WrongState):
        house.services.list_hits.opened(house.intake, hit.hit_id, hit.case_id, "x")


def test_whoever_waits_with_a_known_answer_sees_the_case_as_it_was(house: House, case: Case) -> None:
    """A hit must not tell that a case was matched since."""
    missing = house.missing(1)
    pair = house.confirm(house.pair(missing, case))
    assert pair.state is PairState.CONFIRMED
    put(house, a_hit(case))
    (view,), _ = house.services.list_hits.find(house.reviewer)
    assert view.case.state == "matched"  # nobody was given the pair
