"""Boards: places, surnames and pictures that somebody can point at, chosen by what the answer is expected to tell.

People who want to please agree with what is put to them. So a board has several choices, never a single one; it is filled up
with choices that no case speaks for; and it shows them in an order of their own, which tells nothing about what is likely.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from tracing.clues.next_questions import Possible, masses, pointing, questions, shares
from tracing.domain.regions import PlaceLevel, level_of

CHOICES: Final = 8
"""On one board: as many as stand on a page in letters that can be read across a table."""


class BoardKind(StrEnum):
    PLACE = "place"
    SURNAME = "surname"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to point at. ``text`` is what is written under or on it, ``latin`` the same in Latin letters.

    ``code`` is that of a place, and ``wider`` names where it lies.
    """

    key: str
    text: str
    latin: str = ""
    code: str = ""
    wider: str = ""


class Showing(Protocol):
    """What there is to show."""

    def surnames(self) -> Sequence[Choice]:
        """Those that very many people bear, the commonest first: a rare one on a board would name somebody."""
        ...

    def pictures(self) -> Sequence[Choice]:
        """Every word that is drawn, in the order in which they are shown."""
        ...

    def places(self, within: str = "") -> Sequence[Choice]:
        """The divisions right below this one, or all provinces, in the order of their codes, which is that of the map."""
        ...

    def choice(self, key: str) -> Choice | None:
        """What stands for this key; None where it is nothing to show."""
        ...


@dataclass(frozen=True, slots=True)
class Board:
    """``choices`` in the order in which they are shown. ``gain``: bits by which the answer is expected to narrow it down.

    ``within`` is the code of the place in which the places lie, where that is known.
    """

    kind: BoardKind
    choices: tuple[Choice, ...]
    gain: float = 0.0
    within: str = ""

    @property
    def several(self) -> bool:
        """Whether one may point at more than one: a life has more than one picture, and one home."""
        return self.kind is BoardKind.PICTURE


@dataclass(frozen=True, slots=True)
class Known:
    """What need not be asked any more: the keys that were ``asked``, and the kinds of boards that are ``settled``.

    ``within``: the smallest place in which home lies, as the person said or pointed out.
    """

    asked: frozenset[str] = frozenset()
    within: str = ""
    settled: frozenset[BoardKind] = frozenset()


def board(kind: BoardKind, possibles: Sequence[Possible], known: Known, showing: Showing) -> Board | None:
    """The board of this kind that is expected to tell most; None where there is nothing left to ask.

    Where no open case speaks of anything that is left, what nobody has asked yet, in a plain order and without a gain: somebody
    may be reported tomorrow.
    """
    if kind in known.settled:
        return None
    return _MAKERS[kind](possibles, known, showing) or _plain(kind, known, showing)


def _places(possibles: Sequence[Possible], known: Known, showing: Showing) -> Board | None:
    """Places that lie side by side on the map: from anywhere in the country, they would be those of the cases."""
    beside = [each.key for each in _unasked(showing.places(known.within), known)]
    found = _likely(possibles, beside)
    if found is None:
        return None
    keys, gain = found
    return Board(BoardKind.PLACE, tuple(sorted(_choices(keys, showing), key=lambda each: each.code)), gain, known.within)


def _likely(possibles: Sequence[Possible], keys: Sequence[str]) -> tuple[list[str], float] | None:
    """The likeliest of these keys, filled up with the first ones, and what pointing at one of them is expected to tell."""
    likely = masses(possibles, frozenset(keys).__contains__)
    chosen = _filled(sorted(likely, key=lambda key: (-likely[key], key))[:CHOICES], keys)
    return (chosen, pointing(chosen, possibles, shares(possibles))) if likely and len(chosen) > 1 else None


def _surnames(possibles: Sequence[Possible], known: Known, showing: Showing) -> Board | None:
    common = [each.key for each in _unasked(showing.surnames(), known)]
    found = _likely(possibles, common)
    return None if found is None else Board(BoardKind.SURNAME, _read_aloud(_choices(found[0], showing)), found[1])


def _read_aloud(surnames: Iterable[Choice]) -> tuple[Choice, ...]:
    return tuple(sorted(surnames, key=lambda each: (each.latin, each.text)))


def _pictures(possibles: Sequence[Possible], known: Known, showing: Showing) -> Board | None:
    drawn = [each.key for each in _unasked(showing.pictures(), known)]
    best = [
        each
        for each in questions(possibles, limit=10_000, kinds=("word",), asked=known.asked)
        if showing.choice(each.key) is not None
    ][:CHOICES]
    keys = _filled([each.key for each in best], drawn)
    if len(keys) < 2 or not best:
        return None
    shown = tuple(each for each in showing.pictures() if each.key in keys)
    return Board(BoardKind.PICTURE, shown, sum(each.gain for each in best))


_MAKERS: Final = {BoardKind.PLACE: _places, BoardKind.SURNAME: _surnames, BoardKind.PICTURE: _pictures}


def _plain(kind: BoardKind, known: Known, showing: Showing) -> Board | None:
    match kind:
        case BoardKind.PLACE:
            deep = bool(known.within) and level_of(known.within) >= PlaceLevel.COUNTY
            choices = () if deep else tuple(_unasked(showing.places(known.within), known)[:CHOICES])
        case BoardKind.SURNAME:
            choices = _read_aloud(_unasked(showing.surnames(), known)[:CHOICES])
        case BoardKind.PICTURE:
            choices = tuple(_unasked(showing.pictures(), known)[:CHOICES])
    return Board(kind, choices, within=known.within if kind is BoardKind.PLACE else "") if len(choices) > 1 else None


def _unasked(choices: Iterable[Choice], known: Known) -> list[Choice]:
    return [each for each in choices if each.key not in known.asked]


def _filled(keys: Iterable[str], others: Iterable[str]) -> list[str]:
    """As many as a board has, the rest from among the others."""
    return list(dict.fromkeys((*keys, *others)))[:CHOICES]


def _choices(keys: Iterable[str], showing: Showing) -> list[Choice]:
    return [each for each in map(showing.choice, keys) if each is not None]
