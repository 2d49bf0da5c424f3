"""What people said, the keys by which cases find each other through it, and pairs that clues alone have opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Every case is due for its first search by clues, which also makes its keys."""
    _clues()
    _searches()
    _let_pairs_be_without_score()
    op.create_table(
        "clue_hits",
        sa.Column("pair_id", TEXT, nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("evidence", TEXT, nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.pair_id"], name="fk_clue_hits_pair_id_pairs"),
        sa.PrimaryKeyConstraint("pair_id", name="pk_clue_hits"),
    )
    op.create_index("ix_clue_hits_weight", "clue_hits", ["weight"])


def _clues() -> None:
    op.create_table(
        "clues",
        sa.Column("clue_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("said", TEXT, nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("told_to", "language", "dialect", "mentions", "recorded_by")),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("superseded_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_clues_case_id_cases"),
        sa.PrimaryKeyConstraint("clue_id", "version", name="pk_clues"),
    )
    op.create_index("ix_clues_case_id", "clues", ["case_id"])
    current = sa.text("superseded_at IS NULL")
    op.create_index("uq_clues_current", "clues", ["clue_id"], unique=True, sqlite_where=current, postgresql_where=current)


def _searches() -> None:
    op.create_table(
        "clue_keys",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_clue_keys_case_id_cases"),
        sa.PrimaryKeyConstraint("key", "case_id", name="pk_clue_keys"),
    )
    op.create_index("ix_clue_keys_case_id", "clue_keys", ["case_id"])
    op.create_table(
        "clue_searches",
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("searched_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_clue_searches_case_id_cases"),
        sa.PrimaryKeyConstraint("case_id", name="pk_clue_searches"),
    )
    due = sa.text("wanted > done")
    op.create_index("ix_clue_searches_due", "clue_searches", ["case_id"], sqlite_where=due, postgresql_where=due)
    op.execute("INSERT INTO clue_searches (case_id, wanted, done) SELECT case_id, 1, 0 FROM cases")


def _let_pairs_be_without_score() -> None:
    """SQLite cannot take NOT NULL off a column, and rebuilding the table would take every pair's children along."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("pairs", "score", existing_type=sa.Double(), nullable=True)
        return
    op.drop_index("ix_pairs_by_evidence", "pairs")
    op.add_column("pairs", sa.Column("likeness", sa.Double(), nullable=True))
    op.execute("UPDATE pairs SET likeness = score")
    op.execute("ALTER TABLE pairs DROP COLUMN score")
    op.execute("ALTER TABLE pairs RENAME COLUMN likeness TO score")
    op.create_index("ix_pairs_by_evidence", "pairs", ["state", "generation_id", "score"])
