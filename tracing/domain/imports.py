"""Lists of other departments that were imported: runs, what became of each record, and which rows were refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Change(StrEnum):
    """What a run made of a record."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One list, brought in once. ``rows_done`` is the number of the last row that is through: a run that was cut off goes on.

    ``digest`` is that of the list and of what was said about its columns. ``photos`` counts those that are new here.
    """

    run_id: str
    source: str
    file_name: str
    digest: str
    station_id: str
    started_by: str
    started_at: datetime
    finished_at: datetime | None = None
    rows_done: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    photos: int = 0

    @property
    def rows(self) -> int:
        """Records that came in."""
        return self.new + self.changed + self.unchanged + self.refused


@dataclass(frozen=True, slots=True)
class ImportedRecord:
    """A case that came from another system, as it came the last time.

    ``digest`` is that of the whole record; ``told`` holds one of each field of the description, so that a later import changes
    what the sender changed and leaves what people here have. ``run_id`` and ``change``: what the last run made of it.
    """

    case_id: str
    digest: str
    run_id: str
    change: Change
    told: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that became no case: its number, and what is wrong with which column; no word of the row itself."""

    run_id: str
    row: int
    column: str
    mistake: str
