"""The main story, in real browsers over real models: an intake at night, two reviewers, a match."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PC, PHONE, Station, Visitor, keep

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_an_intake_at_night_brings_a_missing_person_home(visitor: Visitor, station: Station) -> None:
    name = station.sought.description.names[0]
    reference = take_in(visitor("lin", PHONE, "zh-CN"), station)
    judge(visitor("chen", PC, "zh-CN"), name, reference, "先看眼睛和鼻子：同一个人。", "1-reviewer")
    expect_matched(judge(visitor("zhao", PC, "en"), name, reference, "Same ears, same scar.", "2-reviewer"))
    stranger = visitor("wu", PC, "zh-CN")
    answer = stranger.goto("/review")
    assert answer is not None
    assert answer.status == 403
    expect(stranger.locator("h1")).to_have_text("您的角色不能看这里")
    keep(stranger, "story-6-without-the-role")


def take_in(page: Page, station: Station) -> str:
    """The shelter worker's part, on a phone; the reference of the new case."""
    keep(page, "story-1-home")
    page.get_by_role("link", name="入站登记").first.click()
    page.set_input_files("#files", {"name": "night.jpg", "mimeType": "image/jpeg", "buffer": station.intake_photo})
    expect(page.locator(".previews img")).to_have_count(1)
    page.fill("#seen_place", "成都东站")
    keep(page, "story-2-intake")
    page.get_by_role("button", name="保存并比对").click()
    # The first photo of a server that has just been started waits for its models.
    expect(page.get_by_role("heading", name="已送审")).to_be_visible()
    expect(page.locator(".sheet")).to_contain_text(re.compile(r"有 \d+ 组疑似匹配等待复核"))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    keep(page, "story-3-sent-to-review")
    return page.locator(".case-head .ref").inner_text()


def judge(page: Page, name: str, reference: str, reason: str, shot: str) -> Page:
    """A reviewer's part: find the pair in the queue, choose by key, give a reason."""
    page.goto("/review?relation=trace")
    card = page.locator("li.pair-card").filter(has_text=name).filter(has_text="成都东站")
    card.get_by_role("button").click()
    expect(page.locator(".compare-faces .ref").last).to_have_text(reference)
    keep(page, f"story-4-{shot}")
    page.locator("body").press("2")
    expect(page.locator("input[value=same_likely]")).to_be_checked()
    page.fill("#reason", reason)
    page.locator(".judge button[type=submit]").click()
    expect(page.locator(".notice-good")).to_be_visible()
    return page


def expect_matched(page: Page) -> None:
    expect(page.locator(".notice-good")).to_contain_text("the two cases are matched")
    keep(page, "story-5-matched")
    page.locator(".compare-faces .ref").first.click()
    expect(page.locator(".case-head")).to_contain_text("Matched")
