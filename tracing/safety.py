"""What is closed to relatives while they may be the danger (DOMAIN.md, section 7, L21): asked at each door to them."""

from __future__ import annotations

from typing import Final

from tracing.access import Permission, allows
from tracing.domain import Actor, Case, CaseKind, Contact, Pair, PairState, Relation, Stage
from tracing.errors import NotAllowed, Safeguarded
from tracing.lifecycle import HOLDING
from tracing.records import Records
from tracing.verdict import Proof

ASKED_OF_RELATIVES: Final = frozenset({Proof.CONTROL_QUESTION, Proof.DOCUMENT})
"""Evidence that somebody gets who calls the family, or lets them come; a laboratory and the police tell them nothing."""
MATCHED: Final = HOLDING | {PairState.REUNITED}
WITH_THE_FAMILY: Final = frozenset({Stage.VERIFICATION, Stage.REUNION})

CLOSED: Final = (
    "Relatives of this person may be the danger. Until a safeguarding check is cleared nobody tells them where the person is, "
    "and nobody is handed over: a manager who does not deal with the family records the check on the page of the case."
)
ANOTHER_PERSON: Final = "You have recorded the safeguarding check; somebody else deals with the family."


def check_relatives(records: Records, actor: Actor, pair: Pair) -> None:
    """``Safeguarded`` while one of the two is guarded, ``NotAllowed`` for whoever has cleared one of them: four eyes."""
    if any(case.guarded for case in records.cases.by_ids(pair.case_ids).values()):
        raise Safeguarded(CLOSED)
    if any(each.cleared_by == actor.account_id for each in records.safeguards.of_cases(pair.case_ids)):
        raise NotAllowed(ANOTHER_PERSON)


def relatives_closed(records: Records, case: Case) -> bool:
    """Whether whoever seeks this person is called by nobody now: the case is guarded, or the one it is matched with."""
    if case.guarded:
        return True
    others = {pair.other(case.case_id) for pair in matches_of(records, case.case_id)}
    return any(other.guarded for other in records.cases.by_ids(others).values())


def shown_contacts(actor: Actor, contacts: list[Contact], closed: bool) -> list[Contact]:
    """While they are ``closed``, whoever looks into it still needs them, for the police; others see the station's own."""
    if not closed or allows(actor, Permission.CHECK_SAFETY):
        return contacts
    return [each for each in contacts if each.of_the_station]


def matches_of(records: Records, case_id: str) -> list[Pair]:
    """The pairs by which people have put this person and a family together."""
    return [pair for pair in records.pairs.of_case(case_id) if pair.relation is Relation.TRACE and pair.state in MATCHED]


def who_deals_with_the_family(records: Records, case: Case) -> set[str]:
    """Accounts that have to do with those who seek this person: they took the report, did something about it, proved the
    match, or wrote the record of the hand-over.
    """
    pairs = matches_of(records, case.case_id)
    both = records.cases.by_ids({*(pair.other(case.case_id) for pair in pairs), case.case_id})
    people: set[str] = set()
    for report in (each for each in both.values() if each.kind is CaseKind.MISSING):
        people |= {report.opened_by, *(action.recorded_by for action in records.actions.of_case(report.case_id))}
    for pair in pairs:
        people |= {each.reviewer for each in records.pairs.decisions(pair.pair_id) if each.stage in WITH_THE_FAMILY}
        people.add(records.reunions.draft(pair.pair_id).saved_by)
    return people - {""}
