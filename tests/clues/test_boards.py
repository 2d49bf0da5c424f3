"""Boards: several choices that say most, filled up with others, in an order that says nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracing.clues.boards import CHOICES, BoardKind, Known, board
from tracing.clues.lexicon.showing import showing
from tracing.clues.next_questions import Possible
from tracing.domain.regions import ancestry

SHOWN = showing()
SURNAMES, PICTURES = ([choice.key for choice in choices] for choices in (SHOWN.surnames(), SHOWN.pictures()))
COUNTIES = ("341202", "341203", "411602", "510104", "440106", "110101")


def of(number: int, county: str = "", *keys: str, weight: float = 0.0) -> Possible:
    return Possible(str(number), weight, dict.fromkeys((*(f"place:{code}" for code in ancestry(county)), *keys), 1.0))


MANY = [of(number, county) for number, county in enumerate(COUNTIES)]
possibles = st.lists(
    st.builds(
        of,
        st.integers(),
        st.sampled_from(("", *COUNTIES)),
        st.sampled_from(SURNAMES),
        st.sampled_from(PICTURES),
        weight=st.floats(-9, 9),
    ),
    max_size=9,
)


def keys(kind: BoardKind, cases: list[Possible], known: Known = Known()) -> list[str]:  # noqa: B008 - frozen
    found = board(kind, cases, known, SHOWN)
    return [] if found is None else [choice.key for choice in found.choices]


def test_the_provinces_of_the_cases_are_shown_among_others_in_the_order_of_the_map() -> None:
    shown = keys(BoardKind.PLACE, MANY)
    assert {"place:340000", "place:410000", "place:510000", "place:440000", "place:110000"} < set(shown)
    assert len(shown) == CHOICES
    assert shown == sorted(shown)


def test_inside_of_what_was_pointed_at_the_next_level_follows() -> None:
    found = board(BoardKind.PLACE, MANY, Known(within="340000"), SHOWN)
    assert found is not None
    assert found.within == "340000"
    assert "place:341200" in [choice.key for choice in found.choices]
    assert {ancestry(choice.code)[0] for choice in found.choices} == {"340000"}
    inside = keys(BoardKind.PLACE, MANY, Known(within="341200"))
    assert {"place:341202", "place:341203"} < set(inside), "both cases, and places beside them"


def test_one_case_alone_is_hidden_among_others() -> None:
    one = [of(0, "341202", SURNAMES[40], PICTURES[20])]
    for kind in BoardKind:
        assert len(keys(kind, one)) == CHOICES


def test_a_rare_surname_is_never_read_aloud() -> None:
    rare = [of(number, "", "surname:ge.shu") for number in range(5)]
    assert keys(BoardKind.SURNAME, rare) == keys(BoardKind.SURNAME, [])


def test_what_is_settled_is_not_asked() -> None:
    assert keys(BoardKind.SURNAME, MANY, Known(settled=frozenset({BoardKind.SURNAME}))) == []


def test_in_the_end_everything_was_asked() -> None:
    known, boards = Known(), 0
    while shown := [key for kind in BoardKind for key in keys(kind, MANY, known)]:
        assert not known.asked & set(shown)
        known, boards = Known(known.asked | set(shown)), boards + 1
    assert boards < 15
    assert set(SURNAMES) | set(PICTURES) <= known.asked


@settings(max_examples=60)
@given(possibles, st.sampled_from(BoardKind), st.sets(st.sampled_from((*SURNAMES, *PICTURES, "place:340000", "place:410000"))))
def test_a_board_has_several_choices_of_its_kind_and_says_nothing_by_their_order(
    cases: list[Possible], kind: BoardKind, asked: set[str]
) -> None:
    shown = keys(kind, cases, Known(frozenset(asked)))
    assert not asked & set(shown)
    assert len(shown) == len(set(shown)) != 1
    assert len(shown) <= CHOICES
    sort = {BoardKind.PLACE: "place:", BoardKind.SURNAME: "surname:", BoardKind.PICTURE: "word:"}[kind]
    assert all(key.startswith(sort) for key in shown)
    again = keys(kind, [of(number, "", *each.keys) for number, each in enumerate(reversed(cases))], Known(frozenset(asked)))
    both = set(shown) & set(again)
    assert [key for key in shown if key in both] == [key for key in again if key in both], "whatever is likelier"


def test_the_gain_of_a_board_is_that_of_pointing_once() -> None:
    found = board(BoardKind.PLACE, MANY, Known(), SHOWN)
    assert found is not None
    assert 1.0 < found.gain < 2.6
    plain = board(BoardKind.PLACE, [], Known(), SHOWN)
    assert plain is not None
    assert plain.gain == pytest.approx(0.0)
