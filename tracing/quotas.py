"""How many searches an account may make in a day, by words or by a list, and who is told where somebody reaches that number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Final

from tracing.access import SYSTEM, Permission, require
from tracing.domain import Actor
from tracing.errors import TooMany
from tracing.ports import Clock, RecordStore
from tracing.stations.scope import reach_of

KEPT_DAYS: Final = 31


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody who has searched as often today as they may."""

    name: str
    searches: int


class Quotas:
    """Nobody looks people up one after the other, at a caller's wish: beyond ``searches`` in a day an account waits for the
    next. Zero switches it off. What a case brings up by itself, its faces and clues, is no search of anybody's.
    """

    def __init__(self, store: RecordStore, clock: Clock, zone: tzinfo | None, searches: int) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone
        self._searches = searches

    def search(self, actor: Actor) -> None:
        """Count a search; ``TooMany`` beyond the quota. That an account has reached it stays in the audit."""
        if not self._searches or actor.account_id == SYSTEM.account_id:  # at whatever station it works
            return
        now = self._now()
        with self._store.transaction() as records:
            number = records.doors.count_search(actor.account_id, now.date())
            if number == 1:
                records.doors.forget_searches_before(now.date() - timedelta(days=KEPT_DAYS))
            if number == self._searches:
                records.audit.append(actor, "reach_quota", actor.account_id, {"searches": number})
        if number > self._searches:
            midnight = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
            said = f"That were {self._searches} searches today, as many as one account may make. Go on tomorrow."
            raise TooMany(said, int((midnight - now).total_seconds()))

    def reached(self, actor: Actor) -> list[Reached]:
        """Who of the manager's station has searched so often today, to be asked why."""
        require(actor, Permission.SEE_EMERGENCIES)
        with self._store.reading() as records:
            everybody = reach_of(records, actor).everything
            found = records.doors.searches(self._now().date(), self._searches) if self._searches else {}
            accounts = {account_id: records.accounts.get(account_id) for account_id in found}
        return [
            Reached(account.name, found[account_id])
            for account_id, account in accounts.items()
            if everybody or account.station_id == actor.station_id
        ]

    def count_reached(self) -> int:
        """How many accounts of the house, today."""
        with self._store.reading() as records:
            return len(records.doors.searches(self._now().date(), self._searches)) if self._searches else 0

    def _now(self) -> datetime:
        return self._clock().astimezone(self._zone)
