"""Whether a case's form calls the person a child, beside the case: NULL for forms of before, until they are opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("child_said", sa.Boolean(), nullable=True))
    op.execute(sa.text("UPDATE cases SET child_said = false WHERE case_id NOT IN (SELECT case_id FROM case_forms)"))
    unread = sa.text("child_said IS NULL")  # asked at every start
    op.create_index("ix_cases_unread", "cases", ["case_id"], sqlite_where=unread, postgresql_where=unread)
