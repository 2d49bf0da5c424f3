"""Clues: what people said, word for word, and what in it points to somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MentionKind(StrEnum):
    """What a part of a clue names."""

    PLACE = "place"
    PERSON = "person"
    OCCUPATION = "occupation"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Mention:
    """A part of what was said, ``said[start:end]``, that an interviewer marked.

    ``place_code`` is the administrative division that the interviewer settled on for a place; empty while nobody has.
    """

    kind: MentionKind
    start: int
    end: int
    text: str
    place_code: str = ""


@dataclass(frozen=True, slots=True)
class Clue:
    """``said`` is verbatim, in whatever language or dialect it was said; ``told_to`` is the account of the interviewer."""

    clue_id: str
    case_id: str
    said: str
    said_at: datetime
    told_to: str
    language: str = ""
    dialect: str = ""
    mentions: tuple[Mention, ...] = ()
