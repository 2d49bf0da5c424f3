"""Lists that wait at the page, comparisons that keep nothing but their hits, and how far a run has come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNTS = ("rows_there", "compared", "without_face", "here", "found", "again", "resumed_rows")


def upgrade() -> None:
    op.add_column("import_runs", sa.Column("purpose", TEXT, nullable=False, server_default="import"))
    for name in COUNTS:
        op.add_column("import_runs", sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0")))
    for name in ("resumed_at", "touched_at"):
        op.add_column("import_runs", sa.Column(name, MOMENT, nullable=True))
    _of_lists()
    _of_hits()


def _of_lists() -> None:
    op.create_table(
        "handed_lists",
        *(
            sa.Column(name, TEXT, nullable=False)
            for name in ("list_id", "purpose", "source", "kind", "legal_basis", "said", "file_name", "digest")
        ),
        sa.Column("table_bytes", BIG, nullable=False),
        sa.Column("photo_bytes", BIG, nullable=False),
        sa.Column("station_id", TEXT, nullable=False),
        sa.Column("handed_by", TEXT, nullable=False),
        sa.Column("handed_at", MOMENT, nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("touched_at", MOMENT, nullable=False),
        sa.Column("rows_there", sa.Integer(), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("run_id", TEXT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("list_id", name="pk_handed_lists"),
    )
    op.create_index("ix_handed_lists_touched_at", "handed_lists", ["touched_at"])
    op.create_index("ix_handed_lists_run_id", "handed_lists", ["run_id"])


def _of_hits() -> None:
    op.create_table(
        "list_hits",
        *(sa.Column(name, TEXT, nullable=False) for name in ("hit_id", "run_id", "case_id", "station_id")),
        sa.Column("found_at", MOMENT, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("source", "record_digest", "kind", "state", "decided_by")),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("opened_case_id", TEXT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_list_hits_case_id_cases"),
        sa.ForeignKeyConstraint(["opened_case_id"], ["cases.case_id"], name="fk_list_hits_opened_case_id_cases"),
        sa.PrimaryKeyConstraint("hit_id", name="pk_list_hits"),
        sa.UniqueConstraint("case_id", "record_digest", name="uq_list_hits_case_id_record_digest"),
    )
    op.create_index("ix_list_hits_run_id", "list_hits", ["run_id"])
    op.create_index("ix_list_hits_record_digest", "list_hits", ["record_digest"])
    op.create_index("ix_list_hits_opened_case_id", "list_hits", ["opened_case_id"])
    op.create_index("ix_list_hits_state", "list_hits", ["state", "found_at", "hit_id"])
    op.create_table(
        "list_portraits",
        sa.Column("hit_id", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["hit_id"], ["list_hits.hit_id"], name="fk_list_portraits_hit_id_list_hits"),
        sa.PrimaryKeyConstraint("hit_id", name="pk_list_portraits"),
    )
