"""Rows to domain types and back, by the names of their fields."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Table, literal_column
from sqlalchemy.dialects import postgresql, sqlite

from tracing.errors import NotFound

T = TypeVar("T")
MOST_AT_ONCE = 1000
"""Values in one IN list, rows in one INSERT: far below what either database allows."""


def columns_of(table: Table, kind: type[Any], but: Collection[str] = ()) -> list[Column[Any]]:
    """The table's columns that are fields of the dataclass."""
    return [table.c[field.name] for field in fields(kind) if field.name not in but]


def values_of(thing: Any, but: Collection[str] = ()) -> dict[str, Any]:
    """The fields of a dataclass as column values."""
    return {name: getattr(thing, name) for name in _names(thing.__class__) if name not in but}


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def built(kind: type[T], row: Any) -> T:
    """The dataclass from a row that has exactly its fields."""
    values: Mapping[str, Any] = row._mapping
    return kind(**values)


def word(one: StrEnum) -> ColumnElement[Any]:
    """A word that stands in the statement itself; as a parameter it would be looked at for every row that is written."""
    return literal_column(f"'{one}'")


def found(thing: T | None, noun: str) -> T:
    if thing is None:
        raise NotFound(f"There is no such {noun}.")
    return thing


def portions(things: Collection[T]) -> Iterator[list[T]]:
    """Lists that are short enough for one statement."""
    rest = iter(things)
    while portion := list(islice(rest, MOST_AT_ONCE)):
        yield portion


def upsert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say what happens on conflict, in the dialect of the connection."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def add(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows in a savepoint: a ``Conflict`` leaves the rest of the transaction usable, on PostgreSQL too."""
    if rows:
        with connection.begin_nested():
            connection.execute(table.insert(), rows)
