"""Whoever looks at somebody leaves a row in the audit (L11): every route that is read says which one, or why none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.recorded import READ, BySteps, Nothing, Records, shown
from tests.api.staff.conftest import PASSWORD, Browser
from tests.api.test_routes import ACCOUNTS, PAGES, TABLE, Row, filled, names, routes
from tests.house import House
from tests.importing.handed import brought, hand_in
from tests.stories import by_hand
from tests.test_audit_unavailable import BACK, GONE
from tracing import looks
from tracing.access import SYSTEM
from tracing.domain import Actor, Event, Role
from tracing.errors import Unavailable

__all__ = ["names"]
"""Their fixture of things that are there."""
STATIC = "/static"
MAY_BE_EMPTY = (
    *("/api/v1/requests", "/cases/{case_id}/request", "/pairs", "/account", "/sign-on/links"),
    *("/api/v1/cases/{case_id}/interview-help", "/cases/{case_id}/interview-help"),
)
"""Where the story of these tests may not have come to: no station is set up, nobody was handed over."""
ORDER = (Role.INTAKE, Role.MANAGER, Role.REVIEWER, Role.AUDITOR)


def read_routes(app: FastAPI) -> set[str]:
    return {path for method, path in routes(app) if method == "GET"} - {STATIC}


def test_l11_every_route_that_is_read_says_what_it_records_or_why_nothing(app: FastAPI) -> None:
    there = read_routes(app)
    assert there - READ.keys() == set(), "a route without a line: say what it records"
    assert READ.keys() - there == set(), "a line without a route"
    assert all(len(line.because) > 15 for line in READ.values() if isinstance(line, Nothing))


def test_a_new_route_without_a_line_is_noticed(app: FastAPI) -> None:
    app.add_api_route("/api/v1/cases/{case_id}/opinions", lambda: [], methods=["GET"])
    with pytest.raises(AssertionError, match="a route without a line"):
        test_l11_every_route_that_is_read_says_what_it_records_or_why_nothing(app)


def rows_of(house: House, actor: Actor) -> list[Event]:
    with house.services.store.reading() as records:
        return [each for each in records.audit.events(0, 100_000) if each.actor == actor.account_id]


def asked() -> Iterator[tuple[Row, Role]]:
    """Every route that is read, by the first role that may."""
    for row in (*TABLE, *PAGES):
        if row.method == "GET" and not row.path.startswith("/api/v1/calendar") and not row.path.endswith("/image"):
            yield row, next(role for role in ORDER if role in row.roles)


Calls = Callable[[str], TestClient]


def walk(app: FastAPI, house: House, calls: Calls, names: dict[str, str], under: str = "") -> tuple[int, list[str]]:
    """How many routes were looked at, of those whose path begins so, and what is wrong with their rows."""
    people = {
        Role.INTAKE: house.intake,
        Role.MANAGER: house.manager,
        Role.REVIEWER: house.reviewer,
        Role.AUDITOR: house.auditor,
    }
    for role in ORDER:
        house.services.accounts.set_password(SYSTEM, ACCOUNTS[role], PASSWORD)
    programs = {role: calls(ACCOUNTS[role]) for role in ORDER}
    browsers = {role: Browser(app).sign_in(ACCOUNTS[role]) for role in ORDER}
    walked, wrong = 0, []
    for row, role in asked():
        if not row.path.startswith(under):
            continue
        before = rows_of(house, people[role])
        path = filled(row.path, names | {"part": "person"})
        client = programs[role] if row.path.startswith(("/api/", "/metrics")) else browsers[role].client
        status = client.get(path).status_code
        new = rows_of(house, people[role])[len(before) :]
        line = READ[row.path]
        if status >= 300:
            wrong += [] if row.path.startswith(MAY_BE_EMPTY) else [f"{row.path} answers {status}"]
            continue
        if isinstance(line, Nothing):
            wrong += [f"{row.path} leaves {new}"] if new else []
        else:
            subject = names.get(line.subject, "") if isinstance(line, Records) else ""
            rows = [each for each in new if each.action == line.action and subject in ("", each.subject)]
            wrong += [] if rows else [f"{row.path} leaves no {line.action} but {new}"]
        walked += 1
    for browser in browsers.values():
        browser.client.close()
    return walked, wrong


def test_each_look_leaves_its_row_and_what_shows_nobody_leaves_none(
    app: FastAPI, house: House, calls: Calls, names: dict[str, str]
) -> None:
    walked, wrong = walk(app, house, calls, names)
    assert wrong == []
    assert walked > 40


@pytest.mark.parametrize("action", ["read_candidates", "read_cases"])
def test_one_row_that_is_skipped_is_found(
    app: FastAPI, house: House, calls: Calls, names: dict[str, str], monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    record = looks.Looks.record
    monkeypatch.setattr(looks.Looks, "record", lambda self, look: None if look.action == action else record(self, look))
    _, wrong = walk(app, house, calls, names, "/api/v1/cases")
    assert [each.split(" but ")[0].partition(" leaves ")[2] for each in wrong] == [f"no {action}"]


def read(house: House, actor: Actor, action: str) -> list[Event]:
    return [each for each in rows_of(house, actor) if each.action == action]


def test_a_list_is_one_row_with_the_ids_that_stood_in_it(house: House, calls: Callable[[str], TestClient]) -> None:
    cases = {house.missing(number).case_id for number in range(3)}
    calls("lin").get("/api/v1/cases")
    (row,) = read(house, house.intake, "read_cases")
    assert row.subject == ""
    assert set(row.detail["cases"]) == cases


def test_the_pictures_of_a_page_belong_to_its_row_and_one_asked_for_alone_has_its_own(lin: Browser, house: House) -> None:
    case = house.missing(1)
    (photo,) = [each["photo_id"] for each in _photos(house, case.case_id)]
    image = f"/photos/{photo}/image?variant=thumb"
    lin.see(f"/cases/{case.case_id}")
    assert lin.client.get(image).status_code == 200
    assert read(house, house.intake, "read_photo") == []
    other = house.missing(2)
    (another,) = [each["photo_id"] for each in _photos(house, other.case_id)]
    lin.client.get(f"/photos/{another}/image")
    assert [each.subject for each in read(house, house.intake, "read_photo")] == [another]


def _photos(house: House, case_id: str) -> list[dict[str, Any]]:
    with house.services.store.reading() as records:
        return [{"photo_id": each.photo_id} for each in records.photos.of_case(case_id)]


def test_who_was_refused_has_seen_nothing(chen: Browser, house: House) -> None:
    chen.see("/stations", 403)
    chen.see(f"/pairs/{'0' * 32}", 404)
    assert read(house, house.reviewer, "read_requests") == read(house, house.reviewer, "read_pair") == []


def test_reading_goes_on_while_nothing_can_be_written_and_the_rows_come_afterwards(
    lin: Browser, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise Unavailable("The disk of the database is full.")

    with monkeypatch.context() as patched:
        patched.setattr(house.services.store, "transaction", full)
        lin.see("/cases")
        lin.see("/tasks")
        assert house.services.looks.waiting == 2
    lin.see("/cases")
    assert house.services.looks.waiting == 0
    assert len(read(house, house.intake, "read_cases")) == 2
    assert len(read(house, house.intake, "read_tasks")) == 1


def test_where_too_many_looks_wait_nobody_is_shown_anything(
    lin: Browser, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise Unavailable("The disk of the database is full.")

    monkeypatch.setattr(house.services.store, "transaction", full)
    monkeypatch.setattr(looks, "MOST_WAITING", 1)
    lin.see("/cases")
    lin.see("/cases", 503)


def test_l12_rows_with_people_in_them_leave_the_house_only_with_their_own_row_in_the_audit(lin: Browser, house: House) -> None:
    """And a look that came after goes on: it does not wait behind an export that may not be remembered."""
    run = brought(house, hand_in(house, "编号,姓名\n,王建国\n"))
    table = f"/lists/runs/{run.run_id}/refused.csv"
    by_hand(house, GONE)
    assert "王建国" not in lin.see(table, 503)
    lin.see("/cases")
    assert house.services.looks.waiting == 0
    by_hand(house, BACK)
    assert read(house, house.intake, "export_refused_rows") == []
    assert "王建国" in lin.see(table)
    assert [each.subject for each in read(house, house.intake, "export_refused_rows")] == [run.run_id]


def test_of_a_very_long_list_the_first_ids_are_kept_and_the_others_counted() -> None:
    body = b",".join(b'{"case_id":"%032x"}' % number for number in range(300))
    told = shown(body, f"{0:032x}")
    assert (len(told["cases"]), told["more_cases"]) == (200, 99)
    assert shown(b'<a href="/pairs/' + b"a" * 32 + b'">') == {"pairs": ["a" * 32]}


def test_nothing_of_what_was_shown_but_ids_is_in_the_row(house: House, calls: Callable[[str], TestClient]) -> None:
    house.missing(1, names=("王建国",))
    calls("lin").get("/api/v1/cases?text=王建国")
    (row,) = read(house, house.intake, "read_cases")
    assert "王建国" not in str(row)


def test_a_step_by_the_use_case_is_named_as_it_writes_it() -> None:
    assert {line.action for line in READ.values() if isinstance(line, BySteps)} == {
        "read_case", "read_form", "print_form", "read_hand_over", "tell_partners", "print_notice",
    }  # fmt: skip
