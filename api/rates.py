"""How many requests a key may send: a program that runs wild takes no place from the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from math import ceil

from tracing.errors import TooMany

MINUTE = 60.0


class Rates:
    """So many a minute, as they come or all at once, counted by this process; zero switches it off.

    A key has a bucket that fills evenly. What is asked beyond it is refused, and does not empty it further.
    """

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._turn = threading.Lock()
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, account_id: str) -> None:
        """One request of this account's key; ``TooMany`` where its bucket is empty."""
        if not self._most:
            return
        now = self._now()
        with self._turn:
            left, at = self._left.get(account_id, (float(self._most), now))
            left = min(float(self._most), left + (now - at) * self._most / MINUTE)
            self._left[account_id] = (left - 1 if left >= 1 else left, now)
        if left < 1:
            wait = ceil((1 - left) * MINUTE / self._most)
            raise TooMany("This key sends more requests in a minute than it may. Wait, then go on more slowly.", wait)
