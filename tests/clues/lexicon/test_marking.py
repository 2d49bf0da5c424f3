"""What a verbatim text suggests to mark."""

from __future__ import annotations

from itertools import pairwise
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracing.clues.lexicon.lexicon import lexicon
from tracing.domain import MentionKind

WORDS = lexicon()
PLACE, PERSON, WORK, EVENT = MentionKind.PLACE, MentionKind.PERSON, MentionKind.OCCUPATION, MentionKind.EVENT


@pytest.mark.parametrize(("said", "expected"), [
    (
        "我叫李建国，老家在安徽阜阳颍州那边，爸爸叫李大山，以前挖煤的，后来坐火车走散了",
        [(PERSON, "李建国"), (PLACE, "安徽"), (PLACE, "阜阳"), (PLACE, "颍州"), (PERSON, "李大山"),
         (WORK, "挖煤"), (EVENT, "坐火车"), (EVENT, "走散")],
    ),
    ("我是扶阳人，姓刘，小名叫狗蛋", [(PLACE, "扶阳"), (PERSON, "刘"), (PERSON, "狗蛋")]),
    ("家住凤台县城关镇", [(PLACE, "凤台县"), (PLACE, "城关镇")]),
    (
        "My name is Wang Jianguo, I am from Fuyang, my brother Jianjun is a miner",
        [(PERSON, "Wang Jianguo"), (PLACE, "Fuyang"), (PERSON, "Jianjun"), (WORK, "miner")],
    ),
    ("名字记不清了，只知道姓欧阳，家在大山里面", [(EVENT, "记不清"), (PERSON, "欧阳")]),
    ("我妈妈说家里种苹果，门口有条河，过了桥就是学校", []),
    ("我爸是村长，我高兴得很，谢谢大家", []),
    ("被从贵州毕节带到河南，养父叫王德发", [
        (PLACE, "贵州"), (PLACE, "毕节"), (PLACE, "河南"), (EVENT, "养父"), (PERSON, "王德发")]),
    ("他说他叫阿强，讲湘潭话，可能是湘乡人", [(PERSON, "阿强"), (PLACE, "湘潭"), (PLACE, "湘乡")]),
    ("说话不清楚，问什么都摇头", []),
    ("", []),
])  # fmt: skip
def test_what_is_suggested(said: str, expected: list[tuple[MentionKind, str]]) -> None:
    assert [(mention.kind, mention.text) for mention in WORDS.mentions(said)] == expected


@settings(max_examples=200)
@given(st.text(st.sampled_from("我叫姓老家在安徽阜阳县人话王李建国挖煤走散 fromFuyangİ\u0130ﬁ，。"), max_size=60))
def test_each_suggestion_is_the_part_of_the_text_that_it_says_and_none_overlap(said: str) -> None:
    mentions = WORDS.mentions(said)
    assert all(said[mention.start : mention.end] == mention.text != "" for mention in mentions)
    assert all(one.end <= other.start for one, other in pairwise(mentions))


def test_a_long_text_is_read_in_bounded_time() -> None:
    started = perf_counter()
    WORDS.mentions("我叫李建国老家在安徽阜阳" * 4_000)
    WORDS.mentions("在" * 40_000)
    assert perf_counter() - started < 60


def test_a_mark_is_said_with_the_part_of_the_body_beside_it() -> None:
    assert [word.key for word in WORDS.words("左手背上有一道伤疤")] == ["mark.scar", "mark.scar@hand"]
    assert [word.key for word in WORDS.words("Scar on the forehead")] == ["mark.scar", "mark.scar@forehead"]
    assert WORDS.words("scarf") == []
