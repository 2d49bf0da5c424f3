"""Marks that relatives may be the danger: a column that every door asks, and who set and cleared each mark."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "safeguards",
        sa.Column("safeguard_id", TEXT, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("set_by", TEXT, nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("cleared_by", TEXT, nullable=False),
        sa.Column("cleared_at", MOMENT, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_safeguards_case_id_cases"),
        sa.PrimaryKeyConstraint("safeguard_id", name="pk_safeguards"),
    )
    op.create_index("ix_safeguards_case_id", "safeguards", ["case_id"])
    op.create_index(
        "uq_safeguards_standing",
        "safeguards",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("cleared_at IS NULL"),
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.add_column("cases", sa.Column("guarded_since", MOMENT, nullable=True))
