"""Every step that a case or a pair may take, and every one that it may not (DOMAIN.md section 4)."""

from __future__ import annotations

from itertools import product

import pytest

from tracing.domain import CaseKind, CaseState, HitState, Outcome, PairState
from tracing.errors import Conflict, WrongState
from tracing.lifecycle import (
    CASE_STEPS,
    HIT_STEPS,
    OUTCOMES,
    PAIR_STEPS,
    REJECTED,
    WAITING_FOR_REVIEW,
    step_case,
    step_hit,
    step_pair,
)

CASE_EDGES = {
    ("draft", "open"),
    ("open", "suspended"),
    ("open", "matched"),
    ("open", "closed"),
    ("suspended", "open"),
    ("matched", "closed"),
    ("matched", "open"),  # the match was revoked
    ("closed", "open"),
}

HIT_EDGES = {
    ("open", "looked_at"),
    ("open", "followed_up"),
    ("open", "no_match"),
    ("looked_at", "looked_at"),  # there is something new to say of it
    ("looked_at", "followed_up"),
    ("looked_at", "no_match"),
    ("followed_up", "no_match"),
    ("no_match", "looked_at"),  # somebody has second thoughts
}

PAIR_EDGES = {
    ("proposed", "under_review"),
    ("proposed", "superseded"),
    ("under_review", "excluded"),
    ("under_review", "inconclusive"),
    ("under_review", "looks_like_relative"),
    ("under_review", "first_positive"),
    ("under_review", "superseded"),
    ("first_positive", "confirmed"),
    ("first_positive", "disputed"),
    ("first_positive", "superseded"),
    ("disputed", "confirmed"),
    ("disputed", "excluded"),
    ("disputed", "superseded"),
    ("disputed", "first_positive"),  # the senior reviewer is the only one who finds it positive by now
    ("excluded", "proposed"),  # a new photo
    ("inconclusive", "proposed"),
    ("looks_like_relative", "proposed"),
    ("excluded", "disputed"),  # second thoughts of the one who rejected it
    ("inconclusive", "disputed"),
    ("looks_like_relative", "disputed"),
    ("confirmed", "verified"),
    ("confirmed", "revoked"),
    ("verified", "reunited"),
    ("verified", "revoked"),
    ("superseded", "proposed"),
    ("superseded", "under_review"),
    ("superseded", "first_positive"),
    ("superseded", "disputed"),
}


@pytest.mark.parametrize(("now", "then"), sorted(product(CaseState, CaseState)))
def test_a_case_takes_the_steps_of_the_table_and_no_other(now: CaseState, then: CaseState) -> None:
    if (now, then) in CASE_EDGES:
        step_case(now, then)
    else:
        with pytest.raises(WrongState, match=f"{now} cannot become {then}"):
            step_case(now, then)


@pytest.mark.parametrize(("now", "then"), sorted(product(PairState, PairState)))
def test_a_pair_takes_the_steps_of_the_table_and_no_other(now: PairState, then: PairState) -> None:
    if (now, then) in PAIR_EDGES:
        step_pair(now, then)
    else:
        with pytest.raises(WrongState, match="cannot become"):
            step_pair(now, then)


@pytest.mark.parametrize(("now", "then"), sorted(product(HitState, HitState)))
def test_a_hit_of_a_list_takes_the_steps_of_the_table_and_no_other(now: HitState, then: HitState) -> None:
    if (now, then) in HIT_EDGES:
        step_hit(now, then)
    else:
        with pytest.raises(WrongState, match="cannot become"):
            step_hit(now, then)


def test_every_state_has_a_row_in_its_table() -> None:
    assert set(CASE_STEPS) == set(CaseState)
    assert set(HIT_STEPS) == set(HitState)
    assert set(PAIR_STEPS) == set(PairState)


def test_no_score_leads_to_confirmed_without_a_judgement_before() -> None:
    assert {now for now, steps in PAIR_STEPS.items() if PairState.CONFIRMED in steps} == {
        PairState.FIRST_POSITIVE,
        PairState.DISPUTED,
    }


def test_a_reunion_and_a_revocation_have_no_way_on() -> None:
    assert {state for state, steps in PAIR_STEPS.items() if not steps} == {PairState.REUNITED, PairState.REVOKED}


def test_a_rejected_pair_has_no_way_to_a_match_but_through_the_queue_or_a_senior() -> None:
    assert set(REJECTED) == {PairState.EXCLUDED, PairState.INCONCLUSIVE, PairState.LOOKS_LIKE_RELATIVE}
    for state in REJECTED:
        assert PAIR_STEPS[state] == {PairState.PROPOSED, PairState.DISPUTED}


def test_a_superseded_pair_comes_back_to_a_state_that_waits_for_review_and_to_no_other() -> None:
    assert PAIR_STEPS[PairState.SUPERSEDED] == WAITING_FOR_REVIEW
    assert {state for state, steps in PAIR_STEPS.items() if PairState.SUPERSEDED in steps} == WAITING_FOR_REVIEW


@pytest.mark.parametrize(
    ("kind", "outcomes"),
    [
        ("sheltered", {"reunited", "returned_to_origin", "settled", "transferred", "self_left", "deceased"}),
        ("missing", {"reunited", "found_elsewhere", "deceased", "withdrawn", "false_report", "duplicate", "expired"}),
    ],
)
def test_the_outcomes_of_each_kind(kind: str, outcomes: set[str]) -> None:
    assert {str(each) for each in OUTCOMES[CaseKind(kind)]} == outcomes


def test_every_outcome_is_one_of_some_kind() -> None:
    assert set().union(*OUTCOMES.values()) == set(Outcome)


def test_a_wrong_step_is_a_conflict_with_a_sentence() -> None:
    with pytest.raises(Conflict, match=r"A pair that is first positive cannot become looks like relative\."):
        step_pair(PairState.FIRST_POSITIVE, PairState.LOOKS_LIKE_RELATIVE)
