"""What the state of a pair means for its two cases and for the other pairs of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.house import House
from tracing.consequences import follow
from tracing.domain import Case, CaseState, Outcome, Pair, PairState, Relation
from tracing.errors import Conflict, WrongState


def let(house: House, pair: Pair, state: PairState) -> Pair:
    """The pair in this state, and what follows from it, in one transaction."""
    with house.services.store.transaction() as records:
        now = records.pairs.save(replace(records.pairs.get(pair.pair_id), state=state))
        follow(records, house.manager, now)
    return now


def states(house: House, *cases: Case) -> list[tuple[CaseState, Outcome | None]]:
    return [(house.case(case).state, house.case(case).outcome) for case in cases]


def now(house: House, pair: Pair) -> Pair:
    with house.services.store.reading() as records:
        return records.pairs.get(pair.pair_id)


@pytest.fixture
def two(house: House) -> tuple[Case, Case]:
    return house.missing(1), house.sheltered(1)


@pytest.mark.parametrize("state", [state for state in PairState if state not in ("confirmed", "reunited", "revoked")])
def test_other_states_mean_nothing(house: House, two: tuple[Case, Case], state: PairState) -> None:
    let(house, house.pair(*two), state)
    assert states(house, *two) == [(CaseState.OPEN, None)] * 2


def test_a_confirmation_matches_both_cases_and_a_reunion_closes_them(house: House, two: tuple[Case, Case]) -> None:
    pair = let(house, house.pair(*two), PairState.CONFIRMED)
    assert states(house, *two) == [(CaseState.MATCHED, None)] * 2
    let(house, pair, PairState.REUNITED)
    assert states(house, *two) == [(CaseState.CLOSED, Outcome.REUNITED)] * 2
    with house.services.store.transaction() as records:
        records.pairs.register_match(pair)  # who gets lost again may be found again


def test_a_revocation_opens_both_and_asks_for_a_search(house: House, two: tuple[Case, Case]) -> None:
    pair = let(house, house.pair(*two), PairState.CONFIRMED)
    let(house, pair, PairState.REVOKED)
    assert states(house, *two) == [(CaseState.OPEN, None)] * 2
    with house.services.store.reading() as records:
        assert set(records.cases.due(9)) == {case.case_id for case in two}


def test_nobody_is_matched_twice(house: House, two: tuple[Case, Case]) -> None:
    other = house.sheltered(1)
    rival = house.pair(two[0], other)
    let(house, house.pair(*two), PairState.CONFIRMED)
    with pytest.raises(Conflict, match="matched already"):
        let(house, rival, PairState.CONFIRMED)
    assert states(house, other) == [(CaseState.OPEN, None)]


@pytest.mark.parametrize("before", [PairState.PROPOSED, PairState.UNDER_REVIEW, PairState.FIRST_POSITIVE, PairState.DISPUTED])
def test_a_rival_that_waits_is_set_aside_unclaimed_and_comes_back_to_where_it_was(
    house: House, two: tuple[Case, Case], before: PairState
) -> None:
    rival = house.pair(house.missing(1, names=("alike",)), two[1])
    with house.services.store.transaction() as records:
        held = replace(rival, state=before, claimed_by="chen", claimed_until=house.clock())
        records.pairs.save(held)
    pair = let(house, house.pair(*two), PairState.CONFIRMED)
    aside = now(house, rival)
    assert (aside.state, aside.state_before, aside.superseded_by) == (PairState.SUPERSEDED, before, pair.pair_id)
    assert (aside.claimed_by, aside.claimed_until) == (None, None)
    let(house, pair, PairState.REVOKED)
    back = now(house, rival)
    assert (back.state, back.state_before, back.superseded_by) == (before, None, None)


@pytest.mark.parametrize("ended", [PairState.EXCLUDED, PairState.INCONCLUSIVE, PairState.LOOKS_LIKE_RELATIVE])
def test_a_rival_that_people_have_ended_is_left_alone(house: House, two: tuple[Case, Case], ended: PairState) -> None:
    rival = house.pair(house.missing(1, names=("alike",)), two[1])
    let(house, rival, ended)
    let(house, house.pair(*two), PairState.CONFIRMED)
    assert now(house, rival).state is ended


@pytest.mark.parametrize("make", [House.missing, House.sheltered])
def test_pairs_of_a_kind_are_not_set_aside(house: House, two: tuple[Case, Case], make: Callable[..., Case]) -> None:
    same = make(house, 1, names=("the same, once more",))
    kind = next(case for case in two if case.kind is same.kind)
    pair = house.pair(kind, same)
    assert pair.relation is not Relation.TRACE
    let(house, house.pair(*two), PairState.CONFIRMED)
    assert now(house, pair).state is PairState.PROPOSED


def test_a_rival_of_which_the_other_case_is_matched_by_now_stays_aside_for_that_match(
    house: House, two: tuple[Case, Case]
) -> None:
    missing, sheltered = two
    other_missing, other_sheltered = house.missing(1, names=("alike",)), house.sheltered(1)
    rival = house.pair(other_missing, sheltered)
    first = let(house, house.pair(missing, sheltered), PairState.CONFIRMED)
    second = let(house, house.pair(other_missing, other_sheltered), PairState.CONFIRMED)
    let(house, first, PairState.REVOKED)
    assert (now(house, rival).state, now(house, rival).superseded_by) == (PairState.SUPERSEDED, second.pair_id)
    let(house, second, PairState.REVOKED)
    assert now(house, rival).state is PairState.PROPOSED


@pytest.mark.parametrize("outcome", [Outcome.SELF_LEFT, Outcome.SETTLED])
def test_a_past_intake_stays_closed_through_match_reunion_and_revocation(
    house: House, two: tuple[Case, Case], outcome: Outcome
) -> None:
    missing, past = two
    house.services.casework.close(house.intake, past.case_id, outcome, "gone")
    pair = let(house, house.pair(*two), PairState.CONFIRMED)
    assert states(house, missing, past) == [(CaseState.MATCHED, None), (CaseState.CLOSED, outcome)]
    let(house, pair, PairState.REVOKED)
    assert states(house, missing, past) == [(CaseState.OPEN, None), (CaseState.CLOSED, outcome)]


def test_a_suspended_case_refuses_the_match_and_nothing_is_half_done(house: House, two: tuple[Case, Case]) -> None:
    house.services.casework.suspend(house.manager, two[1].case_id, "a check of safety")
    before = now(house, house.pair(*two))
    with pytest.raises(WrongState):
        let(house, house.pair(*two), PairState.CONFIRMED)
    assert now(house, before) == before
    assert states(house, *two) == [(CaseState.OPEN, None), (CaseState.SUSPENDED, None)]


def test_each_consequence_stands_in_the_audit(house: House, two: tuple[Case, Case]) -> None:
    rival = house.pair(house.missing(1, names=("alike",)), two[1])
    pair = let(house, house.pair(*two), PairState.CONFIRMED)
    with house.services.store.reading() as records:
        (aside,) = [event for event in records.audit.of_subject(rival.pair_id) if event.action == "supersede_pair"]
        moved = records.audit.of_subject(two[0].case_id)[-1]
    assert (aside.detail["by"], aside.actor) == (pair.pair_id, house.manager.account_id)
    assert (moved.action, moved.detail["to"]) == ("change_case", "matched")
