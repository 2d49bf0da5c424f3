"""Indexes for what the first page and the queue count and list: a house of a hundred thousand people is not read through."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_cases_state_opened_at", "cases", ["state", "opened_at", "case_id"])
    of_a_search = ["expires_at", "legal_basis", "search_wanted", "search_done", "case_id"]
    op.create_index("ix_cases_searched", "cases", ["state", "station_id", *of_a_search])
    op.create_index("ix_cases_opened_by", "cases", ["opened_by"])
    op.create_index("ix_photos_analysis", "photos", ["analysis", "received_at", "photo_id"])
    op.create_index(
        "ix_clocks_running",
        "clocks",
        ["paused", "due_at", "clock_id", "case_id"],
        sqlite_where=sa.literal_column("ended_at IS NULL AND threshold = 0"),
        postgresql_where=sa.literal_column("ended_at IS NULL AND NOT threshold"),
    )
