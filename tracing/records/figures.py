"""What a month's report counts in the record store: numbers by station, and times between two steps, of no named person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from tracing.domain import ActionKind, Analysis, CaseKind, Channel, Judgement, Stage


class Step(StrEnum):
    """From intake to reunion, in order."""

    INTAKE = "intake"
    PHOTOGRAPHED = "photographed"
    ENROLLED = "enrolled"
    SEARCHED = "searched"
    CANDIDATES = "candidates"
    JUDGED = "judged"
    CONFIRMED = "confirmed"
    VERIFIED = "verified"
    REUNITED = "reunited"


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment, included, to another one, excluded."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class WayHome:
    """Cases that ended with somebody going home, by what had brought it about: the last action that told who it is, what was
    said when the case was closed, and whether faces or clues alone had put the reunited pair together."""

    station_id: str
    action: ActionKind | None
    said: Channel | None
    by_faces: bool
    by_clues: bool
    count: int


@dataclass(frozen=True, slots=True)
class Blind:
    """One judgement of a pair whose review is over."""

    pair_id: str
    reviewer: str
    stage: Stage
    judgement: Judgement


class FigureRecords(Protocol):
    """Of cases that may be read, drafts left aside. A pair whose review is not over has no judgement here: who has still to
    judge it learns of none."""

    def stations(self, before: datetime) -> list[str]:
        """Those that had a case before this moment, in order."""
        ...

    def furthest(self, span: Span, kind: CaseKind) -> dict[tuple[str, Step], int]:
        """(station, step) -> how many of the cases opened in the span had come to this step and no further by its end."""
        ...

    def came_later(self, span: Span, kind: CaseKind, step: Step) -> dict[str, int]:
        """Station -> how many cases opened before the span came to the step in it for the first time."""
        ...

    def taken(self, span: Span, step: Step) -> list[tuple[str, timedelta]]:
        """Station, and the time since its opening, of each case that came to the step in the span for the first time."""
        ...

    def waiting(self, at: datetime, edges: tuple[timedelta, ...]) -> dict[tuple[str, int], int]:
        """(station, place among the edges) -> how many cases stood open at the moment, by how long they had."""
        ...

    def clocks(self, span: Span) -> dict[tuple[str, str], tuple[int, int]]:
        """(station, rule) -> how many duties that were due in the span were met in time, and how many were not."""
        ...

    def searched_by_clues(self, span: Span, kind: CaseKind) -> dict[str, tuple[int, int]]:
        """Station -> how many of the cases opened in the span have been searched by clues since, and how many have not."""
        ...

    def photos(self, span: Span) -> dict[tuple[str, Analysis], int]:
        """(station, analysis) -> photos received in the span."""
        ...

    def ways_home(self, span: Span | None = None) -> list[WayHome]:
        """Of people in care who were reunited in the span, or ever."""
        ...

    def judged_together(self, span: Span) -> list[Blind]:
        """The blind judgements of each pair of which a later one than the first fell into the span."""
        ...

    def changed_minds(self, span: Span) -> tuple[int, int]:
        """How many judgements of the span stood once the score was shown, and how many were changed."""
        ...

    def overturned(self, span: Span) -> int:
        """How many confirmed pairs were revoked in the span."""
        ...

    def known(self, span: Span) -> dict[tuple[bool, bool], int]:
        """(the same person, taken for the same person) -> pairs with a known answer that were judged in the span."""
        ...
