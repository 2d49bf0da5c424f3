"""Help with an interview: what was pointed at counts, what was shown beside it does not, and nothing is asked twice."""

from __future__ import annotations

import pytest

from tests.house import House
from tests.stories import rows_naming
from tracing.clues.boards import Board, BoardKind
from tracing.clues.interview_help import Pointed, written
from tracing.clues.lexicon.showing import showing
from tracing.domain import Case, CaseKind, Mention, MentionKind, Reply, Sex, Told
from tracing.errors import Invalid, NotAllowed, WrongState

FAMILIES = (
    ("刘国强", "安徽省阜阳市颍东区", "以前是木匠"),
    ("王军", "河南省信阳市浉河区", ""),
    ("李伟", "四川省成都市锦江区", "种地，家在海边"),
    ("张敏", "安徽省合肥市蜀山区", "做饭的"),
)


@pytest.fixture
def case(house: House) -> Case:
    for name, place, work in FAMILIES:
        house.open(CaseKind.MISSING, names=(name,), seen_place=place, circumstances=work)
    found = house.open(CaseKind.SHELTERED)
    house.services.worker.work_off()
    return found


def next_board(house: House, case: Case, kind: BoardKind | None = None) -> Board:
    found = house.services.interview_help.next(house.intake, case.case_id, kind).board
    assert found is not None
    return found


def point(house: House, case: Case, board: Board, *texts: str, reply: Reply | None = None) -> str:
    keys = {choice.text: choice.key for choice in board.choices}
    chosen = tuple(keys[text] for text in texts)
    pointed = Pointed(board.kind, tuple(keys.values()), reply or (Reply.YES if chosen else Reply.NO), chosen)
    return house.services.interview_help.answer(house.intake, case.case_id, pointed).clue.clue_id


def keys_of(house: House, case: Case) -> set[str]:
    with house.services.store.reading() as records:
        return records.clues.keys(case.case_id)


def shown_texts(board: Board) -> set[str]:
    return {choice.text for choice in board.choices}


def test_only_what_was_pointed_at_is_said_of_the_person(house: House, case: Case) -> None:
    board = next_board(house, case, BoardKind.PLACE)
    assert {"安徽省", "河南省", "四川省"} < shown_texts(board)
    point(house, case, board, "安徽省")
    point(house, case, next_board(house, case, BoardKind.SURNAME), "刘")
    point(house, case, next_board(house, case, BoardKind.PICTURE), "木匠")
    assert keys_of(house, case) == {"place:340000", "surname:riu", "word:work.carpenter"}


def test_none_of_these_says_nothing_and_is_not_asked_again(house: House, case: Case) -> None:
    first = next_board(house, case, BoardKind.PLACE)
    point(house, case, first)
    assert keys_of(house, case) == set()
    assert not shown_texts(first) & shown_texts(next_board(house, case, BoardKind.PLACE))


def test_what_somebody_does_not_know_rests_for_a_day(house: House, case: Case) -> None:
    first = next_board(house, case, BoardKind.SURNAME)
    point(house, case, first, reply=Reply.UNKNOWN)
    assert not shown_texts(first) & shown_texts(next_board(house, case, BoardKind.SURNAME))
    house.clock.advance(hours=23)
    assert next_board(house, case, BoardKind.SURNAME) == first


def test_an_answer_that_was_withdrawn_was_never_given(house: House, case: Case) -> None:
    first = next_board(house, case, BoardKind.PLACE)
    clue_id = point(house, case, first, "安徽省")
    house.services.interviews.withdraw(house.intake, clue_id, "tapped by mistake", 1)
    assert next_board(house, case, BoardKind.PLACE) == first
    assert keys_of(house, case) == set()


def test_the_next_board_lies_in_the_place_and_the_answers_open_the_right_pair(house: House, case: Case) -> None:
    for text in ("安徽省", "阜阳市", "颍东区"):
        board = next_board(house, case, BoardKind.PLACE)
        while text not in shown_texts(board):
            point(house, case, board)
            board = next_board(house, case, BoardKind.PLACE)
        point(house, case, board, text)
    point(house, case, next_board(house, case, BoardKind.SURNAME), "刘")
    (first, *_) = house.services.findings.of_case(house.auditor, case.case_id)
    assert first.case.description.names == ("刘国强",)


def test_a_place_that_an_interviewer_settled_on_is_gone_on_from(house: House, case: Case) -> None:
    told = Told("老家在阜阳", mentions=(Mention(MentionKind.PLACE, 3, 5, "阜阳", "341200"),))
    house.services.interviews.record(house.intake, case.case_id, told)
    assert next_board(house, case, BoardKind.PLACE).within == "341200"


def test_a_name_that_was_said_settles_the_surname(house: House, case: Case) -> None:
    told = Told("我叫刘国强", mentions=(Mention(MentionKind.PERSON, 2, 5, "刘国强"),))
    house.services.interviews.record(house.intake, case.case_id, told)
    assert BoardKind.SURNAME not in house.services.interview_help.next(house.intake, case.case_id).kinds


def test_only_families_of_the_same_sex_and_age_are_weighed(house: House) -> None:
    for place, facts in (
        ("安徽省阜阳市", {"sex": Sex.FEMALE}),
        ("河南省信阳市", {"sex": Sex.MALE, "age_min": 80, "age_max": 85}),
        ("四川省成都市", {"sex": Sex.MALE, "age_min": 20, "age_max": 30}),
        ("广东省广州市", {}),
    ):
        house.open(CaseKind.MISSING, seen_place=place, **facts)
    young = house.open(CaseKind.SHELTERED, sex=Sex.MALE, age_min=20, age_max=25)
    house.services.worker.work_off()
    with house.services.store.reading() as records:
        told = house.services.clue_search.profile(records, young.case_id)
        found = house.services.interview_help._possibles(records, young, told, [])
    assert sorted(
        key for each in found for key in each.keys if key in ("place:340000", "place:410000", "place:510000", "place:440000")
    ) == [
        "place:440000",
        "place:510000",
    ]


def test_the_line_that_is_kept_holds_every_choice_as_it_stood_there() -> None:
    choices = [choice for key in ("place:340000", "place:410000") if (choice := showing().choice(key)) is not None]
    pointed = Pointed(BoardKind.PLACE, ("place:340000", "place:410000"), Reply.YES, ("place:410000",))
    told = written(pointed, choices)
    assert told.said == "安徽省 / 河南省 → 河南省"
    assert [told.said[each.start : each.end] for each in told.mentions] == ["安徽省", "河南省"]
    assert [each.reply for each in told.mentions] == [Reply.NO, Reply.YES]
    assert written(Pointed(BoardKind.PLACE, pointed.shown, Reply.NO), choices).said.endswith(" → —")
    assert written(Pointed(BoardKind.PLACE, pointed.shown, Reply.UNKNOWN), choices).said.endswith(" → ?")


def test_who_may_ask_and_whom(house: House, case: Case) -> None:
    with pytest.raises(NotAllowed):
        house.services.interview_help.next(house.reviewer, case.case_id)
    with pytest.raises(NotAllowed):
        house.services.interview_help.answer(house.auditor, case.case_id, Pointed(BoardKind.PLACE, (), Reply.NO))
    with pytest.raises(WrongState, match="people in care"):
        house.services.interview_help.next(house.intake, house.open(CaseKind.MISSING).case_id)
    with pytest.raises(Invalid):
        house.services.interview_help.answer(house.intake, case.case_id, Pointed(BoardKind.PLACE, ("place:340000",), Reply.NO))


def test_what_was_shown_is_neither_marked_nor_rewritten(house: House, case: Case) -> None:
    clue_id = point(house, case, next_board(house, case, BoardKind.PLACE), "安徽省")
    with pytest.raises(WrongState, match="not rewritten"):
        house.services.interviews.mark(house.intake, clue_id, [], 1)
    with pytest.raises(WrongState, match="not rewritten"):
        house.services.interviews.revise(house.intake, clue_id, Told("安徽"), "because", 1)


def test_nothing_of_it_is_left_after_erasure(house: House, case: Case) -> None:
    point(house, case, next_board(house, case), reply=Reply.NO)
    house.services.retention.erase_case(house.manager, case.case_id)
    assert set(rows_naming(house, case.case_id)) <= {"events"}
