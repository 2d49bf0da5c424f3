"""The first of two words: cases of which one person has said that somebody died, and a second has still to say so."""

from __future__ import annotations

from dataclasses import dataclass

from tracing.access import Permission, require
from tracing.domain import Actor, Approval, Case
from tracing.errors import WrongState
from tracing.ports import RecordStore
from tracing.stations.scope import follows_work, own_case, reach_of


@dataclass(frozen=True, slots=True)
class FirstWord:
    """``own``: this person gave it, so that another one has to give the second."""

    approval: Approval
    case: Case
    own: bool


class Approvals:
    """A word is confirmed by closing the case with the same outcome; see ``Casework.close``."""

    def __init__(self, store: RecordStore) -> None:
        self._store = store

    def waiting(self, actor: Actor) -> list[FirstWord]:
        """All of the person's own station, the oldest first."""
        require(actor, Permission.CLOSE_CASES)
        with self._store.reading() as records:
            found = records.cases.all_approvals()
            reach = reach_of(records, actor)
            cases = records.cases.by_ids({each.case_id for each in found})
        own = [each for each in found if reach.owns(cases[each.case_id])]
        return [FirstWord(each, cases[each.case_id], each.approver == actor.account_id) for each in own]

    def of_case(self, actor: Actor, case_id: str) -> FirstWord | None:
        """The word that waits in this case, None where there is none."""
        require(actor, Permission.CLOSE_CASES)
        with self._store.reading() as records:
            case = records.cases.get(case_id)
            found = records.cases.approvals(case_id) if follows_work(records, actor, case_id) else []
        return FirstWord(found[0], case, found[0].approver == actor.account_id) if found else None

    def withdraw(self, actor: Actor, case_id: str) -> Case:
        """Take the own word back while no second one has been given; the case stays as it is."""
        require(actor, Permission.CLOSE_CASES)
        with self._store.transaction() as records:
            case = own_case(records, actor, case_id)
            if not records.cases.drop_approval(case_id, actor.account_id):
                raise WrongState("No word of yours waits here: none was given, or a second person has confirmed it.")
            saved = records.cases.save(case)  # whoever confirms at the same moment confirms nothing any more
            records.audit.append(actor, "withdraw_approval", case_id)
        return saved
