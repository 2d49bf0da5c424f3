"""After the main story, in real browsers: reviewers disagree, a senior decides, a match is revoked, another leads home."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor, keep

pytestmark = [pytest.mark.browser, pytest.mark.long]

DESKTOP = {"width": 1280, "height": 800}


def first_pair(page: Page) -> str:
    """The path of a pair of a missing person and one in care that waits for this person."""
    page.goto("/review?relation=trace")
    page.locator("form[action$='/claim'] button").first.click()
    page.wait_for_url("**/pairs/*")
    return page.url.removesuffix("?").split("?")[0]


def judge(page: Page, pair: str, key: str, reason: str, says: str) -> None:
    """By key; before it nothing on the page tells of score or colleagues."""
    page.goto(pair)
    expect(page.locator("#evidence-heading, #said-heading")).to_have_count(0)
    page.keyboard.press(key)
    page.fill("#reason", reason)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice-good")).to_contain_text(says)
    expect(page.locator("#evidence-heading, #said-heading")).to_have_count(2)


def take_step(page: Page, pair: str, step: str, reason: str, says: str) -> None:
    """Verify or revoke, on the page of the pair."""
    page.goto(pair)
    form = page.locator(f"form[action$='/{step}']")
    page.locator("details.step", has=form).locator("summary").click()
    if step == "verify":
        form.locator("input[value=control_question]").check()
        for field in ("question", "expected_answer", "answer_given"):
            form.locator(f"#{field}").fill(f"the {field}")
    form.locator("textarea").fill(reason)
    form.locator("button").click()
    expect(page.locator(".notice-good").first).to_contain_text(says)


def reunite(page: Page, pair: str) -> None:
    """The record of the hand-over: kept while it is typed, what is missing is said at once; then it can be read and printed."""
    page.goto(pair)
    page.get_by_role("link", name="Fill in the hand-over").click()
    page.fill("#receiver", "Li Fang")
    expect(page.locator(".draft-state")).to_contain_text("Saved")
    page.goto(pair)
    page.get_by_role("link", name="Fill in the hand-over").click()
    expect(page.locator("#receiver")).to_have_value("Li Fang")
    expect(page.locator(".draft-state")).to_contain_text("Kept as far as sun filled it in")
    page.locator("form[action$='/reunite'] button.primary").click()
    expect(page.locator(".mistake")).to_have_count(8)
    expect(page.locator("#receiver")).to_have_value("Li Fang")
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
        page.fill(f"#{field}", f"the {field.replace('_', ' ')}")
    page.locator("form[action$='/reunite'] button.primary").click()
    expect(page.locator(".notice-good").first).to_contain_text("Both cases are closed.")
    page.get_by_role("link", name="Record of the hand-over").click()
    expect(page.locator("article")).to_contain_text("Li Fang")
    keep(page, "hand-over")
    paper = page.request.get(f"{pair}/hand-over.pdf")
    assert sheets(paper.body()) == 1


def sheets(pdf: bytes) -> int:
    return pdf.count(b"/Type /Page\n") or pdf.count(b"/Type /Page ")


def test_a_dispute_is_decided_a_match_revoked_and_another_one_leads_home(visitor: Visitor) -> None:
    chen, zhao, sun = (visitor(name, DESKTOP, "en") for name in ("chen", "zhao", "sun"))
    pair = first_pair(chen)
    judge(chen, pair, "2", "The same mole beside the nose.", "Another person now looks at the pair")
    judge(zhao, pair, "4", "The ears differ.", "a senior reviewer decides")
    keep(zhao, "dispute-1-disagreement")
    sun.goto(pair)
    expect(sun.locator(".judge h2")).to_have_text("Senior judgement")
    judge(sun, pair, "1", "Ears and mole are the same; the light differs.", "the two cases are matched")
    take_step(sun, pair, "verify", "Knew the name of the family's dog.", "Verified.")
    take_step(sun, pair, "revoke", "The DNA says no.", "Both cases are open again")
    keep(sun, "dispute-2-revoked")

    pair = first_pair(chen)
    judge(chen, pair, "1", "The same scar above the left eye.", "Another person now looks at the pair")
    judge(zhao, pair, "2", "Scar and hairline.", "Confirmed by two people")
    take_step(sun, pair, "verify", "The sister named the scar.", "Verified.")
    reunite(sun, pair)
    chen.goto(pair)
    expect(chen.locator(".said li")).to_have_count(4)
    keep(chen, "dispute-3-reunited")
