"""A mark on a case: that relatives may be the danger, and who has looked into it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Safeguard:
    """Abuse or trafficking by relatives is suspected: until a check clears it nobody tells them where the person is.

    ``reason`` and ``finding`` are kept sealed, and are for those who may read contacts.
    """

    safeguard_id: str
    case_id: str
    set_by: str
    set_at: datetime
    reason: str
    cleared_by: str = ""
    cleared_at: datetime | None = None
    finding: str = ""

    @property
    def stands(self) -> bool:
        return self.cleared_at is None
