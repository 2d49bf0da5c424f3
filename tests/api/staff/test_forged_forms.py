"""No form of any page is taken that was not shown by us to this browser: every route is walked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI

from tests.api.staff.conftest import Browser
from tests.api.test_routes import PAGES, filled, routes

WITH_A_PROVIDER = "/sign-on/resume"
"""Is not there where no provider of sign-ins is set, as here."""
OURS = "This form"
"""How each of the three refusals begins."""
NAMES = dict.fromkeys(
    ("case_id", "clue_id", "pair_id", "clock_id", "photo_id", "face_id", "lead_id", "request_id", "notice_id"), "x" * 32
)
NAMES |= {
    "list_id": "x",
    "run_id": "x",
    "hit_id": "x",
    "report_id": "x",
    "sighting_id": "x",
    "emergency_id": "x",
    "escalation_id": "x",
    "session_id": "x",
    "subject": "x",
    "step": "suspend",
    "part": "person",
}


def forms(app: FastAPI) -> Iterator[str]:
    """The path of every route that pages send forms to."""
    for method, path in routes(app):
        if method not in ("GET", "HEAD") and not path.startswith("/api/"):
            assert method == "POST", "a browser sends forms by no other method"
            yield path


@pytest.mark.parametrize("forgery", ["no token", "a token of somebody else", "from another site", "only in the address"])
def test_no_form_of_any_page_is_taken(app: FastAPI, browsers: Callable[..., Browser], forgery: str) -> None:
    sun, chen = browsers("sun"), browsers("chen")
    token = {"no token": "", "a token of somebody else": chen.token, "only in the address": ""}.get(forgery, sun.token)
    headers = {"Origin": "https://evil.example"} if forgery == "from another site" else {}
    query = f"?csrf={sun.token}" if forgery == "only in the address" else ""
    walked = 0
    for path in forms(app):
        filled_in = filled(path, NAMES)
        assert "{" not in filled_in, f"{path}: say in NAMES what stands there"
        answer = sun.client.post(filled_in + query, data={"csrf": token}, headers=headers, follow_redirects=False)
        there = path != WITH_A_PROVIDER
        assert (answer.status_code, OURS in answer.text) == ((403, True) if there else (404, False)), (
            f"{path}: {answer.status_code}"
        )
        walked += 1
    assert walked > sum(row.method == "POST" for row in PAGES), "the login page, too"
    sun.see("/")
    assert sun.url == "/", "still signed in"


def test_looking_changes_nothing_so_that_a_link_from_another_site_does_no_harm(app: FastAPI) -> None:
    """A GET bears no token: no route of the pages does by GET what another does by POST."""
    gets = {path for method, path in routes(app) if method == "GET"}
    assert not [path for path in gets if path.rsplit("/", 1)[-1] in ("end", "claim", "decisions", "seen", "withdraw", "logout")]
