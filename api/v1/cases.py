"""Cases: open, list, look at, amend, and take through their states."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from api.deps import ApiActor, KeyFirst, ServicesDep
from api.v1.answers import ApprovalAnswer, ApprovalsAnswer, CaseAnswer, CasesAnswer
from api.v1.bodies import CaseChanges, Closing, NewCase, ReasonBody
from api.v1.fields import Id, Limit, Line, Offset
from api.v1.problems import problems
from tracing.bootstrap import Services
from tracing.domain import Actor, Case, CaseKind, CaseState, Description
from tracing.errors import Stale
from tracing.records import CaseFilter

TRIES: Final = 3
APPROVED: Final[dict[int | str, dict[str, Any]]] = {
    202: {
        "description": "Kept as the first of two words. The case stays as it is until a second person says so.",
        "model": CaseAnswer,
    }
}

router = APIRouter(route_class=KeyFirst, tags=["cases"])


def open_case(services: Services, actor: Actor, body: NewCase) -> Case:
    contact = body.contact.draft() if body.contact is not None else None
    source = body.source.source_of() if body.source is not None else None
    return services.intake.open_case(actor, body.kind, Description(**body.given()), body.basis, contact, source=source)


@router.post("/api/v1/cases", status_code=201, responses=problems(400, 409, 413))
def open_a_case(services: ServicesDep, actor: ApiActor, body: NewCase) -> CaseAnswer:
    """Open a case. Its photos follow; `POST /api/v1/intakes` does both in one step."""
    return CaseAnswer.of(open_case(services, actor, body))


@router.get("/api/v1/cases")
def find_cases(
    services: ServicesDep,
    actor: ApiActor,
    kind: CaseKind | None = None,
    state: CaseState | None = None,
    text: Annotated[
        Line,
        Query(description="Part of a reference, a name or a place; or how a name begins, in pinyin or by initials."),
    ] = "",
    limit: Limit = 50,
    offset: Offset = 0,
) -> CasesAnswer:
    """Cases, newest first."""
    page = services.casework.find(actor, CaseFilter(kind, state, text), limit, offset)
    return CasesAnswer(total=page.total, cases=[CaseAnswer.of(case) for case in page.cases])


@router.get("/api/v1/cases/{case_id}", responses=problems(404))
def read_case(services: ServicesDep, actor: ApiActor, case_id: Id) -> CaseAnswer:
    """One case. That it was read stays in the audit."""
    return CaseAnswer.of(services.casework.read(actor, case_id))


@router.patch("/api/v1/cases/{case_id}", responses=problems(400, 404, 409, 413))
def amend_case(services: ServicesDep, actor: ApiActor, case_id: Id, body: CaseChanges) -> CaseAnswer:
    """Change what is sent and leave the rest; with a `version`, only if nobody else has changed the case since."""
    # Without a version the sender did not ask to be told of changes to other fields: merge with them, and try again.
    tries = TRIES if body.version is None else 1
    return CaseAnswer.of(_amend(services, actor, case_id, body, tries))


def _amend(services: Services, actor: Actor, case_id: str, body: CaseChanges, tries: int) -> Case:
    before = services.casework.get(actor, case_id)
    if body.version not in (None, before.version):
        raise Stale("Somebody else has changed this case since you read it; read it again.")
    try:
        services.casework.amend(actor, case_id, replace(before.description, **body.given()), body.basis, before.version)
    except Stale:
        if tries == 1:
            raise
        return _amend(services, actor, case_id, body, tries - 1)
    return services.casework.get(actor, case_id)


@router.post("/api/v1/cases/{case_id}/close", responses=APPROVED | problems(400, 404, 409, 413))
def close_case(services: ServicesDep, actor: ApiActor, response: Response, case_id: Id, body: Closing) -> CaseAnswer:
    """End a case that belongs to no match. That somebody died has to be said by two people: 202 for the first of them."""
    closed = services.casework.close(actor, case_id, body.outcome, body.reason, body.channel, body.other_case)
    if closed.state is not CaseState.CLOSED:
        response.status_code = HTTPStatus.ACCEPTED
    return CaseAnswer.of(services.casework.get(actor, case_id))


@router.get("/api/v1/approvals")
def read_approvals(services: ServicesDep, actor: ApiActor) -> ApprovalsAnswer:
    """Cases of which one person has said that somebody died, and that wait for a second word; the oldest first."""
    return ApprovalsAnswer(approvals=[ApprovalAnswer.of(word) for word in services.approvals.waiting(actor)])


@router.post("/api/v1/cases/{case_id}/approval/withdraw", responses=problems(404, 409))
def withdraw_approval(services: ServicesDep, actor: ApiActor, case_id: Id) -> CaseAnswer:
    """Take the own first word back; the case stays as it is."""
    return CaseAnswer.of(services.approvals.withdraw(actor, case_id))


@router.post("/api/v1/cases/{case_id}/reopen", responses=problems(400, 404, 409, 413))
def reopen_case(services: ServicesDep, actor: ApiActor, case_id: Id, body: ReasonBody) -> CaseAnswer:
    """A closed or suspended case is open again; its face is back in the gallery, and searched."""
    services.casework.reopen(actor, case_id, body.reason)
    return CaseAnswer.of(services.casework.get(actor, case_id))


@router.post("/api/v1/cases/{case_id}/suspend", responses=problems(400, 404, 409, 413))
def suspend_case(services: ServicesDep, actor: ApiActor, case_id: Id, body: ReasonBody) -> CaseAnswer:
    """A dispute or a safeguarding check: the face leaves the galleries until the case is reopened."""
    services.casework.suspend(actor, case_id, body.reason)
    return CaseAnswer.of(services.casework.get(actor, case_id))
