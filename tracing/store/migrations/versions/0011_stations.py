"""Stations, what they ask of each other about a case, and access in an emergency."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """No station is set up by this: until somebody does, everybody sees every case, as before."""
    op.create_table(
        "stations",
        sa.Column("station_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("central", sa.Boolean(), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("station_id", name="pk_stations"),
    )
    op.create_table(
        "station_requests",
        sa.Column("request_id", TEXT, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("asking", TEXT, nullable=False),
        sa.Column("asked", TEXT, nullable=False),
        sa.Column("guest", TEXT, nullable=False),
        sa.Column("parts", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("asked_by", TEXT, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("deadline", MOMENT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("answer", TEXT, nullable=False),
        sa.Column("answered_by", TEXT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_station_requests_case_id_cases"),
        sa.PrimaryKeyConstraint("request_id", name="pk_station_requests"),
    )
    for column in ("asked", "asking", "case_id"):
        op.create_index(f"ix_station_requests_{column}", "station_requests", [column])
    op.create_index("ix_station_requests_guest_state", "station_requests", ["guest", "state"])
    op.create_table(
        "emergencies",
        sa.Column("emergency_id", TEXT, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("account_id", TEXT, nullable=False),
        sa.Column("station_id", TEXT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("seen_by", TEXT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.Column("finding", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_emergencies_case_id_cases"),
        sa.PrimaryKeyConstraint("emergency_id", name="pk_emergencies"),
    )
    op.create_index("ix_emergencies_case_id", "emergencies", ["case_id"])
    op.create_index("ix_emergencies_account_id_ends_at", "emergencies", ["account_id", "ends_at"])
