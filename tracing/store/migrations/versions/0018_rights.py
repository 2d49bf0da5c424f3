"""Where records come from, withdrawn faces, keep-outs, erasures that wait for a second word, and since when a state holds."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
SEALED = sa.LargeBinary()


def upgrade() -> None:
    """The state of a case that is there holds since the audit's last word on it, or since the case was opened."""
    _of_cases()
    _of_keepouts()
    op.add_column("cases", sa.Column("state_since", MOMENT, nullable=True))
    op.create_index(
        "ix_cases_expires_at",
        "cases",
        ["expires_at"],
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    _date_states(op.get_bind())


def _of_cases() -> None:
    op.create_table(
        "case_sources",
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_case_sources_case_id_cases"),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_sources"),
        sa.UniqueConstraint("source", "source_id", name="uq_case_sources_source_source_id"),
    )
    op.create_table(
        "face_withdrawals",
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=False),
        sa.Column("withdrawn_by", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_face_withdrawals_case_id_cases"),
        sa.PrimaryKeyConstraint("case_id", name="pk_face_withdrawals"),
    )
    op.create_table(
        "erasure_requests",
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("asked_by", TEXT, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("suppress", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_erasure_requests_case_id_cases"),
        sa.PrimaryKeyConstraint("case_id", name="pk_erasure_requests"),
    )


def _of_keepouts() -> None:
    op.create_table(
        "held_photos",
        sa.Column("photo_id", TEXT, nullable=False),
        sa.Column("keepout_id", TEXT, nullable=False),
        sa.Column("held_at", MOMENT, nullable=False),
        sa.Column("cleared_at", MOMENT, nullable=True),
        sa.Column("cleared_by", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.photo_id"], name="fk_held_photos_photo_id_photos"),
        sa.PrimaryKeyConstraint("photo_id", name="pk_held_photos"),
    )
    op.create_index("ix_held_photos_keepout_id", "held_photos", ["keepout_id"])
    op.create_table(
        "keepouts",
        sa.Column("keepout_id", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("source_digest", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("keepout_id", name="pk_keepouts"),
    )
    op.create_index("ix_keepouts_expires_at", "keepouts", ["expires_at"])
    op.create_index("ix_keepouts_source_digest", "keepouts", ["source_digest"])
    op.create_table(
        "keepout_templates",
        sa.Column("keepout_id", TEXT, nullable=False),
        sa.Column("encoder_id", TEXT, nullable=False),
        sa.Column("sealed", SEALED, nullable=False),
        sa.ForeignKeyConstraint(["keepout_id"], ["keepouts.keepout_id"], name="fk_keepout_templates_keepout_id_keepouts"),
        sa.PrimaryKeyConstraint("keepout_id", "encoder_id", name="pk_keepout_templates"),
    )
    op.create_table(
        "keepout_salts",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", SEALED, nullable=False),
        sa.CheckConstraint("one = 1", name="one_row"),
        sa.PrimaryKeyConstraint("one", name="pk_keepout_salts"),
    )


def _date_states(connection: sa.Connection) -> None:
    cases = sa.table("cases", sa.column("case_id"), sa.column("opened_at", MOMENT), sa.column("state_since", MOMENT))
    events = sa.table("events", *(sa.column(name) for name in ("seq", "action", "subject", "detail")), sa.column("at", MOMENT))
    connection.execute(cases.update().values(state_since=cases.c.opened_at))
    changes = sa.select(events.c.subject, events.c.at, events.c.detail).where(events.c.action == "change_case")
    rows = [(subject, at, json.loads(detail)) for subject, at, detail in connection.execute(changes.order_by(events.c.seq))]
    last = {subject: at for subject, at, told in rows if told.get("from") != told.get("to")}
    dated = cases.update().where(cases.c.case_id == sa.bindparam("same")).values(state_since=sa.bindparam("since"))
    if last:
        connection.execute(dated, [{"same": case_id, "since": at} for case_id, at in last.items()])
