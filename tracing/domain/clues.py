"""Clues: what people said, word for word, and what in it points to somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class MentionKind(StrEnum):
    """What a part of a clue names."""

    PLACE = "place"
    PERSON = "person"
    OCCUPATION = "occupation"
    EVENT = "event"
    WORD = "word"
    """Any other word of a known meaning that was pointed at: kin, a language, what there is at home."""


class Reply(StrEnum):
    """What a person made of something that was shown or read aloud to them."""

    YES = "yes"
    """Pointed at, or nodded at."""
    NO = "no"
    """Another one was pointed at, or none of those shown."""
    UNKNOWN = "unknown"
    """Does not know, or does not answer."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A part of what was said, ``said[start:end]``, that an interviewer marked.

    ``place_code`` is the administrative division that the interviewer settled on for a place; empty while nobody has.
    ``reply``: this was not said but shown, and that came of it; None for what the person said of themselves.
    """

    kind: MentionKind
    start: int
    end: int
    text: str
    place_code: str = ""
    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What is written down of an interview. ``said_at`` None: just now."""

    said: str
    said_at: datetime | None = None
    language: str = ""
    dialect: str = ""
    mentions: tuple[Mention, ...] = ()


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

    @property
    def shown(self) -> bool:
        """Whether these are the choices of a board that was shown: only what was pointed at is said of the person."""
        return any(mention.reply is not None for mention in self.mentions)


@dataclass(frozen=True, slots=True)
class ClueVersion:
    """A clue as it stood from ``recorded_at`` on. None is ever changed: a later one supersedes it.

    ``withdrawn``: from then on it counts for nothing; ``reason`` says why it was revised or withdrawn, empty for the first one.
    """

    clue: Clue
    version: int
    recorded_by: str
    recorded_at: datetime
    reason: str = ""
    withdrawn: bool = False
    superseded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClueHit:
    """What the clues of two cases say for their being one person, as a search found it; kept beside the faces, never in them.

    ``weight`` orders the hits of a case; ``evidence`` is the explanation, line by line.
    """

    pair_id: str
    weight: float
    evidence: Mapping[str, Any]
    found_at: datetime
