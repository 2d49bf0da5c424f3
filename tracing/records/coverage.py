"""Who was searched, as the record store counts it."""

from __future__ import annotations

from collections.abc import Collection as Some
from dataclasses import dataclass
from typing import Protocol

from tracing.domain import Case


@dataclass(frozen=True, slots=True)
class StationCoverage:
    """``searched``: open cases with a completed search, and none that is due again; by faces in a generation, or by clues."""

    station_id: str
    open: int
    searched: int


class CoverageRecords(Protocol):
    def by_station(self, generation_id: str) -> list[StationCoverage]: ...

    def by_clues(self) -> list[StationCoverage]:
        """A case that nothing is known of to be found by was searched by nothing: it does not count as searched."""
        ...

    def unsearched_by_clues(self, station_id: str, limit: int, offset: int = 0) -> list[Case]:
        """As ``unsearched``."""
        ...

    def clue_searches_due(self, case_ids: Some[str]) -> dict[str, int]:
        """How often each was marked for a search by clues since the last one, whether or not it is searchable now."""
        ...

    def unsearched(self, generation_id: str, station_id: str, limit: int, offset: int = 0) -> list[Case]:
        """Open cases without such a search, the longest open first; of every station where none is named."""
        ...
