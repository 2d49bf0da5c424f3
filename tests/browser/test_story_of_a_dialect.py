"""From intake to reunion without any photo: a dialect, a clue hit, the home station, proof, the way home, the follow-up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import axe, fits
from tests.browser.conftest import PHONE, Visitor

__all__ = ["axe"]

pytestmark = [pytest.mark.browser, pytest.mark.long]

DESKTOP = {"width": 1280, "height": 800}


@dataclass(frozen=True)
class Lost:
    """Two brothers of one village, each looked for by the other; ``said`` as the people of it speak."""

    name: str
    home: str
    family: str
    said: str
    dialect: str
    meant: tuple[str, ...]
    """What the interviewer accepts, as it stands on the buttons."""


WANG = Lost(
    "牛家旺",
    "安徽省阜阳市颍州区",
    "哥哥叫牛国强，以前做木匠，出去打工后没有音信。",
    "俺叫刘家旺，屋里在扶羊那边，做木匠的，别的记不得了。",
    "阜阳话",
    ("刘家旺", "扶羊"),
)
SHAN = Lost(
    "何福山",
    "四川省南充市阆中市",
    "弟弟叫何福林，在工地上做厨师，赶集走散了。",
    "我叫胡福山，屋头在浪中，原先给人做厨师。",
    "南充话",
    ("胡福山", "浪中"),
)

Look = Callable[[Page, str], None]


@pytest.mark.parametrize(
    ("size", "language", "lost"), [(PHONE, "zh-CN", WANG), (DESKTOP, "en", SHAN)], ids=["phone-zh", "pc-en"]
)
def test_a_clue_in_dialect_brings_somebody_home(
    size: dict[str, int], language: str, lost: Lost, visitor: Visitor, axe: str
) -> None:
    def look(page: Page, name: str) -> None:
        fits(page, axe, f"dialect-{name}")

    def visit(name: str) -> Page:
        return visitor(name, size, language)

    report(visit("yang"), lost, look)
    lin = visit("lin")
    case = take_in(lin, look)
    interview(lin, case, lost, look)
    pair = clue_hit(lin, lost, look)
    hand_to_the_home_station(lin, case, look)
    guo = visit("guo")
    accept(guo, case, look)
    judge(visit("he"), pair, lost, look)
    judge(visit("tang"), pair, lost, look)
    prove(guo, pair, look)
    bring_home(guo, pair, look)
    follow_up(guo, case, look)


def report(page: Page, lost: Lost, look: Look) -> None:
    """The family comes to the home station; there is no photo."""
    page.goto("/cases/new?kind=missing")
    page.fill("#names", lost.name)
    for field, value in (("age_min", "40"), ("age_max", "45"), ("seen_place", lost.home), ("circumstances", lost.family)):
        unfolded(page, f"#{field}").fill(value)
    look(page, "1-report")
    save_case(page)


def take_in(page: Page, look: Look) -> str:
    """The path of the new case."""
    page.goto("/cases/new?kind=sheltered")
    for field, value in (("age_min", "38"), ("age_max", "48"), ("seen_place", "上海火车站")):
        unfolded(page, f"#{field}").fill(value)
    look(page, "2-intake")
    return save_case(page)


def save_case(page: Page) -> str:
    page.locator("form[action='/cases/new'] .send-bar button").click()
    page.wait_for_url("**/cases/*sent=*")
    return "/cases/" + page.url.split("/cases/")[1].split("?")[0]


def interview(page: Page, case: str, lost: Lost, look: Look) -> None:
    page.goto(f"{case}#interview")
    unfolded(page, "#said").fill(lost.said)
    page.fill("#dialect", lost.dialect)
    page.locator(f"form[action='{case}/clues'] button").click()
    expect(page.locator(".suggestions")).to_be_visible()
    look(page, "3-suggested")
    for meant in lost.meant:
        page.locator(".suggestions fieldset").filter(has_text=meant).locator("label.choice").first.click()
    page.locator(".suggestions button").click()
    expect(page.locator(".clue-words mark")).to_have_count(len(lost.meant))


def clue_hit(page: Page, lost: Lost, look: Look) -> str:
    """The path of the pair that clues alone have put together."""
    card = page.locator(".clue-card").filter(has_text=lost.name)
    expect(card).to_have_count(1)
    assert page.locator("#photos img").count() == 0, "no face can speak for anybody"
    look(page, "4-clue-hit")
    return str(card.locator("a.button").get_attribute("href"))


def hand_to_the_home_station(page: Page, case: str, look: Look) -> None:
    page.goto(f"{case}/request")
    page.select_option("#station_id", "north")
    page.locator("input[name=kind][value=transfer]").check()
    page.fill("#reason", "老家在那边，家人已在那边报案。")
    look(page, "5-transfer")
    page.locator(".send-bar button").click()
    page.wait_for_url("**/stations*")


def accept(page: Page, case: str, look: Look) -> None:
    page.goto("/stations")
    card = page.locator("li.card").filter(has=page.locator(f"a[href='{case}']"))
    card.locator("details.step", has=page.locator("form[action$='/accepted']")).locator("summary").click()
    form = card.locator("form[action$='/accepted']")
    form.locator("textarea").fill("我们接回来。")
    look(page, "6-accept")
    form.locator("button").click()
    page.goto(case)
    expect(page.locator("h1")).to_be_visible()
    look(page, "7-at-the-home-station")


def judge(page: Page, pair: str, lost: Lost, look: Look) -> None:
    """Blind: what both said stands there, what the machine makes of it does not."""
    page.goto(pair)
    expect(page.locator("main")).to_contain_text(lost.said.split("，")[-1])
    expect(page.locator(".clue-lines, #evidence-heading, #said-heading")).to_have_count(0)
    page.keyboard.press("2")
    page.fill("#reason", "名字读音一样，老家和手艺也对。")
    look(page, "8-judge")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice-good")).to_be_visible()
    expect(page.locator(".clue-lines")).not_to_have_count(0)


def prove(page: Page, pair: str, look: Look) -> None:
    page.goto(pair)
    form = page.locator("form[action$='/verify']")
    page.locator("details.step", has=form).locator("summary").click()
    form.locator("input[value=control_question]").check()
    for field, value in (("question", "家里的狗叫什么？"), ("expected_answer", "大黄"), ("answer_given", "大黄")):
        form.locator(f"#{field}").fill(value)
    look(page, "9-prove")
    form.locator("button").click()
    expect(page.locator(".notice-good").first).to_be_visible()


def bring_home(page: Page, pair: str, look: Look) -> None:
    page.goto(f"{pair}/reunite")
    today = datetime.now(UTC).date()
    for field in (
        "relation",
        "document_type",
        "document_number",
        "relation_proof",
        "handed_over_by",
        "witness",
        "place",
        "wish",
    ):
        page.fill(f"#{field}", "已核对")
    page.fill("#receiver", "牛国强")
    page.fill("#follow_up_on", str(today + timedelta(days=14)))
    look(page, "10-hand-over")
    page.locator("form[action$='/reunite'] .send-bar button.primary").click()
    expect(page.locator(".notice-good").first).to_be_visible()
    look(page, "11-home")


def follow_up(page: Page, case: str, look: Look) -> None:
    """The clock of the follow-up runs on the closed case, until somebody has asked how it goes."""
    page.goto(case)
    clock = page.locator("li.clock")
    expect(clock).to_have_count(1)
    form = page.locator(f"form[action='{case}/actions']")
    page.locator("details", has=form).locator("summary").first.click()
    form.locator("#action_kind").select_option("follow_up")
    form.locator("#action_outcome").select_option("done")
    form.locator("#note").fill("电话回访：在家，挺好。")
    look(page, "12-follow-up")
    form.locator("button").click()
    expect(clock).to_have_count(0)
    look(page, "13-the-whole-story")


def unfolded(page: Page, selector: str) -> Locator:
    """The field, with whatever it is folded into opened."""
    field = page.locator(selector)
    field.evaluate("field => field.closest('details')?.setAttribute('open', '')")
    return field
