"""What proved a match and who took the person home: sealed, so that a stolen disk tells neither."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from tracing.domain import BegunHandOver, HandOver, PartialDate, ProofRecord
from tracing.errors import Stale
from tracing.store.contexts import context_of
from tracing.store.keys import Keyring
from tracing.store.rows import add, upsert, values_of
from tracing.store.tables import hand_over_drafts, hand_overs, proofs

PLAIN: Final = ("pair_id", "recorded_by", "recorded_at")
DAYS: Final = ("handed_over_on", "follow_up_on")


class SqlReunions:
    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def add_proof(self, proof: ProofRecord) -> None:
        sealed = self._keyring.seal_json(dict(proof.details), _proof_context(proof.decision_id, proof.pair_id))
        add(self._connection, proofs, [values_of(proof, but=("details",)) | {"sealed": sealed}])

    def proofs(self, pair_id: str) -> list[ProofRecord]:
        query = select(proofs).where(proofs.c.pair_id == pair_id).order_by(proofs.c.decision_id)
        return [
            ProofRecord(
                row.decision_id,
                row.pair_id,
                row.proof,
                self._keyring.open_json(row.sealed, _proof_context(row.decision_id, row.pair_id)),
            )
            for row in self._connection.execute(query)
        ]

    def add_hand_over(self, hand_over: HandOver) -> None:
        private = values_of(hand_over, but=PLAIN)
        private |= {name: str(private[name]) for name in DAYS}
        plain = {name: getattr(hand_over, name) for name in PLAIN}
        sealed = self._keyring.seal_json(private, context_of(hand_overs, pair_id=hand_over.pair_id))
        add(self._connection, hand_overs, [plain | {"sealed": sealed}])

    def draft(self, pair_id: str) -> BegunHandOver:
        query = select(hand_over_drafts).where(hand_over_drafts.c.pair_id == pair_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return BegunHandOver(pair_id)
        typed = self._keyring.open_json(row.sealed, context_of(hand_over_drafts, pair_id=pair_id))
        return BegunHandOver(pair_id, typed, row.version, row.saved_at, row.saved_by)

    def save_draft(self, draft: BegunHandOver) -> BegunHandOver:
        saved = replace(draft, version=draft.version + 1)
        values = {
            "pair_id": draft.pair_id,
            "sealed": self._keyring.seal_json(dict(draft.typed), context_of(hand_over_drafts, pair_id=draft.pair_id)),
            "version": saved.version,
            "saved_at": saved.saved_at,
            "saved_by": saved.saved_by,
        }
        kept = upsert(self._connection, hand_over_drafts).values(values)
        kept = kept.on_conflict_do_update(
            index_elements=[hand_over_drafts.c.pair_id], set_=values, where=hand_over_drafts.c.version == draft.version
        )
        if self._connection.execute(kept.returning(hand_over_drafts.c.version)).one_or_none() is None:
            raise Stale("Somebody else has changed this form since you opened it; look at it again.")
        return saved

    def drop_draft(self, pair_id: str) -> None:
        self._connection.execute(hand_over_drafts.delete().where(hand_over_drafts.c.pair_id == pair_id))

    def drop_drafts(self, saved_before: datetime) -> int:
        old = hand_over_drafts.delete().where(hand_over_drafts.c.saved_at < saved_before)
        return self._connection.execute(old).rowcount

    def hand_over(self, pair_id: str) -> HandOver | None:
        row = self._connection.execute(select(hand_overs).where(hand_overs.c.pair_id == pair_id)).one_or_none()
        if row is None:
            return None
        private = self._keyring.open_json(row.sealed, context_of(hand_overs, pair_id=pair_id))
        private |= {name: PartialDate.parse(private[name]) for name in DAYS}
        return HandOver(row.pair_id, row.recorded_by, row.recorded_at, **private)


def _proof_context(decision_id: str, pair_id: str) -> str:
    return context_of(proofs, decision_id=decision_id, pair_id=pair_id)
