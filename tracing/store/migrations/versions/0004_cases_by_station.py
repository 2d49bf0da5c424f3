"""Cases are found by their station, so that a search among one station's people looks at no other."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_cases_station_id", "cases", ["station_id"])
