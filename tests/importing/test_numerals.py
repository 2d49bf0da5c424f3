"""Ages that are written out are the numbers that they say, and what is none stays as it is."""

from __future__ import annotations

import pytest

from tracing.importing.numerals import in_digits

ONES = "零一二三四五六七八九"


def written_out(number: int) -> str:
    tens, one = divmod(number, 10)
    return f"{ONES[tens] if tens > 1 else ''}{'十' if tens else ''}{ONES[one] if one else ''}"


def test_every_age_below_a_hundred_is_read() -> None:
    for number in range(1, 100):
        assert in_digits(f"约{written_out(number)}岁") == f"约{number}岁"
    assert [in_digits(each) for each in ("一十八岁", "一百岁", "一百零五岁", "一百一十岁")] == [
        "18岁",
        "100岁",
        "105岁",
        "110岁",
    ]


def test_of_two_numbers_beside_each_other_both_are_meant() -> None:
    for low in range(1, 9):
        both = ONES[low] + ONES[low + 1]
        assert in_digits(f"{both}岁") == f"{low}-{low + 1}岁"
        assert in_digits(f"{both}十岁") == f"{10 * low}-{10 * low + 19}岁"
        assert in_digits(f"六十{both}岁") == f"{60 + low}-{61 + low}岁"


@pytest.mark.parametrize(
    "text", ["一百二岁", "六八岁", "百岁", "零岁", "六十六十岁", "6十岁", "十5岁", "二百岁", "65岁", "老年", ""]
)
def test_what_nobody_can_tell_stays_as_it_is(text: str) -> None:
    assert in_digits(text) == text
