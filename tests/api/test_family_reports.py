"""Reports of families and sightings by the JSON API."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.families.sent import a_report, a_sighting
from tests.house import House
from tracing.domain import Case, FamilyReport


@pytest.fixture
def report(house: House) -> FamilyReport:
    return a_report(house)


@pytest.fixture
def case(house: House) -> Case:
    return house.missing(1)


def test_a_report_is_listed_read_and_accepted(intake: TestClient, house: House, report: FamilyReport) -> None:
    listed = intake.get("/api/v1/reports").json()
    assert (listed["total"], [each["report_id"] for each in listed["reports"]]) == (1, [report.report_id])
    one = intake.get(f"/api/v1/reports/{report.report_id}").json()
    assert (one["reference"], one["told"]["phone"], one["face_consent"], one["case"]) == (
        report.reference,
        "13800138000",
        True,
        None,
    )
    assert [each["taken_on"] for each in one["photos"]] == ["2019"]
    assert "secret" not in str(one)
    case = intake.post(f"/api/v1/reports/{report.report_id}/accept", json={"version": one["version"]})
    assert case.status_code == 200
    assert (case.json()["kind"], case.json()["legal_basis"]) == ("missing", "separate_consent")
    after = intake.get(f"/api/v1/reports/{report.report_id}").json()
    assert (after["state"], after["told"], after["case"]["case_id"]) == ("accepted", {}, case.json()["case_id"])
    again = intake.post(f"/api/v1/reports/{report.report_id}/accept", json={"version": after["version"]})
    assert again.status_code == 409


def test_a_report_is_declined_with_one_of_the_reasons(manager: TestClient, report: FamilyReport) -> None:
    path = f"/api/v1/reports/{report.report_id}/decline"
    assert manager.post(path, json={"version": 1, "why": "duplicate"}).status_code == 422
    assert manager.post(path, json={"version": 9, "why": "talk_first"}).status_code == 409
    answer = manager.post(path, json={"version": 1, "why": "talk_first"})
    assert (answer.json()["state"], answer.json()["declined"]) == ("declined", "talk_first")
    assert manager.get("/api/v1/reports?state=declined").json()["total"] == 1
    assert manager.get("/api/v1/reports?state=draft").json()["total"] == 0


def test_sightings_are_listed_read_and_noted(intake: TestClient, house: House, case: Case) -> None:
    seen, other = a_sighting(house, case), a_sighting(house, house.missing(2))
    assert intake.get("/api/v1/sightings").json()["total"] == 2
    listed = intake.get(f"/api/v1/sightings?case_id={case.case_id}&state=new").json()
    (one,) = listed["sightings"]
    assert (one["sighting_id"], one["contact"], one["photos"], one["clue_id"]) == (seen.sighting_id, "13900139000", 1, "")
    noted = intake.post(f"/api/v1/sightings/{seen.sighting_id}/note", json={"version": 1, "said": "在阜阳站见过"}).json()
    assert noted["state"] == "noted"
    assert noted["clue_id"]
    read = intake.post(f"/api/v1/sightings/{other.sighting_id}/read", json={"version": 1}).json()
    assert read["state"] == "read"
    assert intake.get("/api/v1/sightings?state=new").json()["total"] == 0
    assert intake.get("/api/v1/sightings?case_id=nothing").status_code == 404


def test_reports_and_sightings_are_told_to_nobody_else(
    reviewer: TestClient, auditor: TestClient, partner: TestClient, house: House, report: FamilyReport, case: Case
) -> None:
    a_sighting(house, case)
    for client in (reviewer, auditor, partner):
        for path in ("/api/v1/reports", f"/api/v1/reports/{report.report_id}", "/api/v1/sightings"):
            assert client.get(path).status_code == 403, path
