"""Messages in the record store: what was told when, whose turn it is to tell it, and what they count."""

from __future__ import annotations

from collections.abc import Collection as Some
from datetime import datetime
from typing import Protocol

from tracing.domain import PairState
from tracing.records.pairs import QueueFilter


class MessageRecords(Protocol):
    """``key`` is a happening and the channel that is told of it."""

    def told(self, key: str) -> datetime | None:
        """Until when the channel knows; None where it was never told."""
        ...

    def tell(self, key: str, until: datetime) -> None:
        """The channel knows until then; whatever failed before is forgotten, and the claim ends."""
        ...

    def claim(self, key: str, now: datetime, until: datetime, latest: datetime) -> bool:
        """Be the only one who sends it until then, of all processes; whether nobody else is, and no pause holds.

        One that holds beyond ``latest`` was written by a clock that was ahead, and holds nobody.
        """
        ...

    def fail(self, key: str, until: datetime) -> None:
        """It was not delivered once more; nobody tries again before then."""
        ...

    def failures(self, key: str) -> int:
        """How often in a row it was not delivered."""
        ...

    def cases_paired(
        self, states: Some[PairState], since: datetime, until: datetime, station_id: str, wanted: QueueFilter
    ) -> set[str]:
        """Ids of open cases, of the station if named, of which a wanted pair was suggested after ``since`` and by ``until``."""
        ...

    def unseen_emergencies(self, station_id: str) -> set[str]:
        """Ids of those that nobody has looked at, of the cases or the people of the station if named."""
        ...
