"""Tracing notices in the record store; what they say is sealed."""

from __future__ import annotations

from collections.abc import Collection as Some
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tracing.domain import CaseKind, Notice, NoticeState


@dataclass(frozen=True, slots=True)
class NoticeFilter:
    """``station_id``: of the cases of this station; of all where it is None."""

    state: NoticeState | None = None
    station_id: str | None = None


class NoticeRecords(Protocol):
    def add(self, notice: Notice) -> None: ...

    def get(self, notice_id: str) -> Notice: ...

    def by_token(self, token: str) -> Notice | None:
        """In whatever state."""
        ...

    def save(self, notice: Notice) -> Notice:
        """With the next version; ``Stale`` where the kept one is not of the version given."""
        ...

    def of_case(self, case_id: str) -> list[Notice]:
        """The newest first."""
        ...

    def find(self, wanted: NoticeFilter, limit: int, offset: int = 0) -> list[Notice]:
        """The newest first."""
        ...

    def counts(self, station_id: str | None) -> dict[NoticeState, int]:
        """How many there are in each state, of the cases of a station or of all."""
        ...

    def published(self, now: datetime, limit: int, offset: int = 0, kind: CaseKind | None = None) -> list[Notice]:
        """Those that are not over, the last published first; whether their case may be shown is another matter."""
        ...

    def published_of(self, case_ids: Some[str], now: datetime) -> dict[str, Notice]:
        """case_id -> the one that was published of it last and is not over."""
        ...

    def count_published(self, now: datetime, kind: CaseKind | None = None) -> int:
        """How many ``published`` would list."""
        ...

    def living(self, after: str, limit: int) -> list[Notice]:
        """All that have not ended, in the order of their ids, from the one behind ``after`` on."""
        ...

    def last_signature(self, station_id: str) -> tuple[str, str] | None:
        """Station and contact as the latest notice that was approved for a case of this station says them."""
        ...
