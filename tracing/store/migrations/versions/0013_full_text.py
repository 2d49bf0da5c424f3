"""The words of each case, found by any part of them; and no keys for cases that do not search."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WORDS = sa.Text().with_variant(sa.ARRAY(sa.Text(collation="C")), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FULL_TEXT = (
    "CREATE VIRTUAL TABLE case_grams USING"
    " fts5(grams, content = 'case_texts', content_rowid = 'number', tokenize = 'ascii', detail = none)",
    "CREATE TRIGGER case_grams_after_insert AFTER INSERT ON case_texts BEGIN"
    " INSERT INTO case_grams (rowid, grams) VALUES (new.number, new.grams); END",
    "CREATE TRIGGER case_grams_after_delete AFTER DELETE ON case_texts BEGIN"
    " INSERT INTO case_grams (case_grams, rowid, grams) VALUES ('delete', old.number, old.grams); END",
    "CREATE TRIGGER case_grams_after_update AFTER UPDATE ON case_texts BEGIN"
    " INSERT INTO case_grams (case_grams, rowid, grams) VALUES ('delete', old.number, old.grams);"
    " INSERT INTO case_grams (rowid, grams) VALUES (new.number, new.grams); END",
)


def upgrade() -> None:
    """Every case is due for a search by clues, which writes its words."""
    op.create_table(
        "case_texts",
        sa.Column("number", NUMBER, nullable=False, autoincrement=True),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("words", TEXT, nullable=False),
        sa.Column("grams", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_case_texts_case_id_cases"),
        sa.PrimaryKeyConstraint("number", name="pk_case_texts"),
        sa.UniqueConstraint("case_id", name="uq_case_texts_case_id"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("ix_case_texts_grams", "case_texts", ["grams"], postgresql_using="gin")
    else:
        for statement in FULL_TEXT:
            op.execute(statement)
    searching = "SELECT case_id FROM cases WHERE state = 'open' AND legal_basis <> 'none'"
    op.execute(f"DELETE FROM clue_keys WHERE case_id NOT IN ({searching})")  # noqa: S608
    op.execute("UPDATE clue_searches SET wanted = wanted + 1")
