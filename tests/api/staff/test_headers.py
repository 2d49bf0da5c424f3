"""Every answer bears the headers that protect a browser: pages and programs' answers, files, refusals and breakdowns."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api import limits
from api.app import create_app
from api.errors import STATUS
from api.security import HEADERS, POLICY
from tests.api.conftest import HERE, add_photo, open_case
from tests.api.staff.conftest import Browser
from tests.api.test_routes import filled, names, routes
from tests.house import House
from tracing.errors import Incomplete, PhotoTooLarge, TracingError, UnreadablePhoto

__all__ = ["names"]

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


def protected(what: str, answer: httpx2.Response) -> None:
    for name, value in HEADERS.items():
        assert answer.headers.get(name) == value, f"{what}: {answer.status_code} lacks {name}"
    assert ("strict-transport-security" in answer.headers) == (answer.url.scheme == "https"), what
    assert answer.headers.get("cache-control"), what


def test_every_route_answers_with_them_whoever_asks(
    app: FastAPI, sun: Browser, manager: TestClient, names: dict[str, str]
) -> None:
    """With things that are there and with things that are not, to somebody who may and to a stranger over TLS."""
    stranger = TestClient(app, base_url="https://127.0.0.1")
    statuses = set()
    for method, path in routes(app):
        if path in ("/logout", "/static"):
            continue
        known = manager if path.startswith(("/api/", "/metrics")) else sun.client
        for client, ids in ((known, names), (known, dict.fromkeys(names, "0" * 32)), (stranger, names)):
            answer = client.request(method, filled(path, ids), follow_redirects=False)
            protected(f"{method} {path}", answer)
            statuses.add(answer.status_code)
    assert statuses >= {200, 303, 401, 403, 404, 422}


def test_whatever_is_refused_the_answer_bears_them(app: FastAPI) -> None:
    """Each class of our errors: 400, 401, 403, 404, 409, 413, 422, 429, 500, 503, 507."""
    given = {Incomplete: ({"name": "no"},), UnreadablePhoto: ("no", "truncated"), PhotoTooLarge: ("no", "too_many_bytes")}

    def failing(kind: type[TracingError]) -> Callable[[], None]:
        def fail() -> None:
            raise kind(*given.get(kind, ("no",)))

        return fail

    for kind, status in STATUS.items():
        for path in (f"/failing/{kind.__name__}", f"/api/v1/failing/{kind.__name__}"):
            app.add_api_route(path, failing(kind))
            for scheme in ("http", "https"):
                answer = TestClient(app, base_url=f"{scheme}://127.0.0.1").get(path, follow_redirects=False)
                protected(f"{path} {scheme}", answer)
                assert answer.status_code in (status, 303), f"{path}: a page leads who is not signed in to the login"
                assert answer.headers["cache-control"] == "no-store"


def test_what_is_answered_before_any_route_bears_them(
    app: FastAPI, sun: Browser, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    style = sun.client.get("/static/style.css")
    told = {
        "the same again": sun.client.get("/static/style.css", headers={"If-None-Match": style.headers["etag"]}),
        "a part": sun.client.get("/static/style.css", headers={"Range": "bytes=0-9"}),
        "no part": sun.client.get("/static/style.css", headers={"Range": f"bytes={1 << 30}-"}),
    }
    told["no method"] = sun.client.request("BREW", "/")
    told["no form"] = sun.client.post("/login", content=b"--", headers={"Content-Type": "multipart/form-data; boundary=x"})
    monkeypatch.setattr(limits, "TOGETHER", 0)
    crowded, public = create_app(house.services), house.services.settings.model_copy(update={"public_url": "https://a.example"})
    told["no room"] = TestClient(crowded, base_url=HERE).post("/login", data={"name": "sun"})
    named = create_app(replace(house.services, settings=public))
    told["another host"] = TestClient(named, base_url="http://evil.example").get("/login")
    for what, answer in told.items():
        protected(what, answer)
    assert {name: answer.status_code for name, answer in told.items()} == {
        "the same again": 304,
        "a part": 206,
        "no part": 416,
        "no method": 405,
        "no form": 400,
        "no room": 503,
        "another host": 421,
    }


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
