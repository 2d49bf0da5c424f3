"""Each request has a number, and one line in the log that says nothing of anybody."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.requests import REQUEST_ID
from tests.api.conftest import HERE, open_case
from tests.api.staff.conftest import PASSWORD, Browser
from tests.house import House
from tracing.access import SYSTEM
from tracing.casework import Casework


def test_an_answer_bears_the_number_of_its_request(stranger: TestClient) -> None:
    numbers = {stranger.get(path).headers[REQUEST_ID] for path in ("/health/live", "/nothing", "/login", "/api/v1/cases")}
    assert len(numbers) == 4
    assert all(re.fullmatch("[0-9a-f]{16}", number) for number in numbers)


@pytest.mark.parametrize(
    ("given", "taken"),
    [("proxy-0001.a_b", True), ("short", False), ("x" * 65, False), ("with a\ttab", False), ("<script>..", False)],
)
def test_the_number_of_a_proxy_is_kept_where_it_is_a_plain_word(stranger: TestClient, given: str, taken: bool) -> None:
    assert (stranger.get("/health/live", headers={REQUEST_ID: given}).headers[REQUEST_ID] == given) is taken


def test_the_log_tells_the_route_and_not_whom_it_was_about(intake: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="api.requests"):
        case_id = open_case(intake, names=["王建国"])["case_id"]
        intake.get(f"/api/v1/cases/{case_id}", params={"name": "王建国"})
        intake.get("/health/live")
        assert intake.get("/static/style.css").status_code == 200
        intake.request("BREW", "/nothing")
    told = [(each.method, each.route, each.status) for each in caplog.records if each.name == "api.requests"]  # type: ignore[attr-defined]
    assert told == [("POST", "/api/v1/cases", 201), ("GET", "/api/v1/cases/{case_id}", 200), ("OTHER", "other", 404)]
    assert case_id not in caplog.text
    assert "王建国" not in caplog.text


def test_a_fault_of_ours_tells_the_number_under_which_the_log_has_it(
    app: FastAPI, house: House, intake: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = open_case(intake)["case_id"]
    house.services.accounts.set_password(SYSTEM, "lin", PASSWORD)
    browser = Browser(app).sign_in("lin")

    def broken(*_: Any) -> None:
        raise RuntimeError("王建国")

    monkeypatch.setattr(Casework, "read", broken)
    client = TestClient(app, base_url=HERE, headers=intake.headers, raise_server_exceptions=False)
    answer = client.get(f"/api/v1/cases/{case_id}")
    assert answer.status_code == 500
    assert answer.json()["request_id"] == answer.headers[REQUEST_ID]
    client.close()
    page = TestClient(app, base_url=HERE, cookies=browser.client.cookies, raise_server_exceptions=False).get(
        f"/cases/{case_id}"
    )
    assert page.status_code == 500
    assert page.headers[REQUEST_ID] in page.text
