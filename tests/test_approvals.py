"""The first of two words on a death: found by those who may give the second, taken back by who gave it."""

from __future__ import annotations

import pytest

from tests.house import House
from tests.stories import at_once
from tracing.domain import Case, CaseKind, CaseState, Outcome, Role
from tracing.errors import NotAllowed, NotFound, Refused, WrongState


@pytest.fixture
def case(house: House) -> Case:
    """Somebody whom the intake has said to have died."""
    opened = house.sheltered(1)
    house.services.casework.close(house.intake, opened.case_id, Outcome.DECEASED, "the hospital called")
    return opened


def test_a_first_word_waits_with_who_said_it_and_why(house: House, case: Case) -> None:
    (word,) = house.services.approvals.waiting(house.manager)
    assert (word.case.case_id, word.own) == (case.case_id, False)
    assert (word.approval.approver, word.approval.reason) == (house.intake.account_id, "the hospital called")
    assert house.services.approvals.of_case(house.intake, case.case_id) is not None
    (own,) = house.services.approvals.waiting(house.intake)
    assert own.own
    assert house.services.approvals.of_case(house.manager, house.missing(2).case_id) is None


def test_the_second_word_ends_the_waiting(house: House, case: Case) -> None:
    house.services.casework.close(house.manager, case.case_id, Outcome.DECEASED, "saw the certificate")
    assert house.services.approvals.waiting(house.manager) == []
    with pytest.raises(WrongState):
        house.services.approvals.withdraw(house.intake, case.case_id)
    assert house.case(case).outcome is Outcome.DECEASED


def test_who_was_mistaken_takes_the_word_back_and_two_are_needed_anew(house: House, case: Case) -> None:
    with pytest.raises(WrongState):
        house.services.approvals.withdraw(house.manager, case.case_id)
    house.services.approvals.withdraw(house.intake, case.case_id)
    assert house.services.approvals.waiting(house.manager) == []
    assert house.case(case).state is CaseState.OPEN
    waiting = house.services.casework.close(house.manager, case.case_id, Outcome.DECEASED, "saw the certificate")
    assert waiting.state is CaseState.OPEN, "the word that was taken back counts no more"
    with house.services.store.reading() as records:
        assert "withdraw_approval" in [event.action for event in records.audit.of_subject(case.case_id)]


@pytest.mark.parametrize("name", ["reviewer", "auditor", "partner"])
def test_who_closes_no_cases_neither_sees_nor_withdraws(house: House, case: Case, name: str) -> None:
    for step in (
        lambda actor: house.services.approvals.waiting(actor),
        lambda actor: house.services.approvals.of_case(actor, case.case_id),
        lambda actor: house.services.approvals.withdraw(actor, case.case_id),
    ):
        with pytest.raises(NotAllowed):
            step(getattr(house, name))


def test_of_a_case_that_is_not_there_nothing_is_withdrawn(house: House) -> None:
    with pytest.raises(NotFound):
        house.services.approvals.withdraw(house.manager, "0" * 32)


def test_the_oldest_word_comes_first_and_goes_with_its_case(house: House, case: Case) -> None:
    later = house.open(CaseKind.MISSING)
    house.clock.advance(hours=1)
    house.services.casework.close(house.intake, later.case_id, Outcome.DECEASED, "the police called")
    assert [word.case.case_id for word in house.services.approvals.waiting(house.manager)] == [case.case_id, later.case_id]
    house.services.retention.erase_case(house.manager, case.case_id)
    assert [word.case.case_id for word in house.services.approvals.waiting(house.manager)] == [later.case_id]


def test_taken_back_and_confirmed_at_once_is_one_of_the_two(house: House, case: Case) -> None:
    house.hire("ma", Role.MANAGER)
    results = at_once(
        lambda: house.services.approvals.withdraw(house.intake, case.case_id),
        lambda: house.services.casework.close(house.manager, case.case_id, Outcome.DECEASED, "saw the certificate"),
    )
    assert all(isinstance(each, Case | Refused) for each in results), results
    now = house.case(case)
    if now.state is CaseState.CLOSED:
        assert isinstance(results[0], Refused)
    else:
        words = house.services.approvals.waiting(house.manager)
        assert [word.approval.approver for word in words] in ([], [house.manager.account_id])
