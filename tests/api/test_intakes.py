"""The one-step form over HTTP."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import Message

import api.analysis
from tests.fakes import painted_photo, unreadable_photo
from tests.house import House
from tracing.errors import Busy, Unavailable

CASE = {"kind": "sheltered", "names": ["不详"], "age_min": 50, "age_max": 60}


def photo(number: int, data: bytes | None = None) -> tuple[str, Any]:
    return ("photo", (f"{number}.png", painted_photo(number) if data is None else data, "image/png"))


def as_field(case: Any = CASE) -> dict[str, Any]:
    return {"data": {"case": json.dumps(case)}}


def send(client: TestClient, *photos: tuple[str, Any], case: Any = CASE) -> Any:
    if not photos:  # a form without a file would not be multipart
        return client.post("/api/v1/intakes", files=[("case", ("case.json", json.dumps(case), "application/json"))])
    return client.post("/api/v1/intakes", files=list(photos), **as_field(case))


def test_case_and_photos_come_in_one_request(intake: TestClient) -> None:
    answer = send(intake, photo(1), photo(2))
    assert answer.status_code == 201
    case, photos = answer.json()["case"], answer.json()["photos"]
    assert CASE.items() <= case.items()
    assert [each["analysis"] for each in photos] == ["enrolled", "enrolled"]
    listed = intake.get(f"/api/v1/cases/{case['case_id']}/photos").json()["photos"]
    assert sorted(listed, key=lambda each: each["photo_id"]) == sorted(photos, key=lambda each: each["photo_id"])


def test_the_case_may_be_a_file_part_with_json_in_it(intake: TestClient) -> None:
    parts = [("case", ("case.json", json.dumps(CASE), "application/json")), photo(1)]
    answer = intake.post("/api/v1/intakes", files=parts)
    assert answer.status_code == 201
    assert answer.json()["photos"][0]["analysis"] == "enrolled"


def test_the_case_may_be_a_json_part_without_a_file_name(intake: TestClient) -> None:
    """As curl sends ``-F 'case={...};type=application/json'``."""
    lines = [
        "--b",
        'Content-Disposition: form-data; name="case"',
        "Content-Type: application/json",
        "",
        json.dumps(CASE),
        "--b--",
        "",
    ]
    content = "\r\n".join(lines).encode()
    answer = intake.post("/api/v1/intakes", content=content, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 201
    assert answer.json()["case"]["names"] == ["不详"]


@pytest.mark.parametrize("kept", [-1, -3, -len("--b--"), -len("\r\n--b--"), -len("\r\n--b--") - 8])
def test_a_form_that_breaks_off_opens_no_case(kept: int, intake: TestClient) -> None:
    """Else its photo was left out, and nobody was told."""
    case, a_photo = json.dumps(CASE).encode(), painted_photo(1)
    parts = (b'name="case"\r\n\r\n' + case, b'name="photo"; filename="1.png"\r\n\r\n' + a_photo)
    whole = b"".join(b"--b\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--b--"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = intake.post("/api/v1/intakes", content=whole[:kept], headers=headers)
    assert (answer.status_code, "breaks off" in answer.json()["detail"]) == (400, True)
    assert intake.get("/api/v1/cases").json()["total"] == 0
    assert intake.post("/api/v1/intakes", content=whole, headers=headers).status_code == 201


def test_an_intake_without_a_photo_is_a_case(intake: TestClient) -> None:
    answer = send(intake)
    assert (answer.status_code, answer.json()["photos"]) == (201, [])


def test_a_photo_that_cannot_be_read_does_not_lose_the_case(intake: TestClient) -> None:
    answer = send(intake, photo(1), photo(2, unreadable_photo()), photo(3))
    assert answer.status_code == 201
    good, bad, also_good = answer.json()["photos"]
    assert (good["analysis"], also_good["analysis"]) == ("enrolled", "enrolled")
    assert (bad["analysis"], bad["problem"]) == ("unreadable", "truncated")
    assert "photo_id" not in bad
    assert bad["detail"].endswith(".")


def test_a_photo_that_is_too_large_does_not_lose_the_case(intake: TestClient, house: House) -> None:
    large = bytes((house.services.settings.max_photo_mib << 20) + 1)
    answer = send(intake, photo(1, large), photo(2))
    assert answer.status_code == 201
    assert [each["problem"] for each in answer.json()["photos"]] == ["too_many_bytes", ""]


def test_a_photo_that_cannot_be_saved_now_does_not_lose_the_case(
    intake: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> str:
        raise Unavailable("The disk is full.")

    monkeypatch.setattr(type(house.services.photos), "put", full)
    answer = send(intake, photo(1))
    assert (answer.status_code, answer.json()["photos"][0]["analysis"]) == (201, "not_saved")
    assert intake.get(f"/api/v1/cases/{answer.json()['case']['case_id']}").status_code == 200


def test_while_a_photo_is_pending_the_answer_says_accepted(intake: TestClient, house: House) -> None:
    house.examiner.failure = Busy("too many photos are waiting")
    answer = send(intake, photo(1))
    assert (answer.status_code, answer.json()["photos"][0]["analysis"]) == (202, "pending")


def test_a_photo_that_nobody_had_time_to_read_is_saved_and_its_fault_is_told_later(
    intake: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.analysis, "VERIFIED_SECONDS", 0)
    answer = send(intake, photo(1), photo(2, unreadable_photo()), photo(3, b"not a picture"))
    assert answer.status_code == 201
    assert [each["analysis"] for each in answer.json()["photos"]] == ["enrolled", "unreadable", "unreadable"]
    assert ["photo_id" in each for each in answer.json()["photos"]] == [True, True, False]
    case_id = answer.json()["case"]["case_id"]
    added = intake.post(f"/api/v1/cases/{case_id}/photos", files=[photo(4, unreadable_photo()[:-7])])
    assert (added.status_code, added.json()["analysis"]) == (201, "unreadable")


def test_the_same_photo_twice_in_one_form_is_one_photo(intake: TestClient) -> None:
    one, other = send(intake, photo(1), photo(1)).json()["photos"]
    assert one == other


@pytest.mark.parametrize(
    ("case", "field"),
    [
        ({"kind": "sheltered", "nmaes": []}, "case.nmaes"),
        ({"names": []}, "case.kind"),
        ({"kind": "missing", "age_max": 999}, "age_max"),
    ],
)
def test_a_case_that_makes_no_sense_is_refused_with_the_field_named(intake: TestClient, case: Any, field: str) -> None:
    refused = send(intake, photo(1), case=case)
    assert refused.status_code == 422
    problem = refused.json()
    assert field in [problem.get("field"), *(each["field"] for each in problem.get("errors", []))]
    assert intake.get("/api/v1/cases").json()["total"] == 0


@pytest.mark.parametrize("text", ["", "{", "[]", b"\xed\xa0\x80", '{"kind": "missing", "names": ["\\ud800"]}', "x" * 65_537])
def test_a_case_part_that_is_no_json_is_refused(intake: TestClient, text: str | bytes) -> None:
    refused = intake.post("/api/v1/intakes", files=[("case", ("case.json", text, "application/json"))])
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("kind", ["boundary=b; charset=hex", "charset=utf-8", "boundary=" + "b" * 5000, "boundary=c"])
def test_a_form_that_cannot_be_parsed_is_refused(intake: TestClient, kind: str) -> None:
    content = b'--b\r\nContent-Disposition: form-data; name="case"\r\n\r\n{}\r\n--b--\r\n'
    refused = intake.post("/api/v1/intakes", content=content, headers={"Content-Type": f"multipart/form-data; {kind}"})
    assert refused.status_code in (400, 422)
    assert refused.headers["content-type"] == "application/problem+json"


def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(
    app: FastAPI, intake: TestClient, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    messages = [{"type": "http.request", "body": b"--b\r\n", "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = {"authorization": intake.headers["authorization"], "content-type": "multipart/form-data; boundary=b"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/intakes",
        "raw_path": b"/api/v1/intakes",
        "query_string": b"",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(app(scope, receive, send))
    assert sent == []
    assert caplog.records == []
    assert 'route="/api/v1/intakes",status="499"' in app.state.metrics.exposition(house.auditor).decode()
    assert intake.get("/api/v1/cases").json()["total"] == 0


def test_a_form_of_the_wrong_parts_is_refused(intake: TestClient) -> None:
    def status(files: list[tuple[str, Any]], **more: Any) -> int:
        return int(intake.post("/api/v1/intakes", files=files, **more).status_code)

    assert status([photo(1)]) == 422
    assert status([photo(1)], data={"case": [json.dumps(CASE)] * 2}) == 422
    assert status([photo(1), ("image", ("1.png", b"x"))], **as_field()) == 422
    assert status([("other", ("1.png", b"x"))], data={"case": json.dumps(CASE), "photo": "text"}) == 422
    assert status([photo(number) for number in range(9)], **as_field()) == 400
    assert intake.post("/api/v1/intakes", json={"case": CASE}).status_code == 422
    assert intake.post("/api/v1/intakes").status_code == 422
    assert intake.get("/api/v1/cases").json()["total"] == 0
