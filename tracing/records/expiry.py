"""What is over and what is kept, by kind, in the record store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Collection as Some
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tracing.domain import CaseKind, CaseState, Outcome

Standing = tuple[CaseKind, CaseState, Outcome | None]
"""What decides how long a case is kept."""
Ends = Callable[[Standing, datetime], datetime | None]
"""When a case is over that has been of this standing since this moment; None where it never is."""


@dataclass(frozen=True, slots=True)
class Going:
    """Cases that would be erased ``now``: those that came into their standing at its moment or before, whatever was set
    otherwise when they did, and partners' records that have expired."""

    now: datetime
    since: Mapping[Standing, datetime]


class ExpiryRecords(Protocol):
    """Whatever counts ``going`` cases counts what goes with them as over, and what rested on them alone."""

    def cases_over(self, now: datetime, limit: int) -> list[tuple[str, Standing]]:
        """Cases whose time is over, the longest over first."""
        ...

    def count_cases(self, going: Going) -> dict[Standing, tuple[int, int]]:
        """How many cases there are of each standing, and how many of them go."""
        ...

    def unlock(self, case_id: str, now: datetime) -> bool:
        """Let a case that is over be read again until the end of the transaction that erases it; whether it is over."""
        ...

    def misdated(self, until: Ends) -> list[str]:
        """The cases that end at another time than ``until`` says."""
        ...

    def redate(self, case_ids: Some[str], until: Ends) -> int:
        """Let these cases end when ``until`` says; how many of them ended at another time before."""
        ...

    def runs(self, before: datetime | None, drop: bool = False, going: Going | None = None) -> tuple[int, int]:
        """How many lists of searches there are, and how many of these are older and nothing rests on; ``drop``: let them go."""
        ...

    def rejections(self, before: datetime | None, drop: bool = False, going: Going | None = None) -> tuple[int, int]:
        """How many judgements of rejected pairs hold words, and how many of them are older; ``drop``: let the words go."""
        ...

    def drafts(self, before: datetime | None, going: Going | None = None) -> tuple[int, int]:
        """How many hand-overs were begun, and how many of them nobody has written on since."""
        ...

    def accounts(self, before: datetime | None, drop: bool = False) -> tuple[int, int]:
        """How many accounts are disabled and still named, and how many since before; ``drop``: let name and key go."""
        ...
