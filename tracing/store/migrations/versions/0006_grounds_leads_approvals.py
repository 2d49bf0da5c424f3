"""What a decision rested on, likenesses that are followed up, and the first of two approvals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Earlier decisions keep no grounds: nobody knows them now."""
    op.add_column("decisions", sa.Column("grounds", TEXT, nullable=True))
    op.create_table(
        "leads",
        sa.Column("lead_id", TEXT, nullable=False),
        sa.Column("pair_id", TEXT, nullable=False),
        sa.Column("opened_by", TEXT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_by", TEXT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("finding", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.pair_id"], name="fk_leads_pair_id_pairs"),
        sa.PrimaryKeyConstraint("lead_id", name="pk_leads"),
    )
    op.create_index("ix_leads_pair_id", "leads", ["pair_id"])
    still_open = sa.text("closed_at IS NULL")
    op.create_index("uq_leads_open", "leads", ["pair_id"], unique=True, sqlite_where=still_open, postgresql_where=still_open)
    op.create_table(
        "approvals",
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("approver", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_approvals_case_id_cases"),
        sa.PrimaryKeyConstraint("case_id", "approver", name="pk_approvals"),
    )
