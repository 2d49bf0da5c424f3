"""Lists that wait at the page, in the record store."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from tracing.domain import HandedList, ListStage


class ListRecords(Protocol):
    def add(self, handed: HandedList) -> None: ...

    def get(self, list_id: str) -> HandedList: ...

    def of_run(self, run_id: str) -> HandedList | None:
        """The one that this run is brought from; None where it is over, or came by another way."""
        ...

    def waiting(self, station_id: str | None = None) -> list[HandedList]:
        """The latest first; of one station or of all."""
        ...

    def save(self, handed: HandedList) -> HandedList:
        """Needs the version that was read (``Stale``)."""
        ...

    def to_do(self, limit: int) -> list[HandedList]:
        """Those that a worker has to take on, the longest waiting first."""
        ...

    def take_on(self, list_id: str) -> HandedList | None:
        """With one attempt more; None where there is nothing to be done any more."""
        ...

    def get_on(self, list_id: str, stage: ListStage, rows_read: int, rows_there: int, now: datetime) -> bool:
        """It has come so far, and attempts are counted anew; False where it is not wanted any more."""
        ...

    def drop(self, list_id: str) -> bool:
        """Whether it was there."""
        ...

    def untouched(self, before: datetime) -> list[str]:
        """Ids of those that nobody has touched since; whatever runs is not among them."""
        ...
