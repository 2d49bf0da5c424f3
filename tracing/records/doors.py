"""What stands between a stranger and the records: wrong sign-ins in a row, and how much an account has searched today."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Protocol

from tracing.domain import Failures


class DoorRecords(Protocol):
    def attempt(self, who: str, now: datetime, lasts: timedelta) -> Failures:
        """Count one more, however many come at once; the first where the last one was longer ago than ``lasts``. As long as
        nobody shuts ``who`` out ``shut_until`` is long ago: others may have read the clock a little earlier.

        Nothing is counted while ``who`` is shut out: ``shut_until`` is after ``now`` then. Nobody is for longer than ``lasts``:
        who is for more than twice as long was so by a clock that has been set back since, and begins anew.
        """
        ...

    def shut(self, who: str, until: datetime) -> None: ...

    def forgive(self, who: str) -> None:
        """Take the last one back, and let in again whoever it shut out."""
        ...

    def forget(self, who: str) -> None: ...

    def forget_before(self, moment: datetime) -> int:
        """Those whose last failure was before, and who are not shut out after it; how many."""
        ...

    def count_shut(self, now: datetime) -> int: ...

    def count_search(self, account_id: str, day: date) -> int:
        """One more of this day; how many it is with this one."""
        ...

    def searches(self, day: date, at_least: int) -> dict[str, int]:
        """account_id -> how many, of those who searched so often on this day."""
        ...

    def forget_searches_before(self, day: date) -> int: ...
