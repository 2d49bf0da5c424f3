"""The papers of matches in the record store, sealed."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from tracing.domain import BegunHandOver, HandOver, ProofRecord


class ReunionRecords(Protocol):
    def add_proof(self, proof: ProofRecord) -> None: ...

    def proofs(self, pair_id: str) -> list[ProofRecord]:
        """By decision id."""
        ...

    def add_hand_over(self, hand_over: HandOver) -> None:
        """A second one of a pair is a ``Conflict``."""
        ...

    def draft(self, pair_id: str) -> BegunHandOver:
        """An empty one of version 0 where nobody has begun."""
        ...

    def save_draft(self, draft: BegunHandOver) -> BegunHandOver:
        """With the next version; ``Stale`` where the kept one is not of the version given."""
        ...

    def drop_draft(self, pair_id: str) -> None: ...

    def drop_drafts(self, saved_before: datetime) -> int:
        """Delete those that nobody has written on since; how many there were."""
        ...

    def hand_over(self, pair_id: str) -> HandOver | None: ...
