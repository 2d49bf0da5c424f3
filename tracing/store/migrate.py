"""Bringing a database to the tables of this version, once, however many processes start at the same time."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, Select, inspect, select, text

from tracing.errors import Misconfigured, Unavailable
from tracing.store.contexts import sealed_columns
from tracing.store.engines import PATIENCE_S, WRITING, create_private_file, open_engine, reading_options
from tracing.store.keys import Keyring
from tracing.store.photos import photo_keys
from tracing.store.tables import metadata

SCRIPTS: Final = Path(__file__).parent / "migrations"
# Any number, but always the same one: it names the lock among all programs of one database.
LOCK: Final = 0x7261636E


def migrate(engine: Engine, keyring: Keyring) -> None:
    """Upgrade under a lock where it is needed.

    ``Misconfigured`` for a database of a newer version, or one that was sealed with a key that is not here.
    """
    if engine.dialect.name == "sqlite":
        create_private_file(Path(str(engine.url.database)))
        _switch_to_wal(engine)
    if not is_current(engine):
        _upgrade(engine)
    _check_key(engine, keyring)


def configuration(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def is_current(engine: Engine) -> bool:
    """Whether the tables are those of this version of the program."""
    with engine.connect().execution_options(**reading_options(engine)) as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == newest()


def is_whole(engine: Engine) -> bool:
    """Whether every table is there, whatever the version says: somebody may have renamed one, or a restore left one out."""
    with engine.connect().execution_options(**reading_options(engine)) as connection:
        return metadata.tables.keys() <= set(inspect(connection).get_table_names())


@cache
def newest() -> frozenset[str]:
    """The last migrations of this version of the program."""
    return frozenset(ScriptDirectory.from_config(configuration()).get_heads())


def _upgrade(engine: Engine) -> None:
    try:
        with _alone(engine) as connection:
            command.upgrade(configuration(connection), "head")
    except CommandError as error:
        raise Misconfigured(f"The database belongs to another version of the program: {error}") from error


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction that no other migration runs beside."""
    with engine.connect().execution_options(**WRITING) as connection:
        if engine.dialect.name == "postgresql":
            with connection.begin():
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
                yield connection
        else:
            with _without_foreign_keys(connection), connection.begin():
                yield connection
                if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                    raise Misconfigured(f"The migration would leave {len(broken)} rows without the row they belong to.")


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """SQLite alters a table by rebuilding it; with foreign keys on, dropping the old one would delete its children."""
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 -- for the type checker: a pooled connection has one
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def _switch_to_wal(engine: Engine) -> None:
    """Readers then never wait for a writer. The switch stays in the file; SQLite does not wait for its lock, so we do."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            with engine.connect() as connection:
                driver = connection.connection.driver_connection
                assert driver is not None  # noqa: S101 -- as above
                if driver.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",):
                    return
        except Unavailable:
            pass
        except sqlite3.OperationalError as error:  # said by the driver, beside the engine that translates
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        if time.monotonic() > deadline:
            raise Unavailable("The database is busy and cannot be set up. Try again in a moment.")
        time.sleep(0.05)


def refuse_lost_keys(url: str, keyring: Keyring, file: Path) -> None:
    """To be asked where the file of data keys is not there: a new one would open nothing of what is stored.

    ``Misconfigured`` where rows were sealed with keys that ``keyring`` does not have. Nothing is made or changed.
    """
    engine = open_engine(url)
    try:
        if engine.dialect.name == "sqlite" and not Path(str(engine.url.database)).exists():
            return
        with engine.connect().execution_options(**reading_options(engine)) as connection, connection.begin():
            there = {name: set(columns_of(connection, name)) for name in inspect(connection).get_table_names()}
            columns = [each for each in sealed_columns() if each.name in there.get(each.table.name, ())]
            if not _knows(keyring, connection, [select(column).where(column.is_not(None)) for column in columns]):
                raise Misconfigured(
                    f"{file} is not there, and the records were sealed with keys of it. Is the disk of the photos mounted? "
                    "Else bring it back from a backup."
                )
    finally:
        engine.dispose()


def refuse_lost_database(url: str, photos: Path) -> None:
    """``Misconfigured`` where SQLite's file is gone and photos that belong to it are there: an empty one is no service."""
    engine = open_engine(url)
    engine.dispose()
    database = Path(str(engine.url.database))
    if engine.dialect.name != "sqlite" or database.exists():
        return
    if any(True for _ in photo_keys(photos)):
        raise Misconfigured(
            f"{database} is not there, and photos that belong to it are. Is its disk mounted? Else bring it back from a "
            f"backup; to begin anew, move {photos} away first."
        )


def columns_of(connection: Connection, table: str) -> list[str]:
    return [each["name"] for each in inspect(connection).get_columns(table)]


def _check_key(engine: Engine, keyring: Keyring) -> None:
    """Refuse to start with a key that cannot open what is stored: new rows would be sealed with another one."""
    with engine.connect().execution_options(**reading_options(engine)) as connection:
        if not _knows(keyring, connection, [select(column) for column in sealed_columns()]):
            raise Misconfigured(
                "The records were sealed with another key. Put the key file and the photo folder's data.keys back, "
                "or set the old key."
            )


def _knows(keyring: Keyring, connection: Connection, queries: Sequence[Select[Any]]) -> bool:
    """Whether it has the keys that the first of each of these sealed values was sealed with."""
    found = (connection.execute(query.limit(1)).scalar_one_or_none() for query in queries)
    return all(sealed is None or keyring.knows(sealed) for sealed in found)
