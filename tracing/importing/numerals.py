"""Ages that are written out, 六十五岁 or 五六十岁, with the digits that `values` reads."""

from __future__ import annotations

import re
from typing import Final

_ONES: Final = "零一二三四五六七八九"
_TWO: Final = "两"
_RUN: Final = re.compile(r"(?<!\d)[零一二两三四五六七八九十百]+(?!\d)")
_NUMBER: Final = re.compile(
    "(?P<hundred>一百零?)?(?:(?P<tens>[一二两三四五六七八九])?(?P<ten>十))?(?P<one>[一二两三四五六七八九])?"
)
_BETWEEN: Final = re.compile(
    "(?P<tens>[一二两三四五六七八九]?十)?(?P<low>[一二三四五六七八])(?P<high>[二三四五六七八九])(?P<times>十)?"
)


def in_digits(text: str) -> str:
    """``65岁`` of 六十五岁, ``50-69岁`` of 五六十岁, ``17-18岁`` of 十七八岁; what is no number below 200 stays as it is."""
    return _RUN.sub(lambda run: _between(run[0]) or _number(run[0]) or run[0], text)


def _number(run: str) -> str:
    found = _NUMBER.fullmatch(run)
    if found is None or (found["hundred"] == "一百" and found["one"] and not found["ten"]):  # 一百二 may be 120
        return ""
    tens = _one(found["tens"] or "一") if found["ten"] else 0
    return str(100 * bool(found["hundred"]) + 10 * tens + (_one(found["one"]) if found["one"] else 0))


def _between(run: str) -> str:
    found = _BETWEEN.fullmatch(run)
    if found is None or _one(found["high"]) != _one(found["low"]) + 1 or (found["tens"] and found["times"]):
        return ""
    low, high = _one(found["low"]), _one(found["high"])
    if found["times"]:
        return f"{10 * low}-{10 * high + 9}"
    tens = int(_number(found["tens"])) if found["tens"] else 0
    return f"{tens + low}-{tens + high}"


def _one(letter: str) -> int:
    return 2 if letter == _TWO else _ONES.index(letter)
