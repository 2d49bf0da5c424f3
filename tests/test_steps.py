"""One step of a case: state, audit, and the search that a reopened case needs."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from tests.house import House
from tests.test_lifecycle import CASE_EDGES
from tracing.domain import CaseKind, CaseState, Outcome
from tracing.errors import Stale, WrongState
from tracing.steps import take_step


def test_a_step_is_saved_with_its_reason_and_audited(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    with house.services.store.transaction() as records:
        take_step(records, house.manager, case, CaseState.CLOSED, Outcome.SELF_LEFT, "left in the morning")
    closed = house.case(case)
    assert (closed.state, closed.outcome, closed.state_reason) == (CaseState.CLOSED, Outcome.SELF_LEFT, "left in the morning")
    last = house.done(case)[-1]
    assert (last.action, last.actor) == ("change_case", house.manager.account_id)
    assert last.detail == {"from": "open", "to": "closed", "outcome": "self_left"}


def test_a_case_that_is_open_again_is_due_and_keeps_the_earlier_reason(house: House) -> None:
    case = house.sheltered(1)
    house.services.casework.suspend(house.manager, case.case_id, "a dispute")
    with house.services.store.transaction() as records:
        take_step(records, house.manager, house.case(case), CaseState.OPEN)
    assert house.services.matching.due(10) == [case.case_id]
    assert house.case(case).state_reason == "a dispute"


def test_a_step_that_the_table_lacks_changes_nothing(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    house.services.casework.suspend(house.manager, case.case_id, "a dispute")
    with pytest.raises(WrongState), house.services.store.transaction() as records:
        take_step(records, house.manager, house.case(case), CaseState.CLOSED, Outcome.SELF_LEFT)
    assert house.case(case).state is CaseState.SUSPENDED


@pytest.mark.parametrize(("now", "then"), sorted(product(CaseState, CaseState)))
def test_every_step_of_the_table_is_taken_and_no_other(house: House, now: CaseState, then: CaseState) -> None:
    case = house.sheltered(1)
    outcome = Outcome.SELF_LEFT if then is CaseState.CLOSED else None
    with house.services.store.transaction() as records:
        before = records.cases.save(replace(house.case(case), state=now))
    if (now, then) in CASE_EDGES:
        with house.services.store.transaction() as records:
            saved = take_step(records, house.manager, before, then, outcome, "because")
        assert (saved.state, saved.outcome, saved.version) == (then, outcome, before.version + 1)
    else:
        with pytest.raises(WrongState), house.services.store.transaction() as records:
            take_step(records, house.manager, before, then, outcome, "because")
        assert house.case(case) == before


def test_a_step_from_a_version_that_is_not_the_current_one_is_refused(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    house.services.casework.amend(house.intake, case.case_id, case.description)
    with pytest.raises(Stale), house.services.store.transaction() as records:
        take_step(records, house.manager, case, CaseState.SUSPENDED)
    assert house.case(case).state is CaseState.OPEN
