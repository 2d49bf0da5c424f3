"""A hospital's monthly list, on a PC, in English: compared and not kept, its hit looked into, a case opened; then once more."""

from __future__ import annotations

import io
import json
import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from scripts.demo.casting import invent_cast, story_photo
from tests.browser.conftest import LIST, PC, STAFF, Station, Visitor, drawn, handed_in, hire, keep, load, work_on_lists
from tests.factories import a_card
from tests.server import ROOT, Service
from tracing.access import SYSTEM
from tracing.bootstrap import build
from tracing.chosen import DEFAULT_ENCODER
from tracing.config import Settings
from tracing.domain import ListPurpose
from tracing.records import CaseFilter

pytestmark = [pytest.mark.browser, pytest.mark.long]

HOSPITAL = "City hospital"
ROWS = 60
STRANGERS = 9
"""People on the list with a photo of whom nobody here knows anything."""


@dataclass(frozen=True)
class Sent:
    """What the hospital has sent. Record 17 is the person who is sought."""

    table: Path
    photos: Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("monthly")


@pytest.fixture(scope="module")
def station(folder: Path) -> Iterator[Station]:
    """A shelter of its own, whose last list from the hospital is forty days old."""
    password = secrets.token_urlsafe(12)
    cast = invent_cast(today=datetime.now(UTC).date())
    sought, shown = story_photo(cast)
    cards = folder / "models" / "cards"
    cards.mkdir(parents=True)
    (cards / f"{DEFAULT_ENCODER}.json").write_text(json.dumps(a_card(DEFAULT_ENCODER).to_dict()))
    earlier = build(Settings(data_dir=folder), lambda: datetime.now(UTC) - timedelta(days=40))
    try:
        lin = {name: hire(earlier, name, role, password) for name, role in STAFF.items()}["lin"]
        list_id = handed_in(earlier, lin, ListPurpose.COMPARE, HOSPITAL, LIST.encode())
        ready = earlier.handed_lists.look(lin, list_id).handed
        earlier.handed_lists.start(lin, list_id, ready.version)
        work_on_lists(earlier)
    finally:
        earlier.close()
    services = build(Settings(data_dir=folder))
    try:
        load(services, lin, sought)
        load(services, lin, next(case for case in cast.cases if case.person_key != sought.person_key))
    finally:
        services.close()
    with Service(folder).server() as server:
        yield Station(server.url, password, sought, folder, drawn(shown))


@pytest.fixture(scope="module")
def sent(station: Station, tmp_path_factory: pytest.TempPathFactory) -> Sent:
    """Sixty unknown patients, ten of them with a photo; one row has no number."""
    cast = invent_cast(today=datetime.now(UTC).date())
    known = {case.person_key for case in cast.cases[:2]} | {station.sought.person_key}
    strangers = list({case.person_key: case for case in cast.cases if case.person_key not in known}.values())[:STRANGERS]
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("17.jpg", station.intake_photo)
        for number, stranger in enumerate(strangers, start=20):
            archive.writestr(f"{number}.jpg", drawn(stranger.photos[0]))
    age = station.sought.description.age_min or 40
    rows = "".join(
        f"{number if number != 40 else ''},{'男' if number % 3 else '女'},{age if number == 17 else 20 + number},"
        f"2026-03-{number % 28 + 1:02d},,ward {number % 7}\n"
        for number in range(1, ROWS + 1)
    )
    table, photos = (tmp_path_factory.mktemp("sent") / name for name in ("2026-03.csv", "2026-03.zip"))
    table.write_text(f"Nr,Sex,Age,Found on,Name,Ward\n{rows}", encoding="utf-8")
    photos.write_bytes(packed.getvalue())
    return Sent(table, photos)


@contextmanager
def a_worker(folder: Path) -> Iterator[None]:
    service = Service(folder)
    process = subprocess.Popen([*service.program, "worker"], env=service.environment, cwd=ROOT)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def hand_in(page: Page, sent: Sent, name: str = "") -> None:
    """To the page of its columns."""
    page.goto("/lists")
    page.get_by_role("link", name="Hand the next one in").first.click()
    expect(page.locator("#source")).to_have_value(HOSPITAL)
    expect(page.locator("input[name=purpose][value=compare]")).to_be_checked()
    page.locator("input[name=kind][value=sheltered]").check()
    page.set_input_files("#file", sent.table)
    page.set_input_files("#photos", sent.photos)
    if name:
        keep(page, name)
    page.get_by_role("button", name="Send, and look at the columns").click()
    page.wait_for_url(re.compile(r"/lists/[0-9a-f]{32}$"))


def compare(page: Page, folder: Path, said: bool = False) -> None:
    """From the columns to the result. ``Nr`` may be of the row alone: somebody says once that it is the sender's number."""
    if said:
        page.get_by_label("Nr").select_option("source_id")
        keep(page, "monthly-3-columns")
    expect(page.get_by_label("Nr")).to_have_value("source_id")
    expect(page.get_by_label("Ward")).to_have_value("-")
    page.get_by_role("button", name="Read the list with these columns").click()
    with a_worker(folder):
        expect(page.locator("#would-heading")).to_be_visible(timeout=120_000)
        if said:
            expect(page.locator("main")).to_contain_text("Nothing was done yet.")
            expect(page.locator(".wrong")).to_contain_text("The sender's number is missing")
            keep(page, "monthly-4-what-would-become-of-it")
        page.get_by_role("button", name="Compare it now").click()
        expect(page.locator("#going-heading")).to_be_visible()
        if said:
            expect(page.locator("section[data-poll] #counts-heading")).to_have_text("Until now")
            expect(page.locator("#going-heading ~ p").first).to_contain_text(re.compile("It waits for its turn|of 60 records"))
            keep(page, "monthly-5-under-way")
        expect(page.get_by_role("heading", name="What became of it")).to_be_visible(timeout=300_000)


def count(page: Page, name: str) -> int:
    return int(page.locator(".counted div", has=page.get_by_text(name, exact=True)).locator("dd").inner_text())


def test_the_monthly_list_of_a_hospital_finds_somebody_and_keeps_nobody_else(
    visitor: Visitor, station: Station, sent: Sent, folder: Path
) -> None:
    page = visitor("lin", PC, "en")
    expect(page.locator("main")).to_contain_text("A list that comes every month is overdue.")
    keep(page, "monthly-0-overdue")
    page.get_by_role("link", name="Lists of other departments").click()
    expect(page.locator(".clock-overdue")).to_contain_text(HOSPITAL)
    keep(page, "monthly-1-lists")
    hand_in(page, sent, "monthly-2-hand-in")
    page.get_by_label("Ward").select_option("-")
    compare(page, folder, said=True)
    assert [count(page, name) for name in ("Records", "Compared by face", "Refused", "New hits")] == [60, 10, 1, 1]
    keep(page, "monthly-6-result")
    page.get_by_role("link", name="Look at the hits of this list").click()
    expect(page.locator(".row-card")).to_contain_text(f"may be record 17 of {HOSPITAL}")
    keep(page, "monthly-7-hits")
    the_hit_is_looked_into_and_a_case_opened(visitor, page)
    nothing_else_is_kept(folder)

    hand_in(page, sent)
    compare(page, folder)
    assert [count(page, name) for name in ("Cases here already", "New hits")] == [1, 0], "record 17 is a case now"
    page.goto("/lists")
    expect(page.locator(".clock-overdue")).to_have_count(0)


def the_hit_is_looked_into_and_a_case_opened(visitor: Visitor, page: Page) -> None:
    page.locator(".row-card").click()
    hit = page.url
    chen = visitor("chen", PC, "en")
    chen.goto(hit)
    expect(chen.locator(".compare-faces img")).to_have_count(2)
    expect(chen.locator("main")).not_to_contain_text("evidence")
    expect(chen.locator(".bench-judge")).not_to_have_css("padding-left", "4px")
    keep(chen, "monthly-8-the-same-person")
    chen.get_by_label("I am looking into it").check()
    chen.fill("#reason", "The same mole. Asked ward 3 by telephone.")
    chen.get_by_role("button", name="Write it down").click()
    expect(chen.locator(".notice-good")).to_contain_text("Written down.")
    page.goto(hit)
    expect(page.locator("blockquote")).to_contain_text("Asked ward 3")
    page.get_by_role("link", name="Open a case for the record").click()
    expect(page.locator("main")).to_contain_text(f"For record 17 of {HOSPITAL}")
    page.locator("#age_min, [name=age_min]").first.fill("40")
    keep(page, "monthly-9-a-case-for-the-record")
    page.locator("main form button.primary[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/cases/[0-9a-f]{32}"))
    page.goto(hit)
    expect(page.locator("main")).to_contain_text("A case was opened for the record:")
    expect(page.locator("main")).to_contain_text("The photo of the record is not kept any more.")
    keep(page, "monthly-10-followed-up")


def nothing_else_is_kept(folder: Path) -> None:
    """Two cases of before and the one that was opened; no photo beside theirs; no list."""
    services = build(Settings(data_dir=folder))
    try:
        assert services.casework.find(SYSTEM, CaseFilter(), 9).total == 3
        assert services.list_hits.find(SYSTEM)[1] == 0, "nothing waits any more"
        assert services.handed_lists.waiting(SYSTEM) == []
    finally:
        services.close()
    assert [each for each in (folder / "lists").rglob("*") if each.is_file()] == []
