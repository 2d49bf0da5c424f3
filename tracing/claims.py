"""Claims that a clock made which was wrong: they end when it has been set right, and hold nobody up for a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from tracing.ports import CLOCKS_APART, Clock, RecordStore
from tracing.seldom import Seldom

EVERY: Final = timedelta(minutes=1)


class Claims:
    """``longest``: for how long a claim is made at most, of a photo by a process or of a pair by a reviewer."""

    def __init__(self, store: RecordStore, clock: Clock, longest: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._longest = longest
        self._tended = Seldom(EVERY)

    def tend(self) -> None:
        """Once a minute: end the claims that last longer from now on than any claim does."""
        now = self._clock()
        if not self._tended.due(now):
            return
        beyond = now + self._longest + CLOCKS_APART
        with self._store.reading() as records:
            wrong = records.photos.claimed_beyond(beyond) or records.pairs.claimed_beyond(beyond)
        if wrong:
            with self._store.transaction() as records:
                records.photos.end_claims_beyond(beyond, now)
                records.pairs.end_claims_beyond(beyond, now)
        self._tended.done(now)
