"""The mark that relatives may be the danger: set it, see it, and record the check that clears it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import ApiActor, KeyFirst, ServicesDep
from api.v1.answers import CaseAnswer
from api.v1.bodies import ReasonBody
from api.v1.fields import Id
from api.v1.problems import problems
from tracing.domain import Safeguard
from tracing.safeguarding import SafeguardView, Waiting

CANNOT = problems(400, 404, 409, 413)

router = APIRouter(route_class=KeyFirst, tags=["safeguards"])


class SafeguardAnswer(BaseModel):
    """A mark that stands, or was cleared. What was said of relatives is for roles that may read contacts."""

    safeguard_id: str
    set_by: str
    set_at: datetime
    reason: str = Field(description="Empty for roles that may not read contacts.")
    cleared_by: str
    cleared_at: datetime | None
    finding: str = Field(description="What the check has found; empty as the reason is.")

    @classmethod
    def of(cls, mark: Safeguard) -> Self:
        return cls(
            safeguard_id=mark.safeguard_id,
            set_by=mark.set_by,
            set_at=mark.set_at,
            reason=mark.reason,
            cleared_by=mark.cleared_by,
            cleared_at=mark.cleared_at,
            finding=mark.finding,
        )


class SafeguardsAnswer(BaseModel):
    guarded: bool = Field(description="A mark stands: nobody outside may learn where the person is.")
    relatives_closed: bool = Field(
        description="Whoever seeks the person is called by nobody now: this case is guarded, or the one it is matched with."
    )
    may_clear: bool = Field(description="You may record the check: you neither set the mark nor deal with the family.")
    marks: list[SafeguardAnswer] = Field(description="The newest first.")

    @classmethod
    def of(cls, view: SafeguardView) -> Self:
        return cls(
            guarded=view.case.guarded,
            relatives_closed=view.relatives_closed,
            may_clear=view.case.guarded and view.refusal is None,
            marks=[SafeguardAnswer.of(each) for each in view.marks],
        )


class WaitingAnswer(BaseModel):
    case: CaseAnswer
    mark: SafeguardAnswer
    may_clear: bool

    @classmethod
    def of(cls, waiting: Waiting) -> Self:
        return cls(
            case=CaseAnswer.of(waiting.case), mark=SafeguardAnswer.of(waiting.safeguard), may_clear=waiting.refusal is None
        )


class WaitingsAnswer(BaseModel):
    safeguards: list[WaitingAnswer]


@router.get("/api/v1/safeguards")
def read_safeguards(services: ServicesDep, actor: ApiActor) -> WaitingsAnswer:
    """Cases of the own station whose relatives may be the danger, and that wait for a safeguarding check; the oldest first."""
    return WaitingsAnswer(safeguards=[WaitingAnswer.of(each) for each in services.safeguarding.waiting(actor)])


@router.get("/api/v1/cases/{case_id}/safeguard", responses=problems(404))
def read_safeguard(services: ServicesDep, actor: ApiActor, case_id: Id) -> SafeguardsAnswer:
    """Whether relatives of this person may be the danger, who said so, and what checks have found."""
    return SafeguardsAnswer.of(services.safeguarding.of_case(actor, case_id))


@router.post("/api/v1/cases/{case_id}/safeguard", status_code=201, responses=CANNOT)
def set_safeguard(services: ServicesDep, actor: ApiActor, case_id: Id, body: ReasonBody) -> SafeguardAnswer:
    """Mark that somebody of the family is suspected of abuse or trafficking.

    From then on nobody tells relatives where the person is, nothing is published or shown to other stations, and nobody is
    handed over, until a second person has recorded a check: those calls answer 409, `safeguarded`.
    """
    return SafeguardAnswer.of(services.safeguarding.mark(actor, case_id, body.reason))


@router.post("/api/v1/cases/{case_id}/safeguard/clear", responses=CANNOT)
def clear_safeguard(services: ServicesDep, actor: ApiActor, case_id: Id, body: ReasonBody) -> SafeguardAnswer:
    """Record, as the reason, what a safeguarding check rests on that found no danger. Not by who set the mark, nor by who deals
    with the family: 403."""
    return SafeguardAnswer.of(services.safeguarding.clear(actor, case_id, body.reason))
