"""Whether a record's name is an identity number, of which a digest is kept: NULL until a process with the keys has looked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_sources", sa.Column("identity", sa.Boolean(), nullable=True))
    op.add_column("list_hits", sa.Column("identity", sa.Boolean(), nullable=True))
