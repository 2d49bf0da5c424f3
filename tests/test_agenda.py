"""What is to be done next for a case: the most urgent first, and each person's own."""

from __future__ import annotations

from datetime import timedelta

from tests.factories import a_request
from tests.fakes import faceless_photo
from tests.house import House
from tests.neighbours import Neighbours
from tests.test_timeline import reunite
from tracing.agenda import Errand, Todo
from tracing.domain import (
    ActionKind,
    ActionOutcome,
    Actor,
    Case,
    CaseKind,
    Judgement,
    LegalBasis,
    Outcome,
    RequestKind,
    Role,
    Told,
)
from tracing.verdict import Proof


def agenda(house: House, actor: Actor, case: Case) -> list[Todo]:
    house.services.clockwork.follow()
    return house.services.agenda.of_case(actor, case.case_id)


def errands(house: House, actor: Actor, case: Case) -> list[Errand]:
    return [todo.errand for todo in agenda(house, actor, case)]


def test_a_new_intake_waits_for_a_photo_an_interview_its_form_and_its_clocks(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    found = agenda(house, house.intake, case)
    assert [todo.errand for todo in found] == [
        *(Errand.MEET_CLOCK, Errand.FIRST_PHOTO, Errand.INTERVIEW, Errand.FILL_IN),
        Errand.MEET_CLOCK,
    ]
    soon, later = (todo.rule.rule_id for todo in found if todo.rule)
    assert (soon, later) == ("notice", "dna_request")
    assert not any(todo.overdue for todo in found)


def test_what_is_overdue_comes_first(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    house.clock.advance(days=20)
    found = agenda(house, house.intake, case)
    assert [todo.overdue for todo in found] == [True, True, False, False, False]
    dues = [todo.due_at for todo in found if todo.due_at is not None]
    assert dues == sorted(dues)


def test_what_is_done_is_not_asked_for_any_more(house: House) -> None:
    case = house.sheltered(1, names=("王建国",))
    house.services.interviews.record(house.intake, case.case_id, Told("by the river"))
    assert errands(house, house.intake, case) == [Errand.FILL_IN]
    (before,) = agenda(house, house.intake, case)
    house.services.filing.write(house.intake, case.case_id, {"build": "thin"})
    (after,) = agenda(house, house.intake, case)
    assert after.number == before.number - 1


def test_a_photo_asks_for_the_hand_that_it_needs(house: House) -> None:
    case = house.open(CaseKind.MISSING)
    photo = house.services.intake.add_photo(house.intake, case.case_id, faceless_photo())
    house.services.intake.analyse(photo.photo_id)
    assert errands(house, house.intake, case)[0] is Errand.ANOTHER_PHOTO
    house.photograph(case, 5, faces=2)
    assert errands(house, house.intake, case)[0] is Errand.CHOOSE_FACE
    house.photograph(case, 1)
    assert Errand.ANOTHER_PHOTO not in errands(house, house.intake, case)
    house.services.casework.amend(house.intake, case.case_id, legal_basis=LegalBasis.NONE)
    assert Errand.LEGAL_BASIS in errands(house, house.intake, case)


def test_reviewers_are_told_of_judging_alone_and_only_of_what_they_may_judge(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    (todo,) = agenda(house, house.reviewer, missing)
    assert (todo.errand, todo.number, todo.own) == (Errand.JUDGE, 1, True)
    (others,) = (each for each in agenda(house, house.intake, missing) if each.errand is Errand.JUDGE)
    assert (others.number, others.own) == (1, False)
    house.judge(house.reviewer, house.pair(missing, sheltered))
    assert agenda(house, house.reviewer, missing) == []
    assert errands(house, house.second, missing) == [Errand.JUDGE], "as before: a colleague's word is not told"
    assert agenda(house, house.auditor, missing)[0].errand is Errand.JUDGE


def test_a_match_waits_for_its_next_step_and_reviewers_are_not_told(house: House) -> None:
    missing = house.missing(1)
    pair = house.confirm(house.pair(missing, house.sheltered(1)))
    assert [(todo.errand, todo.own) for todo in agenda(house, house.manager, missing)] == [(Errand.VERIFY, True)]
    assert [(todo.errand, todo.own) for todo in agenda(house, house.intake, missing)] == [(Errand.VERIFY, False)]
    assert agenda(house, house.hire("new", Role.REVIEWER), missing) == []
    house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "file 7")
    assert errands(house, house.manager, missing) == [Errand.HAND_OVER]


def test_after_a_reunion_the_family_is_asked_until_somebody_has_written_it_down(house: House) -> None:
    case = reunite(house)
    (todo,) = agenda(house, house.manager, case)
    assert todo.rule is not None
    assert (todo.errand, todo.rule.rule_id, todo.overdue) == (Errand.MEET_CLOCK, "follow_up", False)
    house.clock.advance(days=33)
    assert agenda(house, house.manager, case)[0].overdue
    house.services.actions.record(house.manager, case.case_id, ActionKind.FOLLOW_UP, ActionOutcome.DONE, note="all is well")
    assert agenda(house, house.manager, case) == []


def test_a_first_word_on_a_death_waits_for_somebody_else(house: House) -> None:
    case = house.sheltered(1, names=("王建国",))
    house.services.casework.close(house.intake, case.case_id, Outcome.DECEASED, "the hospital says so")
    assert errands(house, house.manager, case)[0] is Errand.SECOND_WORD
    assert Errand.SECOND_WORD not in errands(house, house.intake, case)


def test_a_request_waits_for_the_manager_of_the_station_that_is_asked(house: House) -> None:
    north = Neighbours(house)
    case = north.case()
    ends = house.clock() + timedelta(days=3)
    request = a_request(case, "north", kind=RequestKind.TRANSFER, deadline=ends)
    with house.services.store.transaction() as records:
        records.stations.add_request(request)
    (todo,) = agenda(house, north.manager, case)
    assert (todo.errand, todo.subject, todo.due_at) == (Errand.ANSWER_REQUEST, request.request_id, request.deadline)
    assert agenda(house, north.intake, case) == []
    assert Errand.ANSWER_REQUEST not in errands(house, house.manager, case)
    house.clock.advance(days=4)
    assert agenda(house, north.manager, case) == []


def test_a_rejected_pair_waits_for_nobody(house: House) -> None:
    missing = house.missing(1)
    house.judge(house.reviewer, house.pair(missing, house.sheltered(1)), Judgement.EXCLUDED)
    assert errands(house, house.second, missing) == []
