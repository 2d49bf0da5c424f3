"""The page of results, and the hint to rest."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.api.staff.conftest import Browser, text_of
from tests.house import House
from tests.neighbours import Neighbours
from tests.test_known_answers import Desk
from tests.test_known_results import judged as known
from tracing.access import SYSTEM
from tracing.domain import Judgement
from tracing.verdict import Verdict


def test_a_reviewer_reads_the_own_results(chen: Browser, house: House) -> None:
    house.confirm(house.pair(house.missing(7), house.sheltered(7)))
    assert 'href="/results"' in chen.see("/review")
    page = text_of(chen.see("/results"))
    assert "My results" in page
    assert "Pairs judged 1" in page
    assert "with the same outcome 1 of 1 Changed" in page, "no share of a single pair"
    assert "Too little for a verdict 1 pair in common" in page


def test_a_senior_reads_everybody_s(sun: Browser, house: House) -> None:
    pair = house.pair(house.missing(7), house.sheltered(7))
    house.confirm(pair)
    house.services.review.reconsider(house.reviewer, pair.pair_id, Verdict(Judgement.CANNOT_TELL, "the ears, after all"))
    page = text_of(sun.see("/results"))
    assert "Results of reviewers" in page
    assert page.index("chen Pairs judged 1") < page.index("Two reviewers, blind to each other")
    assert "score was shown 1 of 1" in page
    assert "zhao Pairs judged 1" in page


def test_nobody_has_judged_yet(browsers: Callable[..., Browser], sun: Browser) -> None:
    assert "Pairs judged 0" in text_of(browsers("chen").see("/results"))
    assert "No two people have judged the same pair yet." in sun.see("/results")


def test_after_long_reviewing_a_break_is_suggested_and_nobody_is_held_up(chen: Browser, house: House) -> None:
    pairs = [house.pair(house.missing(person), house.sheltered(person)) for person in range(8)]
    assert "without a break" not in chen.see("/review")
    for pair in pairs[:7]:
        house.judge(house.reviewer, pair)
        house.clock.advance(minutes=8)
    assert "You have been comparing faces for 56 minutes without a break." in text_of(chen.see("/review"))
    chen.see(f"/pairs/{pairs[7].pair_id}")
    page = chen.send(f"/pairs/{pairs[7].pair_id}/decisions", judgement="cannot_tell", reason="too dark")
    assert "without a break" in page
    assert "Your judgement is saved." in page


def test_pairs_with_a_known_answer_have_results_of_their_own(browsers: Callable[..., Browser], house: House) -> None:
    desk = Desk(house)
    assert "Nobody has judged such a pair yet." in browsers("newcomer").see("/results")
    known(desk, desk.newcomer, True, Judgement.SAME_LIKELY, 6)
    known(desk, desk.newcomer, False, Judgement.SAME_LIKELY, 2)
    for name in ("newcomer", "sun"):
        page = text_of(browsers(name).see("/results"))
        assert "recognised 6 of 6 (100% · 61%–100%) Two people, and taken for one Fewer than 5" in page
        assert "newcomer Pairs judged 6" not in page
    assert "recognised 6 of 6" not in text_of(browsers("chen").see("/results"))


def test_a_program_reads_the_same(calls: Callable[[str], TestClient], house: House) -> None:
    desk = Desk(house)
    known(desk, desk.newcomer, True, Judgement.SAME_LIKELY, 6)
    answer = calls("sun").get("/api/v1/statistics/reviewers").json()
    (own,) = answer["known_answers"]
    assert (own["reviewer"], own["mated"]["taken"], own["mated"]["share"]) == (desk.newcomer.account_id, 6, 1.0)
    assert own["non_mated"] == {"given": None, "taken": None, "share": None, "low": None, "high": None}
    assert {each["reviewer"]: each["judged"] for each in answer["reviewers"]}[house.reviewer.account_id] == 2


@pytest.mark.parametrize("by", ["known_id", "pair_id"])
def test_the_answer_is_told_before_the_page_is_left_whichever_id_it_was_judged_by(
    browsers: Callable[..., Browser], house: House, by: str
) -> None:
    desk = Desk(house)
    given = desk.give()
    assert given is not None
    browser = browsers("newcomer")
    assert "What the machine says" not in browser.see(f"/pairs/{getattr(given, by)}")
    page = browser.send(f"/pairs/{getattr(given, by)}/decisions", judgement="unlikely", reason="another nose")
    assert browser.url == f"/pairs/{given.known_id}?decided=1"
    assert "It is the same person: two people confirmed it" in text_of(page)
    assert "You took them for two people." in text_of(page)
    assert "Change my mind" not in page
    assert "test whose answer is known" in browser.see(browser.url)


def test_figures_and_results_say_of_which_station_they_are(sun: Browser, house: House, app: FastAPI) -> None:
    assert "Of your station" not in sun.see("/results") + sun.see("/figures")
    Neighbours(house)
    assert "Of your station, main." in sun.see("/results")
    assert "Of your station, main." in sun.see("/figures")
    key = house.services.accounts.new_api_key(SYSTEM, "sun")
    program = TestClient(app, headers={"Authorization": f"Bearer {key}"})
    for path in ("/api/v1/statistics", "/api/v1/statistics/reviewers"):
        assert program.get(path).json()["station"] == "main"
    program.close()
