"""Requests between stations and emergencies over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.house import House
from tests.neighbours import Neighbours
from tracing.domain import Case


@pytest.fixture
def north(house: House) -> Neighbours:
    return Neighbours(house)


@pytest.fixture
def guest(north: Neighbours, calls: Callable[[str], TestClient]) -> TestClient:
    return calls("north lin")


@pytest.fixture
def case(north: Neighbours) -> Case:
    return north.case()


def asked(client: TestClient, case: Case, status: int = 201, **more: Any) -> Any:
    body = {"case_id": case.case_id, "kind": "assistance", "parts": ["photos", "description"], "reason": "his village"} | more
    answer = client.post("/api/v1/requests", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_the_stations_are_told_to_everybody_who_works_here(guest: TestClient) -> None:
    assert [
        (each["station_id"], each["central"], each["open"]) for each in guest.get("/api/v1/stations").json()["stations"]
    ] == [
        ("main", False, True),
        ("north", False, True),
        ("pool", True, True),
    ]


def test_a_grant_is_asked_for_given_in_part_and_ends(guest: TestClient, manager: TestClient, case: Case, house: House) -> None:
    path = f"/api/v1/cases/{case.case_id}"
    refused = guest.get(path)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:tracing:problem:other-station")
    request = asked(guest, case, days=3)
    assert (request["state"], request["asking"], request["asked"], request["steps"]) == (
        "in_progress",
        "north",
        "main",
        ["revoked"],
    )
    assert request["parts"] == ["description", "photos"]
    assert "老王" not in guest.get("/api/v1/requests").text
    at = f"/api/v1/requests/{request['request_id']}"
    body = {"reason": "they know the dialect", "parts": ["description"], "version": request["version"]}
    granted = manager.post(f"{at}/accept", json=body)
    assert (granted.status_code, granted.json()["parts"]) == (200, ["description"])
    assert manager.post(f"{at}/accept", json=body).status_code == 409
    assert guest.get(path).json()["names"] == ["老王"]
    assert guest.get(f"{path}/photos").status_code == 403
    house.clock.advance(days=3)
    assert guest.get(path).status_code == 403
    assert guest.get(at).json()["expired"] is True
    assert guest.post(f"{at}/done", json={"reason": "found the village"}).json()["state"] == "done"


def test_a_transfer_goes_there_and_back(guest: TestClient, manager: TestClient, case: Case, calls: Any) -> None:
    request = asked(manager, case, kind="transfer", parts=[], station_id="north")
    at, guest_manager = f"/api/v1/requests/{request['request_id']}", calls("north sun")
    assert guest.post(f"{at}/accept", json={"reason": "yes"}).status_code == 403
    assert guest_manager.post(f"{at}/accept", json={"reason": "yes"}).json()["state"] == "accepted"
    assert guest.get(f"/api/v1/cases/{case.case_id}").json()["station_id"] == "north"
    assert manager.get(f"/api/v1/cases/{case.case_id}").status_code == 403
    assert manager.post(f"{at}/revoke", json={"reason": "he would not go"}).json()["state"] == "revoked"
    assert manager.get(f"/api/v1/cases/{case.case_id}").json()["station_id"] == "main"
    again = asked(manager, case, kind="transfer", parts=[], station_id="north")
    rejected = guest_manager.post(f"/api/v1/requests/{again['request_id']}/reject", json={"reason": "no bed is free"})
    assert (rejected.json()["state"], rejected.json()["answer"]) == ("rejected", "no bed is free")


def test_what_makes_no_sense_names_its_field(guest: TestClient, intake: TestClient, north: Neighbours, case: Case) -> None:
    assert asked(guest, case, 422, parts=[])["field"] == "parts"
    assert asked(guest, case, 422, days=0)["field"] == "days"
    assert asked(intake, case, 422, station_id="nowhere")["field"] == "station_id"
    assert asked(guest, north.case(age_min=None), 422)["field"] == "case_id"
    assert asked(guest, case, 422, days="many")["errors"]


def test_an_emergency_opens_the_case_and_is_looked_at_by_a_manager(
    guest: TestClient, manager: TestClient, auditor: TestClient, case: Case
) -> None:
    path = f"/api/v1/cases/{case.case_id}"
    assert guest.post(f"{path}/break-glass", json={"reason": " "}).status_code == 422
    opened = guest.post(f"{path}/break-glass", json={"reason": "he has collapsed"})
    assert opened.status_code == 201
    assert guest.get(path).status_code == 200
    assert guest.patch(path, json={"accent": "Wu"}).status_code == 403
    assert 'tracing_break_glass{seen="no"} 1.0' in auditor.get("/metrics").text.splitlines()
    (alert,) = manager.get("/api/v1/break-glass").json()["alerts"]
    assert (alert["reference"], alert["reason"], alert["running"], alert["station_id"], alert["host"]) == (
        case.reference,
        "he has collapsed",
        True,
        "north",
        "main",
    )
    seen = f"/api/v1/break-glass/{alert['emergency_id']}/seen"
    assert manager.post(seen, json={"reason": "it was right"}).status_code == 200
    assert manager.post(seen, json={"reason": "it was right"}).status_code == 409
    assert 'tracing_break_glass{seen="yes"} 1.0' in auditor.get("/metrics").text.splitlines()
