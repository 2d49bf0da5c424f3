"""The pages of what waits for a hand: likenesses of relatives, and the first of two words on a death."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.staff.conftest import Browser, text_of
from tests.house import House
from tracing.domain import Case, CaseState, Judgement, Outcome, Pair, Role

Browsers = Callable[..., Browser]


@pytest.fixture
def alike(house: House) -> Pair:
    """Two who look like relatives, as a reviewer says."""
    pair = house.pair(house.missing(1, names=("Wang Min",)), house.sheltered(1))
    house.judge(house.hire("wu", Role.REVIEWER), pair, Judgement.LOOKS_LIKE_RELATIVE)
    return pair


@pytest.fixture
def gone(house: House) -> Case:
    """Somebody of whom the intake has said that they died."""
    case = house.sheltered(2, names=("Old Li",))
    house.services.casework.close(house.intake, case.case_id, Outcome.DECEASED, "the hospital called, ward 3")
    return case


def lead_id(house: House) -> str:
    (view,) = house.services.leads.open_ones(house.auditor)
    return view.lead.lead_id


def test_an_open_likeness_is_found_from_the_first_page_with_both_people(lin: Browser, alike: Pair) -> None:
    assert 'href="/leads"' in lin.see("/")
    page = lin.see("/leads")
    assert "Wang Min" in text_of(page)
    assert "Seen by wu" in text_of(page)
    assert f'href="/pairs/{alike.pair_id}"' in page
    for case_id in alike.case_ids:
        assert f'href="/cases/{case_id}"' in page


def test_it_is_closed_with_what_came_of_it_and_what_was_typed_is_kept(lin: Browser, house: House, alike: Pair) -> None:
    found = lead_id(house)
    lin.see("/leads")
    page = lin.send(f"/leads/{found}/close", 422, reason="  ")
    assert "Say why" in page
    assert "x" * 4001 in lin.send(f"/leads/{found}/close", 422, reason="x" * 4001)
    page = lin.send(f"/leads/{found}/close", reason="His nephew, the mother says.")
    assert "The likeness is closed." in text_of(page)
    assert "No likeness is being followed up." in text_of(page)
    with house.services.store.reading() as records:
        assert records.pairs.lead(found).finding == "His nephew, the mother says."
    assert "Somebody has closed this lead already." in text_of(lin.send(f"/leads/{found}/close", 409, reason="again"))
    lin.send(f"/leads/{'0' * 32}/close", 404, reason="nothing")
    assert 'href="/leads"' not in lin.see("/")


def test_who_may_not_close_reads_and_who_has_still_to_judge_is_told_nothing(
    browsers: Browsers, house: House, alike: Pair
) -> None:
    assert "/close" not in browsers("chen").see("/leads")
    disputed = house.pair(house.missing(3, names=("Zhao Ping",)), house.sheltered(3))
    house.judge(house.reviewer, disputed)
    house.judge(house.second, disputed, Judgement.LOOKS_LIKE_RELATIVE)
    assert "Zhao Ping" in browsers("qian").see("/leads")
    page = browsers("sun").see("/leads")
    assert "Zhao Ping" not in page
    assert "Wang Min" in page


def test_a_first_word_is_found_with_who_said_it_and_what_the_second_has_to_look_at(sun: Browser, gone: Case) -> None:
    assert 'href="/approvals"' in sun.see("/")
    page = sun.see("/approvals")
    for shown in ("Old Li", "lin said on", "the hospital called, ward 3", "You are the second.", "death certificate"):
        assert shown in text_of(page), shown
    assert "Take my word back" not in page
    form = sun.see(f"/cases/{gone.case_id}?outcome=deceased")
    assert "lin said on" in text_of(form)
    assert '<option value="deceased" selected>' in form


def test_the_second_word_is_given_from_the_case(sun: Browser, house: House, gone: Case) -> None:
    sun.see(f"/cases/{gone.case_id}?outcome=deceased")
    sun.send(f"/cases/{gone.case_id}/close", outcome="deceased", reason="saw the certificate")
    assert house.case(gone).outcome is Outcome.DECEASED
    assert "No case waits for a second word." in text_of(sun.see("/approvals"))


def test_who_gave_the_first_word_takes_it_back(lin: Browser, house: House, gone: Case) -> None:
    page = lin.see("/approvals")
    assert "Take my word back" in page
    assert "You are the second." not in page
    page = text_of(lin.send(f"/cases/{gone.case_id}/approval/withdraw"))
    assert "The word that the person has died was taken back" in page
    assert "lin said on" not in page
    assert house.case(gone).state is CaseState.OPEN
    assert "No word of yours waits here" in text_of(lin.send(f"/cases/{gone.case_id}/approval/withdraw", 409))


def test_who_closes_no_cases_sees_neither_the_list_nor_the_word(browsers: Browsers, gone: Case) -> None:
    chen = browsers("chen")
    assert 'href="/approvals"' not in chen.see("/")
    chen.see("/approvals", 403)
    assert "ward 3" not in chen.see(f"/cases/{gone.case_id}")


def test_both_pages_speak_chinese(browsers: Browsers, alike: Pair, gone: Case) -> None:
    sun = browsers("sun", "zh-CN")
    assert "疑似亲属线索" in text_of(sun.see("/leads"))
    assert "您是第二个人" in text_of(sun.see("/approvals"))
