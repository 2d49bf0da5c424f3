"""A real server over drawn people and the real models, and browsers that look at it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from scripts.demo.cast import DemoCase, DemoPhoto, Plot, Shows
from scripts.demo.casting import invent_cast, story_photo
from tests.conftest import missing
from tests.factories import a_card, a_hit
from tests.families.sent import a_report, a_sighting
from tests.server import Service
from tracing.access import SYSTEM
from tracing.bootstrap import Services, build
from tracing.chosen import DEFAULT_ENCODER
from tracing.config import Settings
from tracing.domain import (
    Actor,
    Case,
    CaseKind,
    Description,
    Judgement,
    Lead,
    LegalBasis,
    ListHit,
    ListPurpose,
    Outcome,
    Pair,
    Part,
    RequestKind,
    Role,
)
from tracing.embeddings.imaging import to_jpeg
from tracing.importing.handing_in import Told
from tracing.records import CaseFilter
from tracing.reunions import HandOverDraft
from tracing.stations.reach import may_be_shared
from tracing.verdict import Proof, Verdict

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PHONE = {"width": 390, "height": 844}
PC = {"width": 1440, "height": 900}
PATIENCE = 30_000
"""Milliseconds for whatever a page is to show: by itself Playwright gives up after five seconds, which a busy machine takes."""
expect.set_options(timeout=PATIENCE)
SCREENSHOTS = Path(__file__).parent / "screenshots"
STAFF = {
    "lin": Role.INTAKE,
    "chen": Role.REVIEWER,
    "zhao": Role.REVIEWER,
    "sun": Role.MANAGER,
    "wu": Role.AUDITOR,
}
OTHERS = 6
"""Cases beside the one of the story, so that there is somebody to mistake the person for."""


@dataclass(frozen=True)
class Station:
    """A running server, its accounts, the photos that a story needs, and the ids of what it goes on with where it is there."""

    address: str
    password: str
    sought: DemoCase
    """The missing person whom nobody has found yet."""
    folder: Path
    intake_photo: bytes
    """A new photo of that person."""
    group_photo: bytes = b""
    verified: str = ""
    """The id of a pair that waits for its hand-over."""
    reunited: str = ""
    notice: str = ""
    """The id of a draft that waits for somebody to approve it."""
    list_id: str = ""
    """Of a list that was read, and waits to be brought in."""
    hit_id: str = ""
    run_id: str = ""
    """Of the comparison that has brought the hit."""
    report_id: str = ""
    """Of a family's report that waits; of a case of the station somebody has written what they saw."""


@pytest.fixture(scope="session")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    folder = tmp_path_factory.mktemp("station")
    password = secrets.token_urlsafe(12)
    cast = invent_cast(today=datetime.now(UTC).date())
    sought, shown = story_photo(cast)
    others = [case for case in cast.cases if case is not sought and case.outcome is None][:OTHERS]
    groups = [photo for case in cast.cases for photo in case.photos if photo.shows is Shows.GROUP]
    cards = folder / "models" / "cards"
    cards.mkdir(parents=True)
    (cards / f"{DEFAULT_ENCODER}.json").write_text(json.dumps(a_card(DEFAULT_ENCODER).to_dict()))
    services = build(Settings(data_dir=folder))
    try:
        actors = {name: hire(services, name, role, password) for name, role in STAFF.items()}
        taken = {case.person_key for case in (*others, sought)}
        found = dict.fromkeys(case.person_key for case in cast.cases if case.plot is Plot.PAIR and case.person_key not in taken)
        verified, reunited = (settled(services, actors, cast.of(person)) for person in list(found)[-2:])
        with_papers(services, actors, verified, reunited)
        for case in (*others, sought):
            load(services, actors["lin"], case)
        notice = drafted(services, actors["lin"])
        waiting, hit = listed(services, actors["lin"], others[0])
        let_north_in(services, password)
        report_id = sent_by_strangers(services)
    finally:
        services.close()
    with Service(folder).server() as server:
        photos, pairs = (drawn(shown), drawn(groups[0])), (verified.pair_id, reunited.pair_id)
        listed_ids = (waiting, hit.hit_id, hit.run_id)
        yield Station(server.url, password, sought, folder, *photos, *pairs, notice, *listed_ids, report_id)


def sent_by_strangers(services: Services) -> str:
    """A family's report, and a sighting of somebody of the station."""
    house: Any = SimpleNamespace(services=services, clock=services.clock)
    case = services.casework.find(SYSTEM, CaseFilter(kind=CaseKind.MISSING, station_id="main"), 1).cases[0]
    a_sighting(house, case)
    return a_report(house, photos=2).report_id


def let_north_in(services: Services, password: str) -> None:
    """A second station, which has asked for a case of the first one and has opened another in an emergency."""
    services.stations.add(SYSTEM, "main", "第一救助站")
    services.stations.add(SYSTEM, "north", "城北救助站")
    yang = hire(services, "yang", Role.INTAKE, password, "north")
    hire(services, "guo", Role.MANAGER, password, "north")
    for name in ("he", "tang"):
        hire(services, name, Role.REVIEWER, password, "north")
    found = services.casework.find(SYSTEM, CaseFilter(), 50).cases
    one, other = [case for case in found if may_be_shared(case, services.clock().date())][:2]
    parts = (Part.DESCRIPTION, Part.PHOTOS)
    services.assistance.ask(yang, one.case_id, RequestKind.ASSISTANCE, "He names a village near us.", parts=parts)
    services.emergencies.open(yang, other.case_id, "He has collapsed at our door.")


def drafted(services: Services, author: Actor) -> str:
    """A notice of the first person who may have one."""
    for case in services.casework.find(SYSTEM, CaseFilter(), 50).cases:
        proposed = services.notices.proposal(author, case.case_id)
        if not proposed.refused and proposed.source.marks:
            draft = replace(proposed.draft, station="第一救助站", contact="0551-6299 8000")
            return services.notices.draft(author, case.case_id, draft).notice_id
    raise AssertionError("nobody of the cast may have a notice")


LIST = "编号,姓名,性别,身高,备注\n7,王建国,男,一米七,走路跛\n,李梅,女,,\n"
"""Of its two records one has no number, and nobody can understand the height of the other."""


def handed_in(services: Services, actor: Actor, purpose: ListPurpose, source: str, table: bytes, photos: bytes = b"") -> str:
    """The id of a list that a worker has read to its end."""
    lists = services.handed_lists
    list_id = lists.expect(actor)
    with ExitStack() as arriving:
        rows = arriving.enter_context(lists.arriving(list_id, "table"))
        rows.write(table)
        pictures = arriving.enter_context(lists.arriving(list_id, "photos")) if photos else None
        if pictures is not None:
            pictures.write(photos)
    told = Told(purpose, source, CaseKind.SHELTERED, LegalBasis.STATUTORY_DUTY, "2026-03.csv")
    handed = lists.take(actor, list_id, told, rows, pictures)
    lists.say_columns(actor, list_id, {}, handed.version)
    work_on_lists(services)
    return list_id


def work_on_lists(services: Services) -> None:
    """To the end, and on nothing else."""
    while services.worker._go_on_with_lists(None):
        pass


def listed(services: Services, actor: Actor, planned: DemoCase) -> tuple[str, ListHit]:
    """A list that was read and not begun, and another that was compared; its record may be this case, says the face."""
    compared = handed_in(services, actor, ListPurpose.COMPARE, "City hospital", LIST.encode())
    with services.store.reading() as records:
        version = records.lists.get(compared).version
    run = services.handed_lists.start(actor, compared, version)
    work_on_lists(services)
    waiting = handed_in(services, actor, ListPurpose.IMPORT, "阜阳市公安局", LIST.encode())
    case = services.casework.find(SYSTEM, CaseFilter(text=planned.description.names[0]), 1).cases[0]
    hit = a_hit(case, run_id=run.run_id, source="City hospital", found_at=services.clock(), kind=CaseKind.SHELTERED)
    with services.store.transaction() as records:
        records.hits.put([hit], {hit.hit_id: drawn(planned.photos[0])})
    return waiting, hit


def published(station: Station) -> str:
    """A notice of somebody, taken all the way by people of the station; its address."""
    services = build(Settings(data_dir=station.folder))
    try:
        names = {each.name: each for each in services.accounts.all()}
        lin, sun = (Actor(names[name].account_id, name, names[name].role, "main") for name in ("lin", "sun"))
        notices = services.notices
        made = notices.get(lin, drafted(services, lin)).notice
        made = notices.approve(sun, made.notice_id, made.version, "compared")
        return notices.publish(sun, made.notice_id, made.version).token
    finally:
        services.close()


def hire(services: Services, name: str, role: Role, password: str, station: str = "main") -> Actor:
    account, _ = services.accounts.add(SYSTEM, name, role, password, station_id=station)
    return Actor(account.account_id, account.name, account.role, account.station_id)


def settled(services: Services, actors: dict[str, Actor], cases: Sequence[DemoCase]) -> Pair:
    """A pair of both that is verified before anybody else is there: it has nothing to do with the other cases."""
    opened = [load(services, actors["lin"], case) for case in cases]
    with services.store.reading() as records:
        pair = records.pairs.between(*opened)
    assert pair is not None
    for name in ("chen", "zhao"):
        services.review.decide(actors[name], pair.pair_id, Verdict(Judgement.SAME_VERY_LIKELY, "the same mole"))
    details = {"question": "The dog's name?", "expected_answer": "Dahuang", "answer_given": "Dahuang"}
    return services.review.verify(actors["sun"], pair.pair_id, Proof.CONTROL_QUESTION, "", details)


def with_papers(services: Services, actors: dict[str, Actor], verified: Pair, reunited: Pair) -> None:
    """A likeness that is followed up, a first word that waits, and a record of a hand-over."""
    texts = {each.name: f"the {each.name.replace('_', ' ')}" for each in fields(HandOverDraft)}
    today = services.clock().date()
    days = {"handed_over_on": str(today), "handed_over_time": "14:30", "follow_up_on": str(today + timedelta(days=30))}
    services.review.reunite(actors["sun"], reunited.pair_id, "", HandOverDraft(**texts | days))
    with services.store.transaction() as records:
        records.pairs.open_lead(Lead("1" * 32, verified.pair_id, actors["chen"].account_id, services.clock()))
    gone = services.intake.open_case(actors["lin"], CaseKind.MISSING, Description(names=("Old Li",)), LegalBasis.STATUTORY_DUTY)
    services.casework.close(actors["lin"], gone.case_id, Outcome.DECEASED, "The hospital called, ward 3.")


def load(services: Services, actor: Actor, planned: DemoCase) -> str:
    """The id of the case."""
    case = services.intake.open_case(actor, planned.kind, planned.description, planned.legal_basis)
    portraits = [photo for photo in planned.photos if photo.shows is Shows.PORTRAIT]
    for photo in portraits[:2]:
        kept = services.intake.add_photo(actor, case.case_id, drawn(photo), photo.taken_on, photo.age_in_photo)
        services.intake.analyse(kept.photo_id)
    return case.case_id


def taken_in(station: Station, planned: DemoCase) -> Case:
    """Somebody of the cast whom no case of the station was about is in care from now on."""
    services = build(Settings(data_dir=station.folder))
    try:
        lin = next(each for each in services.accounts.all() if each.name == "lin")
        actor = Actor(lin.account_id, lin.name, lin.role, lin.station_id)
        return services.casework.get(actor, load(services, actor, planned))
    finally:
        services.close()


def drawn(photo: DemoPhoto) -> bytes:
    return to_jpeg(photo.draw())


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        missing("browser", f"Chromium is not at {CHROMIUM}: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def family_pages(station: Station) -> Iterator[str]:
    """The address of the pages for everybody, over the same records."""
    with Service(station.folder).public() as server:
        yield server.url


@pytest.fixture
def reader(chromium: Browser, family_pages: str) -> Iterator[Callable[..., Page]]:
    """``reader(PHONE, "zh-CN")`` is a page of somebody from the street; no page of theirs complains or keeps a cookie."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def read(size: dict[str, int], language: str = "zh-CN", **more: Any) -> Page:
        context = chromium.new_context(base_url=family_pages, viewport=size, locale=language, **more)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if complains(said.type, said.text) else None)
        return page

    yield read
    for context in contexts:
        assert context.cookies() == []
        context.close()
    assert complaints == []


Visitor = Callable[..., Page]


@pytest.fixture
def visitor(chromium: Browser, station: Station) -> Iterator[Visitor]:
    """``visitor("lin", PHONE, "zh-CN")`` is a page with that person signed in; what its console complains of is a failure."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def visit(name: str, size: dict[str, int], language: str = "zh-CN", **more: Any) -> Page:
        context = chromium.new_context(base_url=station.address, viewport=size, locale=language, **more)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if complains(said.type, said.text) else None)
        page.goto("/login")
        page.fill("#name", name)
        page.fill("#password", station.password)
        page.click("main button[type=submit]")
        page.wait_for_url(f"{station.address}/")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []


def complains(kind: str, text: str) -> bool:
    """A page that answers 403, 409 or 422 on purpose is no complaint, nor is a line that a test has cut."""
    on_purpose = ("the server responded with a status of 4", "net::ERR_INTERNET_DISCONNECTED")
    return kind in ("error", "warning") and not any(each in text for each in on_purpose)


def unfold(page: Page) -> None:
    """Open whatever is folded in, once the page is there: a click returns when the next one begins."""
    page.wait_for_load_state()
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")


def keep(page: Page, name: str) -> None:
    """A screenshot of the whole page, for people to look at."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
