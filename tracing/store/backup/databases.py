"""A copy of the database at one moment, beside writers, and bringing it back: SQLite by its backup, PostgreSQL by pg_dump."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import Connection, Engine, inspect, make_url, select, text

from tracing.errors import Damaged, Misconfigured
from tracing.store.backup.counted import Counted, counted
from tracing.store.engines import open_engine, reading_options
from tracing.store.folders import sync_file
from tracing.store.tables import photos

MANY_SECONDS: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Saved:
    """What is in the copy: the tables to the row, and the photo files that its rows name."""

    tables: dict[str, Counted]
    photo_keys: list[str]


class Database(Protocol):
    file_name: str

    def save(self, target: Path) -> Saved:
        """Copy all of it as it is at one moment. Nobody waits for it, and it waits for nobody."""
        ...

    def refuse_used(self) -> None:
        """``Misconfigured`` where there is anything in the database."""
        ...

    def restore(self, source: Path) -> dict[str, Counted]:
        """Bring it back into an empty database, whole or not at all; what is in it then."""
        ...


def database_of(url: str) -> Database:
    return SqliteDatabase(url) if make_url(url).get_backend_name() == "sqlite" else PostgresDatabase(url)


class SqliteDatabase:
    file_name = "records.sqlite"

    def __init__(self, url: str) -> None:
        self._path = Path(str(make_url(url).database))

    def save(self, target: Path) -> Saved:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(self._path)) as source, closing(sqlite3.connect(target)) as copy:
            source.execute("PRAGMA busy_timeout = 10000")
            source.backup(copy)  # all pages in one step: one moment, in WAL mode beside every writer
            copy.execute("PRAGMA journal_mode = DELETE")
        sync_file(target)
        with _reading(f"sqlite:///{target}") as connection:
            return Saved(counted(connection), _photo_keys(connection))

    def refuse_used(self) -> None:
        beside = (self._path, *(self._path.with_name(f"{self._path.name}{ending}") for ending in ("-wal", "-shm", "-journal")))
        if there := [path for path in beside if path.exists()]:  # SQLite would take the log of another database for its own
            raise Misconfigured(
                f"There is a database at {there[0]} already. A backup is brought back onto an empty machine only."
            )

    def restore(self, source: Path) -> dict[str, Counted]:
        draft = self._path.with_name(f".{self._path.name}.restoring")
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        shutil.copyfile(source, draft)
        with closing(sqlite3.connect(draft)) as copy:
            if copy.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                raise Damaged("The database in the backup is damaged. Bring back an earlier backup.")
        with _reading(f"sqlite:///{draft}") as connection:
            found = counted(connection)
        sync_file(draft)
        draft.rename(self._path)
        return found


class PostgresDatabase:
    file_name = "records.dump"

    def __init__(self, url: str) -> None:
        self._url = url

    def save(self, target: Path) -> Saved:
        """The dump sees the very moment that the rows are counted at."""
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with _reading(self._url) as connection:
            moment = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            self._run("pg_dump", f"--snapshot={moment}", "--format=custom", *PRIVATE, f"--file={target}")
            saved = Saved(counted(connection), _photo_keys(connection))
        sync_file(target)
        return saved

    def refuse_used(self) -> None:
        with _reading(self._url) as connection:
            if inspect(connection).get_table_names():
                raise Misconfigured(
                    "There are tables in the database already. A backup is brought back into an empty database only."
                )

    def restore(self, source: Path) -> dict[str, Counted]:
        self._run("pg_restore", "--single-transaction", "--exit-on-error", *PRIVATE, str(source))
        with _reading(self._url) as connection:
            return counted(connection)

    def _run(self, program: str, *arguments: str) -> None:
        """The password goes by a file: every account of the machine sees the arguments of a program."""
        url = make_url(self._url).set(drivername="postgresql", password=None)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as secret:  # for this account alone, mode 600
            if password := make_url(self._url).password:
                secret.write("*:*:*:*:" + re.sub(r"([:\\])", r"\\\1", str(password)) + "\n")
                secret.flush()
                url = url.update_query_dict({"passfile": secret.name})
            address = f"--dbname={url.render_as_string(hide_password=False)}"
            done = subprocess.run(  # noqa: S603 - no shell, our own arguments
                [_program(program), address, *arguments], capture_output=True, text=True, timeout=MANY_SECONDS, check=False
            )
        if done.returncode:
            raise Misconfigured(f"{program} failed: {done.stderr.strip()[-500:]}")


PRIVATE: Final = ("--no-owner", "--no-privileges", "--no-password")


def _program(name: str) -> str:
    """Debian keeps the programs of each version in a folder of its own; the newest reads every server."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    found = str(installed[-1]) if installed else shutil.which(name)
    if found is None:
        raise Misconfigured(f"{name} is not installed; on Debian: apt-get install postgresql-client")
    return found


@contextmanager
def _reading(url: str) -> Iterator[Connection]:
    engine: Engine = open_engine(url)
    try:
        with engine.connect().execution_options(**reading_options(engine)) as connection, connection.begin():
            yield connection
    finally:
        engine.dispose()


def _photo_keys(connection: Connection) -> list[str]:
    return list(connection.execute(select(photos.c.photo_key).order_by(photos.c.photo_key)).scalars())
