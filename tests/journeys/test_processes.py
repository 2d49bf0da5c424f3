"""Stories of real processes with the real models: a server that is killed, two servers on one database, damage by hand."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from scripts.demo.cast import Plot
from scripts.demo.casting import invent_cast
from tests.server import Service, candidates, intake
from tracing.embeddings.imaging import to_jpeg

pytestmark = pytest.mark.long


@cache
def drawn_pair() -> tuple[bytes, bytes]:
    """Two photos of one drawn person: the family's and the shelter's."""
    cast = invent_cast(today=date(2026, 11, 24))
    wanted = next(case for case in cast.cases if case.plot is Plot.PAIR)
    one, other = cast.of(wanted.person_key)
    return to_jpeg(one.photos[0].draw()), to_jpeg(other.photos[0].draw())


def eventually(what: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.3)
    return False


def test_a_server_killed_between_upload_and_search_loses_nothing_and_the_worker_finishes(tmp_path: Path) -> None:
    service = Service(tmp_path / "var", lease_seconds="3")
    key = service.api_key("partner")
    family, shelter = drawn_pair()
    with service.server() as server, server.client(key) as client:
        missing = intake(client, "missing", family, names=["王建国"])["case"]["case_id"]
    # Nobody works and no upload waits: the answer comes when the photo is saved, and before anything looked at it.
    with service.server(server_works="false", answer_seconds="0") as server, server.client(key) as client:
        body = intake(client, "sheltered", shelter)
        server.kill()
    sheltered, photo = body["case"]["case_id"], body["photos"][0]
    assert photo["analysis"] == "pending"
    with service.server(server_works="false") as server, server.client(key) as client:
        assert client.get(f"/api/v1/cases/{sheltered}").json()["state"] == "open"
        image = client.get(f"/api/v1/photos/{photo['photo_id']}/image", params={"variant": "original"})
        assert image.status_code == 200
        assert candidates(client, sheltered) == []
        time.sleep(3)  # the claim of the killed process runs out
        service.command("worker", "--once")
        assert client.get(f"/api/v1/photos/{photo['photo_id']}").json()["analysis"] == "enrolled"
        assert candidates(client, sheltered) == [missing]
        assert candidates(client, missing) == [sheltered]
    assert service.findings() == []


def test_a_restarted_server_finishes_by_itself_what_the_killed_one_left(tmp_path: Path) -> None:
    service = Service(tmp_path / "var", lease_seconds="3")
    key = service.api_key("partner")
    family, shelter = drawn_pair()
    with service.server(answer_seconds="0") as server, server.client(key) as client:
        missing = intake(client, "missing", family)["case"]["case_id"]
        sheltered = intake(client, "sheltered", shelter)["case"]["case_id"]
        server.kill()
    with service.server() as server, server.client(key) as client:
        assert eventually(lambda: candidates(client, sheltered) == [missing])
    assert service.findings() == []


def test_two_servers_on_postgresql_see_each_others_cases_at_once(tmp_path: Path, postgres_url: str) -> None:
    service = Service(tmp_path / "var", database_url=postgres_url)
    key = service.api_key("partner")
    family, shelter = drawn_pair()
    with (
        service.server() as one,
        service.server() as other,
        one.client(key) as here,
        other.client(key) as there,
    ):
        missing = intake(here, "missing", family)["case"]["case_id"]
        sheltered = intake(there, "sheltered", shelter)["case"]["case_id"]
        assert candidates(there, sheltered) == [missing]
        assert candidates(here, missing) == [sheltered]
        again = intake(here, "missing", shelter)["case"]["case_id"]
        assert sorted(candidates(here, again)) == sorted([missing, sheltered])
    assert service.findings() == []


def test_what_is_deleted_by_hand_is_found_by_the_check(tmp_path: Path) -> None:
    service = Service(tmp_path / "var")
    key = service.api_key("partner")
    family, shelter = drawn_pair()
    with service.server() as server, server.client(key) as client:
        intake(client, "missing", family)
        intake(client, "sheltered", shelter)
    assert service.findings() == []

    victim = next(path for path in (service.folder / "photos").glob("*/*/*") if path.is_file())
    content = victim.read_bytes()
    victim.unlink()
    assert [each["fault"] for each in service.findings()] == ["row_without_file"]
    victim.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert [each["fault"] for each in service.findings()] == ["file_damaged"]
    victim.write_bytes(content)
    assert service.findings() == []

    with sqlite3.connect(service.folder / "tracing.sqlite") as database:
        database.execute("DELETE FROM photos WHERE photo_id = (SELECT min(photo_id) FROM photos)")
    database.close()
    faults = {each["fault"] for each in service.findings()}
    assert {"file_without_row", "orphan", "row_missing", "gallery_differs"} <= faults
