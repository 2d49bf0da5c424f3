"""The first page: what waits for the person who is there."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.staff.tasks import by_station, whole_percent
from api.staff.templating import page
from api.staff.visit import Staff, Visit
from tracing.access import Permission
from tracing.bootstrap import Services
from tracing.coverage import MOST, CoverageReport, SearchedBy
from tracing.domain import CaseState, RequestState
from tracing.records import CaseFilter, TaskFilter

router = APIRouter()

NEWEST = 6
MOST_URGENT = 5


def _from_stations(visit: Visit, services: Services) -> int:
    """What other stations wait for here, and the emergencies that this manager has to look at."""
    if not visit.has_neighbours:
        return 0
    waiting = sum(view.incoming and RequestState.ACCEPTED in view.steps for view in services.assistance.box(visit.actor))
    alerts = services.emergencies.alerts(visit.actor) if visit.may(Permission.SEE_EMERGENCIES) else []
    return waiting + sum(alert.may_be_seen for alert in alerts)


def _coverage(visit: Visit, services: Services) -> dict[SearchedBy, CoverageReport]:
    """Of all stations, with the reasons of the own one where somebody was not searched."""
    if not visit.may(Permission.READ_STATISTICS):
        return {}
    return {by: services.coverage.report(visit.actor, limit=MOST, by=by) for by in SearchedBy}


def _rights_waiting(visit: Visit, services: Services) -> int:
    """Held photos and erasures that wait for this manager."""
    if not visit.may(Permission.ERASE):
        return 0
    return len(services.suppressing.held(visit.actor)) + len(services.retention.asked(visit.actor))


def _lists_due(visit: Visit, services: Services) -> int:
    """Departments of which a list is overdue."""
    if not visit.may(Permission.OPEN_CASES):
        return 0
    return sum(each.overdue for each in services.monthly.standing(visit.actor))


@router.get("/")
def dashboard(visit: Staff, services: ServicesDep) -> Response:
    waiting = services.desk.waiting(visit.actor)
    newest = services.casework.find(visit.actor, CaseFilter(state=CaseState.OPEN), NEWEST)
    due = services.clockwork.tasks(visit.actor, TaskFilter(station_id=visit.actor.station_id), MOST_URGENT)
    coverage = _coverage(visit, services)
    shown = (*newest.cases, *waiting.to_choose, *waiting.without_face)
    return page(
        visit,
        "dashboard.html",
        waiting=waiting,
        newest=newest,
        due=due,
        escalated=services.escalations.waiting(visit.actor),
        now=services.clock(),
        clock_zone=services.clockwork.jurisdiction.zone,
        coverage=coverage,
        coverage_rows=by_station(coverage) if coverage else [],
        whole_percent=whole_percent,
        portraits=services.desk.portraits(visit.actor, {case.case_id for case in shown}),
        likenesses=len(services.leads.open_ones(visit.actor)) if visit.may(Permission.READ_CANDIDATES) else 0,
        rights_waiting=_rights_waiting(visit, services),
        second_words=len(services.approvals.waiting(visit.actor)) if visit.may(Permission.CLOSE_CASES) else 0,
        guarded=len(services.safeguarding.waiting(visit.actor)) if visit.may(Permission.CHECK_SAFETY) else 0,
        by_provider=services.sign_on is not None,
        quota_reached=services.quotas.reached(visit.actor) if visit.may(Permission.SEE_EMERGENCIES) else [],
        from_stations=_from_stations(visit, services),
        list_hits=services.list_hits.find(visit.actor, limit=1)[1] if visit.may(Permission.FOLLOW_LISTS) else 0,
        lists_due=_lists_due(visit, services),
        reports=services.family_reports.waiting(visit.actor) if visit.may(Permission.READ_REPORTS) else 0,
        sightings=services.seen_sightings.waiting(visit.actor) if visit.may(Permission.READ_REPORTS) else 0,
        to_review=services.review.waiting(visit.actor) if visit.may(Permission.REVIEW) else 0,
    )
