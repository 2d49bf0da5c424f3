"""How alike two words sound: syllables of pinyin without tones, and what the dialects take for one another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final

Syllables = tuple[str, ...]

INITIALS: Final = (
    "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r", "z", "c", "s", "y", "w",
)  # fmt: skip

CONFUSED_INITIALS: Final = (
    ("n", "l"),  # Sichuan, Hunan, Hubei, the lower Yangtze
    ("r", "l"),  # Min, the north-east, many who learn Mandarin late
    ("f", "h"),  # Hunan, Min, Hakka, Sichuan; before u
    ("zh", "z"),  # nearly all of the south, and parts of the north
    ("ch", "c"),
    ("sh", "s"),
    ("h", "w"),  # Wu and Yue: huang and wang, hu and wu
)
"""Pairs of initials that speakers of some dialect do not keep apart (source: the standard manuals of Mandarin for speakers of
dialects name these first)."""

CONFUSED_FINALS: Final = (
    ("ing", "in"),  # the south; also Shanxi and the north-west, the other way round
    ("eng", "en"),
    ("ang", "an"),
    ("iang", "ian"),
    ("uang", "uan"),
    ("v", "i"),  # yu and yi: Hakka, Yunnan, Guizhou
    ("van", "ian"),
    ("ve", "ie"),
    ("vn", "in"),
)

DIALECT_COST: Final = 0.35
"""Of a part that some dialect does not keep apart; another part costs 1, and a syllable has two."""
LOST_COST: Final = 2.0


class Likeness(StrEnum):
    """How two words agree, from the ear's side."""

    SAME = "same"
    DIALECT = "dialect"
    """They differ only in what some dialect does not keep apart."""
    NEAR = "near"
    """One part of one syllable differs, or one of three and more syllables is missing."""
    DIFFERENT = "different"


def plain(syllable: str) -> str:
    """Lower case, without tone, ``v`` for the umlaut; doing it twice changes nothing."""
    return "".join(_BARE.get(letter, letter) for letter in syllable.casefold() if not letter.isdigit())


_BARE: Final = dict(zip("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿ", "aaaaeeeeiiiioooouuuuvvvvvnnnm", strict=True))


@lru_cache(maxsize=4096)
def parts(syllable: str) -> tuple[str, str]:
    """Initial and final of a plain syllable, spelled as they sound: ``yu`` is ``("", "v")``, ``wang`` ``("w", "uang")``."""
    initial = next((each for each in INITIALS if syllable.startswith(each)), "")
    final = syllable[len(initial) :]
    if initial == "y":
        spelled = {"u": "v", "ue": "ve", "uan": "van", "un": "vn"}.get(final)
        return "", spelled or (final if final.startswith("i") else "i" + final)
    if initial == "w":
        return "w", final if final.startswith("u") else "u" + final
    if initial in ("j", "q", "x") and final.startswith("u"):
        return initial, "v" + final[1:]
    return initial, final


def _classes(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """One representative for all that are confused with each other, directly or by way of a third."""
    chosen: dict[str, str] = {}
    for one, other in pairs:
        mine, theirs = chosen.get(one, one), chosen.get(other, other)
        chosen |= {each: mine for each, its in chosen.items() if its == theirs} | {one: mine, other: mine}
    return chosen


_INITIALS: Final = _classes(CONFUSED_INITIALS)
_FINALS: Final = _classes(CONFUSED_FINALS)


@lru_cache(maxsize=4096)
def folded_parts(syllable: str) -> tuple[str, str]:
    initial, final = parts(syllable)
    initial = _INITIALS.get(initial, initial)
    if initial == _INITIALS["f"] and len(final) > 1 and final[0] == "u":
        final = final[1:]  # fan and huan, fei and hui: the u is what turns h into f
        final = {"i": "ei", "n": "en"}.get(final, final)
    return initial, _FINALS.get(final, final)


def folded(syllables: Sequence[str]) -> str:
    """The same text for all words that some dialect does not keep apart: a key to look up by."""
    return ".".join("".join(folded_parts(each)) for each in syllables)


def syllable_cost(one: str, other: str) -> float:
    """0 for the same syllable, up to 2 for one that has nothing in common."""
    if one == other:
        return 0.0
    (mine, my_final), (theirs, their_final) = parts(one), parts(other)
    folds, other_folds = folded_parts(one), folded_parts(other)
    if folds == other_folds:
        return DIALECT_COST * max((mine != theirs) + (my_final != their_final), 1)
    cost = 0.0 if mine == theirs else DIALECT_COST if folds[0] == other_folds[0] else 1.0
    return cost + (0.0 if my_final == their_final else DIALECT_COST if folds[1] == other_folds[1] else 1.0)


def cost(one: Sequence[str], other: Sequence[str]) -> float:
    """What it takes to turn one into the other: the edit distance in syllables, each weighed by ``syllable_cost``."""
    row = [LOST_COST * place for place in range(len(other) + 1)]
    for count, mine in enumerate(one, start=1):
        before, row = row, [LOST_COST * count]
        for place, theirs in enumerate(other, start=1):
            changed = before[place - 1] + syllable_cost(mine, theirs)
            row.append(min(changed, before[place] + LOST_COST, row[-1] + LOST_COST))
    return row[-1]


def likeness(one: Sequence[str], other: Sequence[str]) -> Likeness:
    """Symmetric. Two words of which either is empty are different."""
    if not one or not other:
        return Likeness.DIFFERENT
    if tuple(one) == tuple(other):
        return Likeness.SAME
    if folded(one) == folded(other):
        return Likeness.DIALECT
    if abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 2:
        return Likeness.DIFFERENT
    allowed = LOST_COST if len(one) != len(other) and min(len(one), len(other)) >= 2 else 1.0 + DIALECT_COST
    return Likeness.NEAR if cost(one, other) <= allowed else Likeness.DIFFERENT
