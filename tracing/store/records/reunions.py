"""What proved a match and who took the person home: sealed, so that a stolen disk tells neither."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, select

from tracing.domain import HandOver, PartialDate, ProofRecord
from tracing.store.keys import Keyring
from tracing.store.rows import add, values_of
from tracing.store.tables import hand_overs, proofs

PLAIN: Final = ("pair_id", "recorded_by", "recorded_at")
DAYS: Final = ("handed_over_on", "follow_up_on")


class SqlReunions:
    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def add_proof(self, proof: ProofRecord) -> None:
        sealed = self._keyring.seal_json(dict(proof.details), f"proof:{proof.decision_id}:{proof.pair_id}")
        add(self._connection, proofs, [values_of(proof, but=("details",)) | {"sealed": sealed}])

    def proofs(self, pair_id: str) -> list[ProofRecord]:
        query = select(proofs).where(proofs.c.pair_id == pair_id).order_by(proofs.c.decision_id)
        return [
            ProofRecord(
                row.decision_id,
                row.pair_id,
                row.proof,
                self._keyring.open_json(row.sealed, f"proof:{row.decision_id}:{row.pair_id}"),
            )
            for row in self._connection.execute(query)
        ]

    def add_hand_over(self, hand_over: HandOver) -> None:
        private = values_of(hand_over, but=PLAIN)
        private |= {name: str(private[name]) for name in DAYS}
        plain = {name: getattr(hand_over, name) for name in PLAIN}
        sealed = self._keyring.seal_json(private, f"hand-over:{hand_over.pair_id}")
        add(self._connection, hand_overs, [plain | {"sealed": sealed}])

    def hand_over(self, pair_id: str) -> HandOver | None:
        row = self._connection.execute(select(hand_overs).where(hand_overs.c.pair_id == pair_id)).one_or_none()
        if row is None:
            return None
        private = self._keyring.open_json(row.sealed, f"hand-over:{pair_id}")
        private |= {name: PartialDate.parse(private[name]) for name in DAYS}
        return HandOver(row.pair_id, row.recorded_by, row.recorded_at, **private)
