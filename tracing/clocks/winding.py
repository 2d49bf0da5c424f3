"""What an event does to the clocks of a case: start, stop, end them, and reckon when they are due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from tracing.access import SYSTEM
from tracing.clocks.jurisdictions import Jurisdiction
from tracing.clocks.reckoning import WorkCalendar, due, stretches
from tracing.domain import Case, CaseClock, CaseState, ClockEnd, ClockRule, Event, PairState, Pause, Start, TracingAction, Unit
from tracing.facts import youngest_age
from tracing.ports import NewId
from tracing.records import Records

STANDS_STILL: Final = (CaseState.SUSPENDED, CaseState.MATCHED)
"""While a case is in one of these, its clocks stand still; the state's word is the reason of the pause."""


@dataclass(slots=True)
class Wound:
    """What became of the clocks of a case, rule by rule, for the audit."""

    done: dict[str, list[str]] = field(default_factory=dict)

    def note(self, what: str, clock: CaseClock) -> None:
        self.done.setdefault(what, []).append(clock.rule.rule_id)


def concerns(rule: ClockRule, case: Case) -> bool:
    """Whether the rule is about this case as it is described now. An age that nobody knows is none of those named."""
    if case.kind not in rule.kinds or (rule.unidentified and case.description.names):
        return False
    if not rule.ages:
        return True
    said, youngest = case.description, youngest_age(case)
    if youngest is None:
        return False
    oldest = said.age_max if said.birth_date is None else case.opened_at.year - said.birth_date.year
    return any(youngest <= band.span[1] and (oldest is None or band.span[0] <= oldest) for band in rule.ages)


def names(listed: Iterable[str], action: TracingAction) -> bool:
    """Whether a list such as ``("police", "dna.asked")`` names the action."""
    return any(each in (action.kind, f"{action.kind}.{action.outcome}") for each in listed)


class Winding:
    """Rules only; its owner sees to transaction and audit. ``event`` is always the row of the audit that it follows from."""

    def __init__(self, jurisdiction: Jurisdiction, calendar: WorkCalendar, new_id: NewId) -> None:
        self._jurisdiction = jurisdiction
        self._calendar = calendar
        self._new_id = new_id

    def opened(self, records: Records, case: Case, event: Event, wound: Wound) -> None:
        for rule in self._jurisdiction.rules:
            if rule.start is Start.OPENED and concerns(rule, case):
                self._start(records, case, rule, event.seq, event.at, wound)

    def by_hand(self, records: Records, case: Case, rule_id: str, event: Event, wound: Wound) -> None:
        rule = self._jurisdiction.rule(rule_id)
        if rule is not None and rule.start is Start.BY_HAND:
            self._start(records, case, rule, event.seq, event.at, wound)

    def acted(self, records: Records, case: Case, action: TracingAction, event: Event, wound: Wound) -> None:
        """What the action meets ends at the time it was taken; what it starts, starts then."""
        for clock in _running(records, case):
            early = clock.rule.start is Start.ACTION and action.taken_at <= clock.started_at
            if names(clock.rule.done_by, action) and not early:
                at = max(action.taken_at, clock.started_at)
                _end(records, clock, ClockEnd.MET, at, event.at, action.action_id)
                wound.note("met", clock)
        if case.state is CaseState.CLOSED:
            return
        still = {clock.rule.rule_id for clock in _running(records, case)}
        for rule in self._jurisdiction.rules:
            begins = rule.start is Start.ACTION and names(rule.after_actions, action) and concerns(rule, case)
            if begins and rule.rule_id not in still:
                self._start(records, case, rule, event.seq, action.taken_at, wound)

    def amended(self, records: Records, case: Case, opening: Event | None, event: Event, wound: Wound) -> None:
        """Clocks of rules that do not concern the case any more end; those that do again go on as if they had never ended."""
        for clock in _running(records, case):
            if not concerns(clock.rule, case):
                _end(records, clock, ClockEnd.NOT_NEEDED, event.at, event.at)
                wound.note("not_needed", clock)
        if opening is None or case.state is CaseState.CLOSED:
            return
        known = {clock.rule.rule_id: clock for clock in records.clocks.of_case(case.case_id) if clock.cause == opening.seq}
        for rule in self._jurisdiction.rules:
            if rule.start is not Start.OPENED or not concerns(rule, case):
                continue
            before = known.get(rule.rule_id)
            if before is None:
                self._start(records, case, rule, opening.seq, event.at, wound)
            elif before.end is ClockEnd.NOT_NEEDED:
                records.clocks.save(self.reckoned(replace(before, ended_at=None, end=None), event.at))
                wound.note("taken_up", before)

    def stopped(self, records: Records, case: Case, state: CaseState, event: Event, wound: Wound) -> None:
        """Duties that are not overdue stand still until the case is open again."""
        for clock in _running(records, case):
            if not clock.paused and not clock.rule.threshold and event.at <= clock.due_at:
                self.pause(records, clock, event.at, SYSTEM.account_id, state)
                wound.note("paused", clock)

    def resumed(self, records: Records, case: Case, event: Event, wound: Wound) -> None:
        """Those that stood still because of the case's state; what a person has paused, a person resumes."""
        for clock in _running(records, case):
            if clock.paused and clock.pauses[-1].reason in STANDS_STILL:
                self.resume(records, clock, event.at, SYSTEM.account_id)
                wound.note("resumed", clock)

    def closed(self, records: Records, case: Case, event: Event, wound: Wound) -> None:
        for clock in _running(records, case):
            _end(records, clock, ClockEnd.NOT_NEEDED, event.at, event.at)
            wound.note("not_needed", clock)

    def reunited(self, records: Records, case: Case, event: Event, wound: Wound) -> None:
        agreed = _agreed_follow_up(records, case)
        for rule in self._jurisdiction.rules:
            if rule.start is Start.REUNITED and concerns(rule, case):
                days = (agreed - event.at.astimezone(self._jurisdiction.zone).date()).days if agreed is not None else 0
                on_the_day = replace(rule, amount=days, unit=Unit.DAYS) if days > 0 else rule
                self._start(records, case, on_the_day, event.seq, event.at, wound)

    def pause(self, records: Records, clock: CaseClock, at: datetime, by: str, reason: str) -> CaseClock:
        records.clocks.add_pause(Pause(self._new_id(), clock.clock_id, at, by, reason))
        return records.clocks.save(replace(clock, paused=True, next_step_at=None))

    def resume(self, records: Records, clock: CaseClock, at: datetime, by: str) -> CaseClock:
        records.clocks.end_pause(clock.pauses[-1].pause_id, at, by)
        pauses = (*clock.pauses[:-1], replace(clock.pauses[-1], resumed_at=at, resumed_by=by))
        return records.clocks.save(self.reckoned(replace(clock, paused=False, pauses=pauses), at))

    def reckoned(self, clock: CaseClock, now: datetime) -> CaseClock:
        """With the due time that follows from its start, its own rule and its pauses, by the calendar as it is now."""
        rule = clock.rule
        still = stretches(clock.pauses, now)
        found = due(clock.started_at, rule.amount, rule.unit, self._jurisdiction.zone, self._calendar, still)
        return with_next_step(replace(clock, due_at=found.at, provisional=found.provisional))

    def _start(self, records: Records, case: Case, rule: ClockRule, cause: int, at: datetime, wound: Wound) -> None:
        fresh = CaseClock(self._new_id(), case.case_id, case.station_id, rule, cause, at, at, provisional=False)
        clock = self.reckoned(fresh, at)
        if records.clocks.add(clock):
            wound.note("started", clock)
            if case.state in STANDS_STILL and not rule.threshold and rule.start is not Start.OPENED:
                self.pause(records, clock, at, SYSTEM.account_id, case.state)


def with_next_step(clock: CaseClock) -> CaseClock:
    """When its next escalation is to be noted: none for a threshold, and none while it stands still or has ended."""
    steps = clock.rule.escalations
    waits = clock.running and not clock.paused and not clock.rule.threshold and clock.steps_taken < len(steps)
    at = clock.due_at + timedelta(hours=steps[clock.steps_taken].hours) if waits else None
    return replace(clock, next_step_at=at)


def _agreed_follow_up(records: Records, case: Case) -> date | None:
    """The day that the record of the hand-over names."""
    for pair in records.pairs.of_case(case.case_id):
        if pair.state is PairState.REUNITED and (hand_over := records.reunions.hand_over(pair.pair_id)) is not None:
            return hand_over.follow_up_on.earliest
    return None


def _running(records: Records, case: Case) -> list[CaseClock]:
    return [clock for clock in records.clocks.of_case(case.case_id) if clock.running]


def _end(records: Records, clock: CaseClock, end: ClockEnd, at: datetime, now: datetime, by: str = "") -> None:
    """A pause ends with its clock; what was done while it stood still was done in time."""
    if clock.paused:
        records.clocks.end_pause(clock.pauses[-1].pause_id, now, SYSTEM.account_id)
        at = min(at, clock.due_at)
    records.clocks.save(replace(clock, end=end, ended_at=at, ended_by=by, paused=False, next_step_at=None))
