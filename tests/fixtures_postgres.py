"""Databases to test on: a fresh, migrated one per test, on SQLite and on a private PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.factories import CountingIds, FixedClock
from tests.postgres import PrivateCluster, server_programs
from tracing.store.database import SqlRecordStore
from tracing.store.keys import Keyring

KEYRING = Keyring(b"k" * 32)
"""The key that every test database is sealed with."""


def migrated(url: str) -> None:
    store = SqlRecordStore(url, KEYRING, FixedClock(), CountingIds())
    store.migrate()
    store.close()


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PrivateCluster]:
    programs = server_programs()
    if programs is None:
        missing("postgres", "the server programs of PostgreSQL (initdb, pg_ctl) are not installed")
        return
    cluster = PrivateCluster(programs)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def _migrated_postgres(postgres_cluster: PrivateCluster) -> str:
    name = postgres_cluster.fresh_database()
    migrated(postgres_cluster.url(name))
    return name


@pytest.fixture
def postgres_url(postgres_cluster: PrivateCluster, _migrated_postgres: str) -> Iterator[str]:
    """The address of a database of this test's own, with all tables and no rows."""
    name = postgres_cluster.fresh_database(template=_migrated_postgres)
    yield postgres_cluster.url(name)
    postgres_cluster.drop(name)


@pytest.fixture
def empty_postgres_url(postgres_cluster: PrivateCluster) -> Iterator[str]:
    """The address of a database of this test's own, without any table."""
    name = postgres_cluster.fresh_database()
    yield postgres_cluster.url(name)
    postgres_cluster.drop(name)


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.sqlite"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(_migrated_sqlite: Path, tmp_path: Path) -> str:
    """As ``postgres_url``, in a file."""
    return f"sqlite:///{shutil.copy(_migrated_sqlite, tmp_path / 'records.sqlite')}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest) -> str:
    """Runs the test once on each database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Runs the test once on each database; there are no tables yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'records.sqlite'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


@pytest.fixture
def store(store_url: str) -> Iterator[SqlRecordStore]:
    """A record store on each database, with a clock that stands at ``NOON``."""
    opened = SqlRecordStore(store_url, KEYRING, FixedClock(), CountingIds())
    yield opened
    opened.close()
