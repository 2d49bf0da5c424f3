"""The interview on a case's page, and what two people said on a pair's page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.api.staff.conftest import Browser, text_of
from tests.house import House
from tracing.domain import Case, CaseKind, Judgement, Mention, MentionKind, Outcome, Pair, Told

HOME = "我屋里在富阳，老爹叫刘国强"


@pytest.fixture
def pair(house: House) -> Pair:
    """Put together by clues alone."""
    sought = house.open(CaseKind.MISSING, names=("刘国强",), seen_place="安徽省阜阳市")
    found = house.open(CaseKind.SHELTERED)
    house.services.worker.work_off()
    house.services.interviews.record(house.intake, found.case_id, Told(HOME))
    return house.pair(sought, found)


def form_id(page: str) -> str:
    found = re.search(r'name="form_id" value="([0-9a-f]{32})"', page)
    assert found is not None
    return found[1]


def test_what_was_said_is_saved_suggested_and_marked_by_tapping(lin: Browser, house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    page = lin.see(f"/cases/{case.case_id}")
    fields = {"said": HOME, "dialect": "阜阳话", "said_at": "2026-02-27 09:30", "form_id": form_id(page)}
    page = lin.send(f"/cases/{case.case_id}/clues", **fields)
    assert "Saved word for word." in text_of(page)
    assert "sounds alike" in text_of(page)
    lin.send(f"/cases/{case.case_id}/clues", **fields)
    (version,) = house.services.interviews.of_case(house.intake, case.case_id)
    assert version.clue.said == HOME
    path = f"/cases/{case.case_id}/clues/{version.clue.clue_id}"
    page = lin.send(
        f"{path}/mentions", version="1", **{"mark-4": "place:4:6:341200", "mark-10": "person:10:13:", "mark-15": ""}
    )
    (marked,) = house.services.interviews.of_case(house.intake, case.case_id)
    assert [(each.text, each.place_code) for each in marked.clue.mentions] == [("富阳", "341200"), ("刘国强", "")]
    assert "<mark>富阳</mark>" in page
    assert "安徽省阜阳市" in page
    page = lin.send(f"{path}/withdraw", version="2", reason="of a neighbour")
    assert "<mark>" not in page
    assert "Clue withdrawn" in text_of(page)


def test_a_mistake_is_told_at_the_form_and_nothing_typed_is_lost(lin: Browser, house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    lin.see(f"/cases/{case.case_id}")
    page = lin.send(f"/cases/{case.case_id}/clues", 422, said=HOME, said_at="yesterday")
    assert "Write when it was said as" in text_of(page)
    assert HOME in page
    page = lin.send(f"/cases/{case.case_id}/clues", 422, said=" ")
    assert "Write down what was said." in text_of(page)
    assert house.services.interviews.of_case(house.intake, case.case_id) == []


@pytest.mark.parametrize("mark", ["place:4:6", "place:x:6:", "place:4:5:999999", "nothing:4:6:", "place:4:600:"])
def test_a_mark_that_fits_nothing_is_refused(lin: Browser, house: House, mark: str) -> None:
    case = house.open(CaseKind.SHELTERED)
    clue_id = house.services.interviews.record(house.intake, case.case_id, Told(HOME)).clue.clue_id
    lin.see(f"/cases/{case.case_id}")
    path = f"/cases/{case.case_id}/clues/{clue_id}/mentions"
    page = lin.send(path, 422, version="1", **{"mark-4": mark})
    assert "Not saved yet." in page


def test_a_clue_is_only_reached_by_its_own_case(lin: Browser, house: House) -> None:
    case, other = house.open(CaseKind.SHELTERED), house.open(CaseKind.SHELTERED)
    clue_id = house.services.interviews.record(house.intake, case.case_id, Told(HOME)).clue.clue_id
    lin.see(f"/cases/{case.case_id}")
    lin.send(f"/cases/{other.case_id}/clues/{clue_id}/withdraw", 404, version="1", reason="because")
    assert len(house.services.interviews.of_case(house.intake, case.case_id)) == 1


def test_a_closed_case_shows_what_was_said_and_asks_for_nothing(lin: Browser, house: House) -> None:
    case: Case = house.open(CaseKind.SHELTERED)
    house.services.interviews.record(house.intake, case.case_id, Told(HOME))
    house.services.casework.close(house.intake, case.case_id, Outcome.SELF_LEFT, "gone")
    page = lin.see(f"/cases/{case.case_id}")
    assert HOME in page
    assert "What did they mean?" not in text_of(page)
    assert "Save word for word" not in text_of(page)


def test_who_interviews_sees_whom_the_clues_speak_for_and_why(lin: Browser, house: House, pair: Pair) -> None:
    for case_id in pair.case_ids:
        page = text_of(lin.see(f"/cases/{case_id}"))
        assert "Whom the clues speak for" in page
        assert "The same name, written the same" in page


def test_a_reviewer_reads_both_and_learns_what_the_machine_makes_of_it_after_judging(
    chen: Browser, house: House, pair: Pair
) -> None:
    before = chen.see(f"/pairs/{pair.pair_id}")
    assert HOME in before
    assert "What the clues say" not in before
    for case_id in pair.case_ids:
        assert "Whom the clues speak for" not in chen.see(f"/cases/{case_id}")
    house.judge(house.reviewer, pair, Judgement.CANNOT_TELL)
    after = text_of(chen.see(f"/pairs/{pair.pair_id}"))
    assert "What the clues say" in after
    assert "The same city – sounds alike" in after


def test_the_page_is_whole_in_chinese(browsers: Callable[..., Browser], house: House, pair: Pair) -> None:
    page = text_of(browsers("lin", "zh-CN").see(f"/cases/{pair.low_case_id}"))
    assert "线索指向的人" in page
    assert "姓名相同，写法也相同" in page


def test_a_mistake_is_corrected_with_a_reason_and_what_stood_there_before_is_seen(lin: Browser, house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    marks = (Mention(MentionKind.PLACE, 4, 6, "富阳", "341200"), Mention(MentionKind.PERSON, 10, 13, "刘国强"))
    clue = house.services.interviews.record(house.intake, case.case_id, Told(HOME, dialect="阜阳话", mentions=marks)).clue
    path = f"/cases/{case.case_id}/clues/{clue.clue_id}"
    lin.see(f"/cases/{case.case_id}")
    fields = {"version": "1", "said": "我屋里在那个富阳，老爹叫刘国祥", "dialect": "皖北话", "reason": "heard again"}
    page = text_of(lin.send(f"{path}/revise", 422, **fields | {"reason": " "}))
    assert "Say why" in page
    assert "刘国祥" in page
    lin.send(f"{path}/revise", **fields)
    (version,) = house.services.interviews.of_case(house.intake, case.case_id)
    assert (version.version, version.clue.said_at, version.clue.dialect) == (2, clue.said_at, "皖北话")
    assert [(each.start, each.text) for each in version.clue.mentions] == [(6, "富阳")], (
        "the other mark is in the words no more"
    )
    page = text_of(lin.see(path))
    assert "刘国强" in page
    assert "Reason: heard again" in page
    assert page.index("Version 2") < page.index("Version 1")
    page = lin.send(f"{path}/revise", 409, **fields)
    assert "Somebody else has changed this clue" in text_of(page)
    assert lin.client.get(f"/cases/{house.open(CaseKind.SHELTERED).case_id}/clues/{clue.clue_id}").status_code == 404
