"""Stations, their requests and emergencies in the record store."""

from __future__ import annotations

from collections.abc import Collection as Some
from typing import Protocol

from tracing.domain import Actor, Emergency, Station, StationRequest
from tracing.stations.reach import Reach


class StationRecords(Protocol):
    def add(self, station: Station) -> None:
        """A station that is there already is a ``Conflict``."""
        ...

    def get(self, station_id: str) -> Station: ...

    def all(self) -> list[Station]:
        """Closed ones too, by id."""
        ...

    def save(self, station: Station) -> None: ...

    def reach(self, actor: Actor) -> Reach:
        """What the person may see now, by the store's clock: a grant or an emergency ends without anybody's doing."""
        ...

    def compared(self, case_ids: Some[str], reach: Reach) -> set[str]:
        """Which of these cases stand in a pair, not superseded, with a case that is near."""
        ...

    def add_request(self, request: StationRequest) -> None: ...

    def request(self, request_id: str) -> StationRequest: ...

    def requests(self, station_id: str, limit: int) -> list[StationRequest]:
        """What the station asks and is asked, the newest first; of all stations where none is named."""
        ...

    def requests_of(self, case_id: str) -> list[StationRequest]:
        """The newest first."""
        ...

    def save_request(self, request: StationRequest) -> StationRequest: ...

    def add_emergency(self, emergency: Emergency) -> None: ...

    def emergency(self, emergency_id: str) -> Emergency: ...

    def emergencies(self, limit: int, station_id: str = "") -> list[Emergency]:
        """Those that nobody has looked at yet come first, then the newest; of the cases or the people of a station if named."""
        ...

    def emergencies_of(self, case_id: str) -> list[Emergency]:
        """The newest first."""
        ...

    def see_emergency(self, emergency: Emergency) -> None:
        """Keep who looked at it and what they found; ``WrongState`` where somebody has already."""
        ...

    def count_emergencies(self) -> tuple[int, int]:
        """How many have been looked at, and how many have not."""
        ...
