"""Lists that were imported, and what became of their records."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from tracing.domain import ImportedRecord, ImportRun, RefusedRow


class ImportRecords(Protocol):
    def begin(self, run: ImportRun) -> None: ...

    def get(self, run_id: str) -> ImportRun:
        """Raises ``NotFound``."""
        ...

    def lock(self, run_id: str) -> ImportRun:
        """As ``get``; nobody else counts until the end of this transaction."""
        ...

    def runs(self, limit: int, offset: int = 0, station_id: str | None = None) -> list[ImportRun]:
        """The latest first; of all stations where none is named."""
        ...

    def count_runs(self, station_id: str | None = None) -> int: ...

    def last_runs(self, since: datetime, station_id: str | None = None) -> dict[str, datetime]:
        """Source -> when the last of its lists was through, of those that were since then."""
        ...

    def cut_off(self, source: str, digest: str, station_id: str) -> ImportRun | None:
        """The run of this very list that has not come to its end."""
        ...

    def last_said(self, source: str, station_id: str) -> Mapping[str, str]:
        """What was said of the columns of that sender's lists, as the latest run keeps it; empty where nothing was said."""
        ...

    def save(self, run: ImportRun) -> None:
        """Its counts, its place and its end."""
        ...

    def known(self, source: str, source_ids: Some[str]) -> dict[str, ImportedRecord]:
        """The sender's number -> the case that it is here. Cases that were opened with that source otherwise have no digest."""
        ...

    def put(self, records: Sequence[ImportedRecord]) -> None:
        """As they came now; what is there of the same cases is replaced."""
        ...

    def refuse(self, rows: Sequence[RefusedRow]) -> None:
        """Keep why rows were refused; one that stands there is left as it is."""
        ...

    def refused(self, run_id: str, limit: int, offset: int = 0) -> list[RefusedRow]:
        """In the order of the rows."""
        ...

    def count_refused(self, run_id: str) -> int:
        """How many of these there are: a row may stand there several times, and one whose photo was left out as well."""
        ...

    def over(self, before: datetime | None, drop: bool = False) -> tuple[int, int]:
        """How many runs there are, and how many of them began at this moment or before, but for the last one of each sender
        and station, and those of lists that wait; ``drop``: let them go with the rows that they refused."""
        ...

    def hits(self, run_id: str) -> int:
        """Pairs with a case that this run brought or changed, which were suggested since it began."""
        ...

    def pairs(self, run_id: str, limit: int, offset: int = 0) -> list[str]:
        """Ids of those pairs, in an order that tells nothing of them."""
        ...
