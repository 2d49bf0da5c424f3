"""Secrets where they must not be: in the database whose rows they protect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, String, cast, column, func, inspect, or_, select, table
from sqlalchemy import Text as SqlText

from tracing.store.engines import reading_options
from tracing.store.tables import accounts, backups, counters, generations, metadata, stations

SMALL: Final = {each.name for each in (accounts, backups, counters, generations, stations)}
"""Of our own tables those that somebody might put a setting into; the others are long, and hold what people say."""


def table_with(engine: Engine, spellings: Sequence[str], raw: Sequence[bytes]) -> str | None:
    """The table in which one of these stands, as text or as bytes: of the small ones, and of all that are not ours."""
    with engine.connect().execution_options(**reading_options(engine)) as connection:
        inspector = inspect(connection)
        names = [name for name in inspector.get_table_names() if name in SMALL or name not in metadata.tables]
        for name in names:
            if name == "alembic_version" or name.startswith(("sqlite_", "case_grams")):
                continue
            columns: list[Any] = [column(each["name"]) for each in inspector.get_columns(name)]
            found = [_holds(each, spellings, raw, engine.dialect.name) for each in columns]
            if found and connection.execute(select(1).select_from(table(name, *columns)).where(or_(*found)).limit(1)).first():
                return name
    return None


def _holds(one: Any, spellings: Sequence[str], raw: Sequence[bytes], dialect: str) -> ColumnElement[bool]:
    """PostgreSQL spells bytes as hexadecimal digits by itself, SQLite when asked."""
    plain = cast(one, SqlText)
    digits = func.lower(func.hex(one), type_=String) if dialect == "sqlite" else plain
    return or_(*(plain.contains(each, autoescape=True) for each in spellings), *(digits.contains(each.hex()) for each in raw))
