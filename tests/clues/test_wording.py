"""A case in its own words: all that is written of a person, nothing of whom to call, and where a word stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories import a_case, a_clue
from tracing.clues.wording import Passage, standing, wording
from tracing.domain import Description

CASE = replace(
    a_case(),
    description=Description(
        names=("刘国强", "小强"),
        seen_place="安徽省阜阳市",
        accent="阜阳口音",
        languages=("汉语",),
        ethnic_group="汉",
        marks=("左手有疤",),
        clothing="蓝色棉袄",
        circumstances="赶集时走散，\n后来有人在车站见过他，背着一个红色的旧书包往南走了",
    ),
)
CLUE = a_clue(CASE.case_id, said="ＭＹ home is 王家坳", dialect="阜阳话")


def test_every_text_of_the_description_and_of_the_clues_is_there_a_line_each() -> None:
    lines = wording(CASE, [CLUE]).split("\n")
    said = CASE.description
    assert lines == [
        "刘国强", "小强", said.seen_place, said.accent, "汉语", "汉", "左手有疤", said.clothing,
        said.circumstances.replace("\n", " "), CLUE.said, CLUE.dialect,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "passage"),
    [
        ("阜阳", Passage("安徽省阜阳市", "seen_place")),
        ("my HOME", Passage("ＭＹ home is 王家坳", "clue", CLUE.clue_id)),
        ("红色", Passage("…人在车站见过他，背着一个红色的旧书包往南走了", "circumstances")),
        ("阜阳话", Passage("阜阳话", "dialect", CLUE.clue_id)),
        ("大槐树", None),
    ],
)
def test_a_word_is_shown_where_it_stands_with_what_is_around_it(word: str, passage: Passage | None) -> None:
    assert standing(word, CASE, [CLUE]) == passage
