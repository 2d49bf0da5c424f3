"""Backups that were made: who asks to be erased has to know which of them still hold the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Backup:
    """``point``: whatever was committed by then is in it. ``folder`` is where it lay when it was made."""

    backup_id: str
    folder: str
    point: datetime
