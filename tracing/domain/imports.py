"""Lists of other departments, brought in or compared: runs, what became of each record, and which rows were refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ListPurpose(StrEnum):
    """What a list was handed in for."""

    IMPORT = "import"
    """Each record becomes a case."""
    COMPARE = "compare"
    """Each record is searched for among our cases, and nothing is kept of it but whom it may be."""


class Change(StrEnum):
    """What a run made of a record."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One list, brought in or compared once. ``rows_done`` is the number of the last row that is through: a run that was cut
    off goes on.

    ``digest`` is that of the list and of what was said about its columns. ``photos`` counts those that are new here, or that
    were looked at for a comparison. ``rows_there`` is how many records the list has, 0 as long as nobody has counted them.
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
    purpose: ListPurpose = ListPurpose.IMPORT
    rows_there: int = 0
    compared: int = 0
    """By a face, and by what is written."""
    without_face: int = 0
    """By what is written alone: no photo came, or no face could be made out in it."""
    here: int = 0
    """Records that are cases here already, and are searched as such."""
    found: int = 0
    """Hits that nobody had been told of before."""
    again: int = 0
    """Hits that an earlier run had brought."""
    resumed_at: datetime | None = None
    """When the process that is at it began, at ``resumed_rows`` records; None as long as none has."""
    resumed_rows: int = 0
    touched_at: datetime | None = None
    """When the last portion was through."""
    said: Mapping[str, str] = field(default_factory=dict)
    """Heading -> what somebody has said that its column is; empty: left out. The sender's next list is read alike."""

    @property
    def rows(self) -> int:
        """Records that are through."""
        brought = self.new + self.changed + self.unchanged + self.refused
        return brought + self.compared + self.without_face + self.here

    @property
    def per_second(self) -> float:
        """Records a second since the process that is at it began; 0 where that is not known yet."""
        if self.resumed_at is None or self.touched_at is None:
            return 0.0
        seconds = (self.touched_at - self.resumed_at).total_seconds()
        return (self.rows - self.resumed_rows) / seconds if seconds > 0 else 0.0


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
