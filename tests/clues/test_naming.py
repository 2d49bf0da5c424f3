"""How two names agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.clues.lexicon.names import Names
from tracing.clues.naming import NameAgreement, agreement

NAMES = Names()
letters = st.text(st.sampled_from("王李建国國張小阿军老欧阳狗蛋·某先生Wang Jian guo-3!\u3000\U00020000é"), max_size=8)


@pytest.mark.parametrize(("one", "other", "expected"), [
    ("王建国", "王建国", NameAgreement.WRITTEN),
    ("王志国", "王志國", NameAgreement.WRITTEN),
    ("張偉", "张伟", NameAgreement.WRITTEN),
    ("張偉", "张炜", NameAgreement.SOUNDED),
    ("張偉", "老张", NameAgreement.SURNAME),
    ("劉師傅", "刘建国", NameAgreement.SURNAME),
    ("單田芳", "单田芳", NameAgreement.WRITTEN),
    ("王建国", "王健国", NameAgreement.SOUNDED),
    ("王建国", "Wang Jianguo", NameAgreement.SOUNDED),
    ("王建国", "Jianguo Wang", NameAgreement.SOUNDED),
    ("李兰芳", "李南芳", NameAgreement.DIALECT),
    ("黄建国", "王建国", NameAgreement.DIALECT),
    ("王建国", "王建果子", NameAgreement.DIFFERENT),
    ("王建国", "王建华", NameAgreement.NEAR),
    ("王建国", "王晓国", NameAgreement.NEAR),
    ("王建国", "王晓华", NameAgreement.DIFFERENT),
    ("王建国", "王见锅", NameAgreement.SOUNDED),
    ("王建国", "王建哥", NameAgreement.NEAR),
    ("王建国", "李建国", NameAgreement.GIVEN),
    ("王建国", "建国", NameAgreement.GIVEN),
    ("王建国", "小国", NameAgreement.NICKNAME),
    ("王建国", "国国", NameAgreement.NICKNAME),
    ("王建国", "阿建", NameAgreement.NICKNAME),
    ("王建国", "国子", NameAgreement.NICKNAME),
    ("王建国", "小军", NameAgreement.UNKNOWN),
    ("王建国", "狗蛋", NameAgreement.DIFFERENT),
    ("王建国", "老王", NameAgreement.SURNAME),
    ("王建国", "王某", NameAgreement.SURNAME),
    ("王建国", "王师傅", NameAgreement.SURNAME),
    ("王建国", "老李", NameAgreement.DIFFERENT),
    ("欧阳娜娜", "欧阳那那", NameAgreement.SOUNDED),
    ("曾小贤", "增小贤", NameAgreement.SOUNDED),
    ("胡乔香", "湖硚芗", NameAgreement.SOUNDED),
    ("Muhammad Ali", "Mohammed Ali", NameAgreement.NEAR),
    ("John Smith", "John Smyth", NameAgreement.NEAR),
    ("John Smith", "Mary Stone", NameAgreement.DIFFERENT),
])  # fmt: skip
def test_names_agree_as_far_as_they_do(one: str, other: str, expected: NameAgreement) -> None:
    mine, theirs = NAMES.taken_apart(one), NAMES.taken_apart(other)
    assert mine is not None
    assert theirs is not None
    assert agreement(mine, theirs) is expected


def test_a_name_stays_written_as_it_was_said() -> None:
    for said, written in (("張偉", "張偉"), ("姓張某", "姓張某"), ("劉師傅", "劉師傅"), ("姓歐陽娜娜", "歐陽娜娜")):
        found = NAMES.taken_apart(said)
        assert found is not None
        assert found.written == written


@given(letters, letters)
def test_agreement_is_symmetric_and_garbage_never_raises(one: str, other: str) -> None:
    mine, theirs = NAMES.taken_apart(one), NAMES.taken_apart(other)
    if mine is not None and theirs is not None:
        assert agreement(mine, theirs) is agreement(theirs, mine)


@given(letters)
def test_a_name_that_can_be_heard_has_keys(text: str) -> None:
    name = NAMES.taken_apart(text)
    assert name is None or name.keys


def test_nobody_is_no_name() -> None:
    assert NAMES.taken_apart("12345 !!") is None
    assert NAMES.taken_apart("小·") is None
