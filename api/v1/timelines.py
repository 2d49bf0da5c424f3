"""The timeline of a case, as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.deps import ApiActor, KeyFirst, ServicesDep
from api.v1.fields import Id, Limit
from api.v1.problems import problems
from tracing.domain import Entry, EntryKind, What
from tracing.timeline import TimelinePage

router = APIRouter(route_class=KeyFirst, tags=["cases"])


class EntryAnswer(BaseModel):
    """Something that happened to a case, or will."""

    entry_id: str
    at: datetime
    kind: EntryKind
    what: What = Field(description="More words may come; `other` is a step that has none of its own.")
    by: str = Field(description="The account that did it; empty where nobody in particular did.")
    subject: str = Field(description="The photo, clue, action, clock, pair or request that it is about; empty for the case.")
    words: str = Field(description="A person's own: what was said, a reason, a note.")
    about: dict[str, Any] = Field(description="Plain values that go with `what`, such as the states before and after.")
    rule_id: str | None = Field(description="The rule of a clock.")
    other_case_id: str | None = Field(description="The other case of a pair.")

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(
            entry_id=entry.entry_id,
            at=entry.at,
            kind=entry.kind,
            what=entry.what,
            by=entry.by,
            subject=entry.subject,
            words=entry.words,
            about=dict(entry.about),
            rule_id=entry.rule.rule_id if entry.rule is not None else None,
            other_case_id=entry.other.case_id if entry.other is not None else None,
        )


class TimelineAnswer(BaseModel):
    total: int = Field(description="How many there are of the kind that was asked for.")
    counts: dict[EntryKind, int] = Field(description="How many there are of each kind; those without any are left out.")
    ahead: list[EntryAnswer] = Field(description="What is due or ends by itself, the soonest first; whole on every page.")
    entries: list[EntryAnswer] = Field(description="What happened, the newest first.")
    next_cursor: str | None = Field(description="For the page that follows; null on the last one.")

    @classmethod
    def of(cls, page: TimelinePage) -> Self:
        return cls(
            total=page.total,
            counts=dict(page.counts),
            ahead=[EntryAnswer.of(entry) for entry in page.ahead],
            entries=[EntryAnswer.of(entry) for entry in page.entries],
            next_cursor=page.following or None,
        )


@router.get("/api/v1/cases/{case_id}/timeline", responses=problems(404))
def read_timeline(
    services: ServicesDep,
    actor: ApiActor,
    case_id: Id,
    kind: Annotated[EntryKind | None, Query(description="Only entries of this kind.")] = None,
    limit: Limit = 50,
    cursor: Annotated[
        str, Query(max_length=120, description="`next_cursor` of the page before; what came since moves nothing.")
    ] = "",
) -> TimelineAnswer:
    """Everything that happened to a case, as far as you may see it, the newest first. That it was read stays in the audit.

    Never contacts; of a pair that you have still to judge only that it is there.
    """
    return TimelineAnswer.of(services.timeline.read(actor, case_id, kind, limit, cursor))
