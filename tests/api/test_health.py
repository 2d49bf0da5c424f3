"""What machines ask."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from tests.api.conftest import add_photo, open_case
from tests.fakes import painted_photo
from tests.house import House
from tests.neighbours import Neighbours
from tests.stories import by_hand
from tracing.domain import CaseKind
from tracing.errors import Busy, DiskFull, NotWritable, Unavailable
from tracing.store.engines import READING, WRITING


def test_a_process_that_runs_is_alive(stranger: TestClient) -> None:
    assert (stranger.get("/health/live").status_code, stranger.get("/health/ready").json()) == (200, {"status": "ok"})


def test_without_its_database_the_service_is_alive_and_not_ready(
    stranger: TestClient, house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(*_: Any) -> None:
        raise Unavailable("no route to db.internal")

    monkeypatch.setattr(type(house.services.store), "reading", gone)
    with caplog.at_level(logging.WARNING, logger="api.health"):
        answer = stranger.get("/health/ready")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert "db.internal" not in answer.text
    assert "db.internal" in caplog.text
    assert stranger.get("/health/live").status_code == 200


def test_a_service_whose_photo_folder_takes_no_file_is_not_ready(
    stranger: TestClient, intake: TestClient, house: House
) -> None:
    add_photo(intake, open_case(intake)["case_id"])
    folder: Path = house.services.settings.photo_dir
    folder.rename(folder.with_name("elsewhere"))
    folder.touch()
    assert stranger.get("/health/ready").status_code == 503
    folder.unlink()
    folder.with_name("elsewhere").rename(folder)
    assert stranger.get("/health/ready").status_code == 200


def test_a_service_whose_database_was_migrated_away_is_not_ready(stranger: TestClient, house: House) -> None:
    with closing(sqlite3.connect(house.services.settings.data_dir / "tracing.sqlite")) as database:
        database.execute("UPDATE alembic_version SET version_num = 'of the year 2030'")
        database.commit()
    assert stranger.get("/health/ready").status_code == 503


@pytest.mark.parametrize("table", ["events", "audit_head", "cases", "sessions"])
def test_a_service_that_lacks_a_table_is_not_ready(stranger: TestClient, house: House, table: str) -> None:
    by_hand(house, f"ALTER TABLE {table} RENAME TO elsewhere")
    assert stranger.get("/health/ready").status_code == 503
    by_hand(house, f"ALTER TABLE elsewhere RENAME TO {table}")
    assert stranger.get("/health/ready").status_code == 200


def test_whoever_needs_the_audit_is_told_not_now_where_it_is_gone(manager: TestClient, house: House) -> None:
    case_id = house.missing(1).case_id
    by_hand(house, "ALTER TABLE events RENAME TO elsewhere")
    for answer in (
        manager.get(f"/api/v1/cases/{case_id}/timeline"),
        manager.patch(f"/api/v1/cases/{case_id}", json={"version": 1, "accent": "四川话"}),
    ):
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json"), answer.text
        assert answer.json()["type"] == "urn:tracing:problem:audit-unavailable"


def test_asking_leaves_nothing_behind(stranger: TestClient, house: House) -> None:
    stranger.get("/health/ready")
    assert list(house.services.photos.keys()) == []
    assert house.faults() == []


def test_the_metrics_count_answers_by_the_template_of_their_route(intake: TestClient, auditor: TestClient) -> None:
    case_id = open_case(intake)["case_id"]
    for _ in range(3):
        intake.get(f"/api/v1/cases/{case_id}")
    intake.get("/api/v1/cases/nothing")
    intake.get("/nothing/at/all")
    intake.request("BREW", "/api/v1/cases")
    text = auditor.get("/metrics").text
    assert 'tracing_requests_total{method="GET",route="/api/v1/cases/{case_id}",status="200"} 3.0' in text
    assert 'tracing_requests_total{method="GET",route="/api/v1/cases/{case_id}",status="404"} 1.0' in text
    assert 'method="OTHER"' in text
    assert "BREW" not in text
    assert case_id not in text
    assert 'tracing_request_seconds_count{method="GET",route="/api/v1/cases/{case_id}"} 4.0' in text


def test_the_metrics_tell_what_waits_and_how_large_the_galleries_are(
    intake: TestClient, auditor: TestClient, house: House
) -> None:
    add_photo(intake, open_case(intake)["case_id"])
    add_photo(intake, open_case(intake, "sheltered")["case_id"], painted_photo(2))
    house.examiner.failure = Busy("later")
    add_photo(intake, open_case(intake)["case_id"], painted_photo(3))
    lines = auditor.get("/metrics").text.splitlines()
    for line in (
        "tracing_photos_pending 1.0",
        "tracing_photos_stuck 0.0",
        "tracing_searches_due 0.0",
        'tracing_gallery_templates{collection="missing"} 1.0',
        'tracing_gallery_people{collection="in_care"} 1.0',
        'tracing_index_recall{collection="missing"} 1.0',
        'tracing_gallery_people{collection="past"} 0.0',
    ):
        assert line in lines


def test_two_applications_of_one_process_count_apart(app: FastAPI, stranger: TestClient, house: House) -> None:
    other = create_app(house.services)
    stranger.get("/health/live")
    counted = 'route="/health/live"'
    assert counted in app.state.metrics.exposition(house.auditor).decode()
    assert counted not in other.state.metrics.exposition(house.auditor).decode()
    other.state.analyses.close()


def test_the_metrics_are_of_the_whole_house_whoever_reads_them(app: FastAPI, house: House) -> None:
    north = Neighbours(house)
    house.missing(1)
    house.open(CaseKind.SHELTERED, north.intake)
    for actor in (house.auditor, north.auditor, north.supervisor):
        lines = app.state.metrics.exposition(actor).decode().splitlines()
        assert "tracing_open_cases 2.0" in lines
        assert {'tracing_coverage{station="main"} 1.0', 'tracing_coverage{station="north"} 0.0'} <= set(lines)


@pytest.mark.parametrize("error", [DiskFull("no room on /srv"), NotWritable("read-only /srv")])
@pytest.mark.parametrize("part", ["store", "photos"])
def test_a_service_that_cannot_save_anything_is_not_ready_until_it_can_again(
    stranger: TestClient, house: House, monkeypatch: pytest.MonkeyPatch, error: Unavailable, part: str
) -> None:
    def refused(_: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(type(getattr(house.services, part)), "try_writing", refused)
        answer = stranger.get("/health/ready")
        assert (answer.status_code, "/srv" in answer.text) == (503, False)
    assert stranger.get("/health/ready").status_code == 200


def test_a_database_that_may_only_be_read_is_not_ready(
    stranger: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WRITING, "sqlite_begin", READING["sqlite_begin"])
    assert stranger.get("/health/ready").status_code == 503
