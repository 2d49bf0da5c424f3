"""A case's page: changing it, taking it through its states, its timeline, and what is to be done next."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.api.staff.conftest import Browser, text_of
from tests.house import House
from tracing.domain import CaseKind, CaseState, Channel, Description, Told
from tracing.evidence import Calibration

BASIS = {"legal_basis": "statutory_duty"}


def test_the_form_holds_what_is_known_and_saving_it_unchanged_changes_nothing(lin: Browser, house: House) -> None:
    case = house.open(CaseKind.MISSING, names=("A", "B"), marks=("scar", "mole"), height_cm=170, age_min=3)
    page = lin.see(f"/cases/{case.case_id}/edit")
    assert 'value="A、B"' in page
    lin.send(
        f"/cases/{case.case_id}/edit", names="A、B", marks="scar\nmole", height_cm="170", age_min="3", version="1", **BASIS
    )
    assert house.case(case).description == case.description


def test_two_people_who_change_a_case_at_once_are_told_and_lose_nothing(lin: Browser, house: House) -> None:
    case = house.open(CaseKind.MISSING, names=("A",))
    lin.see(f"/cases/{case.case_id}/edit")
    house.services.casework.amend(house.manager, case.case_id, Description(names=("Their name",)))
    page = lin.send(f"/cases/{case.case_id}/edit", 409, names="My name", version="1", **BASIS)
    assert "Somebody else has changed this case since you opened it" in page
    assert "Their name" in page
    assert 'value="My name"' in page
    lin.send(f"/cases/{case.case_id}/edit", names="My name", version="2", **BASIS)
    assert house.case(case).title == "My name"


def test_a_mistake_in_a_change_keeps_what_was_typed(lin: Browser, house: House) -> None:
    case = house.open(CaseKind.MISSING)
    lin.see(f"/cases/{case.case_id}/edit")
    page = lin.send(f"/cases/{case.case_id}/edit", 422, names="My name", height_cm="5", version="1", **BASIS)
    assert "A height lies between 20 and 280 centimetres." in page
    assert 'value="My name"' in page


def test_a_case_is_suspended_resumed_closed_and_reopened_each_with_a_reason(lin: Browser, house: House) -> None:
    case = house.missing(3)
    path = f"/cases/{case.case_id}"
    lin.see(path)
    assert "Say why" in lin.send(f"{path}/suspend", 422, reason=" ")
    assert "Suspended: the face is not searched" in text_of(lin.send(f"{path}/suspend", reason="a dispute"))
    assert "Resume the case" in lin.see(path)
    lin.send(f"{path}/reopen", reason="settled")
    assert "Choose one of the answers" in lin.send(f"{path}/close", 422, reason="found")
    assert "Found elsewhere" in text_of(lin.send(f"{path}/close", outcome="found_elsewhere", reason="the police called"))
    assert "cannot become" in text_of(lin.send(f"{path}/suspend", 409, reason="too late"))
    lin.send(f"{path}/reopen", reason="it was somebody else")
    assert house.case(case).state is CaseState.OPEN


def test_a_closing_says_what_brought_it_to_light_and_which_other_case_it_was(lin: Browser, house: House) -> None:
    missing, sheltered = house.missing(3), house.sheltered(3)
    path = f"/cases/{missing.case_id}"
    assert "Such as S-2026-00042." in text_of(lin.see(path))
    said = {"outcome": "found_elsewhere", "reason": "the police called", "channel": "police"}
    page = lin.send(f"{path}/close", 422, **said, other_case="S-1999-00009")
    assert "There is no case with this reference." in page
    assert 'value="S-1999-00009"' in page
    assert '<option value="police" selected>' in page
    page = text_of(lin.send(f"{path}/close", **said, other_case=sheltered.reference))
    assert "What brought it to light Police · lin" in page
    with house.services.store.reading() as records:
        (closing,) = records.cases.closings()
    assert (closing.channel, closing.other_case_id) == (Channel.POLICE, sheltered.case_id)


def test_a_reunion_is_not_offered_as_an_outcome_of_a_case(lin: Browser, house: House) -> None:
    assert 'value="reunited"' not in lin.see(f"/cases/{house.missing(3).case_id}")


def test_the_timeline_says_in_words_who_did_what(lin: Browser, house: House) -> None:
    page = text_of(lin.see(f"/cases/{house.missing(3).case_id}"))
    assert "Case opened · lin" in page
    assert "Photo looked at one face" in page
    assert "Searched by face 0 listed" in page


def test_the_timeline_has_a_page_of_its_own_by_kind_in_sheets(lin: Browser, house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    for number in range(30):
        house.clock.advance(minutes=1)
        house.services.interviews.record(house.intake, case.case_id, Told(f"word {number}"))
    first = text_of(lin.see(f"/cases/{case.case_id}/timeline?kind=clue"))
    assert "word 29" in first
    assert "word 4 " not in first
    assert "Case opened" not in first
    assert "word 4 " in text_of(lin.see(f"/cases/{case.case_id}/timeline?kind=clue&sheet=2"))
    assert "Ahead" in text_of(lin.see(f"/cases/{case.case_id}/timeline?kind=clock"))
    assert "Case opened" in text_of(lin.see(f"/cases/{case.case_id}/timeline?kind=nonsense&sheet=2"))


def test_what_to_do_next_stands_on_top_and_leads_to_where_it_is_done(browsers: Callable[..., Browser], house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    house.clock.advance(days=3)
    page = browsers("lin").see(f"/cases/{case.case_id}")
    assert page.index("What to do next, and by when") < page.index('id="photos"') < page.index('id="about"')
    assert page.index('id="about"') < page.index('id="interview"') < page.index('id="clocks"') < page.index('id="timeline"')
    assert "Publish a tracing notice with a photo overdue for 2 days" in text_of(page)
    for anchor in re.findall(r'class="todo[^>]*><a href="#([^"]+)"', page):
        assert f'id="{anchor}"' in page, anchor
    for errand in ("Take the first photo", "Talk with the person", "parts of the form are still empty"):
        assert errand in page


def test_the_candidates_of_a_case_stand_in_order_for_those_who_take_in(lin: Browser, house: House) -> None:
    missing = house.missing(3, names=("Ann",))
    house.sheltered(3, seen_place="station square")
    page = text_of(lin.see(f"/cases/{missing.case_id}"))
    assert "Place 1" in page
    assert "station square" in page
    assert "Score" not in page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Nobody plausible was found among 1 person searched on"),
        ("zh-CN", "在 1 人中比对，没有找到可能是同一个人的人。"),
    ],
)
def test_nobody_plausible_is_said_as_a_result_with_what_helps(
    browsers: Callable[..., Browser], house: House, language: str, said: str
) -> None:
    unsearched = house.open(CaseKind.MISSING)
    house.sheltered(4)
    alone = house.missing(3)
    for who in ("lin", "chen", "qian"):
        browser = browsers(who, language)
        assert said in text_of(browser.see(f"/cases/{alone.case_id}"))
        assert said not in text_of(browser.see(f"/cases/{unsearched.case_id}"))


def test_only_those_who_see_scores_read_that_everybody_listed_is_implausible(
    browsers: Callable[..., Browser], house: House
) -> None:
    missing = house.missing(3, age_min=40)
    house.sheltered(3, age_min=40)
    strict = Calibration(10.0, -11.0, 0.0, 100, 10_000, ((-1.0, 1.0), (1.0, 1e-4)))
    with house.services.store.transaction() as records:
        active = records.generations.active()
        records.generations.save(replace(active, report={"calibration": strict.to_dict()}))
    told = {who: text_of(browsers(who).see(f"/cases/{missing.case_id}")) for who in ("qian", "chen", "lin")}
    assert "All faces below rather speak for somebody else." in told["qian"]
    for who in ("chen", "lin"):
        assert "plausible" not in told[who]
        assert "rather speak" not in told[who]


def test_cases_are_found_by_words_kind_and_state(lin: Browser, house: House) -> None:
    house.open(CaseKind.MISSING, names=("Wang Fang",))
    house.open(CaseKind.SHELTERED, seen_place="Wangfujing")
    assert "2 cases" in text_of(lin.see("/cases?text=wang"))
    assert "1 case" in text_of(lin.see("/cases?text=wang&kind=missing"))
    assert "Nothing found" in lin.see("/cases?text=wang&state=closed")
    assert "2 cases" in text_of(lin.see("/cases?kind=nonsense&state=nonsense&sheet=-3"))
    for number in range(20):
        house.open(CaseKind.MISSING, names=(f"N{number}",))
    assert "Page 1 of 2" in text_of(lin.see("/cases"))
    assert "Page 2 of 2" in text_of(lin.see("/cases?sheet=2"))


def test_the_first_page_says_what_waits(lin: Browser, chen: Browser, house: House) -> None:
    house.photograph(house.open(CaseKind.SHELTERED), 1, faces=0)
    house.photograph(house.open(CaseKind.SHELTERED), 1, faces=2)
    house.missing(7)
    house.sheltered(7)
    page = text_of(lin.see("/"))
    assert "Several faces: say who it is 1" in page
    assert "No face found: take another photo 1" in page
    waiting = house.services.review.queue(house.reviewer).total
    assert f"Review {waiting}" in text_of(chen.see("/"))
    assert "Photos that need you" not in chen.see("/")
