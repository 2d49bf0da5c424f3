"""When a clock is due: from its start, its limit, the working days of a country, and the times it stood still.

Hours run on, day and night. Of days, working days and months the day of the start does not count, and the last day counts
to its end, 23:59:59 where the case is. A month ends on the day of the same number, or on the last day of a shorter month.
A last day that is a holiday is not moved, unless the limit is in working days.

A pause moves the due time: by as much, where the limit is in hours; otherwise by every day at whose end the clock stood still.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from tracing.domain import Pause, Unit

DAY: Final = timedelta(days=1)
DAY_ENDS: Final = time(23, 59, 59)
LONGEST: Final = 5000
"""Hours, days or months of the longest limit; a mistake in the rules must not count for ever."""


class WorkCalendar(Protocol):
    """Which days are worked in a country."""

    def is_working(self, day: date) -> bool:
        """By the official calendar of the year; where there is none yet, by the holidays of the law and the weekends."""
        ...

    def is_official(self, year: int) -> bool:
        """Whether the calendar of the year is published, with the days that are worked to make up for others."""
        ...


@dataclass(frozen=True, slots=True)
class Still:
    """From when to when a clock stood still."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """``provisional``: working days of a year were counted whose official calendar is not published yet; it may still move."""

    at: datetime
    provisional: bool = False


def due(start: datetime, amount: int, unit: Unit, zone: ZoneInfo, calendar: WorkCalendar, pauses: Sequence[Still] = ()) -> Due:
    """When ``amount`` of ``unit`` after ``start`` are over. In UTC; ``start`` is aware."""
    if unit is Unit.HOURS:
        return Due(_after_hours(start.astimezone(UTC), timedelta(hours=amount), pauses))
    first = start.astimezone(zone).date()
    still = _days_of(pauses, zone)
    if unit is Unit.WORKING_DAYS:
        last = _counted(first, amount, lambda day: day not in still and calendar.is_working(day))
        provisional = any(not calendar.is_official(year) for year in range(first.year, last.year + 1))
        return Due(_end_of(last, zone), provisional)
    days = amount if unit is Unit.DAYS else (months_later(first, amount) - first).days
    return Due(_end_of(_counted(first, days, lambda day: day not in still), zone))


def months_later(day: date, months: int) -> date:
    """The day of the same number, or the last one of a shorter month."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def stretches(pauses: Sequence[Pause], now: datetime) -> list[Still]:
    """What the pauses cover; one that has not ended goes on until ``now``."""
    found = [Still(pause.paused_at, pause.resumed_at or max(now, pause.paused_at)) for pause in pauses]
    return sorted(found, key=lambda still: still.since)


def _after_hours(start: datetime, left: timedelta, pauses: Sequence[Still]) -> datetime:
    """Walk from pause to pause. What overlaps is gone through once."""
    at = start
    for still in sorted(pauses, key=lambda each: each.since):
        if still.since > at + left:
            break
        if still.until <= at:
            continue
        left -= max(still.since - at, timedelta())
        at = still.until.astimezone(UTC)
    return at + left


def _days_of(pauses: Sequence[Still], zone: ZoneInfo) -> frozenset[date]:
    """The days at whose end a clock stood still."""
    found: set[date] = set()
    for still in pauses:
        day = still.since.astimezone(zone).date()
        while _end_of(day, zone) < still.until:
            if _end_of(day, zone) >= still.since:
                found.add(day)
            day += DAY
    return frozenset(found)


def _counted(day: date, wanted: int, counts: Callable[[date], bool]) -> date:
    """The day on which so many days after this one are over that count."""
    while wanted > 0:
        day += DAY
        wanted -= counts(day)
    return day


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, DAY_ENDS, zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A due time as somebody's own calendar shows it; ``told_before`` is how long before it reminds of it."""

    uid: str
    at: datetime
    summary: str
    changes: int
    told_before: timedelta | None = None
