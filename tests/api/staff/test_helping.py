"""Help with the interview: one board after the other, each answer kept, and taken back where it was tapped by mistake."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pytest

from tests.api.staff.conftest import Browser, text_of
from tests.house import House
from tracing.domain import Case, CaseKind, Outcome, Reply


@pytest.fixture
def person(house: House) -> Case:
    """Whose family has reported somebody from Fuyang who works wood; three others are missed too."""
    for name, place, work in (
        ("刘国强", "安徽省阜阳市颍东区", "以前是木匠"),
        ("王军", "河南省信阳市", ""),
        ("李伟", "四川省成都市", "种地，家在海边"),
        ("张敏", "安徽省合肥市", "做饭的"),
    ):
        house.open(CaseKind.MISSING, names=(name,), seen_place=place, circumstances=work)
    case = house.open(CaseKind.SHELTERED)
    house.services.worker.work_off()
    return case


def form_of(page: str) -> dict[str, object]:
    """The hidden fields of the board."""
    board = page[page.index('<form class="board"') :]
    board = board[: board.index("</form>")]
    fields: dict[str, object] = dict(re.findall(r'name="(form_id|kind|chosen)" value="([^"]*)"', board))
    return fields | {"shown": re.findall(r'name="shown" value="([^"]*)"', board)}


def tap(browser: Browser, case: Case, page: str, status: int = 200, **more: object) -> str:
    return browser.send(f"/cases/{case.case_id}/interview-help", status, **form_of(page), **more)  # type: ignore[arg-type]


def said(house: House, case: Case) -> list[str]:
    return [version.clue.said for version in house.services.interviews.of_case(house.intake, case.case_id)]


def test_a_place_is_pointed_at_and_the_next_board_lies_within_it(lin: Browser, house: House, person: Case) -> None:
    page = lin.see(f"/cases/{person.case_id}")
    assert f'href="/cases/{person.case_id}/interview-help"' in page
    page = lin.see(f"/cases/{person.case_id}/interview-help?kind=place")
    assert "Where is your home?" in text_of(page)
    while "place:340000" not in form_of(page)["shown"]:  # type: ignore[operator]
        page = tap(lin, person, page, reply="no")
    page = tap(lin, person, page, pointed_at="place:340000")
    assert "Where in 安徽省 is your home?" in text_of(page)
    assert "阜阳市" in page
    assert "Pointed at: 安徽省" in text_of(page)
    assert said(house, person)[-1].endswith(" → 安徽省")


def test_several_pictures_are_ticked_on_one_board(lin: Browser, house: House, person: Case) -> None:
    page = lin.see(f"/cases/{person.case_id}/interview-help?kind=picture")
    shown: Sequence[str] = form_of(page)["shown"]  # type: ignore[assignment]
    assert "word:work.carpenter" in shown
    assert "pictures/work.carpenter.svg" in page
    assert "not saved yet" in text_of(tap(lin, person, page, 422, reply="yes")).casefold()
    assert "only one can be" in text_of(tap(lin, person, page, 422, reply="no", pointed_at="word:work.carpenter"))
    assert said(house, person) == []
    tap(lin, person, page, reply="yes", pointed_at=["word:work.carpenter", "word:work.farmer"])
    assert said(house, person)[0].endswith(" → 种地 / 木匠")


def test_the_same_answer_sent_twice_is_kept_once(lin: Browser, house: House, person: Case) -> None:
    page = lin.see(f"/cases/{person.case_id}/interview-help")
    for _ in range(2):
        tap(lin, person, page, reply="unknown")
    assert len(said(house, person)) == 1


def test_what_was_tapped_by_mistake_is_taken_back_and_can_be_asked_again(lin: Browser, house: House, person: Case) -> None:
    first = lin.see(f"/cases/{person.case_id}/interview-help?kind=surname")
    page = tap(lin, person, first, reply="no")
    assert form_of(page)["shown"] != form_of(first)["shown"]
    (version,) = house.services.interviews.of_case(house.intake, person.case_id)
    fields = {"clue_id": version.clue.clue_id, "version": "1", "chosen": "surname"}
    page = lin.send(f"/cases/{person.case_id}/interview-help/take-back", **fields)
    assert form_of(page)["shown"] == form_of(first)["shown"]
    assert said(house, person) == []
    history = house.services.interviews.history(house.intake, version.clue.clue_id)
    assert (history[-1].withdrawn, history[-1].reason) == (True, "Tapped by mistake.")
    assert "Not saved yet." in text_of(lin.send(f"/cases/{person.case_id}/interview-help/take-back", 409, **fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "place", "shown": ["place:340000", "place:410000"], "pointed_at": "place:510000"},
        {"kind": "place", "shown": ["place:340000", "place:999999"], "pointed_at": "place:340000"},
        {"kind": "surname", "shown": ["place:340000", "place:410000"], "pointed_at": "place:340000"},
        {"kind": "surname", "shown": ["surname:liu"], "pointed_at": "surname:liu"},
        {"kind": "place", "shown": ["place:340000", "place:340000"], "reply": "no"},
        {"kind": "place", "shown": ["place:340000", "place:410000"], "pointed_at": ["place:340000", "place:410000"]},
        {"kind": "weather", "shown": ["place:340000", "place:410000"], "reply": "no"},
        {"kind": "place", "shown": ["place:340000", "place:410000"], "reply": "perhaps"},
        {},
    ],
)
def test_what_no_board_has_shown_is_refused(lin: Browser, house: House, person: Case, fields: dict[str, object]) -> None:
    lin.see(f"/cases/{person.case_id}/interview-help")
    page = lin.send(f"/cases/{person.case_id}/interview-help", 422, **fields)  # type: ignore[arg-type]
    assert "Not saved yet." in page
    assert said(house, person) == []


def test_what_was_shown_is_no_statement_and_is_not_rewritten(lin: Browser, house: House, person: Case) -> None:
    page = lin.see(f"/cases/{person.case_id}/interview-help")
    tap(lin, person, page, reply="no")
    (version,) = house.services.interviews.of_case(house.intake, person.case_id)
    assert {mention.reply for mention in version.clue.mentions} == {Reply.NO}
    page = lin.see(f"/cases/{person.case_id}")
    assert "None of these" in text_of(page)
    assert "Correct what was written" not in text_of(page)
    path = f"/cases/{person.case_id}/clues/{version.clue.clue_id}/revise"
    page = lin.send(path, 409, version="1", said="安徽", reason="heard again")
    assert "is not rewritten" in text_of(page)


def test_only_people_in_care_with_an_open_case_are_asked(lin: Browser, house: House) -> None:
    missing = house.open(CaseKind.MISSING)
    assert "interview-help" not in lin.see(f"/cases/{missing.case_id}")
    assert lin.client.get(f"/cases/{missing.case_id}/interview-help").status_code == 409
    left = house.open(CaseKind.SHELTERED)
    house.services.casework.close(house.intake, left.case_id, Outcome.SELF_LEFT, "gone")
    assert lin.client.get(f"/cases/{left.case_id}/interview-help").status_code == 409


def test_the_board_is_whole_in_chinese(browsers: Callable[..., Browser], house: House, person: Case) -> None:
    page = text_of(browsers("lin", "zh-CN").see(f"/cases/{person.case_id}/interview-help?kind=place"))
    assert "您的家在哪里？" in page
    assert "都不是" in page
