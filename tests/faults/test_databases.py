"""A database that is gone for a while, locked, or open for reading only: nothing is lost, and all goes on when it is back."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.faults.ledger import Evidence, Ledger
from tests.faults.nursery import Nursery
from tests.faults.shaken import Shaken, await_answer, eventually, readiness
from tests.faults.shelter import Shelter
from tests.faults.test_disks import said, upload
from tests.postgres import PrivateCluster, server_programs

pytestmark = pytest.mark.long

DURABLE = "-c shared_buffers=32MB -c listen_addresses=''"
"""What is committed stays, whatever becomes of the server."""


@pytest.fixture
def cluster() -> Iterator[PrivateCluster]:
    programs = server_programs()
    if programs is None:
        missing("postgres", "the server programs of PostgreSQL (initdb, pg_ctl) are not installed")
        return
    own = PrivateCluster(programs, DURABLE)
    try:
        own.start()
        yield own
    finally:
        own.stop()


@pytest.mark.postgres
def test_a_database_server_that_breaks_down_and_comes_back_loses_nothing(
    cluster: PrivateCluster, nursery: Nursery, tmp_path: Path
) -> None:
    url = cluster.url(cluster.fresh_database())
    house, ledger = Shaken(nursery, tmp_path, url), Ledger()
    evidence = Evidence(url, house.data / "photos")
    with house.running() as server:
        with Shelter(house, ledger, 1).at_work(server, uploaders=2):
            for number in range(3):
                there = len(ledger.photos)
                eventually(lambda there=there: len(ledger.photos) > there + 3, why="photos are taken")  # type: ignore[misc]
                cluster.break_down()
                assert readiness(server) == 503
                time.sleep(0.2 * number)
                cluster.resume()
                assert await_answer(server, 200), "by itself"
            there = len(ledger.photos)
            eventually(lambda: len(ledger.photos) > there + 3, why="photos are taken again")
        assert ledger.answers["503"] > 0
        assert evidence.losses(ledger) == []
        eventually(lambda: evidence.stray_files(ledger) == [], why="the files of photos that were not saved are cleared away")
    house.check()
    evidence.close()


@pytest.mark.postgres
def test_a_database_server_that_stands_by_and_takes_nothing_is_said_and_the_house_goes_on_once_it_is_promoted(
    cluster: PrivateCluster, nursery: Nursery, tmp_path: Path
) -> None:
    house = Shaken(nursery, tmp_path, cluster.url(cluster.fresh_database()))
    with house.running() as server, house.client(server, "program") as client:
        photo = upload(client, 1).json()["photo_id"]
        cluster.stand_by()
        assert await_answer(server, 503)
        refused = upload(client, 2)
        assert (refused.status_code, said(refused)["type"]) == (503, "urn:tracing:problem:not-writable")
        assert client.get(f"/api/v1/photos/{photo}").status_code == 200
        cluster.promote()
        assert await_answer(server, 200)
        assert upload(client, 2).status_code == 201
    house.check()


def test_a_database_file_that_somebody_locks_is_waited_for_and_then_said(house: Shaken) -> None:
    with house.running() as server, house.client(server, "program") as client:
        photo = upload(client, 1).json()["photo_id"]
        with closing(sqlite3.connect(house.data / "tracing.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            refused = upload(client, 2)
            assert (refused.status_code, said(refused)["type"]) == (503, "urn:tracing:problem:unavailable")
            assert refused.headers["retry-after"]
            assert client.get(f"/api/v1/photos/{photo}").status_code == 200, "reading waits for nobody"
            other.execute("ROLLBACK")
        assert await_answer(server, 200)
        assert upload(client, 2).status_code == 201
    house.check()


def test_a_database_file_that_is_taken_away_takes_nothing_and_the_house_goes_on_once_it_is_back(house: Shaken) -> None:
    """SQLite itself would go on with the deleted file, and all that was acknowledged would be lost with the process."""
    elsewhere = house.folder / "elsewhere"
    elsewhere.mkdir()
    with house.running() as server, house.client(server, "program") as client:
        photo = upload(client, 1).json()["photo_id"]
        for each in house.data.glob("tracing.sqlite*"):
            each.rename(elsewhere / each.name)
        refused = upload(client, 2)
        assert (refused.status_code, said(refused)["type"]) == (503, "urn:tracing:problem:unavailable")
        assert "gone from its place" in said(refused)["detail"]
        assert readiness(server) == 503
        assert client.get(f"/api/v1/photos/{photo}").status_code == 503
        assert not list(house.data.glob("tracing.sqlite")), "no empty one is made in its place"
        for each in elsewhere.iterdir():
            each.rename(house.data / each.name)
        assert await_answer(server, 200)
        assert upload(client, 2).status_code == 201
        for each in house.data.glob("tracing.sqlite*"):
            each.rename(elsewhere / each.name)
        assert await_answer(server, 503)
        for name in ("tracing.sqlite-wal", "tracing.sqlite"):  # the same in another file: a disk that was mounted anew
            shutil.copy(elsewhere / name, house.data)
        assert await_answer(server, 200)
        assert upload(client, 3).status_code == 201
    house.check()
