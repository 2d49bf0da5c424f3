"""The first page: what waits for the person who is there."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.staff.templating import page
from api.staff.visit import Staff
from tracing.access import Permission
from tracing.domain import CaseState
from tracing.records import CaseFilter, TaskFilter

router = APIRouter()

NEWEST = 6
MOST_URGENT = 5


@router.get("/")
def dashboard(visit: Staff, services: ServicesDep) -> Response:
    waiting = services.desk.waiting(visit.actor)
    newest = services.casework.find(visit.actor, CaseFilter(state=CaseState.OPEN), NEWEST)
    due = services.clockwork.tasks(visit.actor, TaskFilter(station_id=visit.actor.station_id), MOST_URGENT)
    shown = (*newest.cases, *waiting.to_choose, *waiting.without_face)
    return page(
        visit,
        "dashboard.html",
        waiting=waiting,
        newest=newest,
        due=due,
        now=services.clock(),
        clock_zone=services.clockwork.jurisdiction.zone,
        coverage=services.coverage.report(visit.actor) if visit.may(Permission.READ_STATISTICS) else None,
        portraits=services.desk.portraits(visit.actor, {case.case_id for case in shown}),
        likenesses=len(services.leads.open_ones(visit.actor)) if visit.may(Permission.READ_CANDIDATES) else 0,
        second_words=len(services.approvals.waiting(visit.actor)) if visit.may(Permission.CLOSE_CASES) else 0,
        to_review=services.review.queue(visit.actor, 1).total if visit.may(Permission.REVIEW) else 0,
    )
