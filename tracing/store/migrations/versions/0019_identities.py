"""Who may sign in by a provider, and as which account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("issuer", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("account_id", TEXT, nullable=True),
        sa.Column("linked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name="fk_identities_account_id_accounts"),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
    )
    op.create_index("ix_identities_seen_at", "identities", ["seen_at"])
    _unique("code", "code <> ''")
    _unique("account_id", "account_id IS NOT NULL")


def _unique(column: str, condition: str) -> None:
    op.create_index(
        f"uq_identities_{column}",
        "identities",
        [column],
        unique=True,
        sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )
