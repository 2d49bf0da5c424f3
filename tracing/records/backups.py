"""The register of backups in the record store."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from tracing.domain import Backup


class BackupRecords(Protocol):
    def add(self, backup: Backup) -> None:
        """Twice is no error."""
        ...

    def forget(self, backup_id: str) -> None: ...

    def since(self, moment: datetime | None = None) -> list[Backup]:
        """Those of this moment and after it that have not been deleted, the oldest first; all of them without one."""
        ...
