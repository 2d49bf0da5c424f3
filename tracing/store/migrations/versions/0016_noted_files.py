"""Photo files that are noted before they are written, so that none is left that nobody knows of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "noted_files",
        sa.Column("photo_key", TEXT, nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("photo_key", name="pk_noted_files"),
    )
