"""What clocks are passed on when they ran out: told to those whose matter it is, until they take note of it."""

from __future__ import annotations

import pytest

from tests.house import House
from tests.neighbours import Neighbours
from tests.stories import rows_naming
from tracing.access import SYSTEM
from tracing.clocks.escalations import Escalated
from tracing.domain import ActionKind, ActionOutcome, Actor, Case, CaseKind, Outcome, Role
from tracing.errors import NotAllowed, NotFound, OtherStation, WrongState


def overdue(house: House, case: Case | None = None) -> Case:
    """A case whose tracing notice should have been out since yesterday."""
    case = case or house.open(CaseKind.SHELTERED, age_min=40, age_max=60)
    house.services.clockwork.tend()
    house.clock.advance(days=2)
    house.services.clockwork.tend()
    return case


def waiting(house: House, actor: Actor) -> list[Escalated]:
    return house.services.escalations.waiting(actor)


def test_the_manager_is_told_once_until_they_take_note_and_the_audit_keeps_who(house: House) -> None:
    case = overdue(house)
    (told,) = waiting(house, house.manager)
    assert (told.case.case_id, told.clock.rule.rule_id, told.escalated.role) == (case.case_id, "notice", Role.MANAGER)
    assert house.services.escalations.count(house.manager) == 1
    house.services.clockwork.tend()
    assert house.services.escalations.count(house.manager) == 1, "not again for the same"
    seen = house.services.escalations.see(house.manager, told.escalated.escalation_id)
    assert (seen.seen_by, seen.seen_at) == (house.manager.account_id, house.clock())
    assert waiting(house, house.manager) == []
    with house.services.store.reading() as records:
        last = records.audit.of_subject(case.case_id)[-1]
    assert (last.actor, last.action) == (house.manager.account_id, "see_escalation")
    with pytest.raises(WrongState, match="taken note"):
        house.services.escalations.see(house.manager, told.escalated.escalation_id)
    assert house.services.clockwork.of_case(house.manager, case.case_id)[0].clock.running, "taking note meets no clock"


def test_it_waits_for_nobody_of_another_role(house: House) -> None:
    overdue(house)
    (told,) = waiting(house, house.manager)
    for actor in (house.intake, house.reviewer, house.auditor, house.partner):
        assert waiting(house, actor) == []
        assert house.services.escalations.count(actor) == 0
    for actor in (house.intake, house.reviewer):
        with pytest.raises(NotAllowed):
            house.services.escalations.see(actor, told.escalated.escalation_id)
    with pytest.raises(NotFound):
        house.services.escalations.see(house.manager, "0" * 32)


def test_it_waits_at_the_station_that_has_the_case_and_with_those_who_supervise_all(house: House) -> None:
    north = Neighbours(house)
    overdue(house, north.case(names=()))
    (told,) = waiting(house, house.manager)
    assert waiting(house, north.manager) == []
    with pytest.raises(OtherStation):
        house.services.escalations.see(north.manager, told.escalated.escalation_id)
    assert waiting(house, north.supervisor) == [told]


def test_what_was_done_meanwhile_or_closed_waits_for_nobody(house: House) -> None:
    one, other = overdue(house), house.open(CaseKind.SHELTERED, age_min=40, age_max=60)
    overdue(house, other)
    assert house.services.escalations.count(house.manager) == 2
    house.services.actions.record(house.intake, one.case_id, ActionKind.NOTICE, ActionOutcome.DONE)
    house.services.casework.close(house.intake, other.case_id, Outcome.SELF_LEFT, "left")
    house.services.clockwork.follow()
    assert waiting(house, house.manager) == []


def test_erasure_reaches_what_was_passed_on(house: House) -> None:
    case = overdue(house)
    (told,) = waiting(house, house.manager)
    house.services.retention.erase_case(SYSTEM, case.case_id)
    assert waiting(house, house.manager) == []
    assert rows_naming(house, told.escalated.escalation_id) == {}
