"""Names of people as they are said: whole, by surname alone, as a nickname, in Latin letters; and how two of them agree."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from tracing.clues.sounds import Likeness, Syllables, folded, likeness
from tracing.traditional import simplified

PREFIXES: Final = frozenset("小阿老大二三四五六七八九")
"""What a nickname puts before a part of the name: little, dear, old; or the place among brothers and sisters."""
SUFFIXES: Final = frozenset("子儿娃妹哥姐弟伢仔")
"""What a nickname puts behind it."""
KINSHIP: Final = ("师傅", "先生", "女士", "大爷", "大妈", "叔叔", "阿姨", "老师", "同志")


SPELLED_ALIKE: Final = 0.85
"""Of names in Latin letters that are no pinyin: Smith and Smyth, Mohammed and Muhammad."""


class NameAgreement(StrEnum):
    """From the strongest to none. Everything but ``WRITTEN`` is said of the sound."""

    WRITTEN = "written"
    """The same characters, in simplified writing or in traditional."""
    SOUNDED = "sounded"
    """The same syllables, tones apart."""
    DIALECT = "dialect"
    NEAR = "near"
    """Nearly the same sound; or the surname and one of two characters of the given name."""
    GIVEN = "given"
    """The given name agrees, the surname does not or is not known."""
    NICKNAME = "nickname"
    """A nickname that holds a part of the other's given name."""
    SURNAME = "surname"
    """The surname agrees and one side knows no more."""
    DIFFERENT = "different"
    UNKNOWN = "unknown"
    """Nothing that could be compared: a surname here, a nickname there."""


@dataclass(frozen=True, slots=True)
class Name:
    """One name, taken apart. ``written`` holds no spaces or titles; a nickname has only ``given``, of one or two syllables."""

    written: str
    surname: Syllables = ()
    given: Syllables = ()
    nickname: bool = False

    @property
    def sound(self) -> Syllables:
        return self.surname + self.given

    @property
    def keys(self) -> tuple[str, ...]:
        """What to look this name up by: the whole, the given name, its syllables, the surname; dialects folded."""
        found = []
        if self.surname and self.given:
            found.append(f"name:{folded(self.sound)}")
        if len(self.given) > 1:
            found.append(f"given:{folded(self.given)}")
        found += [f"part:{folded((each,))}" for each in self.given]
        if self.surname:
            found.append(f"surname:{folded(self.surname)}")
        return tuple(dict.fromkeys(found))


def stripped_nickname(written: str) -> str:
    """The part of the name that a nickname holds (小军, 阿军, 军军, 军子: 军), or nothing where this is no nickname."""
    if len(written) == 2 and written[0] == written[1]:
        return written[0]
    if len(written) in (2, 3) and written[0] in PREFIXES:
        return written[1:]
    if len(written) == 2 and written[1] in SUFFIXES:
        return written[0]
    return ""


def agreement(one: Name, other: Name) -> NameAgreement:
    """Symmetric."""
    if one.nickname or other.nickname:
        return _nicknames(one, other)
    if not one.given or not other.given:
        if one.surname and other.surname:
            same = likeness(one.surname, other.surname) in (Likeness.SAME, Likeness.DIALECT)
            return NameAgreement.SURNAME if same else NameAgreement.DIFFERENT
        return NameAgreement.UNKNOWN
    if one.surname and other.surname:
        whole = _whole(one, other)
        if whole is not None:
            return whole
    if likeness(one.given, other.given) in (Likeness.SAME, Likeness.DIALECT) and len(one.given) == len(other.given):
        return NameAgreement.GIVEN
    return NameAgreement.DIFFERENT


def _whole(one: Name, other: Name) -> NameAgreement | None:
    if simplified(one.written) == simplified(other.written):
        return NameAgreement.WRITTEN
    match likeness(one.sound, other.sound):
        case Likeness.SAME:
            return NameAgreement.SOUNDED
        case Likeness.DIALECT:
            return NameAgreement.DIALECT
        case Likeness.NEAR if likeness(one.surname, other.surname) in (Likeness.SAME, Likeness.DIALECT):
            return NameAgreement.NEAR
    if shared_part(one, other):
        return NameAgreement.NEAR
    if one.written.isascii() and other.written.isascii() and _spelling(one.written, other.written) >= SPELLED_ALIKE:
        return NameAgreement.NEAR
    return None


def shared_part(one: Name, other: Name) -> str:
    """The one of two syllables of the given name that agrees where the surname does too, folded; or nothing."""
    if likeness(one.surname, other.surname) not in (Likeness.SAME, Likeness.DIALECT) or {len(one.given), len(other.given)} != {
        2
    }:
        return ""
    agreeing = [folded((mine,)) for mine, its in zip(one.given, other.given, strict=False) if folded((mine,)) == folded((its,))]
    return agreeing[0] if len(agreeing) == 1 else ""


def _spelling(one: str, other: str) -> float:
    """From 0 to 1, symmetric: the share of letters that both have in the same order."""
    return max(SequenceMatcher(None, *pair, autojunk=False).ratio() for pair in ((one, other), (other, one)))


def _nicknames(one: Name, other: Name) -> NameAgreement:
    """A nickname says nothing against a name that does not hold it: people choose them freely."""
    if not one.given or not other.given:
        return NameAgreement.UNKNOWN
    mine, theirs = ({folded((each,)) for each in name.given} for name in (one, other))
    short, whole = sorted((mine, theirs), key=len)
    return NameAgreement.NICKNAME if short <= whole else NameAgreement.UNKNOWN
