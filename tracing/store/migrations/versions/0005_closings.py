"""How cases were closed: through which channel, and which other case turned out to be the same person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Cases that were closed before have no row: nobody knows the channel now."""
    op.create_table(
        "closings",
        sa.Column("position", BIG, autoincrement=True, nullable=False),
        sa.Column("closing_id", TEXT, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=True),
        sa.Column("other_case_id", TEXT, nullable=True),
        sa.Column("in_galleries", sa.Boolean(), nullable=False),
        sa.Column("list_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_closings_case_id_cases")),
        sa.ForeignKeyConstraint(["other_case_id"], ["cases.case_id"], name=op.f("fk_closings_other_case_id_cases")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_closings")),
        sa.UniqueConstraint("closing_id", name=op.f("uq_closings_closing_id")),
    )
    op.create_index(op.f("ix_closings_case_id"), "closings", ["case_id"])
    op.create_index(op.f("ix_closings_other_case_id"), "closings", ["other_case_id"])
