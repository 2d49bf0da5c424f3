"""From a family's phone to a reunion, in real browsers over real models."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Error, Page, expect

from scripts.demo.cast import DemoCase, Plot, Shows
from scripts.demo.casting import invent_cast
from tests.browser.conftest import PC, PHONE, Station, Visitor, drawn, keep, taken_in, unfold
from tracing.domain import CaseKind

pytestmark = [pytest.mark.browser, pytest.mark.long]

NAME = "顾小满"
PLACE = "巢湖路菜市场"


def a_pair_of_the_cast() -> tuple[DemoCase, DemoCase]:
    """Somebody whom the cast knows in care and as missing, and of whom no case of the station is."""
    cast = invent_cast(today=datetime.now(UTC).date())
    people = list(dict.fromkeys(case.person_key for case in cast.cases if case.plot is Plot.PAIR))
    for person in people[:-2]:
        cases = {case.kind: case for case in cast.of(person)}
        portraits = [photo for case in cases.values() for photo in case.photos if photo.shows is Shows.PORTRAIT]
        if len(cases) == 2 and len(portraits) >= 2:
            return cases[CaseKind.MISSING], cases[CaseKind.SHELTERED]
    raise AssertionError("the cast has no such pair")


def test_a_report_from_a_phone_becomes_a_reunion(visitor: Visitor, reader: Callable[..., Page], station: Station) -> None:
    missing, sheltered = a_pair_of_the_cast()
    reference = taken_in(station, sheltered).reference
    found_at = sheltered.description.seen_place
    family = reader(PHONE)
    number, secret = report(family, missing)
    case = accept(visitor("lin", PHONE), number)
    follow(family, number, secret, "已受理", "family-7-accepted")
    for name in ("chen", "zhao"):
        judge(visitor(name, PC), reference, found_at, name)
    follow(family, number, secret, "正在寻找", "family-9-a-match-does-not-show")
    reunite(visitor("sun", PC), reference)
    follow(family, number, secret, "已办结", "family-12-closed")
    lin = visitor("lin", PHONE)
    lin.goto(case)
    expect(lin.locator(".case-head")).to_contain_text("已结案")


def report(page: Page, missing: DemoCase) -> tuple[str, str]:
    """The family's part, on a phone; number and secret."""
    page.goto("/")
    page.get_by_role("link", name="报告失踪亲人").click()
    page.check("input[name=agree]")
    page.check("input[name=face]")
    keep(page, "family-1-consent")
    page.get_by_role("button", name="开始填写").click()
    page.wait_for_url("**/who")
    page.fill("#names", NAME)
    page.fill("#looks", "不爱说话")
    keep(page, "family-2-who")
    page.get_by_role("button", name="下一页").click()
    page.wait_for_url("**/seen")
    page.fill("#seen_at", "2020年5月")
    page.fill("#seen_place", PLACE)
    page.get_by_role("button", name="下一页").click()
    page.wait_for_url("**/photos")
    portraits = [photo for photo in missing.photos if photo.shows is Shows.PORTRAIT][:2]
    for count, photo in enumerate(portraits, 1):
        page.set_input_files("#photo", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": drawn(photo)})
        page.fill("#taken_on", str(photo.taken_on.year) if photo.taken_on is not None else "")
        page.get_by_role("button", name="添加这张照片").click()
        expect(page.locator(".handed li")).to_have_count(count)
    keep(page, "family-3-photos")
    page.get_by_role("link", name="下一页").click()
    page.fill("#relation", "母亲")
    page.fill("#name", "顾秀兰")
    page.fill("#phone", "13800138000")
    page.get_by_role("button", name="下一页").click()
    page.wait_for_url("**/review")
    keep(page, "family-4-review")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="提交给救助站").click()
    expect(page.locator("h1")).to_have_text("您的报告已提交")
    keep(page, "family-5-number-and-secret")
    number, secret = page.locator(".codes bdi").all_inner_texts()
    return number, secret


def accept(page: Page, number: str) -> str:
    """Intake reads the report and opens a case; its path."""
    page.goto("/reports")
    page.locator(".row-card").filter(has_text=number).click()
    expect(page.locator("main")).to_contain_text("顾秀兰 (母亲)")
    for image in page.locator(".handed img").all():
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)
    keep(page, "family-6-read-by-intake")
    page.get_by_role("button", name="受理并立案").click()
    page.wait_for_url("**/cases/*")
    expect(page.locator(".case-head")).to_contain_text(NAME)
    return page.url


def judge(page: Page, reference: str, found_at: str, name: str) -> None:
    """A reviewer finds the pair in the queue, once the worker has looked at the photos."""
    card = page.locator("li.pair-card").filter(has_text=NAME).filter(has_text=found_at)
    for _ in range(60):
        page.goto("/review?relation=trace")
        if card.count():
            break
        page.wait_for_timeout(1000)
    card.first.get_by_role("button").click()
    expect(page.locator(".compare-faces .ref").last).to_have_text(reference)
    keep(page, f"family-8-judged-by-{name}")
    page.locator("body").press("1")
    page.fill("#reason", "眉眼、耳朵、左颊的痣都一致。")
    page.locator(".judge button[type=submit]").click()
    expect(page.locator(".notice-good")).to_be_visible()


def reunite(page: Page, reference: str) -> None:
    """A manager proves the match by something else than the face, and records the hand-over."""
    page.goto(f"/cases?text={reference}")
    page.locator(".row-card").filter(has_text=reference).click()
    page.locator("a[href^='/pairs/']").first.click()
    page.wait_for_url("**/pairs/*")
    verify = page.locator("form[action$='/verify']")
    unfold(page)
    verify.locator("input[name=proof][value=control_question]").check()
    for field, said in {"question": "小时候家里的狗叫什么？", "expected_answer": "大黄", "answer_given": "大黄"}.items():
        verify.locator(f"[name={field}]").fill(said)
    keep(page, "family-10-proved")
    verify.locator("button[type=submit]").click()
    today = datetime.now(UTC).date()
    page.goto(page.url.split("?")[0].rstrip("/") + "/reunite")
    told = {
        "handed_over_on": str(today),
        "handed_over_time": "14:30",
        "follow_up_on": str(today + timedelta(days=30)),
    }
    form = page.locator("form[data-draft]")
    for box in form.locator("input[type=text], input[type=date], input[type=time], textarea").all():
        name = box.get_attribute("name") or ""
        box.fill(told.get(name, "顾秀兰"))
    keep(page, "family-11-reunion")
    form.locator("button.primary").click()
    expect(page.locator("main")).to_contain_text("团聚")


def follow(page: Page, number: str, secret: str, told: str, shot: str) -> None:
    page.goto("/follow")
    page.fill("#reference", number)
    page.fill("#secret", secret)
    page.get_by_role("button", name="显示").click()
    expect(page.locator("h1")).to_contain_text(told)
    keep(page, shot)


def test_without_scripts_a_family_waits_a_little_and_loses_nothing(reader: Callable[..., Page]) -> None:
    page = reader(PHONE, java_script_enabled=False)
    page.goto("/report")
    page.check("input[name=agree]")
    page.get_by_role("button", name="开始填写").click()
    expect(page.locator(".alert")).to_contain_text("秒后才能提交")
    expect(page.locator("input[name=agree]")).to_be_checked()
    expect(page.locator("input[name=face]")).not_to_be_checked()
    keep(page, "family-13-without-scripts")
    page.wait_for_timeout(21_000)
    page.get_by_role("button", name="开始填写").click()
    expect(page.locator("h1")).to_have_text("谁失踪了？")


def test_a_line_that_breaks_loses_nothing_that_was_typed(reader: Callable[..., Page]) -> None:
    """The browser shows a page of its own; somebody goes back, and sends it once more."""
    page = reader(PHONE)
    page.goto("/report")
    page.check("input[name=agree]")
    page.get_by_role("button", name="开始填写").click()
    page.wait_for_url("**/who")
    typed = {"names": "顾小满", "age": "67", "height": "168", "looks": "不爱说话", "languages": "四川话", "accent": "自贡"}
    for name, said in typed.items():
        page.fill(f"#{name}", said)
    page.context.set_offline(True)
    with suppress(Error):
        page.get_by_role("button", name="下一页").click()
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)
    page.go_back()
    for name, said in typed.items():
        expect(page.locator(f"#{name}")).to_have_value(said)
    page.get_by_role("button", name="下一页").click()
    expect(page.locator("h1")).to_have_text("最后一次见到的时间和地点")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_other_language_loses_nothing_that_was_typed(reader: Callable[..., Page], scripts: bool) -> None:
    page = reader(PHONE, java_script_enabled=scripts)
    page.goto("/report")
    page.check("input[name=agree]")
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Report somebody who is missing")
    expect(page.locator("input[name=agree]")).to_be_checked()
    page.wait_for_timeout(0 if scripts else 21_000)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/who?language=en")
    typed = {"names": "顾小满", "birth_date": "gestern", "looks": "不爱说话", "languages": "四川话"}
    for name, said in typed.items():
        page.fill(f"#{name}", said)
    page.get_by_role("button", name="中文").click()
    expect(page.locator("h1")).to_have_text("谁失踪了？")
    for name, said in typed.items():
        expect(page.locator(f"#{name}")).to_have_value(said)
    expect(page.locator(".alert")).to_have_count(0)
    page.locator(".languages").scroll_into_view_if_needed()
    keep(page, f"family-14-other-language{'' if scripts else '-without-scripts'}")
    page.locator("#names").press("Enter")
    expect(page.locator(".wrong")).to_have_count(1)
