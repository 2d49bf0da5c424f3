"""Two stations in real browsers: one asks for a case, the other grants a part of it, and an emergency is looked at."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import axe, fits
from tests.browser.conftest import PHONE, Visitor, unfold

__all__ = ["axe"]

pytestmark = [pytest.mark.browser, pytest.mark.long]

DESKTOP = {"width": 1280, "height": 800}


def look(page: Page, axe: str, name: str) -> None:
    unfold(page)
    fits(page, axe, f"stations-{name}")


@pytest.mark.parametrize(("size", "language"), [(PHONE, "zh-CN"), (DESKTOP, "en")], ids=["phone", "pc"])
def test_a_case_is_asked_for_granted_and_read_and_an_emergency_looked_at(
    size: dict[str, int], language: str, visitor: Visitor, axe: str
) -> None:
    sun = visitor("sun", size, language)
    sun.goto("/stations")
    look(sun, axe, "in")
    case = str(sun.locator(".card:has(form[action$='/accepted']) a.ref, #incoming + ul a.ref").first.get_attribute("href"))

    yang = visitor("yang", size, language)
    yang.goto(case if size is PHONE else f"{case}/request")
    if size is PHONE:
        look(yang, axe, "elsewhere")
        yang.click("a[href$='/request']")
    yang.locator("input[name=kind][value=assistance]").check()
    for part in ("photos", "description"):
        yang.locator(f"input[name=part_{part}]").uncheck()
    yang.locator("input[name=part_contacts]").check()
    yang.fill("#reason", "The hospital has to reach the family.")
    look(yang, axe, "request")
    yang.click("main button[type=submit]")
    if size is PHONE:  # the fixture has asked the same already, and it still waits
        expect(yang.locator(".notice-bad")).to_be_visible()
        assert yang.locator("#reason").input_value() == "The hospital has to reach the family."
        sun.locator("form[action$='/accepted']").first.locator("input[name=part_photos]").uncheck()
        sun.locator("form[action$='/accepted'] textarea").first.fill("They know the dialect.")
        sun.locator("form[action$='/accepted'] button").first.click()
        sun.wait_for_url("**/stations")
        yang.goto(case)
        assert yang.locator("#photos img").count() == 0, "the photos were not granted"
        look(yang, axe, "granted")
        seen = sun.locator("form[action$='/seen']")
        sun.locator("details", has=seen).locator("summary").click()
        seen.locator("textarea").fill("It was right: the ambulance came.")
        seen.locator("button").click()
        expect(sun.locator("#alerts .count")).to_have_text("0")
    else:
        yang.wait_for_url("**/stations")
        look(yang, axe, "out")


def test_an_emergency_opens_the_case_at_once(visitor: Visitor, axe: str) -> None:
    lin, guo = visitor("lin", PHONE, "en"), visitor("guo", PHONE, "en")
    lin.goto("/cases")
    case = str(lin.locator(".row-card").last.get_attribute("href"))
    guo.goto(case)
    guo.click("a[href$='/break-glass']")
    look(guo, axe, "break-glass")
    guo.fill("#reason", "He has collapsed at our door.")
    guo.click("main button[type=submit]")
    guo.wait_for_url(f"**{case}")
    expect(guo.locator(".notice-bad")).to_contain_text("You opened it in an emergency")
    assert guo.locator("a[href$='/edit']").count() == 0
    look(guo, axe, "opened")
