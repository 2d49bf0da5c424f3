"""Likenesses of relatives that are followed up: who looks like whose family, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.errors import status_of
from api.staff.templating import page, see
from api.staff.visit import Staff, StaffForm, Visit
from tracing.bootstrap import Services
from tracing.errors import Conflict, Invalid, TracingError

router = APIRouter()


@router.get("/leads")
def leads(visit: Staff, services: ServicesDep) -> Response:
    """The open ones, the oldest first; none of a pair that this person has still to judge."""
    return _page(visit, services)


@router.post("/leads/{lead_id}/close")
def close(visit: Staff, form: StaffForm, services: ServicesDep, lead_id: str) -> Response:
    try:
        services.leads.close(visit.actor, lead_id, form.text("reason"))
    except (Invalid, Conflict) as error:
        return _page(visit, services, error, lead_id, form.texts())
    return see("/leads?closed=1")


def _page(
    visit: Visit, services: Services, error: TracingError | None = None, at: str = "", typed: Mapping[str, str] | None = None
) -> Response:
    found = services.leads.open_ones(visit.actor)
    return page(
        visit,
        "leads.html",
        status_of(error) if error is not None else 200,
        leads=found,
        portraits=services.desk.portraits(visit.actor, {case_id for view in found for case_id in view.pair.case_ids}),
        names=services.accounts.names(),
        closed=visit.request.query_params.get("closed") == "1",
        error=error,
        at=at,
        typed=typed or {},
    )
