"""Amend a case and take it through its states: suspend, resume, close with an outcome and its channel, reopen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from tracing.access import Permission, allows, require
from tracing.amending import amended
from tracing.closing import channel_of_actions, detail_of, other_case, with_what_the_search_knew
from tracing.disguise import Disguise
from tracing.domain import (
    Actor,
    Approval,
    Case,
    CaseState,
    Channel,
    Closing,
    Contact,
    Description,
    LegalBasis,
    Outcome,
    Part,
)
from tracing.errors import Invalid, NotAllowed, Safeguarded, Stale, WrongState
from tracing.facts import check_description
from tracing.lifecycle import OUTCOMES, step_case
from tracing.ports import Clock, NewId, RecordStore
from tracing.records import CaseFilter, Records
from tracing.safety import CLOSED, relatives_closed, shown_contacts
from tracing.stations.scope import own_case, reach_of
from tracing.steps import take_step
from tracing.verdict import LONGEST_REASON

READ: Final = "read_case"


@dataclass(frozen=True, slots=True)
class CasePage:
    cases: tuple[Case, ...]
    total: int


class Casework:
    """``search`` is called with the id of a case that has come back to the gallery, outside of any transaction; ``by_words``
    with whoever looks for cases by words, and refuses where that is too often."""

    def __init__(
        self,
        store: RecordStore,
        clock: Clock,
        new_id: NewId,
        search: Callable[[str], object],
        by_words: Callable[[Actor], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._search = search
        self._by_words = by_words

    def get(self, actor: Actor, case_id: str) -> Case:
        """As much of it as the person's station may read; ``OtherStation`` where that is nothing."""
        require(actor, Permission.READ_CASES)
        with self._store.reading() as records:
            case = reach_of(records, actor).shown(records.cases.get(case_id))
            return Disguise.of(records, actor).case(case)

    def read(self, actor: Actor, case_id: str) -> Case:
        """As ``get``, for somebody who looks at the case: the audit keeps who did."""
        require(actor, Permission.READ_CASES)
        with self._store.transaction() as records:
            reach = reach_of(records, actor)
            case = reach.shown(records.cases.get(case_id))
            through = {} if reach.owns(case) else {"through": "emergency" if case_id in reach.opened else "assistance"}
            records.audit.append(actor, READ, case_id, through)
            return Disguise.of(records, actor).case(case)

    def find(self, actor: Actor, wanted: CaseFilter, limit: int, offset: int = 0) -> CasePage:
        """Newest first, of the person's own station and of what others let it read."""
        require(actor, Permission.READ_CASES)
        if wanted.text:
            self._by_words(actor)
        with self._store.reading() as records:
            disguise = Disguise.of(records, actor)
            wanted = replace(wanted, as_open=frozenset(disguise.reopened), reach=reach_of(records, actor))
            found = records.cases.find(wanted, limit, offset)
            return CasePage(tuple(disguise.case(case) for case in found), records.cases.count(wanted))

    def contacts(self, actor: Actor, case_id: str) -> list[Contact]:
        """Whom to call; empty for those who may not know. No relatives who may be the danger: see ``safety``."""
        require(actor, Permission.READ_CASES)
        if not allows(actor, Permission.READ_CONTACTS):
            return []
        with self._store.reading() as records:
            case = records.cases.by_ids([case_id]).get(case_id)
            if case is None or Part.CONTACTS not in reach_of(records, actor).parts(case):
                return []
            return shown_contacts(actor, records.cases.contacts(case_id), relatives_closed(records, case))

    def amend(
        self,
        actor: Actor,
        case_id: str,
        description: Description | None = None,
        legal_basis: LegalBasis | None = None,
        version: int | None = None,
    ) -> Case:
        """Replace what is given; with a ``version``, only if nobody else changed the case since (``Stale``).

        A legal basis of ``none`` takes the face out of every gallery in the same transaction, and what reviewers said of it as
        of a known-answer pair.
        """
        require(actor, Permission.EDIT_CASES)
        if description is not None:
            check_description(description, self._clock().date())
        with self._store.transaction() as records:
            before = own_case(records, actor, case_id)
            if version is not None and version != before.version:
                raise Stale("Somebody else has changed this case since you opened it; look at it again.")
            saved = amended(
                records, actor, before, description or before.description, legal_basis or before.legal_basis, self._clock()
            )
        self._search(case_id)
        return saved

    def close(
        self, actor: Actor, case_id: str, outcome: Outcome, reason: str, channel: Channel | None = None, other: str = ""
    ) -> Case:
        """End an open case. Only a verified pair's hand-over closes a case as reunited; see ``Review.reunite``.

        ``channel`` is what brought to light who or where the person is, and ``other`` the reference or id of the case that
        turned out to be the same person. Both are kept with what the search had made of the two by then: a face in the
        galleries that another channel found is a miss of the recognition. Without a ``channel`` it is that of the last tracing
        action that identified the person.

        That somebody died has to be said by two people: the first word is kept, and the case is given back as it is.
        """
        require(actor, Permission.CLOSE_CASES)
        with self._store.reading() as records:
            case = own_case(records, actor, case_id)
            named = other_case(records, case, other.strip())
            channel = channel or channel_of_actions(records, case_id)
        if outcome not in OUTCOMES[case.kind]:
            raise Invalid(f"A {case.kind} case does not end as {outcome}.", "outcome")
        if named is not None and channel is None:
            raise Invalid("Say what brought it to light as well.", "channel")
        if outcome is Outcome.REUNITED:
            raise Invalid("A reunion is recorded on the verified pair, with the hand-over.", "outcome")
        closing = Closing(self._new_id(), case_id, self._clock(), outcome, channel, named.case_id if named else None)
        return self._step(actor, case_id, CaseState.CLOSED, reason, closing)

    def reopen(self, actor: Actor, case_id: str, reason: str) -> Case:
        """Closed or suspended back to open: the face returns to its gallery and a search is due."""
        return self._step(actor, case_id, CaseState.OPEN, reason)

    def suspend(self, actor: Actor, case_id: str, reason: str) -> Case:
        """A dispute or a safeguarding check: the face leaves the galleries until the case is reopened."""
        return self._step(actor, case_id, CaseState.SUSPENDED, reason)

    def _step(self, actor: Actor, case_id: str, then: CaseState, reason: str, closing: Closing | None = None) -> Case:
        require(actor, Permission.CLOSE_CASES)
        if not reason.strip():
            raise Invalid("Say why: the reason is kept with the case.", "reason")
        if len(reason) > LONGEST_REASON:
            raise Invalid(f"At most {LONGEST_REASON} characters fit here.", "reason")
        with self._store.transaction() as records:
            before = own_case(records, actor, case_id)
            if closing is not None and closing.outcome is Outcome.RETURNED_TO_ORIGIN and before.guarded:
                raise Safeguarded(CLOSED)
            if before.state is CaseState.MATCHED:
                raise WrongState("This case belongs to a match: revoke the match, or record the hand-over, on the pair's page.")
            step_case(before.state, then)
            if closing is None:
                saved = take_step(records, actor, before, then, None, reason.strip())
            elif closing.outcome is Outcome.DECEASED and not self._approved(records, actor, before, reason.strip()):
                return records.cases.get(case_id)
            else:
                saved = _closed(records, actor, before, closing, reason.strip())
        if then is CaseState.OPEN:
            self._search(case_id)
        return saved

    def _approved(self, records: Records, actor: Actor, case: Case, reason: str) -> bool:
        """Whether another person has said that this one died; else this one's word is kept, for a second to confirm."""
        approvers = {each.approver for each in records.cases.approvals(case.case_id)}
        if approvers - {actor.account_id}:
            return True
        if approvers:
            raise NotAllowed("You have said so already; that somebody died has to be confirmed by a second person.")
        records.cases.save(case)  # of two who say it at the same moment the second one confirms the first
        records.cases.add_approval(Approval(case.case_id, actor.account_id, Outcome.DECEASED, reason, self._clock()))
        records.audit.append(actor, "approve_outcome", case.case_id, {"outcome": Outcome.DECEASED})
        return False


def _closed(records: Records, actor: Actor, case: Case, closing: Closing, reason: str) -> Case:
    kept = with_what_the_search_knew(records, closing)
    saved = take_step(records, actor, case, CaseState.CLOSED, closing.outcome, reason)
    records.cases.add_closing(kept)
    if kept.channel or kept.other_case_id:
        records.audit.append(actor, "note_closing", case.case_id, detail_of(kept))
    return saved
