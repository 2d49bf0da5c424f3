"""The first page: what waits for the person who is there."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.staff.templating import page
from api.staff.visit import Staff, Visit
from tracing.access import Permission
from tracing.bootstrap import Services
from tracing.domain import CaseState, RequestState
from tracing.records import CaseFilter

router = APIRouter()

NEWEST = 6


def _from_stations(visit: Visit, services: Services) -> int:
    """What other stations wait for here, and the emergencies that this manager has to look at."""
    if not visit.has_neighbours:
        return 0
    waiting = sum(view.incoming and RequestState.ACCEPTED in view.steps for view in services.assistance.box(visit.actor))
    alerts = services.emergencies.alerts(visit.actor) if visit.may(Permission.SEE_EMERGENCIES) else []
    return waiting + sum(alert.may_be_seen for alert in alerts)


@router.get("/")
def dashboard(visit: Staff, services: ServicesDep) -> Response:
    waiting = services.desk.waiting(visit.actor)
    newest = services.casework.find(visit.actor, CaseFilter(state=CaseState.OPEN), NEWEST)
    shown = (*newest.cases, *waiting.to_choose, *waiting.without_face)
    return page(
        visit,
        "dashboard.html",
        waiting=waiting,
        newest=newest,
        portraits=services.desk.portraits(visit.actor, {case.case_id for case in shown}),
        from_stations=_from_stations(visit, services),
        to_review=services.review.queue(visit.actor, 1).total if visit.may(Permission.REVIEW) else 0,
    )
