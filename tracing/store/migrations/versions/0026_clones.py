"""What comes from partners as PFIF: whose key writes for which domain, their records, their notes, and who is who by them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "partners",
        *(sa.Column(name, TEXT, nullable=False) for name in ("account_id", "domain", "legal_basis")),
        sa.Column("deaths", sa.Boolean(), nullable=False),
        sa.Column("tied_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name="fk_partners_account_id_accounts"),
        sa.PrimaryKeyConstraint("account_id", name="pk_partners"),
    )
    op.create_table(
        "clones",
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("source_date", MOMENT, nullable=False),
        sa.Column("expiry_date", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_clones_case_id_cases"),
        sa.PrimaryKeyConstraint("case_id", name="pk_clones"),
    )
    op.create_table(
        "received_notes",
        *(sa.Column(name, TEXT, nullable=False) for name in ("note_id", "case_id", "clue_id", "digest")),
        sa.Column("source_date", MOMENT, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("linked_id", "status")),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_received_notes_case_id_cases"),
        sa.PrimaryKeyConstraint("note_id", name="pk_received_notes"),
    )
    op.create_index("ix_received_notes_case_id", "received_notes", ["case_id"])
    op.create_table(
        "partner_links",
        sa.Column("pair_id", TEXT, nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.pair_id"], name="fk_partner_links_pair_id_pairs"),
        sa.PrimaryKeyConstraint("pair_id", name="pk_partner_links"),
    )
