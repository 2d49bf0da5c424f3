"""What was passed on of clocks that ran out: it waits for somebody of the role it was passed on to, until they take note."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from tracing.access import Permission, require
from tracing.disguise import may_be_given
from tracing.domain import Actor, Case, CaseClock, EscalatedClock, Standing
from tracing.errors import NotAllowed
from tracing.ports import Clock, RecordStore
from tracing.records import Records
from tracing.stations.scope import own_case, reach_of

MOST_LISTED: Final = 50


@dataclass(frozen=True, slots=True)
class Escalated:
    escalated: EscalatedClock
    clock: CaseClock
    case: Case
    standing: Standing


class Escalations:
    """Somebody of the role at the case's station takes note, once for all of them; taking note meets no clock.

    What has ended meanwhile waits for nobody any more: the audit and the timeline keep that it was passed on.
    """

    def __init__(self, store: RecordStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def waiting(self, actor: Actor, limit: int = MOST_LISTED) -> list[Escalated]:
        """Passed on to the person's role at their station, the oldest first."""
        require(actor, Permission.READ_CASES)
        if may_be_given(actor):
            return []
        now = self._clock()
        with self._store.reading() as records:
            found = records.escalations.waiting(actor.role, _station(records, actor), limit)
            cases = records.cases.by_ids({each.case_id for each in found})
            clocks = {each.clock_id: records.clocks.get(each.clock_id) for each in found}
        return [
            Escalated(each, clocks[each.clock_id], cases[each.case_id], clocks[each.clock_id].standing(now)) for each in found
        ]

    def count(self, actor: Actor) -> int:
        """How many wait for the person."""
        require(actor, Permission.READ_CASES)
        if may_be_given(actor):
            return 0
        with self._store.reading() as records:
            return records.escalations.count(actor.role, _station(records, actor))

    def see(self, actor: Actor, escalation_id: str) -> EscalatedClock:
        """Take note of it; ``WrongState`` where somebody has already."""
        require(actor, Permission.READ_CASES)
        with self._store.transaction() as records:
            before = records.escalations.get(escalation_id)
            own_case(records, actor, before.case_id)
            if before.role is not actor.role or may_be_given(actor):
                raise NotAllowed("This was passed on to another role; it is theirs to take note of.")
            seen = replace(before, seen_by=actor.account_id, seen_at=self._clock())
            records.escalations.see(seen)
            detail = {"escalation_id": escalation_id, "clock_id": before.clock_id}
            records.audit.append(actor, "see_escalation", before.case_id, detail)
        return seen


def _station(records: Records, actor: Actor) -> str:
    """Empty for those who work for all stations."""
    return "" if reach_of(records, actor).everything else actor.station_id
