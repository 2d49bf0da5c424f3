"""What stands between a stranger and the records: wrong sign-ins in a row, and how much an account has searched today."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from tracing.domain import Failures


class DoorRecords(Protocol):
    def attempt(self, who: str, now: datetime, fresh_since: datetime) -> Failures:
        """Count one more, however many come at once; the first where the last one was before ``fresh_since``, and
        ``shut_until`` that moment: others, which count at the same time, may have read the clock a little earlier.

        Nothing is counted while ``who`` is shut out: ``shut_until`` is after ``now`` then.
        """
        ...

    def shut(self, who: str, until: datetime) -> None: ...

    def forgive(self, who: str, open_since: datetime) -> None:
        """Take the last one back, and let in again whoever it shut out: as if the door had been open from that moment on."""
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
