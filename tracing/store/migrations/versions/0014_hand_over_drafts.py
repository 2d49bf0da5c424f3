"""Records of hand-overs that somebody has begun to fill in: sealed, one row a pair."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "hand_over_drafts",
        sa.Column("pair_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.pair_id"], name="fk_hand_over_drafts_pair_id_pairs"),
        sa.PrimaryKeyConstraint("pair_id", name="pk_hand_over_drafts"),
    )
    op.create_index("ix_hand_over_drafts_saved_at", "hand_over_drafts", ["saved_at"])
