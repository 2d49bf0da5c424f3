"""In real browsers: a notice is written, approved by another person, read on a phone in the street, and gone with its case."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from scripts.demo.cast import Plot
from scripts.demo.casting import invent_cast
from tests.browser.conftest import PC, PHONE, Station, Visitor, keep, taken_in
from tracing.domain import CaseKind

pytestmark = [pytest.mark.browser, pytest.mark.long]

MINUTE = 60.0


def somebody(page: Page, station: Station, which: int) -> str:
    """The path of an adult in care with several marks, whom no other story knows, at the form of a new notice."""
    cast = invent_cast(today=datetime.now(UTC).date())
    adults = [case for case in cast.cases if case.plot is Plot.ALONE and cast.people[case.person_key].age >= 18]
    known = [case for case in adults if case.kind is CaseKind.SHELTERED and len(case.description.marks) > 1]
    path = f"/cases/{taken_in(station, known[-1 - which]).case_id}"
    page.goto(f"{path}/notices/new")
    expect(page.locator("main > .notice-bad")).to_have_count(0)
    return path


def test_l17_from_a_draft_to_the_street_and_gone_with_the_case(
    visitor: Visitor, reader: Callable[..., Page], station: Station
) -> None:
    lin = visitor("lin", PHONE)
    case = somebody(lin, station, 0)
    expect(lin.locator("#preview .told-photo")).to_be_visible()
    shown = lin.locator("#preview .told").inner_text()
    # The preview follows what is chosen, and tells at once what no notice tells.
    boxes = lin.locator("input[name=mark]:not(:disabled)")
    for box in boxes.all():
        box.check()
    expect(lin.locator("#preview .mistakes")).to_contain_text("至少保留一个特征")
    back = boxes.last.locator("xpath=..").inner_text().strip()
    boxes.last.uncheck()
    expect(lin.locator("#preview .kept li")).to_have_text([back])
    lin.fill("#station", "合肥市救助管理站")
    lin.fill("#contact", "0551-6299 8000")
    expect(lin.locator("#preview .told")).to_contain_text("0551-6299 8000")
    lin.fill("#clothing", "一件很旧的灰色外套")
    expect(lin.locator("#preview .told")).to_contain_text("一件很旧的灰色外套")
    assert lin.locator("#preview .told").inner_text() != shown
    keep(lin, "notice-form")
    lin.click("button[value=save]")
    lin.wait_for_url("**/notices/*")
    path = lin.url.split("/notices/")[1]
    expect(lin.locator("form[action$='/approve']")).to_have_count(0)

    sun = visitor("sun", PC)
    sun.goto("/notices")
    sun.locator(f"a[href='/notices/{path}']").click()
    expect(sun.locator(".kept")).to_contain_text(back)
    sun.fill("#reason-approve", "逐项核对过")
    sun.locator("form[action$='/approve'] button").click()
    expect(sun.locator("form[action$='/publish']")).to_be_visible()
    keep(sun, "notice-approved")
    sun.locator("form[action$='/publish'] button").click()
    expect(sun.locator("h1")).to_contain_text("已发布")

    street = reader(PHONE)
    street.goto("/")
    street.locator(".card").first.click()
    street.wait_for_url("**/n/*")
    expect(street.locator("main")).to_contain_text("一件很旧的灰色外套")
    expect(street.locator("main")).not_to_contain_text(back)
    assert street.evaluate("document.querySelector('.notice .photo').naturalWidth") > 100
    expect(street.locator("a[href^='tel:']")).to_have_attribute("href", "tel:055162998000")
    for name in ("poster.pdf", "share.png"):
        assert street.request.get(f"{street.url}/{name}").ok
    keep(street, "notice-public")

    lin.goto(case)
    form = lin.locator("form[action$='/suspend']")
    lin.locator("details.step", has=form).locator("summary").click()
    form.locator("textarea").fill("核实身份")
    form.locator("button").click()
    ended = time.monotonic()
    street.reload()
    expect(street.locator("h1")).to_contain_text("这份公告不在这里")
    keep(street, "notice-gone")
    lin.goto(f"/notices/{path}")
    while "已撤下" not in lin.locator("h1").inner_text():
        assert time.monotonic() - ended < MINUTE, "it is written down within a minute"
        lin.wait_for_timeout(1000)
        lin.reload()
    expect(lin.locator("main")).to_contain_text("个案已暂停")
    lin.goto(case)
    lin.locator("details.step", has=lin.locator("form[action$='/reopen']")).locator("summary").click()
    lin.locator("form[action$='/reopen'] textarea").fill("身份已核实")
    lin.locator("form[action$='/reopen'] button").click()


def test_without_scripts_a_button_shows_how_the_notice_reads(visitor: Visitor, station: Station) -> None:
    lin = visitor("lin", PC, "en", java_script_enabled=False)
    somebody(lin, station, 1)
    lin.fill("#clothing", "an old grey coat")
    lin.click("button[value=preview]")
    expect(lin.locator("#preview .told")).to_contain_text("an old grey coat")
    expect(lin.locator("#clothing")).to_have_value("an old grey coat")
