"""axe-core over every page for staff, on a phone and on a PC, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi.routing import iter_route_contexts
from playwright.sync_api import Page, expect

from api.public import following, reporting, sightings
from api.public import pages as public_pages
from api.staff import router
from tests.browser.axe import axe, violations
from tests.browser.conftest import PHONE, Station, Visitor, published, unfold
from tests.fakes import painted_photo

__all__ = ["axe"]

pytestmark = [pytest.mark.browser, pytest.mark.long]

DESKTOP = {"width": 1280, "height": 800}
NO_PAGES = {
    "/photos/{photo_id}/image",
    "/notices/{notice_id}/image",
    "/notices/{notice_id}/poster.pdf",
    "/notices/{notice_id}/share.png",
    "/cases/{case_id}/notices/image/{photo_id}",
    "/language/{locale}",
    "/cases/{case_id}/form",
    "/cases/{case_id}/form.pdf",
    "/pairs/{pair_id}/hand-over.pdf",
    "/lists/hits/{hit_id}/image",
    "/lists/runs/{run_id}/refused.csv",
    "/figures/report.csv",
    "/figures/report.pdf",
    "/reports/{report_id}/photos/{handed_id}",
    "/sightings/{sighting_id}/photos/{picture_id}",
}
"""A picture, the paper, and what only leads to a page."""

NOT_FOR_EYES = {
    *("/health/live", "/health/ready", "/feed.atom"),
    *("/n/{token}/photo.jpg", "/n/{token}/poster.pdf", "/n/{token}/share.png"),
}
"""Of what everybody may ask: no pages."""

OF_A_PROVIDER = ("/sign-on", "/signed-out")
"""They are there where somebody signs in by a provider: see test_signon.py."""


def staff_pages() -> set[str]:
    """The paths of all pages, as the routes spell them."""
    paths = {str(route.path) for route in iter_route_contexts(router.routes) if "GET" in (route.methods or ())}
    return {path for path in paths - NO_PAGES if not path.startswith(OF_A_PROVIDER)}


def visits(page: Page, station: Station) -> list[tuple[str, str]]:
    """(path of the route, address) of every page that a manager sees, and of the one that is not there."""
    page.goto("/cases")
    case = str(page.locator(".row-card").first.get_attribute("href"))
    page.goto("/cases?kind=sheltered")
    sheltered = str(page.locator(".row-card").first.get_attribute("href"))
    clue = written_down_and_corrected(page, sheltered)
    page.goto("/review")
    pair = str(page.locator("form[action$='/claim']").first.get_attribute("action")).removesuffix("/claim")
    return [
        ("/", "/"),
        ("/cases", "/cases"),
        ("/cases/new", "/cases/new?kind=missing"),
        ("/cases/new", "/cases/new?kind=sheltered"),
        ("/cases/{case_id}", case),
        ("/cases/{case_id}/timeline", f"{case}/timeline"),
        ("/cases/{case_id}/timeline", f"{case}/timeline?kind=photo&sheet=2"),
        ("/cases/{case_id}", sheltered),
        ("/cases/{case_id}/clues/{clue_id}", f"{sheltered}/clues/{clue}"),
        ("/cases/{case_id}/interview-help", f"{sheltered}/interview-help"),
        ("/cases/{case_id}/interview-help", f"{sheltered}/interview-help?kind=picture"),
        ("/cases/{case_id}/interview-help", f"{sheltered}/interview-help?kind=surname"),
        ("/cases/{case_id}/edit", f"{case}/edit"),
        ("/cases/{case_id}/form/{part}", f"{case}/form/body"),
        ("/cases/{case_id}/form/{part}", f"{case}/form/health"),
        ("/cases/{case_id}/request", f"{case}/request"),
        ("/cases/{case_id}/break-glass", f"{case}/break-glass"),
        ("/stations", "/stations"),
        ("/review", "/review"),
        ("/review", "/review?relation=duplicate&sheet=99"),
        ("/pairs/{pair_id}", pair),
        ("/tasks", "/tasks?station=all"),
        ("/coverage", "/coverage"),
        ("/coverage", "/coverage?by=clues&station=main"),
        ("/results", "/results"),
        ("/leads", "/leads"),
        ("/approvals", "/approvals"),
        ("/pairs/{pair_id}", f"/pairs/{station.verified}"),
        ("/pairs/{pair_id}/reunite", f"/pairs/{station.verified}/reunite"),
        ("/pairs/{pair_id}/hand-over", f"/pairs/{station.reunited}/hand-over"),
        ("/figures", "/figures"),
        ("/figures/report", "/figures/report"),
        ("/account", "/account"),
        ("/cases/{case_id}/rights", f"{case}/rights"),
        ("/retention", "/retention"),
        ("/reports", "/reports"),
        ("/reports/{report_id}", f"/reports/{station.report_id}"),
        ("/sightings", "/sightings"),
        ("/notices", "/notices"),
        ("/cases/{case_id}/notices", f"{case}/notices"),
        ("/cases/{case_id}/notices/new", f"{sheltered}/notices/new"),
        ("/notices/{notice_id}", f"/notices/{station.notice}"),
        ("/notices/{notice_id}/edit", f"/notices/{station.notice}/edit"),
        ("/lists", "/lists"),
        ("/lists/new", "/lists/new"),
        ("/lists/{list_id}", f"/lists/{station.list_id}"),
        ("/lists/runs/{run_id}", f"/lists/runs/{station.run_id}"),
        ("/lists/hits", "/lists/hits"),
        ("/lists/hits/{hit_id}", f"/lists/hits/{station.hit_id}"),
        ("", "/nowhere"),
        ("/login", "/login"),
    ]


def look(page: Page, axe: str, where: str) -> None:
    """At the page as it comes, and with everything unfolded."""
    assert violations(page, axe) == [], where
    unfold(page)
    assert violations(page, axe) == [], f"{where}, with everything unfolded"


def written_down_and_corrected(page: Page, case: str) -> str:
    """The id of a clue of the case in its second version, and boards that were answered."""
    page.goto(f"{case}/interview-help?kind=place")
    page.click("button[name=reply][value=no]")
    page.goto(case)
    unfold(page)
    page.fill("#said", "我屋里在富阳")
    page.click("form[action$='/clues'] button[type=submit]")
    page.wait_for_url("**/cases/*#clue-*")
    clue = page.url.rsplit("#clue-", 1)[1]
    unfold(page)
    page.fill(f"#said-{clue}", "我屋里在阜阳")
    page.fill(f"#revise-{clue}", "heard again, slowly")
    page.click(f"form[action$='/clues/{clue}/revise'] button[type=submit]")
    page.goto(f"{case}/clues/{clue}")
    return clue


@pytest.mark.parametrize(("size", "language"), [(PHONE, "zh-CN"), (DESKTOP, "en")], ids=["390-zh-CN", "1280-en"])
def test_axe_finds_nothing_wrong_with_any_page(
    size: dict[str, int], language: str, visitor: Visitor, station: Station, axe: str
) -> None:
    page = visitor("sun", size, language)
    visited = set()
    for route, address in visits(page, station):
        page.goto(address)
        look(page, axe, address)
        visited.add(route)
    page = visitor("lin", size, language)
    page.goto("/enquiry")
    look(page, axe, "/enquiry")
    page.fill("#words", "Linnfort Yiwu 安徽 scar")
    page.click("main form button[type=submit]")
    look(page, axe, "/enquiry, answered")
    visited.add("/enquiry")
    assert visited - {""} == staff_pages()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["390", "1280"])
def test_axe_finds_nothing_wrong_with_any_page_for_everybody(
    size: dict[str, int], language: str, reader: Callable[..., Page], told: str, axe: str
) -> None:
    page = reader(size, language)
    routers = (public_pages.router, reporting.router, following.router, sightings.router)
    routes = [route for each in routers for route in iter_route_contexts(each.routes) if "GET" in (route.methods or ())]
    written = {"/report", "/report/{draft}/{step}", "/follow", "/n/{token}/seen"}
    assert {str(route.path) for route in routes} - NOT_FOR_EYES == {"/", "/n/{token}", *written}
    for address in ("/", "/?kind=missing&page=2", f"/n/{told}", "/n/nothing", "/nowhere", "/report/nothing/who"):
        page.goto(address)
        well_made(page, axe, size, address)
    for step in reported_by_hand(page, told):
        well_made(page, axe, size, step)


CUT_OFF = """() => [...document.querySelectorAll('main *')].filter((each) => {
  const box = each.getBoundingClientRect(), around = each.parentElement.getBoundingClientRect();
  return box.width && getComputedStyle(each).position !== 'absolute' && box.right > around.right + 1;
}).map((each) => each.outerHTML.slice(0, 120))"""
"""What stands out of what it stands in."""


def well_made(page: Page, axe: str, size: dict[str, int], where: str) -> None:
    """As it comes, and with letters twice as large, as somebody sets them who sees badly."""
    assert violations(page, axe) == [], where
    for letters in ("", "200%"):
        page.evaluate("(size) => { document.documentElement.style.fontSize = size; }", letters)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"], f"{where} is {wide} wide with letters of {letters or 'the usual size'}"
        assert page.evaluate(CUT_OFF) == [], f"{where} with letters of {letters or 'the usual size'}"
    page.evaluate("document.documentElement.style.fontSize = ''")


TAPPED_TWICE = """() => {
  const form = document.querySelector('form[data-bits]')
  const tap = () => form.dispatchEvent(new Event('submit', { cancelable: true }))
  return [tap(), tap()]
}"""
"""By an impatient thumb on a slow line; whether the form goes out each time."""


def reported_by_hand(page: Page, told: str) -> Iterator[str]:
    """Each page of what strangers send, as it comes and as it comes back with a mistake; its name."""
    primary = "form .button.primary"
    page.goto(f"/n/{told}/seen")
    expect(page.locator("[name=answer]")).not_to_have_value("")
    assert page.evaluate(TAPPED_TWICE) == [True, False]
    page.goto(f"/n/{told}/seen")
    yield "sighting"
    page.click(primary)
    page.wait_for_selector(".alert")
    yield "sighting, with a mistake"
    page.fill("#said", "seen at the station")
    page.click(primary)
    page.wait_for_selector("#said", state="detached")
    yield "sighting, sent"
    page.goto("/report")
    yield "consent"
    page.click(primary)
    page.wait_for_selector(".alert")
    yield "consent, not given"
    page.check("input[name=agree]")
    page.click(primary)
    page.wait_for_url("**/who*")
    yield "who"
    page.fill("#age", "old")
    page.click(primary)
    page.wait_for_selector(".alert")
    yield "who, with mistakes"
    page.fill("#names", "Tom")
    page.fill("#age", "40")
    page.click(primary)
    page.wait_for_url("**/seen*")
    yield "seen"
    page.click(primary)
    page.wait_for_url("**/photos*")
    photo = {"name": "p.png", "mimeType": "image/png", "buffer": painted_photo(3)}
    page.set_input_files("#photo", photo)
    page.click("form .button:not(.primary)")
    page.wait_for_selector(".handed")
    yield "photos"
    page.click("a.primary")
    page.click(primary)
    page.wait_for_selector(".alert")
    yield "you, with mistakes"
    for name in ("relation", "name"):
        page.fill(f"#{name}", "mother")
    page.fill("#phone", "13800138000")
    page.click(primary)
    page.wait_for_url("**/review*")
    yield "review"
    page.click(primary)
    page.wait_for_selector(".codes")
    yield "number and secret"
    number, secret = page.locator(".codes bdi").all_inner_texts()
    page.goto("/follow")
    yield "follow"
    page.fill("#reference", number)
    page.click(primary)
    page.wait_for_selector(".alert")
    yield "follow, wrong"
    page.fill("#secret", secret)
    page.click(primary)
    page.wait_for_selector("#withdraw-heading")
    yield "followed"
    page.click("form[action*='/withdraw'] button")
    page.wait_for_selector(".alert")
    yield "followed, not sure"
    page.check("input[name=sure]")
    page.click("form[action*='/withdraw'] button")
    page.wait_for_selector("#withdraw-heading", state="detached")
    yield "withdrawn"


@pytest.fixture
def told(station: Station) -> str:
    """The address of a notice that everybody reads."""
    return published(station)


def test_axe_would_say_so(visitor: Visitor, axe: str) -> None:
    page = visitor("sun", PHONE, "en")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input><img src=\"/static/icon.svg\">')")
    found = " ".join(violations(page, axe))
    assert "label: " in found
    assert "image-alt: " in found
