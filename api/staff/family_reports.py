"""Pages about what families report: those that wait, one with its photos, and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.errors import is_mendable, status_of
from api.pictures import SCREEN
from api.staff.notices import version_of
from api.staff.reading import demanded
from api.staff.sheets import Sheet
from api.staff.templating import page, see
from api.staff.visit import Staff, StaffForm, Visit
from tracing.access import Permission
from tracing.bootstrap import Services
from tracing.domain import Declined, ReportState
from tracing.errors import TracingError
from tracing.families.told import FIELDS, Step

router = APIRouter()

PER_SHEET: Final = 20
SHOWN: Final = (ReportState.SENT, ReportState.WITHDRAWN, ReportState.ACCEPTED, ReportState.DECLINED)
TOLD: Final = (*FIELDS[Step.WHO], *FIELDS[Step.SEEN], "relatives")


@router.get("/reports")
def waiting(visit: Staff, services: ServicesDep, state: str = ReportState.SENT, sheet: int = 1) -> Response:
    chosen = ReportState(state) if state in SHOWN else ReportState.SENT
    at = Sheet.asked(sheet, PER_SHEET)
    views, total = services.family_reports.find(visit.actor, {chosen}, at.size, at.skipped)
    return page(
        visit,
        "family_reports.html",
        views=views,
        total=total,
        chosen=chosen,
        states=SHOWN,
        sightings=services.seen_sightings.waiting(visit.actor),
        **at.of(total),
    )


@router.get("/reports/{report_id}")
def one(visit: Staff, services: ServicesDep, report_id: str) -> Response:
    return _report(visit, services, report_id)


@router.get("/reports/{report_id}/photos/{handed_id}")
def photo(visit: Staff, services: ServicesDep, report_id: str, handed_id: str) -> Response:
    """Drawn anew, upright and without metadata."""
    _, data = services.family_reports.photo(visit.actor, report_id, handed_id)
    return Response(services.reader.thumbnail(data, SCREEN), media_type="image/jpeg")


@router.post("/reports/{report_id}/accept")
def accept(visit: Staff, form: StaffForm, services: ServicesDep, report_id: str) -> Response:
    """Open a case from it, and go there."""
    try:
        case = services.family_reports.accept(visit.actor, report_id, version_of(form))
    except TracingError as error:
        return _again(visit, services, report_id, error)
    services.clockwork.follow()
    return see(f"/cases/{case.case_id}")


@router.post("/reports/{report_id}/decline")
def decline(visit: Staff, form: StaffForm, services: ServicesDep, report_id: str) -> Response:
    try:
        services.family_reports.decline(visit.actor, report_id, version_of(form), demanded(Declined, form, "declined"))
    except TracingError as error:
        return _again(visit, services, report_id, error, form.texts())
    return see("/reports")


def _again(
    visit: Visit, services: Services, report_id: str, error: TracingError, typed: Mapping[str, str] | None = None
) -> Response:
    if not is_mendable(error):
        raise error
    return _report(visit, services, report_id, error, typed)


def _report(
    visit: Visit,
    services: Services,
    report_id: str,
    error: TracingError | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    view = services.family_reports.view(visit.actor, report_id)
    return page(
        visit,
        "family_report.html",
        status_of(error) if error is not None else 200,
        view=view,
        report=view.report,
        told=[(name, view.report.typed[name]) for name in TOLD if view.report.typed.get(name) and name != "station"],
        reasons=list(Declined),
        opens=visit.may(Permission.OPEN_CASES) and view.report.state is ReportState.SENT,
        names=services.accounts.names(),
        error=error,
        typed=typed or {},
    )
