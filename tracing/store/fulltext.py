"""SQLite's full text over the grams of cases: an index beside the table, which triggers keep equal to it."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection

# The tokenizer takes all but ASCII as letters, so that no character is too new for it; grams hold nothing else but letters
# and digits. Where a gram stands in a text is not kept: what was found is looked at again.
FULL_TEXT: Final = (
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
OPTIMIZE: Final = "INSERT INTO case_grams (case_grams) VALUES ('optimize')"
"""One piece is made of all there is: until then what was deleted lies in older pieces, without a name, marked as gone."""


def create_full_text(_: object, connection: Connection, **_more: Any) -> None:
    """Right after the table was made."""
    if connection.dialect.name == "sqlite":
        for statement in FULL_TEXT:
            connection.exec_driver_sql(statement)
