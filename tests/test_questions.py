"""The questions of the forms, and which answers fit them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.domain import CaseKind
from tracing.errors import Invalid
from tracing.questions import FORMS, LONGEST_LINE, LONGEST_TEXT, MOST_ENTRIES, Ask, Question, answer, asked

EVERY = [(kind, question) for kind in CaseKind for question in asked(kind).values()]
MARKS = asked(CaseKind.MISSING)["body_marks"]


def test_no_question_is_asked_twice_and_each_part_fits_a_phone() -> None:
    for kind in CaseKind:
        names = [question.name for part in FORMS[kind] for question in part.questions]
        assert len(names) == len(set(names)) == len(asked(kind))
        assert max(len(part.questions) for part in FORMS[kind]) <= 6


@pytest.mark.parametrize(("kind", "question"), EVERY, ids=lambda value: getattr(value, "name", str(value)))
def test_a_question_has_what_its_kind_of_answer_needs(kind: CaseKind, question: Question) -> None:
    assert bool(question.choices) == (question.ask in (Ask.ONE, Ask.SEVERAL))
    assert bool(question.columns) == (question.ask is Ask.ROWS)
    assert len({column.name for column in question.columns}) == len(question.columns)


@pytest.mark.parametrize(
    ("ask", "typed", "kept"),
    [
        (Ask.LINE, "  a word ", "a word"),
        (Ask.TEXT, "two\nlines", "two\nlines"),
        (Ask.NUMBER, "45", "45"),
        (Ask.DAY, "2024-03", "2024-03"),
        (Ask.MOMENT, "2026-02-12T09:05", "2026-02-12T09:05"),
        (Ask.MOMENT, "2026-02-12 09:05:59", "2026-02-12T09:05"),
        (Ask.ONE, "b", "b"),
        (Ask.ONE, "", ""),
        (Ask.SEVERAL, ["b", "a", "b"], ("b", "a")),
        (Ask.SEVERAL, [], ()),
        (Ask.LINES, [" one ", "", "two"], ("one", "two")),
    ],
)
def test_what_fits_is_kept_in_one_spelling(ask: Ask, typed: object, kept: object) -> None:
    choices = ("a", "b") if ask in (Ask.ONE, Ask.SEVERAL) else ()
    assert answer(Question("asked", ask, choices), typed) == kept


@pytest.mark.parametrize(
    ("ask", "typed"),
    [
        (Ask.LINE, "x" * (LONGEST_LINE + 1)),
        (Ask.LINE, ["a"]),
        (Ask.LINE, "one\ntwo"),
        (Ask.TEXT, "a\x00b"),
        (Ask.LINE, 7),
        (Ask.TEXT, "x" * (LONGEST_TEXT + 1)),
        (Ask.NUMBER, "-1"),
        (Ask.NUMBER, "1000"),
        (Ask.NUMBER, "forty"),
        (Ask.NUMBER, "\u00b2"),
        (Ask.DAY, "12.3.2024"),
        (Ask.DAY, "2024-13"),
        (Ask.MOMENT, "yesterday"),
        (Ask.MOMENT, "2026-02-12T09:05+08:00"),
        (Ask.ONE, "c"),
        (Ask.SEVERAL, "a"),
        (Ask.SEVERAL, ["c"]),
        (Ask.SEVERAL, [None]),
        (Ask.LINES, ["x"] * (MOST_ENTRIES + 1)),
        (Ask.LINES, {"a": "b"}),
    ],
)
def test_what_does_not_fit_names_its_question(ask: Ask, typed: object) -> None:
    choices = ("a", "b") if ask in (Ask.ONE, Ask.SEVERAL) else ()
    with pytest.raises(Invalid) as refused:
        answer(Question("asked", ask, choices), typed)
    assert refused.value.field == "asked"


def test_a_row_keeps_what_was_written_and_an_empty_one_is_dropped() -> None:
    rows = [{"mark": "scar", "body_part": " chin "}, {"mark": "", "note": " "}, {"note": "new"}]
    assert answer(MARKS, rows) == ({"mark": "scar", "body_part": "chin"}, {"note": "new"})


@pytest.mark.parametrize(
    "rows",
    ["scar", [["scar"]], [{"mark": "freckle"}], [{"colour": "red"}], [{"note": 3}], [{"note": "x"}] * (MOST_ENTRIES + 1)],
)
def test_rows_that_do_not_fit_name_the_question(rows: object) -> None:
    with pytest.raises(Invalid) as refused:
        answer(MARKS, rows)
    assert refused.value.field == "body_marks"


ANYTHING = st.recursive(
    st.none() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


@given(which=st.sampled_from(EVERY), typed=ANYTHING)
def test_whatever_comes_is_kept_or_refused_and_keeping_it_again_changes_nothing(
    which: tuple[CaseKind, Question], typed: object
) -> None:
    try:
        kept = answer(which[1], typed)
    except Invalid as error:
        refused = error.field
        assert refused == which[1].name
    else:
        assert answer(which[1], kept) == kept
