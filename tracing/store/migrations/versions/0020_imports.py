"""Lists of other departments that were imported: runs, records, and refused rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "import_runs",
        sa.Column("run_id", TEXT, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("source", "file_name", "digest", "station_id", "started_by")),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("rows_done", "new", "changed", "unchanged", "refused", "photos")
        ),
        sa.PrimaryKeyConstraint("run_id", name="pk_import_runs"),
    )
    op.create_index("ix_import_runs_started_at", "import_runs", ["started_at"])
    op.create_table(
        "imported_records",
        *(sa.Column(name, TEXT, nullable=False) for name in ("case_id", "digest", "run_id", "change")),
        sa.Column("told", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_imported_records_case_id_cases"),
        sa.PrimaryKeyConstraint("case_id", name="pk_imported_records"),
    )
    op.create_index("ix_imported_records_run_id", "imported_records", ["run_id"])
    op.create_table(
        "refused_rows",
        sa.Column("run_id", TEXT, nullable=False),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("column", "mistake")),
        sa.ForeignKeyConstraint(["run_id"], ["import_runs.run_id"], name="fk_refused_rows_run_id_import_runs"),
        sa.PrimaryKeyConstraint("run_id", "row", "column", name="pk_refused_rows"),
    )
