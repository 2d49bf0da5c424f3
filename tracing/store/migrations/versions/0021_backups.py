"""Which backups there are, so that whoever erases somebody is told which of them still hold the data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "backups",
        sa.Column("backup_id", TEXT, nullable=False),
        sa.Column("folder", TEXT, nullable=False),
        sa.Column("point", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("backup_id", name="pk_backups"),
    )
    op.create_index("ix_backups_point", "backups", ["point"])
