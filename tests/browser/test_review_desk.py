"""The review desk in a browser: tools for looking, keys for everything, fingers, and the whole of it without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.browser.axe import axe, violations
from tests.browser.conftest import PHONE, Station, Visitor, keep

__all__ = ["axe"]

pytestmark = [pytest.mark.browser, pytest.mark.long]

DESKTOP = {"width": 1280, "height": 800}


def a_pair(page: Page) -> Page:
    """The first pair of the queue, not held."""
    page.goto("/review?relation=trace")
    action = str(page.locator("form[action$='/claim']").first.get_attribute("action"))
    page.goto(action.removesuffix("/claim"))
    return page


def over(page: Page) -> Locator:
    """The right portrait, laid over the left one."""
    return page.locator(".frame .over")


def style(where: Locator, name: str) -> str:
    return str(where.evaluate(f"(element) => element.style.{name}"))


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["390", "1280"])
def test_queue_and_pair_have_room(size: dict[str, int], language: str, visitor: Visitor) -> None:
    page = visitor("sun", size, language)
    for name in ("queue", "pair"):
        page.goto("/review") if name == "queue" else a_pair(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
        keep(page, f"{name}-{size['width']}-{language}")


def test_portraits_are_laid_over_each_other_zoomed_lit_mirrored_and_lined(visitor: Visitor) -> None:
    page = a_pair(visitor("sun", DESKTOP))
    page.locator("[data-tool=fade]").fill("0.5")
    page.locator("[data-tool=zoom]").fill("2")
    page.locator("[data-tool=light]").fill("1.5")
    page.locator("[data-tool=mirror]").click()
    page.locator("[data-tool=grid]").click()
    assert style(over(page), "opacity") == "0.5"
    assert style(over(page), "transform") == "translate(0%, 0%) scale(-2, 2)"
    assert style(page.locator(".frame img").first, "transform") == "translate(0%, 0%) scale(2, 2)"
    assert style(over(page), "filter") == "brightness(1.5)"
    expect(page.locator(".grid").first).to_be_visible()
    keep(page, "overlay")
    page.locator("[data-tool=reset]").click()
    assert (style(over(page), "opacity"), style(over(page), "transform")) == ("0", "translate(0%, 0%) scale(1, 1)")
    expect(page.locator(".grid").first).not_to_be_visible()


def test_the_two_faces_blink_until_told_otherwise(visitor: Visitor) -> None:
    page = a_pair(visitor("sun", DESKTOP))
    page.keyboard.press("b")
    expect(over(page)).to_have_css("opacity", "1")
    expect(over(page)).to_have_css("opacity", "0")
    page.keyboard.press("b")
    expect(page.locator("[data-tool=blink]")).to_have_attribute("aria-pressed", "false")


def test_everything_goes_by_keys(visitor: Visitor) -> None:
    page = a_pair(visitor("sun", DESKTOP, "en"))
    for key in ("+", "+", "ArrowLeft", "ArrowUp", "]", ".", "g", "m"):
        page.keyboard.press(key)
        page.evaluate("document.activeElement.blur()")
    assert style(over(page), "transform") == "translate(10%, 10%) scale(-1.5, 1.5)"
    assert style(over(page), "filter") == "brightness(1.1)"
    for key in ("2", "Shift+Digit4", "f", "s", "d", "n", "r"):
        page.keyboard.press(key)
    page.keyboard.type("12 see Esc")
    page.keyboard.press("Escape")
    page.keyboard.press("3")
    chosen = page.evaluate("[...document.querySelectorAll('.judge :checked')].map((each) => `${each.name}=${each.value}`)")
    assert chosen == [
        "judgement=cannot_tell",
        "confidence=4",
        "feature_skin=similar",
        "feature_face_outline=different",
        "feature_face_composition=not_visible",
    ]
    assert page.locator("#reason").input_value() == "12 see Esc", "what is typed chooses nothing"


def test_the_list_of_keys_is_true_and_keys_can_be_switched_off(visitor: Visitor) -> None:
    page = a_pair(visitor("sun", DESKTOP, "en"))
    page.keyboard.press("?")
    listed = page.locator("[data-keys] dt").all_inner_texts()
    known = page.evaluate(
        "[...document.querySelectorAll('[data-key], [data-less], [data-row-key]')]"
        ".flatMap(({ dataset: { key, less, more, rowKey } }) => [key, less, more, rowKey]).filter(Boolean)"
    )
    # n is on the page after the judgement, j and k where somebody has several photos.
    named = {key for each in listed for key in re.split(r" · | – | ", each) if len(key) == 1} - set("←↑→↓⇧⏎")
    spelled = {key.replace("-", "−") for key in known if len(key) == 1} | {"n", "j", "k"}
    assert named == spelled - set("234"), "of the digits only the first and the last are named"
    page.get_by_label("Single keys act on this page").uncheck()
    page.reload()
    page.keyboard.press("2")
    expect(page.locator(".judge :checked")).to_have_count(0)


def test_a_judgement_is_given_without_a_mouse(visitor: Visitor) -> None:
    page = a_pair(visitor("chen", DESKTOP, "en"))
    page.keyboard.press("h")
    expect(page.locator(".held")).to_contain_text("Held for you until")
    page.keyboard.press("3")
    page.keyboard.press("r")
    page.keyboard.type("Too dark to tell.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice-good")).to_contain_text("Your judgement is saved.")
    before = page.url
    page.keyboard.press("n")
    page.wait_for_url(lambda url: url.split("?")[0] != before.split("?")[0])
    expect(page.locator(".held")).to_contain_text("Held for you until")


def touch(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    session.send(
        "Input.dispatchTouchEvent",
        {"type": kind, "touchPoints": [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]},
    )


def test_two_fingers_zoom_and_one_moves(visitor: Visitor) -> None:
    page = a_pair(visitor("sun", PHONE, has_touch=True, is_mobile=True))
    page.locator(".frame").first.scroll_into_view_if_needed()
    box = page.locator(".frame").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    touch(session, "touchStart", (x - 20, y), (x + 20, y))
    for apart in (25, 30, 40):
        touch(session, "touchMove", (x - apart, y), (x + apart, y))
    touch(session, "touchEnd")
    assert page.locator("[data-tool=zoom]").input_value() == "2"
    touch(session, "touchStart", (x, y))
    touch(session, "touchMove", (x + box["width"] / 4, y))
    touch(session, "touchEnd")
    assert style(over(page), "transform") == "translate(25%, 0%) scale(2, 2)"


def test_without_javascript_a_pair_is_compared_and_judged(visitor: Visitor) -> None:
    page = visitor("zhao", PHONE, "en", java_script_enabled=False)
    page.goto("/review?relation=trace&ages=adult")
    page.locator("form[action$='/claim'] button").first.click()
    expect(page.locator(".frame img")).to_have_count(2)
    expect(page.locator(".tools")).not_to_be_visible()
    expect(page.locator(".keys")).not_to_be_visible()
    assert page.locator(".photo-strip img").count() >= 2
    page.locator("input[value=cannot_tell]").check()
    page.fill("#reason", "Too dark to tell.")
    page.locator(".judge button[type=submit]").click()
    expect(page.locator(".notice-good")).to_be_visible()


def test_a_photo_that_does_not_come_is_said_in_its_frame(visitor: Visitor) -> None:
    page = visitor("sun", PHONE, "en")
    page.route("**/photos/**", lambda route: route.fulfill(status=404))
    a_pair(page)
    expect(page.locator(".frame .lost")).to_have_count(2)
    expect(page.locator(".frame .lost").first).to_contain_text("do not judge by what you cannot see")
    keep(page, "photo-lost-390-en")
    page.unroute("**/photos/**")
    page.reload()
    expect(page.locator(".frame img").first).to_be_visible()
    expect(page.locator(".frame .lost")).to_have_count(0)


def test_what_was_typed_outlives_the_session(visitor: Visitor, station: Station, axe: str) -> None:
    page = a_pair(visitor("sun", PHONE, "zh-CN"))
    pair = page.url
    page.locator("input[value=cannot_tell]").check()
    page.fill("#reason", "右耳有缺口 — ئوڭ قۇلاق")
    page.context.clear_cookies()
    page.locator(".judge button.primary").click()
    expect(page.locator(".notice")).to_contain_text("内容没有丢失")
    assert violations(page, axe) == []
    page.fill("#name", "sun")
    page.fill("#password", station.password)
    page.locator("main button[type=submit]").click()
    expect(page.locator("main dl")).to_contain_text("右耳有缺口 — ئوڭ قۇلاق")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert violations(page, axe) == []
    keep(page, "unsent-390-zh-CN")
    page.goto(pair)
    expect(page.locator("#decisions")).to_be_visible()
