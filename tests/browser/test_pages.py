"""What only a browser can tell: previews, keys and overlays, pages without JavaScript, room and contrast."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PC, PHONE, Station, Visitor, keep, unfold

pytestmark = [pytest.mark.browser, pytest.mark.long]

SMALL = {"width": 360, "height": 640}

UNLABELLED = """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a[href]")]
  .filter((each) => each.checkVisibility())
  .filter((each) => !(each.labels?.length || each.getAttribute("aria-label") || each.textContent.trim() ||
    each.querySelector("img[alt]:not([alt=''])")))
  .map((each) => each.outerHTML)"""

TOO_SMALL = """() => [...document.querySelectorAll(`button, a.button, select, textarea, summary, nav a,
    input:not([type=hidden], [type=radio], [type=checkbox], [type=range], [type=file]),
    label:has([type=radio], [type=checkbox])`)]
  .filter((each) => each.checkVisibility() && !each.closest("svg, .skip"))
  .filter((each) => { const box = each.getBoundingClientRect(); return box.height < 43.5 || box.width < 40; })
  .map((each) => each.outerHTML.slice(0, 120))"""

FAINT = """() => {
  const part = (value) => { value /= 255; return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4; };
  const luminance = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const colour = (text) => text.match(/[\\d.]+/g).map(Number);
  const ground = (element) => {
    for (; element; element = element.parentElement) {
      const [r, g, b, a] = colour(getComputedStyle(element).backgroundColor);
      if (a !== 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const each of document.querySelectorAll("body *")) {
    const own = [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !each.checkVisibility() || each.closest("svg, .hidden-text, .skip, [aria-hidden=true]")) continue;
    const style = getComputedStyle(each);
    const [one, other] = [luminance(colour(style.color)), luminance(ground(each))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${each.className} ${each.textContent.trim().slice(0, 40)}`);
  }
  return faint;
}"""


def some_pages(page: Page) -> list[str]:
    """Paths of every kind of page that this person can see."""
    paths = ["/", "/cases", "/nowhere"]
    page.goto("/cases")
    paths += [str(page.locator(".row-card").first.get_attribute("href"))]
    if page.locator("nav a[href^='/cases/new']").count():
        paths += ["/cases/new?kind=missing", "/cases/new", f"{paths[3]}/edit", f"{paths[3]}/form/body"]
    if page.locator("nav a[href='/review']").count():
        page.goto("/review")
        action = str(page.locator("form[action$='/claim']").first.get_attribute("action"))
        paths += ["/review", action.removesuffix("/claim")]
    if page.locator("nav a[href='/figures']").count():
        paths += ["/figures"]
    return paths


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [SMALL, PC], ids=["360", "1440"])
def test_every_page_has_room_labels_targets_and_contrast(size: dict[str, int], scheme: str, visitor: Visitor) -> None:
    for language in ("zh-CN", "en"):
        page = visitor("sun", size, language, color_scheme=scheme)
        for path in some_pages(page):
            page.goto(path)
            unfold(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (path, language)
            assert page.evaluate(UNLABELLED) == [], (path, language)
            assert page.evaluate(TOO_SMALL) == [], (path, language)
            assert page.evaluate(FAINT) == [], (path, language)
            assert page.locator("h1").count() == 1, path
            assert page.title(), path


def test_the_first_key_reaches_the_skip_link_and_every_focus_is_seen(visitor: Visitor) -> None:
    page = visitor("sun", PC)
    page.goto("/cases")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_chosen_photos_are_shown_and_can_be_taken_back(visitor: Visitor, station: Station) -> None:
    page = visitor("lin", PHONE)
    page.goto("/cases/new")
    photo = {"name": "one.jpg", "mimeType": "image/jpeg", "buffer": station.intake_photo}
    page.set_input_files("#camera", photo)
    page.set_input_files("#files", [photo | {"name": "two.jpg"}])
    expect(page.locator(".previews img")).to_have_count(2)
    page.locator(".previews button").first.click()
    expect(page.locator(".previews img")).to_have_count(1)
    assert page.evaluate("document.querySelector('#files').files[0].name") == "two.jpg"


def test_a_photo_taken_before_the_script_has_come_is_not_lost_to_the_next_one(visitor: Visitor, station: Station) -> None:
    page = visitor("lin", PHONE)
    held: list[Route] = []
    page.route("**/photos.js*", lambda route: held.append(route))
    page.goto("/cases/new", wait_until="commit")
    photo = {"name": "early.jpg", "mimeType": "image/jpeg", "buffer": station.intake_photo}
    page.set_input_files("#camera", photo)
    assert held, "The script has come before the photo."
    held[0].continue_()
    expect(page.locator(".previews img")).to_have_count(1)
    page.set_input_files("#camera", photo | {"name": "next.jpg"})
    expect(page.locator(".previews img")).to_have_count(2)
    assert page.evaluate("[...document.querySelector('#files').files].map((each) => each.name)") == ["early.jpg", "next.jpg"]


def test_a_face_is_tapped_in_the_photo(visitor: Visitor, station: Station) -> None:
    page = visitor("lin", PHONE)
    page.goto("/cases/new")
    page.set_input_files("#files", {"name": "group.jpg", "mimeType": "image/jpeg", "buffer": station.group_photo})
    page.locator(".send-bar button").click()
    expect(page.locator(".sheet h3")).to_contain_text("哪一位是本人")
    keep(page, "choose-a-face")
    page.locator("svg .face-hit").nth(1).click()
    expect(page.get_by_role("heading", name="已送审")).to_be_visible()


def test_what_is_typed_into_the_form_is_saved_by_itself_also_after_the_line_was_broken(visitor: Visitor) -> None:
    page = visitor("lin", PHONE, "en")
    page.goto("/cases?kind=sheltered")
    page.goto(f"{page.locator('.row-card').first.get_attribute('href')}/form/body")
    page.get_by_label("Hair").fill("grey")
    expect(page.locator(".draft-state")).to_contain_text("Saved")
    page.context.set_offline(True)
    page.get_by_label("Hair").fill("grey and thin")
    expect(page.locator(".draft-state")).to_contain_text("Not saved yet")
    page.context.set_offline(False)
    expect(page.locator(".draft-state")).to_contain_text("Saved")
    keep(page, "form")
    page.reload()
    expect(page.get_by_label("Hair")).to_have_value("grey and thin")


def test_what_is_typed_before_the_script_has_come_is_saved_as_well(visitor: Visitor) -> None:
    page = visitor("lin", PHONE, "en")
    held: list[Route] = []
    page.route("**/draft.js*", lambda route: held.append(route))
    page.goto("/cases?kind=sheltered")
    page.goto(f"{page.locator('.row-card').first.get_attribute('href')}/form/body", wait_until="commit")
    page.get_by_label("Hair").fill("typed early")
    assert held, "The script has come before the words."
    held[0].continue_()
    expect(page.locator(".draft-state")).to_contain_text("Saved")
    page.unroute("**/draft.js*")
    page.reload()
    expect(page.get_by_label("Hair")).to_have_value("typed early")


def test_the_other_language_loses_nothing_that_was_typed(visitor: Visitor, station: Station) -> None:
    page = visitor("lin", PHONE)
    page.goto("/cases/new?kind=missing")
    page.fill("#names", "顾小满")
    page.fill("#circumstances", "去买菜以后没有回家\n<b>")
    page.check("input[name=sex][value=female]", force=True)
    page.locator("input[name=legal_basis]").nth(1).check()
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#names")).to_have_value("顾小满")
    expect(page.locator("#circumstances")).to_have_value("去买菜以后没有回家\n<b>")
    expect(page.locator("input[name=sex][value=female]")).to_be_checked()
    expect(page.locator("input[name=legal_basis]").nth(1)).to_be_checked()
    assert page.evaluate("Object.keys({ ...sessionStorage })") == [], "nothing of it stays in the browser"
    keep(page, "other-language")
    page.goto("/cases/new?kind=missing")
    expect(page.locator("#names")).to_have_value("")
    page.goto("/account")
    page.locator("input[type=password]").first.fill("a secret of mine")
    page.get_by_role("link", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("input[type=password]").first).to_have_value("")


def test_everything_goes_without_javascript(visitor: Visitor, station: Station) -> None:
    page = visitor("lin", SMALL, "en", java_script_enabled=False)
    page.goto("/cases/new")
    for chooser in ("#camera", "#files"):
        box = page.locator(chooser).bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= SMALL["width"], chooser
    page.set_input_files("#files", {"name": "group.jpg", "mimeType": "image/jpeg", "buffer": station.group_photo})
    page.locator(".send-bar button").click()
    page.locator(".face-pick").first.click()
    expect(page.get_by_role("heading", name="Sent to review")).to_be_visible()
    reviewer = visitor("sun", PC, "en", java_script_enabled=False)
    reviewer.goto("/review")
    expect(reviewer.locator("li.pair-card")).not_to_have_count(0)
