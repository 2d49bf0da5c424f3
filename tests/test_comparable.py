"""A face that may not be compared leaves queue and lists in the same moment, and comes back with its case."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from tests.factories import a_case, a_generation, a_sheltered_case, a_suggestion
from tests.house import House
from tracing.access import SYSTEM
from tracing.domain import Case, CaseKind, CaseState, LegalBasis, Outcome, PairState
from tracing.lifecycle import WAITING_FOR_REVIEW
from tracing.ports import RecordStore
from tracing.verdict import Proof


def listed(house: House, case: Case) -> int:
    return len(house.services.candidates.of_case(SYSTEM, case.case_id).candidates)


def queued(house: House) -> int:
    return house.services.review.queue(house.reviewer).total


def without_basis(house: House, case: Case) -> None:
    house.services.casework.amend(house.manager, case.case_id, legal_basis=LegalBasis.NONE)


def suspended(house: House, case: Case) -> None:
    house.services.casework.suspend(house.manager, case.case_id, "a dispute")


def found_elsewhere(house: House, case: Case) -> None:
    house.services.casework.close(house.manager, case.case_id, Outcome.FOUND_ELSEWHERE, "came home")


@pytest.mark.parametrize("step", [without_basis, suspended, found_elsewhere])
def test_its_pairs_leave_the_queue_and_the_lists(house: House, step: Callable[[House, Case], None]) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    assert (queued(house), listed(house, missing), listed(house, sheltered)) == (1, 1, 1)
    step(house, missing)
    assert (queued(house), listed(house, missing), listed(house, sheltered)) == (0, 0, 0)


def test_a_reopened_case_brings_its_pairs_back(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    suspended(house, missing)
    house.services.casework.reopen(house.manager, missing.case_id, "the dispute is settled")
    assert (queued(house), listed(house, sheltered)) == (1, 1)


def test_a_past_intake_stays_comparable_but_not_one_that_ended_well(house: House) -> None:
    house.missing(1)
    sheltered = house.sheltered(1)
    house.services.casework.close(house.manager, sheltered.case_id, Outcome.SELF_LEFT, "left in the morning")
    assert queued(house) == 1
    house.services.casework.reopen(house.manager, sheltered.case_id, "came back")
    for actor in (house.intake, house.manager):
        house.services.casework.close(actor, sheltered.case_id, Outcome.DECEASED, "died")
    assert queued(house) == 0


def test_the_queue_and_the_case_agree_on_every_state(store: RecordStore) -> None:
    generation = a_generation()
    partner = a_sheltered_case()
    expected: dict[str, bool] = {}
    with store.transaction() as records:
        records.generations.add(generation)
        records.cases.add(partner)
        facts = product(CaseKind, CaseState, [LegalBasis.STATUTORY_DUTY, LegalBasis.NONE], [None, *Outcome])
        for kind, state, basis, outcome in facts:
            case = a_case(kind=kind, state=state, legal_basis=basis, outcome=outcome)
            records.cases.add(case)
            records.pairs.suggest([a_suggestion(case, partner, generation.generation_id)], case.opened_at)
            expected[case.case_id] = case.comparable
    with store.reading() as records:
        waiting = records.pairs.queue("somebody", WAITING_FOR_REVIEW, partner.opened_at, limit=1000)
    found = {pair.other(partner.case_id) for pair in waiting}
    assert found == {case_id for case_id, comparable in expected.items() if comparable}


def test_somebody_who_gets_lost_again_can_be_found_again(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    pair = house.confirm(house.pair(missing, sheltered))
    review = house.services.review
    review.verify(house.manager, pair.pair_id, Proof.DOCUMENT, "the household register")
    review.reunite(house.manager, pair.pair_id, "handed over to the daughter")
    assert house.case(missing).state is CaseState.CLOSED
    house.services.casework.reopen(house.manager, missing.case_id, "lost again")
    again = house.sheltered(1)
    assert house.confirm(house.pair(missing, again)).state is PairState.CONFIRMED
    assert house.faults() == []


def test_a_case_that_is_matched_without_a_match_is_found(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    pair = house.confirm(house.pair(missing, sheltered))
    with house.services.store.transaction() as records:
        records.pairs.release_match(pair.pair_id)
    assert {fault.split(":")[0] for fault in house.faults()} == {"match_out_of_step"}
    assert len(house.faults()) == 3  # the pair, and each of its cases


def test_a_pair_freed_by_an_erasure_goes_to_the_match_that_holds_its_case_by_then(house: House) -> None:
    one, other = house.missing(1), house.missing(1)
    first, second = house.sheltered(1), house.sheltered(1)
    match = house.confirm(house.pair(one, first))
    aside = house.pair(one, second)
    assert (aside.state, aside.superseded_by) == (PairState.SUPERSEDED, match.pair_id)
    held = house.confirm(house.pair(other, second))
    house.services.retention.erase_case(house.manager, first.case_id)
    aside = house.pair(one, second)
    assert (aside.state, aside.superseded_by) == (PairState.SUPERSEDED, held.pair_id)
    house.services.review.revoke(house.manager, held.pair_id, "a mistake")
    assert house.pair(one, second).state in WAITING_FOR_REVIEW
    assert house.faults() == []
