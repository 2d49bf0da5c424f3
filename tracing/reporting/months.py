"""A month of the calendar in the service's time zone: what a report is of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final, Self

from tracing.errors import Invalid

WRITTEN: Final = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
FIRST: Final = 2000
"""No report is of a year before."""


@dataclass(frozen=True, slots=True, order=True)
class Month:
    year: int
    month: int

    @classmethod
    def parse(cls, written: str) -> Self:
        """``2026-10``; ``Invalid`` for anything else."""
        found = WRITTEN.fullmatch(written.strip())
        if found is None or not 1 <= int(found[2]) <= 12 or int(found[1]) < FIRST:
            raise Invalid("Write the month as year and month, such as 2026-10.", "month")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    def later(self, months: int) -> Month:
        """So many months later, or earlier where they are negative."""
        year, month = divmod(12 * self.year + self.month - 1 + months, 12)
        return Month(year, month + 1)

    def between(self, zone: tzinfo | None) -> tuple[datetime, datetime]:
        """From its first moment, included, to the first of the next month, excluded; of the server's own zone where none is
        given."""
        return _midnight(self.first, zone), _midnight(self.later(1).first, zone)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


def last_whole(now: datetime, zone: tzinfo | None) -> Month:
    """The last month that is over."""
    return Month.of(now.astimezone(zone).date()).later(-1)


def newest(now: datetime, zone: tzinfo | None, count: int) -> list[Month]:
    """The last months that are over, the latest first."""
    last = last_whole(now, zone)
    return [last.later(-back) for back in range(count)]


def _midnight(day: date, zone: tzinfo | None) -> datetime:
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    return start if zone is not None else (start + timedelta()).astimezone()
