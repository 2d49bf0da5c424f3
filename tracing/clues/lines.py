"""One line of the evidence of clues: what met what, why, and its weight."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tracing.clues.profile import Source


class Topic(StrEnum):
    NAME = "name"
    PLACE = "place"
    WORD = "word"
    SEX = "sex"
    AGE = "age"
    HEIGHT = "height"
    TIME = "time"
    TWIN = "twin"


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the two cases has to say in a line: the words as they stand there, and where."""

    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class Line:
    """``one`` of the first case met ``other`` of the second. ``reason`` is a plain word that pages translate.

    ``key`` is what they share (``place:341202``, ``surname:liu``), and ``share`` how many people share it by chance. ``weight``
    is in bits, the logarithm to base 2 of how much likelier this is for one person than for two; below 0 it contradicts.
    A line of weight 0 is there to be read: a twin noted.
    """

    topic: Topic
    reason: str
    one: Side
    other: Side
    weight: float
    key: str = ""
    share: float | None = None

    @property
    def contradicts(self) -> bool:
        return self.weight < 0

    @property
    def caution(self) -> bool:
        """Neither for nor against, and yet to be known before a decision."""
        return self.weight == 0

    @property
    def turned(self) -> Line:
        """The same, with the cases in the other order."""
        return Line(self.topic, self.reason, self.other, self.one, self.weight, self.key, self.share)
