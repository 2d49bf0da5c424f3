"""What clocks that ran out were passed on, to which role, and who has taken note of it."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """What the audit says was passed on, of clocks that still run, waits for somebody to take note of it."""
    escalations = op.create_table(
        "escalations",
        sa.Column("escalation_id", TEXT, nullable=False),
        sa.Column("clock_id", TEXT, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("escalated_at", MOMENT, nullable=False),
        sa.Column("seen_by", TEXT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["clock_id"], ["clocks.clock_id"], name="fk_escalations_clock_id_clocks"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_escalations_case_id_cases"),
        sa.PrimaryKeyConstraint("escalation_id", name="pk_escalations"),
    )
    op.create_index("ix_escalations_clock_id", "escalations", ["clock_id"])
    op.create_index("ix_escalations_case_id", "escalations", ["case_id"])
    op.create_index(
        "ix_escalations_role",
        "escalations",
        ["role"],
        sqlite_where=sa.text("seen_at IS NULL"),
        postgresql_where=sa.text("seen_at IS NULL"),
    )
    rows = _passed_on(op.get_bind())
    if rows:
        op.bulk_insert(escalations, rows)


def _passed_on(connection: sa.Connection) -> list[dict[str, Any]]:
    events = sa.table("events", *(sa.column(name) for name in ("seq", "action", "detail")), sa.column("at", MOMENT))
    clocks = sa.table("clocks", *(sa.column(name) for name in ("clock_id", "case_id", "ended_at")))
    running = sa.select(clocks.c.clock_id, clocks.c.case_id).where(clocks.c.ended_at.is_(None))
    case_of = {row.clock_id: row.case_id for row in connection.execute(running)}
    query = sa.select(events.c.seq, events.c.at, events.c.detail).where(events.c.action == "escalate_clock")
    rows = []
    for seq, at, detail in connection.execute(query.order_by(events.c.seq)):
        told = json.loads(detail)
        if told["clock_id"] in case_of:
            rows.append(
                {
                    "escalation_id": f"{seq:032x}",
                    "clock_id": told["clock_id"],
                    "case_id": case_of[told["clock_id"]],
                    "role": told["to"],
                    "escalated_at": at,
                    "seen_by": "",
                    "seen_at": None,
                }
            )
    return rows
