"""Names in either writing: the table is checked character by character against the dictionary of sounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.clues.lexicon.names import Names
from tracing.clues.lexicon.pronunciation import CHINESE
from tracing.traditional import _PAIRS, simplified

PAIRS = list(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))


def readings(character: str) -> set[str]:
    from pypinyin import Style, pinyin

    return set(pinyin(character, style=Style.NORMAL, heteronym=True)[0])


def test_each_pair_is_two_characters_that_can_be_read_alike() -> None:
    """A slip of one place would make every pair after it another one."""
    assert [pair for pair in PAIRS if not (CHINESE.fullmatch(pair[0]) and CHINESE.fullmatch(pair[1]))] == []
    assert [pair for pair in PAIRS if not readings(pair[0]) & readings(pair[1])] == []


def test_no_character_stands_twice_and_what_is_simplified_is_simple() -> None:
    traditional = {one for one, _ in PAIRS}
    assert len(traditional) == len(PAIRS) > 2400
    assert traditional & {other for _, other in PAIRS} == set()


@given(st.text())
def test_it_keeps_the_length_and_twice_changes_nothing(text: str) -> None:
    assert len(simplified(text)) == len(text)
    assert simplified(simplified(text)) == simplified(text)


@pytest.mark.parametrize(
    ("traditional", "plain"),
    [
        ("張劉陳楊黃趙吳周孫馬", "张刘陈杨黄赵吴周孙马"),
        ("偉強軍傑華國麗艷靜紅", "伟强军杰华国丽艳静红"),
        ("王建国", "王建国"),
        ("乾", "乾"),
    ],
)
def test_what_people_are_called(traditional: str, plain: str) -> None:
    assert simplified(traditional) == plain


def test_surnames_in_traditional_characters_are_known() -> None:
    names = Names()
    written = "張劉陳楊黃趙吳孫馬羅鄭謝韓馮蕭鄧許蔣賈葉閻餘蘇魯龍萬錢湯龐賀顧龔邵嚴溫齊莊顏倪葛聶魏盧譚鄒陸鍾薑範傅鮑紀項祝"
    assert [surname for surname in written if not names.surname_length(surname)] == []
    assert names.surname_length("歐陽娜娜") == 2
