"""What the erasure ledger keeps: enough to let go of somebody again after a backup came back, and not who it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LetGo:
    """A step by which data of a case went, as the audit names it; ``seq`` is its row there, ``case_id`` a random number."""

    seq: int
    at: datetime
    action: str
    case_id: str
    kept_out: bool = False
    """Whether the person was also to be kept out of later imports."""
