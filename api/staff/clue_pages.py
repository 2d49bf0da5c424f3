"""Clues as pages show them: the words with what is marked in them, and what the machine suggests to mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.staff.visit import Visit
from tracing.access import Permission
from tracing.bootstrap import Services
from tracing.clues.interviews import Suggested
from tracing.domain import Case, CaseState, Clue, ClueVersion, Mention, Reply


@dataclass(frozen=True, slots=True)
class Words:
    """A part of what was said; ``place`` is the full name of the place that was settled on."""

    text: str
    mention: Mention | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class ClueView:
    version: ClueVersion
    words: tuple[Words, ...]
    suggested: tuple[Suggested, ...] = ()

    @property
    def choices(self) -> tuple[Words, ...]:
        """What stood on the board, where one was shown."""
        return tuple(part for part in self.words if part.mention is not None and part.mention.reply is not None)

    @property
    def pointed_at(self) -> tuple[Words, ...]:
        return tuple(part for part in self.choices if part.mention is not None and part.mention.reply is Reply.YES)

    @property
    def unanswered(self) -> bool:
        return any(part.mention is not None and part.mention.reply is Reply.UNKNOWN for part in self.choices)


def clues_of(visit: Visit, services: Services, cases: Sequence[Case]) -> Mapping[str, Sequence[ClueView]]:
    """case_id -> what was said; with suggestions for those who may accept them and while nothing is marked."""
    told = services.interviews.of_cases(visit.actor, [case.case_id for case in cases])
    may_mark = visit.may(Permission.EDIT_CASES)
    return {
        case.case_id: [
            _view(visit, services, version, may_mark and case.state is not CaseState.CLOSED)
            for version in told.get(case.case_id, [])
        ]
        for case in cases
    }


def shown_view(services: Services, version: ClueVersion) -> ClueView:
    """A clue as it reads, without anything to mark."""
    return ClueView(version, _words(services, version.clue))


def _view(visit: Visit, services: Services, version: ClueVersion, may_mark: bool) -> ClueView:
    clue = version.clue
    suggested = services.interviews.suggest(visit.actor, clue.said) if may_mark and not clue.mentions else []
    return ClueView(version, _words(services, clue), tuple(suggested))


def _words(services: Services, clue: Clue) -> tuple[Words, ...]:
    parts: list[Words] = []
    end = 0
    for mention in clue.mentions:
        parts.append(Words(clue.said[end : mention.start]))
        place = services.interviews.place(mention.place_code) if mention.place_code else None
        parts.append(Words(mention.text, mention, place.full_name if place is not None else ""))
        end = mention.end
    return (*(part for part in parts if part.text), Words(clue.said[end:]))
