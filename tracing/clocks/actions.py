"""Write down what was done to find out who somebody is: it meets clocks, and tells the statistics what brought people home."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from tracing.access import Permission, require
from tracing.domain import ActionKind, ActionOutcome, Actor, TracingAction
from tracing.errors import Invalid
from tracing.facts import LONGEST_TEXT
from tracing.ports import Clock, NewId, RecordStore
from tracing.stations.scope import follows_work, own_case

OLDEST: Final = timedelta(days=365 * 50)
SLACK: Final = timedelta(minutes=5)
"""By which the clock of another machine may be ahead."""


class Actions:
    def __init__(self, store: RecordStore, clock: Clock, new_id: NewId) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id

    def of_case(self, actor: Actor, case_id: str) -> list[TracingAction]:
        """The latest first; none for a station that only assists."""
        require(actor, Permission.READ_CASES)
        with self._store.reading() as records:
            return records.actions.of_case(case_id) if follows_work(records, actor, case_id) else []

    def record(
        self,
        actor: Actor,
        case_id: str,
        kind: ActionKind,
        outcome: ActionOutcome,
        taken_at: datetime | None = None,
        note: str = "",
    ) -> TracingAction:
        """Write down an action; ``taken_at`` is when it was taken, now where nothing is said. It cannot lie ahead."""
        require(actor, Permission.EDIT_CASES)
        now = self._clock()
        taken_at = taken_at or now
        if not now - OLDEST <= taken_at <= now + SLACK:
            raise Invalid("The date lies in the future or too far in the past.", "taken_at")
        if len(note) > LONGEST_TEXT:
            raise Invalid(f"At most {LONGEST_TEXT} characters fit here.", "note")
        action = TracingAction(
            self._new_id(), case_id, kind, outcome, min(taken_at, now).astimezone(UTC), note.strip(), actor.account_id, now
        )
        with self._store.transaction() as records:
            own_case(records, actor, case_id)
            records.actions.add(action)
            detail = {"action_id": action.action_id, "kind": kind, "outcome": outcome}
            records.audit.append(actor, "record_action", case_id, detail)
        return action
