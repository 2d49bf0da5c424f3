"""Lists that somebody has handed in at the page, and that wait, sealed, for what is to become of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tracing.domain.cases import CaseKind, LegalBasis
from tracing.domain.imports import ListPurpose


class ListStage(StrEnum):
    """How far a list has come that somebody handed in at the page."""

    COLUMNS = "columns"
    """Which column is what has to be said."""
    CHECKING = "checking"
    """A worker reads it to its end."""
    CHECKED = "checked"
    """What would become of it is known, and nothing was done yet."""
    RUNNING = "running"
    FAILED = "failed"
    """It could not be done; ``problem`` says why."""


@dataclass(frozen=True, slots=True)
class HandedList:
    """A list that waits, sealed, until its run is over or nobody has touched it for a day."""

    list_id: str
    purpose: ListPurpose
    source: str
    kind: CaseKind
    legal_basis: LegalBasis
    said: Mapping[str, str]
    """Heading -> what somebody has said that its column is; empty: left out."""
    file_name: str
    digest: str
    table_bytes: int
    photo_bytes: int
    """0 where no photos came along."""
    station_id: str
    handed_by: str
    handed_at: datetime
    stage: ListStage
    touched_at: datetime
    rows_there: int = 0
    rows_read: int = 0
    run_id: str = ""
    attempts: int = 0
    """How often somebody has taken it on since it last got any further."""
    problem: str = ""
    version: int = 1
