"""From writing to sound: Chinese characters and Latin letters become syllables of pinyin without tones."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from tracing.clues.sounds import Syllables, plain

CHINESE: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]")
RUNS: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]+|[^\W\d_]+(?:['’][^\W\d_]+)*")
LONGEST: Final = 200

AS_SURNAME: Final = {
    "曾": "zeng", "单": "shan", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "任": "ren", "盖": "ge",
    "缪": "miao", "尉": "wei", "朴": "piao", "乐": "yue", "翟": "zhai", "覃": "qin", "谌": "chen", "员": "yun",
    "黑": "he", "秘": "bi", "折": "she", "冼": "xian", "洗": "xian", "繁": "po", "万": "wan", "逄": "pang",
    "晟": "cheng", "召": "shao", "种": "chong", "牟": "mu", "华": "hua", "葛": "ge",
}  # fmt: skip
"""Characters that are read otherwise when they are a surname."""
ALSO_READ: Final = {"谌": "shen"}
"""Surnames of which families read one and the same in two ways, and dictionaries have one of them."""


def syllables(text: str) -> Syllables:
    """Of all that can be read aloud in the first ``LONGEST`` characters; digits and punctuation are silent."""
    found: list[str] = []
    for run in RUNS.findall(text[:LONGEST]):
        found += _read(run) if CHINESE.match(run) else latin(run)
    return tuple(found)


@lru_cache(maxsize=65536)
def _read(run: str) -> tuple[str, ...]:
    from pypinyin import Style, lazy_pinyin

    return tuple(plain(each) for each in lazy_pinyin(run, style=Style.NORMAL, v_to_u=False, errors="ignore"))


def surname_sound(surname: str) -> Syllables:
    return (AS_SURNAME[surname],) if surname in AS_SURNAME else syllables(surname)


@lru_cache(maxsize=65536)
def quick(text: str) -> Syllables:
    """Character by character, each by its commonest reading: for tens of thousands of names that are seldom looked up."""
    return tuple(each for letter in text for each in _read(letter))


@lru_cache(maxsize=16384)
def latin(word: str) -> Syllables:
    """Pinyin in one word (Jianguo, Xi'an) taken apart; any other word is one syllable of its own."""
    pieces = [plain(piece) for piece in re.split(r"['’]", word)]
    split = [_split(piece) for piece in pieces]
    if all(split):
        return tuple(each for piece in split if piece for each in piece)
    return ("".join(pieces),)


def _split(word: str) -> tuple[str, ...]:
    """The fewest syllables that spell the word, or nothing where no pinyin does."""
    if not word or len(word) > 24:
        return ()
    known = spoken_syllables()
    best: list[tuple[str, ...] | None] = [(), *([None] * len(word))]
    for end in range(1, len(word) + 1):
        for start in range(max(end - 6, 0), end):
            before = best[start]
            if before is not None and word[start:end] in known:
                longer = (*before, word[start:end])
                if (now := best[end]) is None or len(longer) <= len(now):
                    best[end] = longer
    return best[-1] or ()


@lru_cache(maxsize=1)
def spoken_syllables() -> frozenset[str]:
    """All syllables of Mandarin, without tones."""
    from pypinyin.pinyin_dict import pinyin_dict

    read = {plain(each) for readings in pinyin_dict.values() for each in readings.split(",")}
    return frozenset(each for each in read if each.isascii() and (each in "aoe" or len(each) > 1) and each not in _NOISES)


_NOISES: Final = frozenset({"ng", "hm", "hng", "m", "n", "ê"})
