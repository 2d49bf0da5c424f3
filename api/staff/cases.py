"""The list of cases, searched and filtered."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.staff.sheets import Sheet
from api.staff.templating import page
from api.staff.visit import Staff
from tracing.domain import CaseKind, CaseState
from tracing.records import CaseFilter

router = APIRouter()

PER_PAGE = 20
LAST_PAGE = 5000
LISTED_STATES = (CaseState.OPEN, CaseState.MATCHED, CaseState.SUSPENDED, CaseState.CLOSED)


@router.get("/cases")
def cases(visit: Staff, services: ServicesDep, text: str = "", kind: str = "", state: str = "", sheet: int = 1) -> Response:
    """A filter that does not exist is none; ``sheet`` counts from 1."""
    wanted = CaseFilter(
        CaseKind(kind) if kind in set(CaseKind) else None, CaseState(state) if state in set(CaseState) else None, text[:100]
    )
    at = Sheet.asked(sheet, PER_PAGE, LAST_PAGE)
    found = services.casework.find(visit.actor, wanted, at.size, at.skipped)
    asked = {"text": wanted.text, "kind": wanted.kind or "", "state": wanted.state or ""}
    return page(
        visit,
        "cases.html",
        found=found,
        portraits=services.desk.portraits(visit.actor, [case.case_id for case in found.cases]),
        asked=asked,
        **at.of(found.total),
        query=urlencode({name: value for name, value in asked.items() if value}),
        kinds=list(CaseKind),
        states=LISTED_STATES,
    )
