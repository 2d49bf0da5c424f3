"""A clock that was set forward: somebody may have mistyped it, and what is let go of by its time never comes back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

log = logging.getLogger(__name__)

LEAP: Final = timedelta(days=1)
WAITS: Final = timedelta(days=1)
"""So long somebody has to notice."""


def since_start() -> float:
    """Seconds since the machine was started, sleep included: nobody sets them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Leaps:
    """``steady`` are seconds that nobody sets. What a process has not seen itself it does not know: it begins with trust."""

    def __init__(self, steady: Callable[[], float]) -> None:
        self._steady = steady
        self._last: tuple[datetime, float] | None = None
        self._waits_until = float("-inf")

    def trusts(self, now: datetime) -> bool:
        """Whether the clock went on as time does, was set right again, or was set forward a day ago."""
        steady = self._steady()
        if self._last is not None:
            leap = now - self._last[0] - timedelta(seconds=steady - self._last[1])
            if leap > LEAP:
                self._waits_until = steady + WAITS.total_seconds()
                log.error("the clock was set forward by %d days: nothing is let go of by its time for a day", leap.days)
            elif leap < -LEAP:
                self._waits_until = steady
        self._last = now, steady
        return steady >= self._waits_until
