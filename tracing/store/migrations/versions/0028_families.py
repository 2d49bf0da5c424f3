"""Reports of families, what informants have seen, the photos of both, and proofs of work that were used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "family_reports",
        *(
            sa.Column(name, TEXT, nullable=False)
            for name in ("report_id", "reference", "draft_hash", "secret_hash", "consent_version", "consent_language")
        ),
        sa.Column("consent_digest", TEXT, nullable=False),
        sa.Column("consent_face", sa.Boolean(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("touched_at", MOMENT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("station_id", TEXT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", TEXT, nullable=False),
        sa.Column("declined", TEXT, nullable=True),
        sa.Column("case_id", TEXT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("heeded_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_family_reports_case_id_cases"),
        sa.PrimaryKeyConstraint("report_id", name="pk_family_reports"),
        sa.UniqueConstraint("reference", name="uq_family_reports_reference"),
        sa.UniqueConstraint("draft_hash", name="uq_family_reports_draft_hash"),
        sa.UniqueConstraint("case_id", name="uq_family_reports_case_id"),
    )
    op.create_index("ix_family_reports_state", "family_reports", ["state", "sent_at", "report_id"])
    op.create_table(
        "sightings",
        *(sa.Column(name, TEXT, nullable=False) for name in ("sighting_id", "case_id", "notice_id", "language")),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("read_by", TEXT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("clue_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_sightings_case_id_cases"),
        sa.PrimaryKeyConstraint("sighting_id", name="pk_sightings"),
    )
    op.create_index("ix_sightings_case_id", "sightings", ["case_id"])
    op.create_index("ix_sightings_state", "sightings", ["state", "sent_at", "sighting_id"])
    _of_photos_and_proofs()


def _of_photos_and_proofs() -> None:
    op.create_table(
        "handed_photos",
        sa.Column("handed_id", TEXT, nullable=False),
        sa.Column("photo_key", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("size", "width", "height")),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("taken_on", TEXT, nullable=True),
        sa.Column("report_id", TEXT, nullable=True),
        sa.Column("sighting_id", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["family_reports.report_id"], name="fk_handed_photos_report_id_family_reports"),
        sa.ForeignKeyConstraint(["sighting_id"], ["sightings.sighting_id"], name="fk_handed_photos_sighting_id_sightings"),
        sa.PrimaryKeyConstraint("handed_id", name="pk_handed_photos"),
        sa.UniqueConstraint("photo_key", name="uq_handed_photos_photo_key"),
    )
    op.create_index("ix_handed_photos_report_id", "handed_photos", ["report_id"])
    op.create_index("ix_handed_photos_sighting_id", "handed_photos", ["sighting_id"])
    op.create_table(
        "spent_proofs",
        sa.Column("proof", TEXT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("proof", name="pk_spent_proofs"),
    )
    op.create_index("ix_spent_proofs_until", "spent_proofs", ["until"])
