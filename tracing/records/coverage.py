"""Who was searched, as the record store counts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tracing.domain import Case


@dataclass(frozen=True, slots=True)
class StationCoverage:
    """``searched``: open cases with a completed search in the generation and none that is due again."""

    station_id: str
    open: int
    searched: int


class CoverageRecords(Protocol):
    def by_station(self, generation_id: str) -> list[StationCoverage]: ...

    def unsearched(self, generation_id: str, station_id: str, limit: int, offset: int = 0) -> list[Case]:
        """Open cases without such a search, the longest open first; of every station where none is named."""
        ...
