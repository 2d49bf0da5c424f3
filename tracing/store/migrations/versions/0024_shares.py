"""Cases that are shared with partners, and what they were told, as ids and dates that outlive the person's data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "told_records",
        *(sa.Column(name, TEXT, nullable=False) for name in ("record_id", "digest")),
        *(sa.Column(name, MOMENT, nullable=False) for name in ("source_date", "entry_date", "expiry_date")),
        sa.PrimaryKeyConstraint("record_id", name="pk_told_records"),
    )
    op.create_index("ix_told_records_entry_date_record_id", "told_records", ["entry_date", "record_id"])
    op.create_table(
        "shares",
        *(sa.Column(name, TEXT, nullable=False) for name in ("case_id", "record_id")),
        sa.Column("shared_at", MOMENT, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("shared_by", "reason")),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_shares_case_id_cases"),
        sa.PrimaryKeyConstraint("case_id", name="pk_shares"),
        sa.UniqueConstraint("record_id", name="uq_shares_record_id"),
    )
    op.create_table(
        "told_notes",
        *(sa.Column(name, TEXT, nullable=False) for name in ("note_id", "record_id", "about")),
        sa.Column("pair_id", TEXT, nullable=True),
        sa.Column("digest", TEXT, nullable=False),
        *(sa.Column(name, MOMENT, nullable=False) for name in ("source_date", "entry_date")),
        sa.ForeignKeyConstraint(["record_id"], ["told_records.record_id"], name="fk_told_notes_record_id_told_records"),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.pair_id"], name="fk_told_notes_pair_id_pairs"),
        sa.PrimaryKeyConstraint("note_id", name="pk_told_notes"),
    )
    for column in ("record_id", "about", "pair_id"):
        op.create_index(f"ix_told_notes_{column}", "told_notes", [column])
    op.create_index("ix_told_notes_entry_date_note_id", "told_notes", ["entry_date", "note_id"])
