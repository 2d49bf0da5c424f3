"""Clocks and tracing actions in the record store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tracing.domain import Case, CaseClock, CaseKind, EscalatedClock, Pause, Role, TracingAction


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Of duties that run, not of thresholds. ``overdue_at``: only those that are overdue at this moment and not paused."""

    station_id: str = ""
    rule_id: str = ""
    kind: CaseKind | None = None
    overdue_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many duties of a station and a rule were met in time, met late, ended unmet after their time, or are overdue."""

    station_id: str
    rule_id: str
    met: int
    late: int
    missed: int
    overdue: int


class ClockRecords(Protocol):
    """A clock is given with its pauses, in order."""

    def seen(self) -> int:
        """The number of the last row of the audit that the clocks have followed."""
        ...

    def lock_seen(self) -> int:
        """As ``seen``; nobody else follows until this transaction ends."""
        ...

    def mark_seen(self, seq: int) -> None: ...

    def add(self, clock: CaseClock) -> bool:
        """False where its cause has started a clock of this rule already."""
        ...

    def get(self, clock_id: str) -> CaseClock: ...

    def of_case(self, case_id: str) -> list[CaseClock]:
        """All that ever ran, by due time."""
        ...

    def save(self, clock: CaseClock) -> CaseClock:
        """But for its pauses, which have methods of their own."""
        ...

    def add_pause(self, pause: Pause) -> None: ...

    def end_pause(self, pause_id: str, at: datetime, by: str) -> None: ...

    def find(self, wanted: TaskFilter, limit: int, offset: int = 0) -> list[CaseClock]:
        """By due time; those that stand still last."""
        ...

    def count(self, wanted: TaskFilter) -> int: ...

    def to_escalate(self, now: datetime, limit: int) -> list[str]:
        """Ids of clocks whose next step of escalation is there."""
        ...

    def provisional(self) -> list[str]:
        """Ids of running clocks that counted a year without an official calendar."""
        ...

    def open_without(self) -> list[Case]:
        """Open cases for which no clock was ever started, the longest open first."""
        ...

    def tallies(self, now: datetime) -> list[Tally]:
        """By station and rule."""
        ...


class EscalationRecords(Protocol):
    def add(self, escalated: EscalatedClock) -> None: ...

    def get(self, escalation_id: str) -> EscalatedClock: ...

    def waiting(self, role: Role, station_id: str, limit: int) -> list[EscalatedClock]:
        """Of clocks that still run and that nobody has taken note of, the oldest first; of all stations if none is named."""
        ...

    def count(self, role: Role, station_id: str) -> int:
        """How many of ``waiting`` there are."""
        ...

    def see(self, seen: EscalatedClock) -> None:
        """Keep who took note and when; ``WrongState`` where somebody has already."""
        ...


class ActionRecords(Protocol):
    def add(self, action: TracingAction) -> None: ...

    def of_case(self, case_id: str) -> list[TracingAction]:
        """The latest first, by when they happened."""
        ...

    def get(self, action_id: str) -> TracingAction: ...


@dataclass(frozen=True, slots=True)
class FeedOwner:
    account_id: str
    station_id: str
    made_at: datetime


class FeedRecords(Protocol):
    """Secret addresses of calendars; only digests are kept."""

    def replace(self, token_hash: str, owner: FeedOwner) -> None:
        """An account has one at most."""
        ...

    def owner(self, token_hash: str) -> FeedOwner | None: ...

    def of_account(self, account_id: str) -> FeedOwner | None: ...

    def drop(self, account_id: str) -> bool: ...
