"""Say whose case partners may be told of, and end it. Nobody's is shared by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from tracing.access import Permission, require
from tracing.domain import SHARED, Actor, Case, CaseState, LegalBasis, Share
from tracing.errors import Safeguarded, WrongState
from tracing.partners.permitted import may_be_told, permitted
from tracing.partners.settling import Settling, is_a_clone
from tracing.ports import Clock, NewId, RecordStore
from tracing.records import Records
from tracing.stations.scope import own_case, reach_of
from tracing.verdict import checked_reason

LASTS: Final = timedelta(days=365)
"""Then somebody has to ask the person, or who speaks for them, again."""
OFF: Final = "PFIF is off here: the operator has not set TRACING_PFIF_DOMAIN."


class Sharing:
    """``domain`` is ours; without one nothing is shared."""

    def __init__(self, store: RecordStore, settling: Settling, domain: str, clock: Clock, new_id: NewId) -> None:
        self._store = store
        self._settling = settling
        self._domain = domain
        self._clock = clock
        self._new_id = new_id

    @property
    def is_on(self) -> bool:
        return bool(self._domain)

    def share(self, actor: Actor, case_id: str, reason: str) -> Share:
        """Let partners be told of a case of the own station for a year; ``reason`` says who agreed to it, and how.

        ``WrongState`` where it may not be told of whoever agrees: see ``permitted``.
        """
        require(actor, Permission.SHARE_CASES)
        said = checked_reason(reason)
        if not self._domain:
            raise WrongState(OFF)
        with self._store.transaction() as records:
            case = own_case(records, actor, case_id)
            self._check(records, case)
            now = self._clock()
            ends_at = now.replace(microsecond=0) + LASTS
            share = Share(case_id, f"{self._domain}/{self._new_id()}", now, actor.account_id, said, ends_at)
            records.partners.share(share)
            self._settling.settle(records, [share])
            records.audit.append(actor, SHARED, case_id, {"kind": case.kind, "legal_basis": case.legal_basis})
        return share

    def unshare(self, actor: Actor, case_id: str, reason: str) -> None:
        """Partners are told that the record has expired, and have to delete their copies."""
        require(actor, Permission.SHARE_CASES)
        checked_reason(reason)
        with self._store.transaction() as records:
            own_case(records, actor, case_id)
            share = records.partners.share_of(case_id)
            if share is None:
                raise WrongState("This case is not shared with partners.")
            self._settling.end(records, [share], actor=actor)

    def of_case(self, actor: Actor, case_id: str) -> Share | None:
        """None where partners are not told of it."""
        require(actor, Permission.SHARE_CASES)
        with self._store.reading() as records:
            own_case(records, actor, case_id)
            return records.partners.share_of(case_id)

    def all(self, actor: Actor, limit: int = 1000) -> list[tuple[Share, Case]]:
        """The cases of the own station that are shared."""
        require(actor, Permission.SHARE_CASES)
        with self._store.reading() as records:
            reach = reach_of(records, actor)
            shares = records.partners.shares("", limit)
            cases = records.cases.by_ids({share.case_id for share in shares})
        owned = {case_id for case_id, case in cases.items() if reach.owns(case)}
        return [(share, cases[share.case_id]) for share in shares if share.case_id in owned]

    def withdrawn_again(self, case_id: str) -> bool:
        """After a backup came back: what was ended since ends again. Whether there was anything."""
        with self._store.transaction() as records:
            share = records.partners.share_of(case_id)
            self._settling.end(records, [share] if share is not None else [])
        return share is not None

    def _check(self, records: Records, case: Case) -> None:
        source = records.rights.source(case.case_id)
        if source is not None and is_a_clone(source.source, source.source_id):
            raise WrongState("This case came from a partner, who tells the others of it.")
        if permitted(records, {case.case_id: case}, self._clock()):
            return
        if case.legal_basis is LegalBasis.NONE:
            raise WrongState("There is no legal basis for this case, so nobody is told of it.")
        if case.state not in (CaseState.OPEN, CaseState.MATCHED):
            raise WrongState("Only an open case is shared.")
        if case.guarded:
            raise Safeguarded(
                "Relatives of this person may be the danger: partners are told of nobody before a check is cleared."
            )
        if not may_be_told(case, records.forms.of_case(case.case_id).answers):
            raise WrongState("The family has not agreed that partners are told, as the form of the case says.")
        raise WrongState("This person is, or may be, under 14: partners are told of a child by a published notice alone.")
