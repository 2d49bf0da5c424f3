"""Every answer bears the headers that protect a browser: pages and programs' answers, files, refusals and breakdowns."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.security import HEADERS, POLICY
from tests.api.conftest import HERE, add_photo, open_case
from tests.api.staff.conftest import Browser

TEMPLATES = Path(__file__).resolve().parents[3] / "api" / "staff" / "templates"


async def broken() -> None:
    raise ValueError("nobody foresaw this")


@pytest.fixture
def answers(app: FastAPI, sun: Browser, intake: TestClient) -> Callable[[], list[tuple[str, int, dict[str, str]]]]:
    """(what, status, headers) of every kind of answer."""
    app.add_api_route("/api/v1/broken", broken)
    app.add_api_route("/broken", broken)
    case_id = open_case(intake)["case_id"]
    photo_id = add_photo(intake, case_id).json()["photo_id"]
    asked = [
        ("GET", "/", {}),
        ("GET", "/login", {}),
        ("HEAD", "/login", {}),
        ("GET", "/cases", {}),
        ("GET", f"/cases/{case_id}", {}),
        ("GET", f"/cases/{case_id}/form.pdf", {}),
        ("GET", f"/photos/{photo_id}/image", {}),
        ("GET", "/static/style.css", {}),
        ("GET", "/static/nothing.css", {}),
        ("GET", "/static/../app.py", {}),
        ("GET", "/health/live", {}),
        ("GET", "/health/ready", {}),
        ("GET", "/metrics", {}),
        ("GET", "/nothing", {}),
        ("GET", "/cases/", {}),
        ("DELETE", "/cases", {}),
        ("TRACE", "/", {}),
        ("OPTIONS", "/", {}),
        ("POST", "/logout", {}),
        ("POST", "/login", {"content": b"x" * (2 << 20)}),
        ("POST", "/api/v1/cases", {"content": b"x" * (2 << 20)}),
        ("GET", "/broken", {}),
        ("GET", "/api/v1/broken", {}),
        ("GET", "/api/v1/cases", {}),
        ("GET", "/api/v1/nothing", {}),
        ("POST", "/api/v1/cases", {"json": {"kind": "nobody"}}),
        ("POST", "/api/v1/cases", {"content": b"{"}),
        ("GET", "/api/v1/calendar/guessed", {}),
    ]

    def ask() -> list[tuple[str, int, dict[str, str]]]:
        told = []
        for client in (sun.client, intake, TestClient(app, base_url="https://127.0.0.1")):
            for method, path, more in asked:
                answer = client.request(method, path, **more, follow_redirects=False)
                what = f"{method} {path} {client.base_url.scheme}"
                told.append((what, answer.status_code, {k.lower(): v for k, v in answer.headers.items()}))
        return told

    return ask


def test_every_answer_bears_them_whatever_it_is(answers: Callable[[], list[tuple[str, int, dict[str, str]]]]) -> None:
    statuses = set()
    for what, status, headers in answers():
        statuses.add(status)
        for name, value in HEADERS.items():
            assert headers.get(name.lower()) == value, f"{what}: {status} lacks {name}"
        assert ("strict-transport-security" in headers) == what.endswith(" https"), what
        assert headers["x-request-id"], what
        stored = headers["cache-control"]
        assert stored == "no-store" or (status in (200, 304) and ("/static/" in what or "private" in stored)), (
            f"{what}: {stored}"
        )
        assert "server" not in headers, what
    assert statuses >= {200, 303, 401, 403, 404, 405, 413, 422, 500}


def test_the_policy_allows_nothing_from_elsewhere_and_nothing_inline() -> None:
    assert POLICY.startswith("default-src 'none'")
    assert not re.search(r"unsafe|https?:|\*|data:", POLICY)
    for needed in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        assert needed in POLICY


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_no_template_holds_a_script_or_style_that_the_policy_would_have_to_allow(template: Path) -> None:
    source = template.read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", source)
    assert "| safe" not in source
    assert not re.search(r'(?:src|href|action)="https?://', source)


def test_the_answer_of_a_breakdown_says_nothing_of_it(app: FastAPI, intake: TestClient) -> None:
    app.add_api_route("/api/v1/broken", broken)
    answer = intake.get("/api/v1/broken")
    assert (answer.status_code, "foresaw" in answer.text, "Traceback" in answer.text) == (500, False, False)
    assert HERE not in answer.text
