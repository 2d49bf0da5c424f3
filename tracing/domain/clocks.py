"""Clocks: the limits that rules set for a case, as they run, stand still, and end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tracing.domain.cases import AgeBand, CaseKind
from tracing.domain.people import Role


class Unit(StrEnum):
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"


class Start(StrEnum):
    """What sets a clock going."""

    OPENED = "opened"
    """The case was opened, or reopened after it had been closed."""
    ACTION = "action"
    """A tracing action that the rule names in ``after_actions``."""
    REUNITED = "reunited"
    """The person was handed over. The day that was agreed then goes before the rule's own limit."""
    BY_HAND = "by_hand"
    """A person, with a reason."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """From ``hours`` after the due time on (before it, where negative) the clock is a matter of this role too."""

    hours: int
    to: Role


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One limit of a jurisdiction. A clock keeps the rule it was started by: changed rules change no clock that runs.

    ``threshold``: nothing has to be done; something else holds from the due time on. ``done_by`` and ``after_actions`` name
    tracing actions, ``kind`` or ``kind.outcome``. ``unidentified``: only while nobody knows the person's name.
    """

    rule_id: str
    start: Start
    amount: int
    unit: Unit
    titles: Mapping[str, str]
    """Locale -> the sentence that a person reads."""
    done_by: tuple[str, ...] = ()
    after_actions: tuple[str, ...] = ()
    kinds: tuple[CaseKind, ...] = tuple(CaseKind)
    ages: tuple[AgeBand, ...] = ()
    """Only where the person may be of one of these ages; empty: of any age."""
    unidentified: bool = False
    threshold: bool = False
    remind_hours: int = 0
    """So long before it is due the clock is shown as urgent."""
    escalations: tuple[Escalation, ...] = ()
    source: str = ""
    """Where the rule is written."""

    def title(self, locale: str) -> str:
        """In this language, else in whichever there is."""
        return self.titles.get(locale) or next(iter(self.titles.values()))


class ClockEnd(StrEnum):
    MET = "met"
    """What the rule asks for was done, in time or not."""
    NOT_NEEDED = "not_needed"
    """The case was closed, or the rule does not concern it any more."""


class Standing(StrEnum):
    """How a clock stands at a moment."""

    RUNNING = "running"
    URGENT = "urgent"
    PAUSED = "paused"
    OVERDUE = "overdue"
    REACHED = "reached"
    """A threshold that lies behind."""
    MET = "met"
    MET_LATE = "met_late"
    NOT_NEEDED = "not_needed"
    MISSED = "missed"
    """Ended after its due time without what the rule asks for."""


@dataclass(frozen=True, slots=True)
class Pause:
    pause_id: str
    clock_id: str
    paused_at: datetime
    paused_by: str
    reason: str
    resumed_at: datetime | None = None
    resumed_by: str = ""


@dataclass(frozen=True, slots=True)
class EscalatedClock:
    """A clock that became the matter of a role, and who of it has taken note; ``seen_at`` is None while nobody has."""

    escalation_id: str
    clock_id: str
    case_id: str
    role: Role
    escalated_at: datetime
    seen_by: str = ""
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseClock:
    """A rule at work on a case. ``due_at`` follows from start, rule and pauses, and is kept so that lists can be sorted.

    ``cause`` is the number of the audit's row that started it, so that no event starts a clock twice. ``provisional``: a year
    in it has no official calendar yet. ``ended_by`` is the action that met it, empty where it was not one.
    """

    clock_id: str
    case_id: str
    station_id: str
    rule: ClockRule
    cause: int
    started_at: datetime
    due_at: datetime
    provisional: bool
    paused: bool = False
    ended_at: datetime | None = None
    end: ClockEnd | None = None
    ended_by: str = ""
    steps_taken: int = 0
    """How many escalations have been noted."""
    next_step_at: datetime | None = None
    version: int = 1
    pauses: tuple[Pause, ...] = field(default=(), compare=False)

    @property
    def running(self) -> bool:
        return self.ended_at is None

    def standing(self, now: datetime) -> Standing:
        if self.end is not None and self.ended_at is not None:
            late = self.ended_at > self.due_at
            if self.end is ClockEnd.MET:
                return Standing.MET_LATE if late else Standing.MET
            return Standing.MISSED if late and not self.rule.threshold else Standing.NOT_NEEDED
        if self.paused:
            return Standing.PAUSED
        if now > self.due_at:
            return Standing.REACHED if self.rule.threshold else Standing.OVERDUE
        left = (self.due_at - now).total_seconds()
        return Standing.URGENT if not self.rule.threshold and left <= self.rule.remind_hours * 3600 else Standing.RUNNING

    def escalated_to(self, now: datetime) -> tuple[Role, ...]:
        """Whose matter it is by now beyond those who work on the case."""
        if not self.running or self.paused or self.rule.threshold:
            return ()
        gone = (now - self.due_at).total_seconds() / 3600
        return tuple(dict.fromkeys(step.to for step in self.rule.escalations if gone >= step.hours))
