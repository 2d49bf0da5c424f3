"""An invented person who says nothing and points: mostly at what is so, now and then at something else."""

from __future__ import annotations

from random import Random
from typing import Final

from scripts.invented.people import SAID_WORK, WORK, Person
from tracing.clues.boards import Board
from tracing.clues.interview_help import Pointed
from tracing.clues.next_questions import MISTAKEN, RIGHT
from tracing.clues.profile import Lexicon
from tracing.domain import Reply
from tracing.domain.regions import ancestry

SILENT: Final = 0.05
"""How often a person does not answer at all."""


class Pointing:
    """Answers as ``tracing.clues.next_questions`` takes it that people do, and does not answer one board in twenty."""

    def __init__(self, person: Person, lexicon: Lexicon, random: Random) -> None:
        self._random = random
        work = (*lexicon.words(WORK[person.work]), *lexicon.words(SAID_WORK[person.work]))
        name = lexicon.name(person.surname + person.given)
        self._so = {
            *(f"place:{code}" for code in ancestry(person.home)),
            *(name.keys if name is not None else ()),
            *(f"word:{word.key}" for word in work),
        }

    def answer(self, board: Board) -> Pointed:
        shown = tuple(choice.key for choice in board.choices)
        if self._random.random() < SILENT:
            return Pointed(board.kind, shown, Reply.UNKNOWN)
        pointed_at = self._several(shown) if board.several else self._one(shown)
        return Pointed(board.kind, shown, Reply.YES if pointed_at else Reply.NO, pointed_at)

    def _several(self, shown: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(key for key in shown if self._random.random() < (RIGHT if key in self._so else MISTAKEN))

    def _one(self, shown: tuple[str, ...]) -> tuple[str, ...]:
        right = [key for key in shown if key in self._so]
        if right and self._random.random() < RIGHT:
            return (right[0],)
        wrong = [key for key in shown if key not in self._so]
        return (self._random.choice(wrong),) if wrong and self._random.random() < MISTAKEN else ()
