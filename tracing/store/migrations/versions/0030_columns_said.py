"""What somebody has said of the columns of a list, for the next one of the same sender."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("import_runs", sa.Column("said", TEXT, nullable=False, server_default="{}"))
