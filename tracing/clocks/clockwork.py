"""The clocks of cases: they follow the audit, and people look at them, stop them with a reason, and let them go on.

Nothing that opens, changes or closes a case knows of clocks. Each row of the audit is followed once, in order, in one
transaction with the mark of how far the clocks have come: a crash loses none and starts none twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from tracing.access import SYSTEM, Permission, require
from tracing.clocks.jurisdictions import Jurisdiction
from tracing.clocks.reckoning import WorkCalendar
from tracing.clocks.winding import STANDS_STILL, Winding, Wound, concerns, with_next_step
from tracing.closing import last_opening
from tracing.disguise import may_be_given
from tracing.domain import Actor, Case, CaseClock, CaseState, ClockRule, EscalatedClock, Event, Outcome, Standing, Start
from tracing.errors import Conflict, Invalid, NotFound, WrongState
from tracing.ports import Clock, NewId, RecordStore
from tracing.records import Records, TaskFilter
from tracing.stations.scope import follows_work, own_case, reach_of
from tracing.verdict import checked_reason

BATCH: Final = 500
AT_ONCE: Final = 4
TRIES: Final = 3
RECORDED: Final = "record_action"
BY_HAND: Final = "start_clock"
WOUND: Final = "follow_case"
"""The audit's row about what a case's event did to its clocks."""
FOLLOWED: Final = frozenset({"open_case", "amend_case", "change_case", RECORDED, BY_HAND})


@dataclass(frozen=True, slots=True)
class Task:
    """A clock with its case, as it stands now."""

    clock: CaseClock
    case: Case
    standing: Standing
    escalated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tasks:
    tasks: tuple[Task, ...]
    total: int
    overdue: int
    """Among those that the filter names, whatever else it asks."""


class Clockwork:
    def __init__(
        self, store: RecordStore, clock: Clock, new_id: NewId, jurisdiction: Jurisdiction, calendar: WorkCalendar
    ) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._winding = Winding(jurisdiction, calendar, new_id)
        self.jurisdiction = jurisdiction
        self._reckoned = False

    def follow(self, batches: int = AT_ONCE) -> int:
        """Let the clocks catch up with what happened; how many events there were. Cheap where there was nothing.

        At most so many batches: after the import of a country somebody who looks at a page does not wait for all of it.
        """
        followed = tries = 0
        while batches > 0:
            with self._store.reading() as records:
                events = records.audit.events(records.clocks.seen(), BATCH)
            if not events or (len(events) < BATCH and not any(event.action in FOLLOWED for event in events)):
                break
            try:
                followed += self._follow_batch()
                batches -= 1
            except Conflict:  # somebody has moved one of these clocks, or erased a case, in the meantime
                tries += 1
                if tries == TRIES:
                    raise
        return followed

    def tend(self) -> None:
        """What the worker does now and then: follow, note escalations, and reckon anew what was provisional."""
        while self.follow():
            pass
        self._escalate()
        if not self._reckoned:
            self._reckon_provisional()
            self._reckoned = True

    def of_case(self, actor: Actor, case_id: str) -> list[Task]:
        """The clocks of a case: those that run by due time, the others after them."""
        require(actor, Permission.READ_CASES)
        self.follow()
        with self._store.reading() as records:
            case = records.cases.get(case_id)
            told = follows_work(records, actor, case_id) and not may_be_given(actor)
            clocks = records.clocks.of_case(case_id) if told else []
        tasks = [self._task(clock, case) for clock in clocks]
        return sorted(tasks, key=lambda task: (not task.clock.running, task.clock.paused, task.clock.due_at))

    def tasks(self, actor: Actor, wanted: TaskFilter, limit: int, offset: int = 0, *, overdue: bool = False) -> Tasks:
        """What is to be done and by when at the person's station, the most urgent first; what stands still comes last.

        Nothing for those who judge and do nothing else: a clock that stands still would tell them that its case is matched.
        """
        require(actor, Permission.READ_CASES)
        self.follow()
        if may_be_given(actor):
            return Tasks((), 0, 0)
        with self._store.reading() as records:
            if not reach_of(records, actor).everything:
                if wanted.station_id not in ("", actor.station_id):
                    return Tasks((), 0, 0)
                wanted = replace(wanted, station_id=actor.station_id)
            late = replace(wanted, overdue_at=self._clock())
            asked = late if overdue else wanted
            clocks = records.clocks.find(asked, limit, offset)
            cases = records.cases.by_ids({clock.case_id for clock in clocks})
            total, number = records.clocks.count(asked), records.clocks.count(late)
        return Tasks(tuple(self._task(clock, cases[clock.case_id]) for clock in clocks), total, number)

    def startable(self, case: Case) -> list[ClockRule]:
        """Rules whose clock a person may start for this case."""
        rules = [rule for rule in self.jurisdiction.rules if rule.start is Start.BY_HAND and concerns(rule, case)]
        return rules if case.state is CaseState.OPEN else []

    def start(self, actor: Actor, case_id: str, rule_id: str, reason: str) -> None:
        """Start a clock that no event starts, such as that of a suspicion; it begins now."""
        require(actor, Permission.EDIT_CASES)
        reason = checked_reason(reason)
        with self._store.transaction() as records:
            case = own_case(records, actor, case_id)
            if rule_id not in {rule.rule_id for rule in self.startable(case)}:
                raise Invalid("There is no clock of this name to start for this case.", "rule_id")
            if any(clock.running and clock.rule.rule_id == rule_id for clock in records.clocks.of_case(case_id)):
                raise WrongState("This clock runs already.")
            records.audit.append(actor, BY_HAND, case_id, {"rule_id": rule_id})
        self.follow()

    def pause(self, actor: Actor, clock_id: str, reason: str) -> CaseClock:
        """Let the clock stand still, which moves its due time. What has run out cannot be paused: that would hide it."""
        require(actor, Permission.CLOSE_CASES)
        reason = checked_reason(reason)
        self.follow()
        now = self._clock()
        with self._store.transaction() as records:
            clock = records.clocks.get(clock_id)
            own_case(records, actor, clock.case_id)
            if not clock.running or clock.rule.threshold:
                raise WrongState("This clock has ended, or nothing has to be done for it: there is nothing to pause.")
            if clock.paused:
                raise WrongState("This clock is paused already.")
            if now > clock.due_at:
                raise WrongState("This clock has run out; a pause cannot move it any more.")
            self._winding.pause(records, clock, now, actor.account_id, reason)
            records.audit.append(actor, "pause_clock", clock.case_id, {"clock_id": clock_id, "rule_id": clock.rule.rule_id})
        return self._get(clock_id)

    def resume(self, actor: Actor, clock_id: str) -> CaseClock:
        """Let it go on; it is due later by what it stood still."""
        require(actor, Permission.CLOSE_CASES)
        self.follow()
        now = self._clock()
        with self._store.transaction() as records:
            clock = records.clocks.get(clock_id)
            own_case(records, actor, clock.case_id)
            if not clock.running or not clock.paused:
                raise WrongState("This clock is not paused.")
            if clock.pauses[-1].reason in STANDS_STILL and records.cases.get(clock.case_id).state in STANDS_STILL:
                raise WrongState("The case itself is on hold; its clocks go on when it is open again.")
            resumed = self._winding.resume(records, clock, now, actor.account_id)
            detail = {"clock_id": clock_id, "rule_id": clock.rule.rule_id, "due_at": resumed.due_at.isoformat()}
            records.audit.append(actor, "resume_clock", clock.case_id, detail)
        return self._get(clock_id)

    def task(self, actor: Actor, clock_id: str) -> Task:
        require(actor, Permission.READ_CASES)
        with self._store.reading() as records:
            clock = records.clocks.get(clock_id)
            return self._task(clock, own_case(records, actor, clock.case_id))

    def start_open_ones(self, actor: Actor, since: datetime | None = None) -> int:
        """Start the clocks of open cases that have none, such as those from before there were clocks; how many cases.

        They start when the case was opened, so that what is overdue shows as overdue. Only cases opened from ``since`` on.
        """
        require(actor, Permission.OPERATE)
        self.follow()
        with self._store.reading() as records:
            without = [case for case in records.clocks.open_without() if since is None or case.opened_at >= since]
        started = 0
        for case in without:
            with self._store.transaction() as records:
                opening = last_opening(records, case.case_id)
                wound = Wound()
                if opening is not None:
                    self._winding.opened(records, case, opening, wound)
                if wound.done:
                    records.audit.append(actor, WOUND, case.case_id, wound.done)
                    started += 1
        return started

    def _task(self, clock: CaseClock, case: Case) -> Task:
        now = self._clock()
        return Task(clock, case, clock.standing(now), clock.escalated_to(now))

    def _get(self, clock_id: str) -> CaseClock:
        with self._store.reading() as records:
            return records.clocks.get(clock_id)

    def _follow_batch(self) -> int:
        with self._store.transaction() as records:
            events = records.audit.events(records.clocks.lock_seen(), BATCH)
            followed = sum(self._follow(records, event) for event in events)
            if events:
                records.clocks.mark_seen(events[-1].seq)
        return followed

    def _follow(self, records: Records, event: Event) -> int:
        if event.action not in FOLLOWED:
            return 0
        case = records.cases.by_ids([event.subject]).get(event.subject)
        if case is None:
            return 0  # erased since
        wound = Wound()
        self._apply(records, case, event, wound)
        if wound.done:
            records.audit.append(SYSTEM, WOUND, case.case_id, wound.done)
        return 1

    def _apply(self, records: Records, case: Case, event: Event, wound: Wound) -> None:
        winding, detail = self._winding, event.detail
        match event.action:
            case "open_case":
                winding.opened(records, case, event, wound)
            case "amend_case":
                winding.amended(records, case, last_opening(records, case.case_id), event, wound)
            case "change_case" if detail["to"] == CaseState.CLOSED:
                winding.closed(records, case, event, wound)
                if case.state is CaseState.CLOSED and case.outcome is Outcome.REUNITED:
                    winding.reunited(records, case, event, wound)
            case "change_case" if detail["to"] in STANDS_STILL:
                winding.stopped(records, case, CaseState(detail["to"]), event, wound)
            case "change_case" if detail["from"] == CaseState.CLOSED:
                winding.opened(records, case, event, wound)
            case "change_case":
                winding.resumed(records, case, event, wound)
            case "record_action":
                winding.acted(records, case, records.actions.get(detail["action_id"]), event, wound)
            case "start_clock":
                winding.by_hand(records, case, detail["rule_id"], event, wound)

    def _escalate(self) -> None:
        """Note once who is told: it waits for them until they take note, and the audit says when it became whose matter."""
        now = self._clock()
        with self._store.reading() as records:
            waiting = records.clocks.to_escalate(now, BATCH)
        for clock_id in waiting:
            with self._store.transaction() as records:
                try:
                    clock = records.clocks.get(clock_id)
                except NotFound:
                    continue
                if clock.next_step_at is None or clock.next_step_at > now:
                    continue
                to = clock.rule.escalations[clock.steps_taken].to
                records.clocks.save(with_next_step(replace(clock, steps_taken=clock.steps_taken + 1)))
                records.escalations.add(EscalatedClock(self._new_id(), clock_id, clock.case_id, to, now))
                detail = {"clock_id": clock_id, "rule_id": clock.rule.rule_id, "to": to}
                records.audit.append(SYSTEM, "escalate_clock", clock.case_id, detail)

    def _reckon_provisional(self) -> None:
        """Once per process, since a calendar comes with the program or its rules: due times may move, and the audit says so."""
        with self._store.reading() as records:
            waiting: Sequence[str] = records.clocks.provisional()
        for clock_id in waiting:
            with self._store.transaction() as records:
                try:
                    before = records.clocks.get(clock_id)
                except NotFound:
                    continue
                after = self._winding.reckoned(before, self._clock())
                if not before.running or before.paused or (after.due_at, after.provisional) == (before.due_at, True):
                    continue
                records.clocks.save(after)
                detail = {"clock_id": clock_id, "rule_id": before.rule.rule_id, "from": before.due_at, "to": after.due_at}
                told = {key: value.isoformat() if isinstance(value, datetime) else value for key, value in detail.items()}
                records.audit.append(SYSTEM, "reckon_clock", before.case_id, told)
