"""The machines that backups are made on, and brought back onto."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import House, a_house
from tests.sealed import fill
from tests.store.backup.machines import Machines

EACH = ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.long])]


@pytest.fixture(params=EACH)
def machines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machines]:
    cluster = request.getfixturevalue("postgres_cluster") if request.param == "postgres" else None
    own = {} if cluster is None else {"database_url": request.getfixturevalue("postgres_url")}
    made: list[str] = []

    def empty_database() -> str:
        if cluster is None:
            return ""
        made.append(cluster.fresh_database())
        return str(cluster.url(made[-1]))

    with a_house(tmp_path / "var", **own) as house:
        yield Machines(house, tmp_path, empty_database)
    for name in made:
        cluster.drop(name)


@pytest.fixture
def made(tmp_path: Path, house: House) -> Machines:
    """One backup on SQLite."""
    fill(house)
    house.services.ledger.follow()
    found = Machines(house, tmp_path, str)
    found.backup()
    return found
