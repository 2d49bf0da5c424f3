"""After a backup was brought back: whoever was erased or withdrew their face since does not come back with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from tracing.access import SYSTEM
from tracing.domain import LetGo
from tracing.errors import NotFound
from tracing.gallery import ERASED
from tracing.ports import RecordStore
from tracing.retention import Retention

ALL: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Recovered:
    """How many cases were let go of again, and how many people have to sign in anew."""

    erased: int
    signed_out: int


class Recovery:
    def __init__(self, store: RecordStore, retention: Retention) -> None:
        self._store = store
        self._retention = retention

    def let_go_again(self, steps: Iterable[LetGo]) -> Recovered:
        """Erase again what was erased since the backup, and end every session: some of them were ended since."""
        erased = sum(self._erase(step.case_id) for step in steps if step.action == ERASED)
        with self._store.transaction() as records:
            signed_out = records.accounts.end_expired_sessions(ALL)
            records.audit.append(SYSTEM, "restore_backup", "", {"erased_again": erased})
        return Recovered(erased, signed_out)

    def _erase(self, case_id: str) -> bool:
        try:
            self._retention.erase_case(SYSTEM, case_id)
        except NotFound:  # opened after the backup, or erased before it
            return False
        return True
