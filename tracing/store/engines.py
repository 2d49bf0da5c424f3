"""Connections to SQLite and PostgreSQL that behave alike."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.pool import ConnectionPoolEntry

from tracing.errors import Misconfigured, Unavailable
from tracing.store.failures import translate_errors

PATIENCE_S: Final = 10
"""How long a statement waits for a lock before it is ``Unavailable``."""
MOMENT_MS: Final = 500
CACHE_KIB: Final = 4 << 10
"""Pages that a connection to SQLite may keep. Over a hundred thousand people no page is quicker with four times as many, and
a server, which has a connection for each answer it is at, grows by them for half an hour."""
POOL: Final[dict[str, Any]] = {
    "pool_size": 10,
    "max_overflow": 20,
    "pool_timeout": PATIENCE_S,
    # The connection that was used last is used next: else each one of the pool fills a cache of its own with the same pages.
    "pool_use_lifo": True,
    "hide_parameters": True,  # what is kept of people must not reach a log by way of an error
}

WRITING: Final = {"sqlite_begin": ("PRAGMA query_only = OFF", "BEGIN IMMEDIATE")}
READING: Final = {"sqlite_begin": ("PRAGMA query_only = ON", "BEGIN")}
# REPEATABLE READ shows one moment to the whole transaction; no locks are taken.
READING_POSTGRESQL: Final = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
FILE: Final = "file"
GONE: Final = "The database is gone from its place, so nothing was saved. The operator has to look at its disk."
OLDEST_SQLITE: Final = (3, 35)


def open_engine(url: str) -> Engine:
    """An engine for ``sqlite:///file`` or ``postgresql://...`` whose errors are those of ``tracing.errors``.

    ``Misconfigured`` for anything else. Nothing is connected yet.
    """
    try:
        address = make_url(url)
    except exc.ArgumentError as error:
        raise Misconfigured("The database address is not of the form sqlite:///file or postgresql://user@host/name.") from error
    backend = address.get_backend_name()
    if backend == "sqlite":
        engine = _open_sqlite(address)
    elif backend in ("postgresql", "postgres"):
        engine = _open_postgresql(address)
    else:
        raise Misconfigured(f"The database {backend} is not supported: use sqlite or postgresql.")
    translate_errors(engine)
    return engine


def reading_options(engine: Engine) -> dict[str, Any]:
    return dict(READING_POSTGRESQL if engine.dialect.name == "postgresql" else READING)


def _open_sqlite(address: URL) -> Engine:
    if not address.database or address.database == ":memory:":
        raise Misconfigured("The database must be a file: name one, as in sqlite:////var/lib/tracing/records.sqlite.")
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise Misconfigured(f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or newer is needed.")
    engine = create_engine(address.set(drivername="sqlite+pysqlite"), **POOL)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    _watch_file(engine, Path(address.database))
    return engine


def _watch_file(engine: Engine, path: Path) -> None:
    """SQLite goes on with a file that was deleted, or whose disk was taken away: what is saved then is lost with the process.

    So each transaction begins with a look whether the file is still there. Another one in its place is opened anew.
    """
    found_once = False

    @event.listens_for(engine, "do_connect")
    def _there(*_: object) -> None:
        if found_once and not path.exists():  # SQLite would make an empty one
            raise Unavailable(GONE)

    @event.listens_for(engine, "connect")
    def _remember(_: object, record: ConnectionPoolEntry) -> None:
        nonlocal found_once
        found_once = True
        record.info[FILE] = _file_at(path)

    @event.listens_for(engine, "checkout")
    def _compare(_: object, record: ConnectionPoolEntry, __: object) -> None:
        if (now := _file_at(path)) is None:
            raise Unavailable(GONE)
        if now != record.info[FILE]:
            raise exc.InvalidatePoolError


def _file_at(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not begin transactions of its own: it would begin them late, and never for a SELECT.
    connection.isolation_level = None
    pragmas = (
        f"busy_timeout = {PATIENCE_S * 1000}",
        "foreign_keys = ON",
        "synchronous = FULL",
        f"cache_size = -{CACHE_KIB}",
        # What is deleted is overwritten: else names of erased people would lie in free pages until something needs them.
        "secure_delete = ON",
    )
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once: one that starts by reading may find that it can no longer write."""
    for statement in connection.get_execution_options().get("sqlite_begin", WRITING["sqlite_begin"]):
        connection.exec_driver_sql(statement)


def truncate_log(engine: Engine) -> bool:
    """Bring the write-ahead log into the database and cut it off; False where a reader is in the way."""
    pooled = engine.raw_connection()
    try:
        driver: Any = pooled.driver_connection
        driver.execute(f"PRAGMA busy_timeout = {MOMENT_MS}").close()
        try:
            (busy, _, _) = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:
            return False
        finally:
            driver.execute(f"PRAGMA busy_timeout = {PATIENCE_S * 1000}").close()
        return not busy
    finally:
        pooled.close()


def create_private_file(path: Path) -> None:
    """The database file, readable by nobody else; SQLite gives its companions the same permissions."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise Misconfigured(f"The database file {path} cannot be made: {error}") from error


def _open_postgresql(address: URL) -> Engine:
    # Both settings hold for every statement, so that a stuck neighbour cannot hold up a shelter for ever.
    settings = f"-c lock_timeout={PATIENCE_S * 1000} -c timezone=UTC"
    try:
        return create_engine(
            address.set(drivername="postgresql+psycopg"),
            **POOL,
            pool_pre_ping=True,
            connect_args={"connect_timeout": PATIENCE_S, "options": settings},
        )
    except ModuleNotFoundError as error:
        raise Misconfigured("For PostgreSQL, install the extra: pip install 'family-tracing[postgres]'") from error
