"""The mark that relatives may be the danger: set it, see who waits for a check, and record what the check has found."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tracing.access import Permission, allows, require
from tracing.domain import Actor, Case, Part, Safeguard
from tracing.errors import NotAllowed, Refused, WrongState
from tracing.ports import Clock, NewId, RecordStore
from tracing.records import Records
from tracing.safety import relatives_closed, who_deals_with_the_family
from tracing.stations.reach import Reach
from tracing.stations.scope import own_case, reach_of
from tracing.verdict import checked_reason

OWN_MARK = "You have set this mark yourself; a second person has to record the check."
OF_THE_FAMILY = "You deal with the family of this person; somebody who does not has to record the check."
NOT_MARKED = "This case is not marked."


@dataclass(frozen=True, slots=True)
class SafeguardView:
    """``marks``: the newest first, without their words for those who may not read contacts. ``relatives_closed``: whether
    whoever seeks the person is called by nobody now. ``refusal``: why this person does not record the check."""

    case: Case
    marks: tuple[Safeguard, ...]
    relatives_closed: bool
    refusal: Refused | None


@dataclass(frozen=True, slots=True)
class Waiting:
    safeguard: Safeguard
    case: Case
    refusal: Refused | None


class Safeguarding:
    """Every step is one transaction with its audit event, which names no reason."""

    def __init__(self, store: RecordStore, clock: Clock, new_id: NewId) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id

    def mark(self, actor: Actor, case_id: str, reason: str) -> Safeguard:
        """From now on relatives are told nothing and nobody is handed over; what other stations were let see is closed.

        Whoever may change the case marks it, whatever its state is. A second mark beside one that stands is a ``Conflict``.
        """
        require(actor, Permission.EDIT_CASES)
        now = self._clock()
        with self._store.transaction() as records:
            case = own_case(records, actor, case_id)
            made = Safeguard(self._new_id(), case_id, actor.account_id, now, checked_reason(reason))
            records.safeguards.add(made)
            records.cases.save(replace(case, guarded_since=now))
            records.audit.append(actor, "set_safeguard", case_id, {"safeguard_id": made.safeguard_id})
        return made

    def clear(self, actor: Actor, case_id: str, finding: str) -> Safeguard:
        """Record that a check has found no danger, and what it rests on: the doors are open again.

        ``NotAllowed`` for whoever set the mark, and for whoever deals with the family.
        """
        require(actor, Permission.CHECK_SAFETY)
        with self._store.transaction() as records:
            case, said = own_case(records, actor, case_id), checked_reason(finding)
            mark = next((each for each in records.safeguards.of_cases([case_id]) if each.stands), None)
            if mark is None:
                raise WrongState(NOT_MARKED)
            if (refusal := _refusal(records, actor, case, mark)) is not None:
                raise refusal
            cleared = replace(mark, cleared_by=actor.account_id, cleared_at=self._clock(), finding=said)
            records.safeguards.clear(cleared)
            records.cases.save(replace(case, guarded_since=None))
            records.audit.append(actor, "clear_safeguard", case_id, {"safeguard_id": mark.safeguard_id})
        return cleared

    def of_case(self, actor: Actor, case_id: str) -> SafeguardView:
        """For a page whose reading the audit knows already. That a mark stands is told to all who may read the case."""
        require(actor, Permission.READ_CASES)
        with self._store.reading() as records:
            reach, case = reach_of(records, actor), records.cases.get(case_id)
            shown = reach.shown(case)
            marks = records.safeguards.of_cases([case_id])
            mark = next((each for each in marks if each.stands), None)
            refusal = None if mark is None else _refusal(records, actor, case, mark)
            closed = relatives_closed(records, case)
        return SafeguardView(shown, tuple(_told(actor, reach, case, each) for each in marks), closed, refusal)

    def waiting(self, actor: Actor) -> list[Waiting]:
        """Marks at the person's own station that no check has cleared, the oldest first."""
        require(actor, Permission.CLOSE_CASES)
        with self._store.reading() as records:
            reach, found = reach_of(records, actor), records.safeguards.standing()
            cases = records.cases.by_ids({each.case_id for each in found})
            return [
                Waiting(_told(actor, reach, case, each), case, _refusal(records, actor, case, each))
                for each in found
                if reach.owns(case := cases[each.case_id])
            ]


def _refusal(records: Records, actor: Actor, case: Case, mark: Safeguard) -> NotAllowed | None:
    """Why this person does not clear the mark; None where they may."""
    if not allows(actor, Permission.CHECK_SAFETY):
        return NotAllowed("A manager records the check.")
    if actor.account_id == mark.set_by:
        return NotAllowed(OWN_MARK)
    if actor.account_id in who_deals_with_the_family(records, case):
        return NotAllowed(OF_THE_FAMILY)
    return None


def _told(actor: Actor, reach: Reach, case: Case, mark: Safeguard) -> Safeguard:
    if allows(actor, Permission.READ_CONTACTS) and Part.CONTACTS in reach.parts(case):
        return mark
    return replace(mark, reason="", finding="")
