"""Records of partners that have ended, by keyed digests, so that no older version of one brings anybody back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "ended_records",
        sa.Column("record_digest", TEXT, nullable=False),
        sa.Column("source_date", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("record_digest", name="pk_ended_records"),
    )
    op.create_index("ix_ended_records_told_at", "ended_records", ["told_at"])
