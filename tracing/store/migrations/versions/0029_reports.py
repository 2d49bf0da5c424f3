"""Keys of names as they are typed in Latin letters, and indexes by the moments that a month's report counts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
CLOSED = sa.text("state = 'closed'")


def upgrade() -> None:
    op.create_table(
        "name_keys",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_name_keys_case_id_cases"),
        sa.PrimaryKeyConstraint("key", "case_id", name="pk_name_keys"),
    )
    op.create_index("ix_name_keys_case_id", "name_keys", ["case_id"])
    # The program makes the keys of the cases that are there when it starts: how names are read is no matter of the database.
    op.execute("INSERT INTO counters (name, value) VALUES ('name_keys', 0)")
    op.create_index("ix_photos_received_at", "photos", ["received_at"])
    op.create_index("ix_search_runs_finished_at", "search_runs", ["finished_at", "case_id"])
    op.create_index("ix_pairs_suggested_at", "pairs", ["suggested_at"])
    op.create_index("ix_decisions_decided_at", "decisions", ["decided_at"])
    op.create_index("ix_cases_ended", "cases", ["state_since"], sqlite_where=CLOSED, postgresql_where=CLOSED)
    op.create_index("ix_clocks_due", "clocks", ["due_at", "case_id"])
