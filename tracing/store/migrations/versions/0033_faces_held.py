"""For which of its faces a photo was held, beside it; of those held before it is not known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("held_photos", sa.Column("faces", TEXT, nullable=False, server_default="[]"))
