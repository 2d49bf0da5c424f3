"""Tasks, clocks and coverage as people see them, and the address for their own calendars."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from icalendar import Calendar
from starlette.testclient import TestClient

from tests.api.staff.conftest import HERE, Browser, text_of
from tests.house import House
from tracing.access import SYSTEM
from tracing.domain import Case, CaseKind, LegalBasis

Browsers = Callable[..., Browser]


@pytest.fixture
def case(house: House) -> Case:
    return house.open(CaseKind.SHELTERED, seen_place="north station")


def test_the_case_page_says_what_to_do_next_and_by_when(house: House, lin: Browser, case: Case) -> None:
    text = text_of(lin.see(f"/cases/{case.case_id}"))
    notice, dna = text.index("Publish a tracing notice with a photo"), text.index("Ask the police to collect DNA")
    assert notice < dna
    assert "By 2 Mar 2026, 20:00" in text, "in the zone of the rules"
    assert "1 day left" in text or "24 hours left" in text
    assert "From 11 Mar 2026, 23:59 on: Stranded: care" in text


def test_an_action_is_written_down_and_meets_its_clock(house: House, lin: Browser, case: Case) -> None:
    path = f"/cases/{case.case_id}"
    lin.see(path)
    lin.send(f"{path}/actions", 422, action_kind="notice", action_outcome="")
    page = lin.send(f"{path}/actions", 422, action_kind="notice", action_outcome="done", taken_at="yesterday", note="kept")
    assert "Write a time as" in page
    assert "kept" in page
    text = text_of(lin.send(f"{path}/actions", action_kind="notice", action_outcome="done", note="at the market"))
    assert "Tracing notice : Done; what it brings is not known yet lin at the market" in text
    assert "Met in time Publish a tracing notice with a photo" in text


def test_a_clock_stands_still_with_a_reason_and_goes_on(house: House, lin: Browser, chen: Browser, case: Case) -> None:
    path = f"/cases/{case.case_id}"
    stop = re.search(r'action="(/clocks/[0-9a-f]{32}/pause)"', lin.see(path))
    assert stop is not None
    assert "/pause" not in chen.see(path)
    chen.send(stop[1], 403, reason="because")
    lin.see(path)
    text = text_of(lin.send(stop[1], reason="in hospital"))
    assert "Stands still since 1 Mar 2026, 20:00: in hospital · lin" in text
    assert "Stands still" in text_of(lin.see("/tasks"))
    text = text_of(lin.send(stop[1].replace("pause", "resume")))
    assert "Stood still from" in text


def test_a_suspicion_starts_a_clock(lin: Browser, case: Case) -> None:
    path = f"/cases/{case.case_id}"
    lin.see(path)
    lin.send(f"{path}/clocks", 422, rule_id="police_suspected", reason="")
    text = text_of(lin.send(f"{path}/clocks", rule_id="police_suspected", reason="speaks of a van"))
    assert text.index("report to the police at once") < text.index("Publish a tracing notice")
    assert "Clock started" in text


def test_the_page_of_tasks_filters_sorts_and_tells_what_is_overdue(house: House, browsers: Browsers, case: Case) -> None:
    text = text_of(browsers("lin").see("/tasks"))
    assert "Nothing is overdue." in text
    house.clock.advance(days=2)
    lin, sun = browsers("lin"), browsers("sun")
    page = lin.see("/tasks")
    assert "1 task is overdue." in page
    assert "Matter of: Manager" in text_of(page)
    assert page.index("Overdue") < page.index("Running")
    assert case.reference in lin.see("/tasks?overdue=1&rule=notice&station=main")
    assert "Nothing is to be done here." in lin.see("/tasks?rule=notice_again")
    assert case.reference not in lin.see("/tasks?station=elsewhere")
    assert case.reference in lin.see("/tasks?station=all&rule=nonsense&sheet=-1")
    assert "1 overdue" in text_of(sun.see("/"))


def test_who_was_not_searched_stands_on_the_page_of_coverage(house: House, lin: Browser, case: Case) -> None:
    house.sheltered(1)
    home = text_of(lin.see("/"))
    assert "By face 50% 1 of 2 open cases No photo yet: 1" in home
    assert "By clues 0% 0 of 2 open cases" in home
    text = text_of(lin.see("/coverage"))
    assert f"{case.reference} No photo yet" in text
    assert "50%" in text
    assert "No legal basis" not in text
    house.open(CaseKind.MISSING, basis=LegalBasis.NONE)
    assert "No legal basis for a face search" in lin.see("/coverage?station=main")
    house.open(CaseKind.MISSING, names=("刘国强",))
    by_clues = text_of(lin.see("/coverage?station=main&by=clues"))
    assert "No legal basis for a search: 1" in by_clues
    assert "The search is still running: 3" in by_clues
    house.services.worker.work_off()
    by_clues = text_of(lin.see("/coverage?station=main&by=clues"))
    assert "The search is still running" not in by_clues
    assert "Nothing known yet to search by: no clue, no name, no place: 2" in by_clues
    assert "Everyone was searched." in lin.see("/coverage?station=elsewhere")


def test_a_calendar_reads_rule_and_reference_and_no_word_about_the_person(
    app: FastAPI, house: House, browsers: Browsers, case: Case
) -> None:
    lin = browsers("lin", language="zh-CN")
    lin.see("/tasks")
    page = lin.send("/tasks/feed", step="make")
    (address,) = re.findall(r'value="(http[^"]+/api/v1/calendar/[^"]+)"', page)
    path = html.unescape(address).removeprefix(HERE)
    house.services.clockwork.pause(
        house.intake, house.services.clockwork.of_case(house.intake, case.case_id)[1].clock.clock_id, "in the zebra ward"
    )
    with TestClient(app, base_url=HERE) as phone:
        answer = phone.get(path)
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        calendar = Calendar.from_ical(answer.content)
        (event,) = calendar.walk("VEVENT")
        assert event["SUMMARY"] == f"{case.reference} · 发布寻亲公告（附照片）"
        assert event.decoded("DTSTART").isoformat() == "2026-03-02T12:00:00+00:00"
        assert len(event.walk("VALARM")) == 1
        assert "zebra" not in answer.text
        assert "north" not in answer.text
        lin.see("/tasks")
        lin.send("/tasks/feed", step="make")
        assert phone.get(path).status_code == 401, "a new address ends the old one"
        (address,) = re.findall(r'value="(http[^"]+/api/v1/calendar/[^"]+)"', lin.send("/tasks/feed", step="make"))
        path = html.unescape(address).removeprefix(HERE)
        assert phone.get(path).status_code == 200
        house.services.accounts.disable(SYSTEM, "lin")
        assert phone.get(path).status_code == 401


def test_an_address_can_be_let_go(app: FastAPI, house: House, lin: Browser) -> None:
    lin.see("/tasks")
    page = lin.send("/tasks/feed", step="make")
    (address,) = re.findall(r'value="(http[^"]+/api/v1/calendar/[^"]+)"', page)
    assert "There is an address since" in lin.see("/tasks")
    assert "There is an address since" not in lin.send("/tasks/feed", step="drop")
    with TestClient(app, base_url=HERE) as phone:
        assert phone.get(html.unescape(address).removeprefix(HERE)).status_code == 401


def test_what_was_passed_on_stands_on_the_first_page_and_in_the_navigation_until_somebody_takes_note(
    house: House, case: Case, browsers: Browsers
) -> None:
    house.services.clockwork.tend()
    house.clock.advance(days=2)
    house.services.clockwork.tend()
    sun, lin = browsers("sun"), browsers("lin")
    assert "passed on to you" not in text_of(lin.see("/"))
    page = sun.see("/")
    assert "Home 1 passed on to you" in text_of(page)
    assert "Passed on to you 1" in text_of(page)
    assert "Home 1 passed on to you" in text_of(sun.see("/cases"))
    sun.see("/")
    (see,) = re.findall(r'action="(/escalations/[0-9a-f]{32}/seen)"', page)
    assert "assed on to you" not in text_of(sun.send(see))
    assert "Passed on Publish a tracing notice with a photo → Manager" in text_of(sun.see(f"/cases/{case.case_id}"))
    assert "Taken note of Publish a tracing notice with a photo · sun" in text_of(sun.see(f"/cases/{case.case_id}"))
    sun.send(see, 409)
