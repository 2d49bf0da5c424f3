"""Tracing notices: what is told to the public, by whom it was written and approved, and until when it stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("notice_id", TEXT, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("token", TEXT, nullable=False),
        sa.Column("authors", TEXT, nullable=False),
        sa.Column("drafted_at", MOMENT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("photo_id", TEXT, nullable=True),
        sa.Column("approved_by", TEXT, nullable=False),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("published_by", TEXT, nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("ended_by", TEXT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("end", TEXT, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_notices_case_id_cases"),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.photo_id"], name="fk_notices_photo_id_photos"),
        sa.PrimaryKeyConstraint("notice_id", name="pk_notices"),
        sa.UniqueConstraint("token", name="uq_notices_token"),
    )
    op.create_index("ix_notices_case_id", "notices", ["case_id"])
    op.create_index("ix_notices_photo_id", "notices", ["photo_id"])
    op.create_index("ix_notices_state_published_at", "notices", ["state", "published_at"])
