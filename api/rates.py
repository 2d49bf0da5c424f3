"""How many requests a key or an address may send: who runs wild takes no place from the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from math import ceil

from tracing.errors import TooMany

MINUTE = 60.0
MOST_HELD = 20_000
OF_A_KEY = "This key sends more requests in a minute than it may. Wait, then go on more slowly."


class Rates:
    """So many a minute, as they come or all at once, counted by this process; zero switches it off.

    Each has a bucket that fills evenly. What is asked beyond it is refused with ``sentence``, and does not empty it further.
    Of more than ``MOST_HELD`` the full ones are forgotten, and then those that were asked for longest ago.
    """

    def __init__(
        self, most: int, now: Callable[[], float] = time.monotonic, sentence: str = OF_A_KEY, seconds: float = MINUTE
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._now = now
        self._sentence = sentence
        self._turn = threading.Lock()
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, who: str) -> None:
        """One request of this account's key, or of this address; ``TooMany`` where its bucket is empty."""
        if not self._most:
            return
        now = self._now()
        with self._turn:
            left, at = self._left.pop(who, (float(self._most), now))
            left = min(float(self._most), left + (now - at) * self._most / self._seconds)
            self._left[who] = (left - 1 if left >= 1 else left, now)
            if len(self._left) > MOST_HELD:
                self._forget(now)
        if left < 1:
            wait = ceil((1 - left) * self._seconds / self._most)
            raise TooMany(self._sentence, wait)

    def _forget(self, now: float) -> None:
        """Those that asked for nothing in the last minute are full; the others stand in the order in which they asked."""
        kept = [(who, held) for who, held in self._left.items() if now - held[1] < self._seconds]
        self._left = dict(kept[-MOST_HELD // 2 :])
