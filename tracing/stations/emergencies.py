"""Breaking the glass: another station's case, opened without asking for a short time, and looked at by a manager afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from tracing.access import Permission, require
from tracing.domain import Actor, Case, Emergency
from tracing.errors import Invalid, NotAllowed, NotFound, Safeguarded
from tracing.ports import CLOCKS_APART, Clock, NewId, RecordStore
from tracing.records import Records
from tracing.stations.reach import Reach, needs_a_guardian
from tracing.stations.scope import reach_of
from tracing.verdict import checked_reason

MOST_LISTED: Final = 100
AT_ITS_STATION: Final = (
    "Relatives of this person may be the danger, so nobody outside of their own station learns where they are. "
    "If somebody is in danger now, call the police; the station is asked by your manager."
)


@dataclass(frozen=True, slots=True)
class Alert:
    """An emergency as managers see it. ``maybe_a_child``: nothing of the case may be shared otherwise."""

    emergency: Emergency
    reference: str
    host: str
    """The station that has the case; empty where that is told to nobody else."""
    running: bool
    maybe_a_child: bool
    may_be_seen: bool
    """Whether this manager can close the alert: nobody judges the own one."""


class Emergencies:
    def __init__(self, store: RecordStore, clock: Clock, new_id: NewId, lasts: timedelta = timedelta(minutes=30)) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self.lasts = lasts

    def open(self, actor: Actor, case_id: str, reason: str) -> Emergency:
        """Read another station's case now, for a while. An alert in the same transaction; nothing can be changed by it."""
        require(actor, Permission.BREAK_GLASS)
        reason = checked_reason(reason)
        now = self._clock()
        with self._store.transaction() as records:
            reach, case = reach_of(records, actor), records.cases.get(case_id)
            if reach.owns(case):
                raise Invalid("This case is your own station's; there is nothing to break.", "case_id")
            if case.guarded:
                raise Safeguarded(AT_ITS_STATION)
            made = Emergency(self._new_id(), case_id, actor.account_id, actor.station_id, now, now + self.lasts, reason)
            records.stations.add_emergency(made)
            detail = {"emergency_id": made.emergency_id, "ends_at": made.ends_at.isoformat()}
            records.audit.append(actor, "open_in_emergency", case_id, detail)
        return made

    def alerts(self, actor: Actor, limit: int = MOST_LISTED) -> list[Alert]:
        """Those of the manager's station, on either side; what nobody has looked at comes first."""
        require(actor, Permission.SEE_EMERGENCIES)
        with self._store.reading() as records:
            reach = reach_of(records, actor)
            found = records.stations.emergencies(limit, "" if reach.everything else actor.station_id)
            cases = records.cases.by_ids({each.case_id for each in found})
        return [self._alert(actor, reach, each, cases[each.case_id]) for each in found]

    def see(self, actor: Actor, emergency_id: str, finding: str) -> Emergency:
        """Write down, once, what a look at it brought; by somebody else than the one who opened the case."""
        require(actor, Permission.SEE_EMERGENCIES)
        finding = checked_reason(finding)
        with self._store.transaction() as records:
            before = self._found(records, actor, emergency_id)
            if before.account_id == actor.account_id:
                raise NotAllowed("You opened this case yourself; another manager has to look at it.")
            seen = replace(before, seen_by=actor.account_id, seen_at=self._clock(), finding=finding)
            records.stations.see_emergency(seen)
            records.audit.append(actor, "see_emergency", before.case_id, {"emergency_id": emergency_id})
        return seen

    def _found(self, records: Records, actor: Actor, emergency_id: str) -> Emergency:
        emergency = records.stations.emergency(emergency_id)
        case = records.cases.get(emergency.case_id)
        if not self._concerns(actor, reach_of(records, actor), emergency, case):
            raise NotFound("There is no such emergency.")
        return emergency

    @staticmethod
    def _concerns(actor: Actor, reach: Reach, emergency: Emergency, case: Case) -> bool:
        return reach.owns(case) or emergency.station_id == actor.station_id

    def _alert(self, actor: Actor, reach: Reach, emergency: Emergency, case: Case) -> Alert:
        return Alert(
            emergency,
            case.reference,
            "" if case.guarded and not reach.owns(case) else case.station_id,
            emergency.opened_at - CLOCKS_APART <= self._clock() < emergency.ends_at,
            needs_a_guardian(case, reach.today),
            emergency.seen_at is None and emergency.account_id != actor.account_id,
        )
