"""After a backup was brought back: whoever was erased or withdrew their face since does not come back with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from tracing.access import SYSTEM
from tracing.domain import UNSHARED, LetGo
from tracing.errors import Invalid, NotFound
from tracing.gallery import ERASED, WITHDRAWN
from tracing.ports import RecordStore
from tracing.retention import Retention
from tracing.withdrawing import Withdrawing

ALL: Final = datetime.max.replace(tzinfo=UTC)
REASON: Final = "withdrawn after the backup that was brought back"


@dataclass(frozen=True, slots=True)
class Recovered:
    """How many cases were erased again, how many faces withdrawn again, how many cases are not shared any more, and how many
    sessions ended. ``unrecognised``: people who were to be kept out, and of whom nothing came back to know them by."""

    erased: int
    withdrawn: int
    unshared: int
    signed_out: int
    unrecognised: int


class Recovery:
    """``unshare`` ends that partners are told of a case, and says whether they were."""

    def __init__(
        self, store: RecordStore, retention: Retention, withdrawing: Withdrawing, unshare: Callable[[str], bool]
    ) -> None:
        self._store = store
        self._retention = retention
        self._withdrawing = withdrawing
        self._unshare = unshare

    def let_go_again(self, steps: Iterable[LetGo], point: datetime) -> Recovered:
        """What was erased or withdrawn since the backup, which is of this moment, and not given back, goes again.

        The steps come from several lists, and need not be in their order: a folder that was out of reach was told late.

        What partners were told of and are no longer ends again, also where somebody has shared it anew since: ask again.

        Every session ends, for some of them were ended since.
        """
        known = sorted(dict.fromkeys(steps), key=lambda step: step.at)
        again = [(step, self._erase(step)) for step in known if step.action == ERASED]
        unrecognised = sum(step.kept_out and step.at > point and not kept_out for step, (_, kept_out) in again)
        erased = sum(gone for _, (gone, _) in again)
        last = {step.case_id: step.action for step in known if step.action != UNSHARED}
        withdrawn = sum(self._withdraw(case_id) for case_id, action in last.items() if action == WITHDRAWN)
        unshared = sum(self._unshare(case_id) for case_id in {step.case_id for step in known if step.action == UNSHARED})
        with self._store.transaction() as records:
            signed_out = records.accounts.end_expired_sessions(ALL)
            detail = {"erased": erased, "withdrawn": withdrawn, "unshared": unshared, "unrecognised": unrecognised}
            records.audit.append(SYSTEM, "restore_backup", "", detail)
        return Recovered(erased, withdrawn, unshared, signed_out, unrecognised)

    def _erase(self, step: LetGo) -> tuple[bool, bool]:
        """Whether the case was erased, and the person kept out again; at that time there may have been more to know them by."""
        self._note_ended(step)
        try:
            try:
                self._retention.erase_case(SYSTEM, step.case_id, step.kept_out)
            except Invalid:
                self._retention.erase_case(SYSTEM, step.case_id)
                return True, False
        except NotFound:  # opened after the backup, or erased before it
            return False, False
        return True, step.kept_out

    def _note_ended(self, step: LetGo) -> None:
        """Of a partner's record nothing that was written before its case went brings it back: when its end was, if it was that,
        is lost with what came after the backup."""
        with self._store.transaction() as records:
            source = records.rights.source(step.case_id)
            if source is not None and records.partners.clones([step.case_id]):
                records.ended.put({source: step.at}, step.at)

    def _withdraw(self, case_id: str) -> bool:
        with self._store.reading() as records:
            if not records.cases.by_ids({case_id}) or records.rights.withdrawal(case_id) is not None:
                return False
        self._withdrawing.withdraw(SYSTEM, case_id, REASON)
        return True
