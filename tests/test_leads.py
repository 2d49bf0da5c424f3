"""Likenesses of relatives: opened by what reviewers say, told to those who may know, closed with what came of them."""

from __future__ import annotations

import pytest

from tests.house import House
from tracing.domain import Judgement, Pair, PairState, Role
from tracing.errors import Invalid, NotAllowed, NotFound, WrongState
from tracing.leads import LeadView


@pytest.fixture
def pair(house: House) -> Pair:
    return house.pair(house.missing(1), house.sheltered(1))


def only_lead(house: House) -> LeadView:
    (view,) = house.services.leads.open_ones(house.auditor)
    return view


def test_a_likeness_opens_a_lead_with_both_people(house: House, pair: Pair) -> None:
    house.judge(house.reviewer, pair, Judgement.LOOKS_LIKE_RELATIVE)
    view = only_lead(house)
    assert (view.lead.pair_id, view.lead.opened_by, view.lead.opened_at) == (
        pair.pair_id,
        house.reviewer.account_id,
        house.clock(),
    )
    assert (view.low.case_id, view.high.case_id) == pair.case_ids
    assert view.pair.state is PairState.LOOKS_LIKE_RELATIVE


@pytest.mark.parametrize("judgement", sorted(set(Judgement) - {Judgement.LOOKS_LIKE_RELATIVE}))
def test_nothing_else_opens_one(house: House, pair: Pair, judgement: Judgement) -> None:
    house.judge(house.reviewer, pair, judgement)
    assert house.services.leads.open_ones(house.auditor) == []


def test_a_second_reviewer_who_sees_a_likeness_makes_a_dispute_and_a_lead(house: House, pair: Pair) -> None:
    house.judge(house.reviewer, pair)
    assert house.judge(house.second, pair, Judgement.LOOKS_LIKE_RELATIVE).state is PairState.DISPUTED
    assert only_lead(house).lead.opened_by == house.second.account_id
    assert house.services.leads.open_ones(house.second), "who has judged may know"
    assert house.services.leads.open_ones(house.manager) == [], "who has still to judge may not"
    with pytest.raises(NotFound):
        house.services.leads.close(house.manager, only_lead(house).lead.lead_id, "guessed")


def test_a_lead_is_closed_once_with_what_came_of_it(house: House, pair: Pair) -> None:
    house.judge(house.reviewer, pair, Judgement.LOOKS_LIKE_RELATIVE)
    lead_id = only_lead(house).lead.lead_id
    with pytest.raises(Invalid):
        house.services.leads.close(house.manager, lead_id, "  ")
    for actor in (house.reviewer, house.auditor, house.partner):
        with pytest.raises(NotAllowed):
            house.services.leads.close(actor, lead_id, "his nephew")
    closed = house.services.leads.close(house.manager, lead_id, " his nephew ")
    assert (closed.finding, closed.closed_by, closed.closed_at) == ("his nephew", house.manager.account_id, house.clock())
    assert house.services.leads.open_ones(house.auditor) == []
    with pytest.raises(WrongState):
        house.services.leads.close(house.manager, lead_id, "again")
    with house.services.store.reading() as records:
        told = [event.action for event in records.audit.of_subject(pair.pair_id)]
    assert told == ["judge_pair", "open_lead", "close_lead"]


def test_a_lead_goes_with_its_case(house: House, pair: Pair) -> None:
    house.judge(house.hire("wu", Role.REVIEWER), pair, Judgement.LOOKS_LIKE_RELATIVE)
    house.services.retention.erase_case(house.manager, pair.low_case_id)
    assert house.services.leads.open_ones(house.auditor) == []
    assert house.faults() == []
