"""Who may call which route: nothing answers a stranger but sign-in and health, and every role gets exactly its own routes.

Each row is asked by every role, at the station of the cases and at another one. A route without a row fails the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from tests.api.conftest import add_photo, open_case
from tests.api.staff.conftest import PASSWORD, Browser
from tests.fakes import painted_photo
from tests.house import House
from tracing.access import SYSTEM
from tracing.domain import Case, Judgement, Role
from tracing.interviews import Told

ACCOUNTS: Final = {
    Role.INTAKE: "lin",
    Role.REVIEWER: "chen",
    Role.MANAGER: "sun",
    Role.AUDITOR: "qian",
    Role.SERVICE: "partner",
}
FOR_STRANGERS: Final = {
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/login"),
    ("POST", "/login"),  # refuses without the form's token, which is not a matter of credentials
    ("GET", "/language/{locale}"),  # the login page in another language
}
FILES_FOR_STRANGERS: Final = "/static"  # style and pictures of the login page

_ALL: Final = frozenset(Role)
_HANDS: Final = frozenset({Role.INTAKE, Role.MANAGER, Role.SERVICE})
_DESK: Final = frozenset({Role.INTAKE, Role.MANAGER})
_EYES: Final = frozenset({Role.REVIEWER, Role.MANAGER})
_WATCH: Final = frozenset({Role.MANAGER, Role.AUDITOR})
_LEAD: Final = frozenset({Role.MANAGER})

Request = dict[str, Any]


class Row(NamedTuple):
    """One route: who may call it, and a request that makes sense. Names in braces are filled in by ``Story``."""

    method: str
    path: str
    roles: frozenset[Role]
    request: Request | None = None


REASON: Final = {"json": {"reason": "because"}}
PHOTO: Final = ("photo.png", painted_photo(9), "image/png")
VERDICT: Final = {"json": {"judgement": "unlikely", "reason": "another nose"}}

TABLE: Final = [
    Row("GET", "/metrics", _ALL),
    # Whoever acts for a person opens and changes their case; a program of a partner does not close it.
    Row("POST", "/api/v1/cases", _HANDS, {"json": {"kind": "missing"}}),
    Row("POST", "/api/v1/intakes", _HANDS, {"files": {"case": ("case.json", '{"kind": "missing"}')}}),
    Row("PATCH", "/api/v1/cases/{case_id}", _HANDS, {"json": {"accent": "Wu"}}),
    Row("POST", "/api/v1/cases/{case_id}/photos", _HANDS, {"files": {"photo": PHOTO}}),
    Row("PATCH", "/api/v1/faces/{face_id}", _HANDS, {"json": {"of_interest": True}}),
    Row("POST", "/api/v1/cases/{case_id}/close", _DESK, {"json": {"reason": "because", "outcome": "withdrawn"}}),
    Row("POST", "/api/v1/cases/{case_id}/reopen", _DESK, REASON),
    Row("POST", "/api/v1/cases/{case_id}/suspend", _DESK, REASON),
    # Everybody who works here reads; what they see of scores is another matter (test_pairs.py).
    Row("GET", "/api/v1/cases", _ALL),
    Row("GET", "/api/v1/cases/{case_id}", _ALL),
    Row("GET", "/api/v1/cases/{case_id}/photos", _ALL),
    Row("GET", "/api/v1/cases/{case_id}/candidates", _ALL),
    Row("GET", "/api/v1/cases/{case_id}/clues", _ALL),
    Row("POST", "/api/v1/cases/{case_id}/clues", _HANDS, {"json": {"said": "he said Fuyang"}}),
    Row("POST", "/api/v1/clues/suggestions", _ALL, {"json": {"said": "he said Fuyang"}}),
    Row("PUT", "/api/v1/clues/{clue_id}", _HANDS, {"json": {"said": "he said Fuyang", "version": 1, "reason": "because"}}),
    Row("POST", "/api/v1/clues/{clue_id}/withdraw", _HANDS, {"json": {"version": 2, "reason": "because"}}),
    Row("GET", "/api/v1/clues/{clue_id}/history", _ALL),
    Row("GET", "/api/v1/photos/{photo_id}", _ALL),
    Row("GET", "/api/v1/photos/{photo_id}/image", _ALL),
    Row("GET", "/api/v1/pairs/{pair_id}", _ALL),
    Row("GET", "/api/v1/leads", _ALL),
    Row("POST", "/api/v1/leads/{lead_id}/close", _DESK, REASON),
    Row("GET", "/api/v1/statistics", _ALL),
    Row("GET", "/api/v1/statistics/figures", _ALL),
    Row("GET", "/api/v1/openapi.json", _ALL),
    # Scores of what people decided: for those who answer for the work, and not for those whose judgement they could lead.
    Row("GET", "/api/v1/statistics/recognition", _WATCH),
    # Those who judge, and nobody who collects or audits.
    Row("GET", "/api/v1/review/queue", _EYES),
    Row("POST", "/api/v1/pairs/{pair_id}/claim", _EYES),
    Row("POST", "/api/v1/pairs/{pair_id}/decisions", _EYES, VERDICT),
    Row("POST", "/api/v1/pairs/{pair_id}/reconsider", _EYES, VERDICT),
    # What touches two families is the manager's.
    Row("POST", "/api/v1/pairs/{pair_id}/verify", _LEAD, {"json": {"proof": "dna", "reason": "because"}}),
    Row("POST", "/api/v1/pairs/{pair_id}/revoke", _LEAD, REASON),
    Row("POST", "/api/v1/pairs/{pair_id}/reunite", _LEAD, REASON),
]

FORM: Final = {"data": {"kind": "missing", "legal_basis": "statutory_duty", "reason": "because", "judgement": "cannot_tell"}}
PROOF: Final = {"data": {"proof": "document", "reason": "because"}}
PAGES: Final = [
    Row("GET", "/", _ALL),
    Row("GET", "/cases", _ALL),
    Row("GET", "/cases/{case_id}", _ALL),
    Row("GET", "/photos/{photo_id}/image", _ALL),
    Row("GET", "/pairs/{pair_id}", _ALL),
    Row("GET", "/cases/new", _HANDS),
    Row("POST", "/cases/new", _HANDS, FORM),
    Row("GET", "/cases/{case_id}/edit", _HANDS),
    Row("POST", "/cases/{case_id}/edit", _HANDS, FORM),
    Row("POST", "/cases/{case_id}/photos", _HANDS, {"files": {"photos": PHOTO}}),
    Row("POST", "/cases/{case_id}/clues", _HANDS, {"data": {"said": "he said Fuyang"}}),
    Row("POST", "/cases/{case_id}/clues/{clue_id}/mentions", _HANDS, {"data": {"version": "1"}}),
    Row("POST", "/cases/{case_id}/clues/{clue_id}/withdraw", _HANDS, {"data": {"version": "2", "reason": "because"}}),
    Row("POST", "/faces", _HANDS, {"data": {"face": "face_id"}}),
    Row("POST", "/cases/{case_id}/{step}", _DESK, FORM),
    Row("GET", "/review", _EYES),
    Row("GET", "/results", _EYES),
    Row("GET", "/figures", _ALL),
    Row("POST", "/pairs/{pair_id}/claim", _EYES, FORM),
    Row("POST", "/pairs/{pair_id}/decisions", _EYES, FORM),
    Row("POST", "/pairs/{pair_id}/reconsider", _EYES, FORM),
    Row("POST", "/pairs/{pair_id}/{step}", _LEAD, PROOF),
    Row("POST", "/logout", _ALL, {"data": {}}),  # the last one: it ends the session
]


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """(method, path) of every route; a mounted folder of files is a GET."""
    for route in iter_route_contexts(app.routes):
        for method in sorted(route.methods or {"GET"}):
            yield method, str(route.path)


def filled(path: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        path = path.replace("{" + name + "}", value)
    return path


@pytest.fixture
def names(house: House) -> dict[str, str]:
    """Identifiers of things that are there: a pair, one of its cases, a photo and its face."""
    one: Case = house.missing(1)
    other = house.sheltered(1)
    report = house.photograph(one, 5, faces=2)
    alike = house.pair(house.missing(40), house.sheltered(40))
    house.judge(house.hire("wu", Role.REVIEWER), alike, Judgement.LOOKS_LIKE_RELATIVE)
    (lead,) = house.services.leads.open_ones(house.auditor)
    clue = house.services.interviews.record(house.intake, one.case_id, Told("he said Fuyang")).clue
    return {
        "clue_id": clue.clue_id,
        "lead_id": lead.lead.lead_id,
        "case_id": one.case_id,
        "pair_id": house.pair(one, other).pair_id,
        "photo_id": report.photo.photo_id,
        "face_id": report.faces[1].face_id,
    }


def test_every_route_has_its_row_and_every_row_its_route(app: FastAPI) -> None:
    ruled = {(row.method, row.path) for row in (*TABLE, *PAGES)}
    there = set(routes(app))
    assert there - ruled - FOR_STRANGERS == {("GET", FILES_FOR_STRANGERS)}, "a route without a rule"
    assert (ruled | FOR_STRANGERS) <= there, "a rule without a route"


def test_a_new_route_without_a_row_is_noticed(app: FastAPI) -> None:
    app.add_api_route("/api/v1/pairs/{pair_id}/opinions", lambda: [], methods=["GET"])
    with pytest.raises(AssertionError, match="a route without a rule"):
        test_every_route_has_its_row_and_every_row_its_route(app)


@pytest.fixture(params=["main", "another station"])
def people(house: House, request: pytest.FixtureRequest) -> dict[Role, str]:
    """An account of every role, at the station of all cases or at another one."""
    if request.param == "main":
        return dict(ACCOUNTS)
    names = {role: f"{account} elsewhere" for role, account in ACCOUNTS.items()}
    for role, name in names.items():
        house.services.accounts.add(SYSTEM, name, role, station_id=request.param)
    return names


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.method} {row.path}")
def test_a_route_answers_its_roles_and_no_others(
    row: Row, calls: Callable[[str], TestClient], names: dict[str, str], people: dict[Role, str]
) -> None:
    for role, account in people.items():
        status = calls(account).request(row.method, filled(row.path, names), **(row.request or {})).status_code
        if row.path.endswith("/reconsider"):
            assert status == 403, "nobody here has judged the pair"
        elif role in row.roles:
            # 409: the story is not at this step, or another role has just taken it.
            assert status in (200, 201, 409), f"{role}: {status}"
        else:
            assert status == 403, f"{role}: {status}"


@pytest.mark.parametrize("role", list(Role))
def test_a_page_answers_its_roles_and_no_others(
    role: Role, app: FastAPI, house: House, names: dict[str, str], people: dict[Role, str]
) -> None:
    house.services.accounts.set_password(SYSTEM, people[role], PASSWORD)
    browser = Browser(app).sign_in(people[role])
    for row in PAGES:
        path = filled(row.path, names | {"step": "revoke" if "pairs" in row.path else "suspend"})
        request = dict(row.request or {})
        if row.method == "POST":
            said = {name: names.get(value, value) for name, value in request.get("data", {}).items()}
            request["data"] = {"csrf": browser.token} | said
        status = browser.client.request(row.method, path, **request, follow_redirects=False).status_code
        assert (status == 403) == (role not in row.roles), f"{row.method} {row.path}: {status}"
        assert status < 500, f"{row.method} {row.path}: {status}"
    browser.client.close()


def test_no_route_but_sign_in_and_health_answers_a_stranger(app: FastAPI, stranger: TestClient, names: dict[str, str]) -> None:
    walked = 0
    for method, path in routes(app):
        if (method, path) in FOR_STRANGERS or path == FILES_FOR_STRANGERS:
            continue
        answer = stranger.request(method, filled(path, names), follow_redirects=False)
        if path.startswith(("/api/", "/metrics")):
            assert answer.status_code == 401, f"{method} {path}: {answer.status_code}"
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"].startswith("Bearer")
        elif answer.status_code != 403:  # a form without its token
            assert answer.status_code == 303, f"{method} {path}: {answer.status_code}"
            assert answer.headers["location"].startswith("/login")
        walked += 1
    assert walked >= len(TABLE)


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer wrong", "Basic bGluOmxpbg==", "Bearer trc_\u00e9", "bearer  ", "Bearer " + "x" * 5000]
)
def test_a_wrong_key_is_no_key(stranger: TestClient, header: str) -> None:
    answer = stranger.get("/api/v1/cases", headers={"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401


def test_the_cookie_of_a_browser_is_no_key(stranger: TestClient, house: House) -> None:
    house.services.accounts.set_password(SYSTEM, "lin", "a long password")
    signed_in = house.services.accounts.sign_in("lin", "a long password")
    stranger.cookies.set("tracing_session", signed_in.token)
    assert stranger.get("/api/v1/cases").status_code == 401


def test_a_disabled_account_has_no_key_any_more(intake: TestClient, house: House) -> None:
    assert intake.get("/api/v1/cases").status_code == 200
    house.services.accounts.disable(SYSTEM, "lin")
    assert intake.get("/api/v1/cases").status_code == 401


def test_a_stranger_is_refused_before_the_body_is_read(stranger: TestClient) -> None:
    """Else anybody could make the service take in hundreds of megabytes, or learn what its forms look like."""
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    assert stranger.post("/api/v1/intakes", content=b"nonsense", headers=form).status_code == 401
    assert stranger.post(f"/api/v1/cases/{'0' * 32}/photos", content=b"nonsense", headers=form).status_code == 401
    assert stranger.post("/api/v1/cases", content=b"{", headers={"Content-Type": "application/json"}).status_code == 401


def test_reading_leaves_no_name_in_the_log(intake: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        case_id = open_case(intake, names=["王建国"], circumstances="seen at the north station")["case_id"]
        add_photo(intake, case_id)
        intake.post("/api/v1/cases", json={"kind": "missing", "names": ["王建国"], "height_cm": 9999})
        intake.post("/api/v1/cases", json={"kind": "missing", "nmaes": ["王建国"]})
        intake.get(f"/api/v1/cases/{case_id}")
    assert "王建国" not in caplog.text
    assert "north station" not in caplog.text
