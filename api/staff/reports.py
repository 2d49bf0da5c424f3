"""The monthly report as a page, as CSV for spreadsheet programs, and as PDF."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.staff.charts import LINE
from api.staff.monthly.sheet import report_sheet
from api.staff.monthly.telling import Telling, Told, rule_titles
from api.staff.templating import page, printed
from api.staff.visit import Staff, Visit
from api.writing import month as month_name
from tracing.bootstrap import Services
from tracing.errors import TracingError
from tracing.reporting.months import Month
from tracing.reporting.report import Report

router = APIRouter()

OFFERED: Final = 36
"""Months in the list; others by the address."""


def _asked(visit: Visit, services: Services, month: str, station: str) -> Report:
    return services.report.of(visit.actor, Month.parse(month) if month else None, station[:64])


def _told(visit: Visit, services: Services, report: Report) -> Told:
    titles = {rule.rule_id: rule.titles for rule in services.clockwork.jurisdiction.rules}
    return Telling(visit.language, services.settings.zone, rule_titles(titles, visit.language)).tell(report)


@router.get("/figures/report")
def report(visit: Staff, services: ServicesDep, month: str = "", station: str = "") -> Response:
    """Of the last month that is over where none is named."""
    last = services.report.last()
    told, wrong = None, None
    try:
        found = _asked(visit, services, month, station)
        told, shown = _told(visit, services, found), found.month
    except TracingError as error:
        if getattr(error, "field", "") != "month":
            raise
        wrong, shown = error, last
    months = [last.later(-back) for back in range(OFFERED)]
    query = urlencode({"month": str(shown), **({"station": station} if station else {})})
    return page(
        visit,
        "report.html",
        200 if wrong is None else 422,
        told=told,
        wrong=wrong,
        shown=shown,
        months=[(str(each), month_name(visit.language, each)) for each in sorted({*months, shown}, reverse=True)],
        before=str(shown.later(-1)),
        after=str(shown.later(1)) if shown < last else "",
        stations=services.report.stations(visit.actor),
        station=station,
        query=query,
        line=LINE,
    )


@router.get("/figures/report.csv")
def sheet(visit: Staff, services: ServicesDep, month: str = "", station: str = "") -> Response:
    found = _asked(visit, services, month, station)
    made = report_sheet(_told(visit, services, found), visit.language)
    return Response(made, media_type="text/csv; charset=utf-8", headers=_named(found, "csv", "attachment"))


@router.get("/figures/report.pdf")
def paper(visit: Staff, services: ServicesDep, month: str = "", station: str = "") -> Response:
    from api.staff.monthly.paper import report_paper  # nobody waits for the library of paper who prints nothing

    found = _asked(visit, services, month, station)
    made = report_paper(_told(visit, services, found), visit.language, printed(visit))
    return Response(made, media_type="application/pdf", headers=_named(found, "pdf", "inline"))


def _named(found: Report, ending: str, how: str) -> dict[str, Any]:
    """No station's name, which may be in any script."""
    return {"Content-Disposition": f'{how}; filename="report-{found.month}.{ending}"'}
