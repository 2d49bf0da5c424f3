"""Kills while a database of the first version is brought to this one: it is of the one or of the other afterwards."""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, func, inspect, select, table, text

from tests.factories import FixedClock
from tests.fakes import FakeExaminer
from tests.faults.kills import Figures
from tests.faults.lost import Lost
from tests.faults.nursery import LONGEST, Nursery
from tests.faults.painted import InThisProcess
from tests.faults.shaken import Shaken
from tests.house import House
from tests.migrations.test_migrations import undo
from tests.postgres import PrivateCluster
from tracing.bootstrap import build
from tracing.chosen import DEFAULT_ENCODER
from tracing.config import Settings
from tracing.store.migrate import configuration

FIRST: Final = "0001"
PEOPLE: Final = 6
WAY: Final = "migration"
KEPT: Final = ("accounts", "cases", "photos", "faces", "templates", "pairs", "decisions", "search_runs", "events")
"""Tables of the first version: no row of them is lost on the way."""


class OldHouse:
    """A house with people, put back to what the first version left; a copy of it for every try."""

    def __init__(self, nursery: Nursery, folder: Path, seed: int, cluster: PrivateCluster | None = None) -> None:
        self._dice = random.Random(seed)
        self._usual = 0.0
        self._newest = ScriptDirectory.from_config(configuration()).get_current_head()
        self._first_tables: set[str] = set()
        first = cluster.url(cluster.fresh_database()) if cluster is not None else ""
        self.house = Shaken(nursery, folder, first)
        _people_move_in(self.house)
        self._copy = _copies_on_postgresql(cluster, first) if cluster is not None else _copies_of_file(self.house.data)
        undo(first or f"sqlite:///{self.house.data / 'tracing.sqlite'}", FIRST)
        self._fresh()
        self._rows, self._first_tables = self._counted(), self._tables()

    def shake(self, kills: int, figures: Figures, report: Callable[[str], None] = lambda _: None) -> None:
        """Bring it up to date, killed at a random moment, and then once more; so many times."""
        for number in range(kills):
            try:
                self._shake(figures)
            except AssertionError as error:
                raise Lost(f"{WAY}, kill {number + 1} in {self.house.folder}:\n{error}") from error
            report(WAY)

    def _shake(self, figures: Figures) -> None:
        while not self._killed():
            figures.too_late[WAY] += 1
        version, tables = self._version(), self._tables()
        if (version, tables == self._first_tables) not in ((FIRST, True), (self._newest, False)):
            raise Lost(f"half migrated: version {version} with the tables {sorted(tables)}")
        begun = time.monotonic()
        self.house.done("worker", "--once")
        figures.recovered.append(time.monotonic() - begun)
        if self._version() != self._newest:
            raise Lost(f"the next start left the database at {self._version()}")
        if lost := {name: number for name, number in self._rows.items() if self._counted()[name] < number}:
            raise Lost(f"rows were lost in {lost}")
        self.house.check()
        figures.kills[WAY] += 1

    def _killed(self) -> bool:
        self._fresh()
        begun = time.monotonic()
        child = self.house.command("cases", "list")
        deadline = begun + self._dice.uniform(0.05, 1.05) * (self._usual or LONGEST)
        while time.monotonic() < deadline and child.poll() is None:
            time.sleep(0.002)
        if child.kill():
            return True
        self._usual = time.monotonic() - begun
        return False

    def _fresh(self) -> None:
        self.house.settings["DATABASE_URL"] = self._copy()
        self._url = self.house.settings["DATABASE_URL"] or f"sqlite:///{self.house.data / 'tracing.sqlite'}"

    def _counted(self) -> dict[str, int]:
        engine = create_engine(self._url.replace("postgresql:", "postgresql+psycopg:"))
        with engine.connect() as connection:
            counted = {name: connection.execute(select(func.count()).select_from(table(name))).scalar_one() for name in KEPT}
        engine.dispose()
        return counted

    def _tables(self) -> set[str]:
        engine = create_engine(self._url.replace("postgresql:", "postgresql+psycopg:"))
        names = set(inspect(engine).get_table_names())
        engine.dispose()
        return names

    def _version(self) -> str:
        engine = create_engine(self._url.replace("postgresql:", "postgresql+psycopg:"))
        with engine.connect() as connection:
            version = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
        engine.dispose()
        return version


def _people_move_in(house: Shaken) -> None:
    """Two photos of each person, a pair of each two, and a match."""
    chosen = Settings(data_dir=house.data, database_url=house.settings["DATABASE_URL"], encoder=DEFAULT_ENCODER)
    services = build(chosen, examiner=InThisProcess())
    people = House(services, FixedClock(), FakeExaminer(DEFAULT_ENCODER))
    pairs = [people.pair(people.missing(person), people.sheltered(person)) for person in range(PEOPLE)]
    people.confirm(pairs[0])
    services.close()


def _copies_of_file(data: Path) -> Callable[[], str]:
    """SQLite: the file as it is at the first call, put back at each."""
    file, old = data / "tracing.sqlite", data.parent / "old.sqlite"

    def copy() -> str:
        if not old.exists():
            with closing(sqlite3.connect(file)) as database:
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            shutil.copy(file, old)
        for each in data.glob("tracing.sqlite-*"):
            each.unlink()
        shutil.copy(old, file)
        return ""

    return copy


def _copies_on_postgresql(cluster: PrivateCluster, first: str) -> Callable[[], str]:
    name = first.removeprefix("postgresql://postgres@/").partition("?")[0]
    return lambda: cluster.url(cluster.fresh_database(template=name))
