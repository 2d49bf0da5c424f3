"""Chores that are done now and then, however often a worker comes by."""

from __future__ import annotations

from datetime import datetime, timedelta


class Seldom:
    """Due the first time, and again ``every`` so long after it was done; also where the clock was set back meanwhile."""

    def __init__(self, every: timedelta) -> None:
        self._every = every
        self._done: datetime | None = None

    def due(self, now: datetime) -> bool:
        return self._done is None or abs(now - self._done) >= self._every

    def done(self, now: datetime) -> None:
        self._done = now
