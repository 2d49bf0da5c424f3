"""Clocks, tasks and tracing actions for programs."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import open_case
from tests.house import House


@pytest.fixture
def case_id(intake: TestClient) -> str:
    return str(open_case(intake, "sheltered")["case_id"])


def test_the_clocks_of_a_case(intake: TestClient, case_id: str) -> None:
    clocks = intake.get(f"/api/v1/cases/{case_id}/clocks").json()["clocks"]
    assert [clock["rule_id"] for clock in clocks] == ["notice", "dna_request", "stranded", "settlement"]
    notice = clocks[0]
    assert (notice["standing"], notice["due_at"]) == ("running", "2026-03-02T12:00:00Z")
    assert notice["titles"]["en"] == "Publish a tracing notice with a photo"
    assert intake.get(f"/api/v1/cases/{'0' * 32}/clocks").status_code == 404


def test_an_action_meets_a_clock_and_is_listed(house: House, intake: TestClient, case_id: str) -> None:
    house.clock.advance(hours=5)
    body = {"kind": "notice", "outcome": "done", "taken_at": "2026-03-01T22:30:00+08:00", "note": "at the market"}
    made = intake.post(f"/api/v1/cases/{case_id}/actions", json=body)
    assert made.status_code == 201
    assert made.json()["taken_at"] == "2026-03-01T14:30:00Z"
    assert intake.get(f"/api/v1/cases/{case_id}/actions").json()["actions"] == [made.json()]
    clocks = intake.get(f"/api/v1/cases/{case_id}/clocks").json()["clocks"]
    assert {clock["rule_id"]: clock["standing"] for clock in clocks}["notice"] == "met"


@pytest.mark.parametrize("taken_at", ["2026-03-01T22:30:00", "1772000000", 1772000000, "2026-03-01", "2030-01-01T00:00:00Z"])
def test_a_time_needs_its_zone_and_lies_behind(intake: TestClient, case_id: str, taken_at: object) -> None:
    body = {"kind": "notice", "outcome": "done", "taken_at": taken_at}
    answer = intake.post(f"/api/v1/cases/{case_id}/actions", json=body)
    assert answer.status_code == 422
    assert "taken_at" in answer.text


def test_pause_and_resume(house: House, intake: TestClient, case_id: str) -> None:
    clock_id = intake.get(f"/api/v1/cases/{case_id}/clocks").json()["clocks"][0]["clock_id"]
    paused = intake.post(f"/api/v1/clocks/{clock_id}/pause", json={"reason": "in hospital"}).json()
    assert (paused["standing"], paused["pauses"][0]["reason"]) == ("paused", "in hospital")
    assert intake.post(f"/api/v1/clocks/{clock_id}/pause", json={"reason": "again"}).status_code == 409
    house.clock.advance(hours=10)
    resumed = intake.post(f"/api/v1/clocks/{clock_id}/resume").json()
    assert (resumed["standing"], resumed["due_at"]) == ("running", "2026-03-02T22:00:00Z")
    assert intake.post(f"/api/v1/clocks/{'0' * 32}/resume").status_code == 404


def test_a_clock_that_people_start(intake: TestClient, case_id: str) -> None:
    path = f"/api/v1/cases/{case_id}/clocks"
    started = intake.post(path, json={"rule_id": "police_suspected", "reason": "speaks of a van"})
    assert started.status_code == 201
    assert started.json()["clocks"][0]["rule_id"] == "police_suspected"
    refused = intake.post(path, json={"rule_id": "notice", "reason": "because"})
    assert (refused.status_code, refused.json()["field"]) == (422, "rule_id")


def test_tasks_by_station_and_overdue(house: House, intake: TestClient, case_id: str) -> None:
    found = intake.get("/api/v1/tasks", params={"station": "main"}).json()
    assert (found["total"], found["overdue"]) == (2, 0)
    assert intake.get("/api/v1/tasks", params={"station": "elsewhere"}).json()["total"] == 0
    house.clock.advance(days=2)
    found = intake.get("/api/v1/tasks", params={"overdue": True}).json()
    assert [(task["rule_id"], task["standing"], task["escalated_to"]) for task in found["tasks"]] == [
        ("notice", "overdue", ["manager"])
    ]


def test_statistics_and_metrics_tell_coverage_and_compliance(house: House, intake: TestClient) -> None:
    for _ in range(5):
        open_case(intake, "sheltered")
    house.sheltered(1)
    house.clock.advance(days=2)
    told = intake.get("/api/v1/statistics").json()
    assert told["coverage"] == [{"station_id": "main", "open": 6, "searched": 1, "share": 1 / 6}]
    assert told["coverage_by_clues"] == [{"station_id": "main", "open": 6, "searched": 0, "share": 0.0}]
    assert {"station_id": "main", "rule_id": "", "clocks": 6, "share": 0.0} in told["compliance"]
    assert told["reunions"] == {}
    lines = intake.get("/metrics").text.splitlines()
    assert 'tracing_clocks_overdue{station="main"} 6.0' in lines
    assert 'tracing_clocks_met_share{station="main"} 0.0' in lines
    assert any(line.startswith('tracing_coverage{station="main"} 0.16') for line in lines)
    assert 'tracing_coverage_by_clues{station="main"} 0.0' in lines
    assert 'tracing_cases_not_searched{by="faces",station="main"} 5.0' in lines
    assert 'tracing_cases_not_searched{by="clues",station="main"} 6.0' in lines


def test_what_was_passed_on_is_told_and_taken_note_of(
    house: House, intake: TestClient, manager: TestClient, case_id: str
) -> None:
    house.services.clockwork.tend()
    house.clock.advance(days=2)
    house.services.clockwork.tend()
    found = manager.get("/api/v1/escalations").json()
    assert (found["total"], found["escalations"][0]["case_id"], found["escalations"][0]["rule_id"]) == (1, case_id, "notice")
    path = f"/api/v1/escalations/{found['escalations'][0]['escalation_id']}/seen"
    assert intake.get("/api/v1/escalations").json() == {"total": 0, "escalations": []}
    assert intake.post(path).status_code == 403
    seen = manager.post(path)
    assert (seen.status_code, seen.json()["seen_by"]) == (200, house.manager.account_id)
    assert manager.post(path).status_code == 409
    assert manager.get("/api/v1/escalations").json()["total"] == 0
    assert manager.post(f"/api/v1/escalations/{'0' * 32}/seen").status_code == 404
