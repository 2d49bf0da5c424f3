"""The record of a hand-over while somebody fills it in: kept as it is typed, and gone with the hand-over or unused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import timedelta
from typing import Final

from tracing.access import Permission, require
from tracing.domain import Actor, BegunHandOver, PairState
from tracing.errors import Incomplete, Invalid, WrongState
from tracing.ports import Clock, RecordStore
from tracing.records import Records
from tracing.reunions import LONGEST, TOO_LONG, HandOverDraft, check_reunion, check_version
from tracing.safety import check_relatives
from tracing.seldom import Seldom
from tracing.stations.reach import elsewhere
from tracing.stations.scope import knows_whom_to_call

REMARKS: Final = "reason"
FIELDS: Final = frozenset({*(each.name for each in fields(HandOverDraft)), REMARKS})
KEPT_FOR: Final = timedelta(days=30)
"""What nobody has written on since then names a relative and their papers for nothing."""
PAUSE: Final = timedelta(hours=1)


class HandOverDrafts:
    """Of a pair there is one, whoever writes; recording the reunion or revoking the match ends it (``Review``)."""

    def __init__(self, store: RecordStore, clock: Clock, kept_for: timedelta = KEPT_FOR) -> None:
        self._kept_for = kept_for
        self._store = store
        self._clock = clock
        self._tended = Seldom(PAUSE)

    def read(self, actor: Actor, pair_id: str) -> BegunHandOver:
        """As far as it is filled in, of version 0 where nobody has begun; the audit keeps who saw what was there.

        ``WrongState`` unless the pair is verified, ``Safeguarded`` while relatives may be the danger.
        """
        require(actor, Permission.VERIFY)
        require(actor, Permission.READ_CONTACTS)
        with self._store.transaction() as records:
            _check(records, actor, pair_id)
            found = records.reunions.draft(pair_id)
            if found.version:
                records.audit.append(actor, "read_hand_over_draft", pair_id)
        return found

    def write(self, actor: Actor, pair_id: str, typed: Mapping[str, str], version: int | None = None) -> BegunHandOver:
        """Keep these fields beside the others; an empty one takes back what stood there.

        With a ``version``, only if nobody else has written since (``Stale``). Nothing is checked but that it fits: the record
        is checked as a whole when the hand-over is recorded.
        """
        require(actor, Permission.VERIFY)
        require(actor, Permission.READ_CONTACTS)
        for name in typed:
            if name not in FIELDS:
                raise Invalid("The form has no such question.", name)
        if too_long := {name: TOO_LONG for name, value in typed.items() if len(value) > LONGEST}:
            raise Incomplete(too_long)
        with self._store.transaction() as records:
            _check(records, actor, pair_id)
            before = records.reunions.draft(pair_id)
            check_version(before, version)
            kept = {**before.typed, **typed}
            after = {name: value for name, value in kept.items() if value.strip()}
            changed = sorted(name for name in typed if after.get(name) != before.typed.get(name))
            if not changed:
                return before
            draft = replace(before, typed=after, saved_at=self._clock(), saved_by=actor.account_id)
            saved = records.reunions.save_draft(draft)
            records.audit.append(actor, "write_hand_over_draft", pair_id, {"fields": changed})
        return saved

    def tend(self) -> None:
        """Once an hour: throw away what nobody has written on for ``KEPT_FOR``."""
        now = self._clock()
        if not self._tended.due(now):
            return
        with self._store.transaction() as records:
            records.reunions.drop_drafts(now - self._kept_for)
        self._tended.done(now)


def _check(records: Records, actor: Actor, pair_id: str) -> None:
    pair = records.pairs.get(pair_id)
    if not knows_whom_to_call(records, actor, pair):
        raise elsewhere()
    if pair.state is not PairState.VERIFIED:
        raise WrongState("Only a verified pair leads to a reunion.")  # and no word of how far its review has come
    check_reunion(pair)
    check_relatives(records, actor, pair)
