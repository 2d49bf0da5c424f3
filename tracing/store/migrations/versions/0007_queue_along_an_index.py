"""The queue is read along indexes, by evidence and by waiting, so that a look takes as long however many pairs wait."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_pairs_by_evidence", "pairs", ["state", "generation_id", "score"])
    op.create_index("ix_pairs_by_waiting", "pairs", ["state", "suggested_at", "pair_id"])
    op.create_index("ix_pairs_claimed_by", "pairs", ["claimed_by"])
    op.drop_index("ix_pairs_state_score", "pairs")
