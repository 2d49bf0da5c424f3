"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A step is never changed once it was released, so it spells its types itself instead of taking today's.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    _make_cases()
    _make_photos()
    _make_galleries()
    _make_searches()
    _make_reviews()
    _make_audit()
    _make_accounts()
    counters = sa.table("counters", sa.column("name", TEXT), sa.column("value", BIG))
    op.bulk_insert(counters, [{"name": "gallery_changes", "value": 0}])
    audit_head = sa.table("audit_head", sa.column("one", sa.Integer()), sa.column("seq", BIG), sa.column("hash", TEXT))
    op.bulk_insert(audit_head, [{"one": 1, "seq": 0, "hash": "0" * 64}])


def _make_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=True),
        sa.Column("state_reason", TEXT, nullable=False),
        sa.Column("station_id", TEXT, nullable=False),
        sa.Column("legal_basis", TEXT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("opened_by", TEXT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("search_wanted", sa.Integer(), nullable=False),
        sa.Column("search_done", sa.Integer(), nullable=False),
        sa.Column("names", TEXT, nullable=False),
        sa.Column("sex", TEXT, nullable=True),
        sa.Column("birth_date", TEXT, nullable=True),
        sa.Column("age_min", sa.Integer(), nullable=True),
        sa.Column("age_max", sa.Integer(), nullable=True),
        sa.Column("ethnic_group", TEXT, nullable=False),
        sa.Column("languages", TEXT, nullable=False),
        sa.Column("accent", TEXT, nullable=False),
        sa.Column("height_cm", sa.Integer(), nullable=True),
        sa.Column("marks", TEXT, nullable=False),
        sa.Column("clothing", TEXT, nullable=False),
        sa.Column("seen_at", TEXT, nullable=True),
        sa.Column("seen_place", TEXT, nullable=False),
        sa.Column("circumstances", TEXT, nullable=False),
        sa.Column("sought_text", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_cases")),
        sa.UniqueConstraint("reference", name=op.f("uq_cases_reference")),
    )
    op.create_index("ix_cases_due", "cases", ["opened_at"], **_where("search_wanted > search_done"))
    op.create_index("ix_cases_opened_at", "cases", ["opened_at", "case_id"])
    op.create_index("ix_cases_state_kind", "cases", ["state", "kind"])
    op.create_table(
        "contacts",
        sa.Column("contact_id", TEXT, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("safe_to_contact", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_contacts_case_id_cases")),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_case_id"), "contacts", ["case_id"])
    op.create_table(
        "reference_counters",
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "year", name=op.f("pk_reference_counters")),
    )


def _make_photos() -> None:
    op.create_table(
        "photos",
        sa.Column("photo_id", TEXT, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("photo_key", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("taken_on", TEXT, nullable=True),
        sa.Column("age_in_photo", sa.Integer(), nullable=True),
        sa.Column("analysis", TEXT, nullable=False),
        sa.Column("problem", TEXT, nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_photos_case_id_cases")),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_photos")),
        sa.UniqueConstraint("case_id", "sha256", name=op.f("uq_photos_case_id_sha256")),
        sa.UniqueConstraint("photo_key", name=op.f("uq_photos_photo_key")),
    )
    op.create_index("ix_photos_pending", "photos", ["received_at", "photo_id"], **_where("analysis = 'pending'"))
    op.create_table(
        "faces",
        sa.Column("face_id", TEXT, nullable=False),
        sa.Column("photo_id", TEXT, nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("top", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("bottom", sa.Integer(), nullable=False),
        sa.Column("landmarks", TEXT, nullable=False),
        sa.Column("detector_id", TEXT, nullable=False),
        sa.Column("quality", TEXT, nullable=False),
        sa.Column("of_interest", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.photo_id"], name=op.f("fk_faces_photo_id_photos")),
        sa.PrimaryKeyConstraint("face_id", name=op.f("pk_faces")),
    )
    op.create_index(op.f("ix_faces_photo_id"), "faces", ["photo_id"])
    op.create_table(
        "templates",
        sa.Column("template_id", BIG, autoincrement=True, nullable=False),
        sa.Column("face_id", TEXT, nullable=False),
        sa.Column("encoder_id", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["face_id"], ["faces.face_id"], name=op.f("fk_templates_face_id_faces")),
        sa.PrimaryKeyConstraint("template_id", name=op.f("pk_templates")),
        sa.UniqueConstraint("face_id", "encoder_id", name=op.f("uq_templates_face_id_encoder_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_templates_encoder_id"), "templates", ["encoder_id"])


def _make_galleries() -> None:
    op.create_table(
        "generations",
        sa.Column("generation_id", TEXT, nullable=False),
        sa.Column("encoder_id", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("activated_at", MOMENT, nullable=True),
        sa.Column("report", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("generation_id", name=op.f("pk_generations")),
    )
    op.create_index("uq_generations_active", "generations", ["state"], unique=True, **_where("state = 'active'"))
    op.create_table(
        "gallery_changes",
        sa.Column("template_id", BIG, autoincrement=False, nullable=False),
        sa.Column("encoder_id", TEXT, nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("collection", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("template_id", name=op.f("pk_gallery_changes")),
        sa.UniqueConstraint("seq", name=op.f("uq_gallery_changes_seq")),
    )
    op.create_index("ix_gallery_changes_encoder_id_seq", "gallery_changes", ["encoder_id", "seq"])
    op.create_table(
        "counters",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", BIG, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )


def _make_searches() -> None:
    op.create_table(
        "search_runs",
        sa.Column("position", BIG, autoincrement=True, nullable=False),
        sa.Column("run_id", TEXT, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("generation_id", TEXT, nullable=False),
        sa.Column("gallery_size", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=False),
        sa.Column("list", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_search_runs_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.generation_id"], name=op.f("fk_search_runs_generation_id_generations")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_search_runs")),
        sa.UniqueConstraint("run_id", name=op.f("uq_search_runs_run_id")),
    )
    op.create_index("ix_search_runs_case_id_finished_at", "search_runs", ["case_id", "finished_at"])
    op.create_table(
        "pairs",
        sa.Column("pair_id", TEXT, nullable=False),
        sa.Column("low_case_id", TEXT, nullable=False),
        sa.Column("high_case_id", TEXT, nullable=False),
        sa.Column("relation", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("generation_id", TEXT, nullable=False),
        sa.Column("list_id", TEXT, nullable=False),
        sa.Column("suggested_at", MOMENT, nullable=False),
        sa.Column("claimed_by", TEXT, nullable=True),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("superseded_by", TEXT, nullable=True),
        sa.Column("state_before", TEXT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("low_case_id < high_case_id", name=op.f("ck_pairs_ordered")),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.generation_id"], name=op.f("fk_pairs_generation_id_generations")
        ),
        sa.ForeignKeyConstraint(["high_case_id"], ["cases.case_id"], name=op.f("fk_pairs_high_case_id_cases")),
        sa.ForeignKeyConstraint(["low_case_id"], ["cases.case_id"], name=op.f("fk_pairs_low_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["superseded_by"], ["pairs.pair_id"], name=op.f("fk_pairs_superseded_by_pairs"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("pair_id", name=op.f("pk_pairs")),
        sa.UniqueConstraint("low_case_id", "high_case_id", name=op.f("uq_pairs_low_case_id_high_case_id")),
    )
    op.create_index(op.f("ix_pairs_high_case_id"), "pairs", ["high_case_id"])
    op.create_index("ix_pairs_state_score", "pairs", ["state", "score"])
    op.create_index(op.f("ix_pairs_superseded_by"), "pairs", ["superseded_by"])
    op.create_table(
        "matches",
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("pair_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_matches_case_id_cases")),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.pair_id"], name=op.f("fk_matches_pair_id_pairs")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_matches")),
    )
    op.create_index(op.f("ix_matches_pair_id"), "matches", ["pair_id"])


def _make_reviews() -> None:
    op.create_table(
        "decisions",
        sa.Column("position", BIG, autoincrement=True, nullable=False),
        sa.Column("decision_id", TEXT, nullable=False),
        sa.Column("pair_id", TEXT, nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("judgement", TEXT, nullable=True),
        sa.Column("reviewer", TEXT, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=True),
        sa.Column("features", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("score_seen", sa.Double(), nullable=True),
        sa.Column("superseded_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.pair_id"], name=op.f("fk_decisions_pair_id_pairs")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_decisions")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_decisions_decision_id")),
    )
    op.create_index(op.f("ix_decisions_pair_id"), "decisions", ["pair_id"])
    op.create_index("ix_decisions_reviewer_pair_id", "decisions", ["reviewer", "pair_id"])


def _make_audit() -> None:
    op.create_table(
        "events",
        sa.Column("seq", BIG, autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sa.Column("previous_hash", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_subject"), "events", ["subject"])
    op.create_table(
        "audit_head",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.CheckConstraint("one = 1", name=op.f("ck_audit_head_one_row")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_audit_head")),
    )


def _make_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("account_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("station_id", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("password_hash", TEXT, nullable=False),
        sa.Column("api_key_hash", TEXT, nullable=False),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_accounts_name")),
    )
    op.create_index("uq_accounts_api_key_hash", "accounts", ["api_key_hash"], unique=True, **_where("api_key_hash <> ''"))
    op.create_table(
        "sessions",
        sa.Column("token_hash", TEXT, nullable=False),
        sa.Column("account_id", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name=op.f("fk_sessions_account_id_accounts")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_account_id"), "sessions", ["account_id"])
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"])


def downgrade() -> None:
    """Back to nothing would be the loss of everything: restore a backup instead."""
    raise NotImplementedError
