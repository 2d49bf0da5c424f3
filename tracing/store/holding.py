"""Names that one process of all holds at a time: a lock that ends with its process."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, text

from tracing.errors import Unavailable

PATIENCE_S: Final = 5.0
AGAIN_S: Final = 0.05


@contextmanager
def held(engine: Engine, name: str, *, wait: bool = True) -> Iterator[Callable[[], None]]:
    """See ``RecordStore.hold``. On PostgreSQL an advisory lock of a session of its own, on SQLite a locked file beside it."""
    inner = _held_in_postgresql if engine.dialect.name == "postgresql" else _held_beside_sqlite
    with inner(engine, name, time.monotonic() + (PATIENCE_S if wait else 0.0)) as check:
        yield check


@contextmanager
def _held_in_postgresql(engine: Engine, name: str, until: float) -> Iterator[Callable[[], None]]:
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # closed at the end, not given back: so the lock cannot outlive this block
        _await(lambda: bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar_one()), until)
        yield lambda: _alive(connection)


def _alive(connection: Connection) -> None:
    """``Unavailable``, by way of ``failures``, where the session is gone, and the lock with it."""
    connection.execute(text("SELECT 1"))


@contextmanager
def _held_beside_sqlite(engine: Engine, name: str, until: float) -> Iterator[Callable[[], None]]:
    safe = hashlib.sha256(name.encode()).hexdigest()[:16]
    database = Path(str(engine.url.database))
    descriptor = os.open(database.with_name(f"{database.name}.{safe}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        _await(lambda: _locked(descriptor), until)
        yield lambda: None
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _await(take: Callable[[], bool], until: float) -> None:
    while not take():
        if time.monotonic() > until:
            raise Unavailable("Another process is at it. Try again in a moment.")
        time.sleep(AGAIN_S)
