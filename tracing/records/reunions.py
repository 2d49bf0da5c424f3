"""The papers of matches in the record store, sealed."""

from __future__ import annotations

from typing import Protocol

from tracing.domain import HandOver, ProofRecord


class ReunionRecords(Protocol):
    def add_proof(self, proof: ProofRecord) -> None: ...

    def proofs(self, pair_id: str) -> list[ProofRecord]:
        """By decision id."""
        ...

    def add_hand_over(self, hand_over: HandOver) -> None:
        """A second one of a pair is a ``Conflict``."""
        ...

    def hand_over(self, pair_id: str) -> HandOver | None: ...
