"""Clocks, their pauses, tracing actions, and the secret addresses of calendars."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nobody knows what was done in time for the cases that are there: no clock is started for them.

    The clocks follow the audit from its present end on; `tracing clocks start` starts those of open cases on demand.
    """
    _actions()
    _clocks()
    op.create_table(
        "feeds",
        sa.Column("account_id", TEXT, nullable=False),
        sa.Column("token_hash", TEXT, nullable=False),
        sa.Column("station_id", TEXT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name="fk_feeds_account_id_accounts"),
        sa.PrimaryKeyConstraint("account_id", name="pk_feeds"),
        sa.UniqueConstraint("token_hash", name="uq_feeds_token_hash"),
    )
    op.execute("INSERT INTO counters (name, value) SELECT 'clocks', seq FROM audit_head")


def _actions() -> None:
    op.create_table(
        "tracing_actions",
        sa.Column("action_id", TEXT, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("recorded_by", TEXT, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_tracing_actions_case_id_cases"),
        sa.PrimaryKeyConstraint("action_id", name="pk_tracing_actions"),
    )
    op.create_index("ix_tracing_actions_case_id", "tracing_actions", ["case_id"])


def _clocks() -> None:
    op.create_table(
        "clocks",
        sa.Column("clock_id", TEXT, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("rule_id", TEXT, nullable=False),
        sa.Column("threshold", sa.Boolean(), nullable=False),
        sa.Column("rule", TEXT, nullable=False),
        sa.Column("cause", BIG, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("end", TEXT, nullable=True),
        sa.Column("ended_by", TEXT, nullable=False),
        sa.Column("steps_taken", sa.Integer(), nullable=False),
        sa.Column("next_step_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_clocks_case_id_cases"),
        sa.PrimaryKeyConstraint("clock_id", name="pk_clocks"),
        sa.UniqueConstraint("case_id", "rule_id", "cause", name="uq_clocks_case_id_rule_id_cause"),
    )
    running, awaited = sa.text("ended_at IS NULL"), sa.text("next_step_at IS NOT NULL")
    op.create_index("ix_clocks_due_at", "clocks", ["due_at"], sqlite_where=running, postgresql_where=running)
    op.create_index("ix_clocks_next_step_at", "clocks", ["next_step_at"], sqlite_where=awaited, postgresql_where=awaited)
    op.create_table(
        "pauses",
        sa.Column("pause_id", TEXT, nullable=False),
        sa.Column("clock_id", TEXT, nullable=False),
        sa.Column("paused_at", MOMENT, nullable=False),
        sa.Column("paused_by", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("resumed_at", MOMENT, nullable=True),
        sa.Column("resumed_by", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["clock_id"], ["clocks.clock_id"], name="fk_pauses_clock_id_clocks"),
        sa.PrimaryKeyConstraint("pause_id", name="pk_pauses"),
    )
    op.create_index("ix_pauses_clock_id", "pauses", ["clock_id"])
