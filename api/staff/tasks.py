"""The page of tasks: what is due at a station, sorted by urgency, and its address for people's own calendars."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.staff.sheets import Sheet
from api.staff.templating import page, see
from api.staff.visit import Staff, StaffForm, Visit
from tracing.bootstrap import Services
from tracing.coverage import MOST, CoverageReport, SearchedBy, share_of
from tracing.errors import NotFound
from tracing.records import StationCoverage, TaskFilter

router = APIRouter()

PER_SHEET = 20
EVERY = "all"


@router.get("/tasks")
def tasks(
    visit: Staff, services: ServicesDep, station: str = "", rule: str = "", overdue: str = "", sheet: int = 1
) -> Response:
    """The own station's where none is named; ``sheet`` counts from 1."""
    return _page(visit, services, station, rule, overdue == "1", sheet)


def _page(
    visit: Visit,
    services: Services,
    station: str = "",
    rule: str = "",
    overdue: bool = False,
    sheet: int = 1,
    address: str = "",
) -> Response:
    at = Sheet.asked(sheet, PER_SHEET)
    station = station[:64] or visit.actor.station_id
    rules = [each for each in services.clockwork.jurisdiction.rules if not each.threshold]
    rule = rule if rule in {each.rule_id for each in rules} else ""
    wanted = TaskFilter(station_id="" if station == EVERY else station, rule_id=rule)
    found = services.clockwork.tasks(visit.actor, wanted, at.size, at.skipped, overdue=overdue)
    asked = {"station": station, "rule": rule, "overdue": "1" if overdue else ""}
    known = {each.station_id for each in services.coverage.report(visit.actor).stations}
    return page(
        visit,
        "tasks.html",
        found=found,
        now=services.clock(),
        clock_zone=services.clockwork.jurisdiction.zone,
        names=services.accounts.names(),
        rules=rules,
        stations=sorted(known | {visit.actor.station_id}),
        compliance=[
            line for line in services.compliance.by_station(visit.actor) if not line.rule_id and line.station_id == station
        ],
        asked=asked,
        made_at=services.feeds.made_at(visit.actor),
        address=address,
        **at.of(found.total),
        query=urlencode({name: value for name, value in asked.items() if value}),
    )


@router.post("/tasks/feed")
def make_feed(visit: Staff, form: StaffForm, services: ServicesDep) -> Response:
    """A new address, which is shown this once; or none any more."""
    if form.text("step") == "drop":
        services.feeds.drop(visit.actor)
        return see("/tasks")
    token = services.feeds.make(visit.actor)
    base = str(visit.request.base_url).rstrip("/")
    return _page(visit, services, address=f"{base}/api/v1/calendar/{token}?language={visit.language}")


@router.post("/escalations/{escalation_id}/seen")
def see_escalation(visit: Staff, _: StaffForm, services: ServicesDep, escalation_id: str) -> Response:
    """Take note of what was passed on; the first page shows what is left."""
    services.escalations.see(visit.actor, escalation_id)
    return see("/#escalated" if services.escalations.count(visit.actor) else "/")


@router.get("/coverage")
def coverage(visit: Staff, services: ServicesDep, station: str = "", by: str = "", sheet: int = 1) -> Response:
    """Of all stations by face and by clues, and who was not searched by one of the two, of one station or of all."""
    at = Sheet.asked(sheet, PER_SHEET)
    chosen = SearchedBy(by) if by in set(SearchedBy) else SearchedBy.FACES
    report = services.coverage.report(visit.actor, station[:64], at.size, at.skipped, chosen)
    asked = {"station": station[:64], "by": chosen.value}
    return page(
        visit,
        "coverage.html",
        report=report,
        why=services.coverage.report(visit.actor, station[:64], MOST, by=chosen).reasons,
        rows=by_station({each: services.coverage.report(visit.actor, by=each) for each in SearchedBy}),
        means=list(SearchedBy),
        whole_percent=whole_percent,
        portraits=services.desk.portraits(visit.actor, [gap.case.case_id for gap in report.gaps]),
        asked=asked,
        query=urlencode({name: value for name, value in asked.items() if value}),
        **at.of(report.missing),
    )


def by_station(reports: Mapping[SearchedBy, CoverageReport]) -> list[tuple[StationCoverage, StationCoverage]]:
    """Every station with open cases: by face and by clues."""
    return list(zip(reports[SearchedBy.FACES].stations, reports[SearchedBy.CLUES].stations, strict=True))


def whole_percent(station: StationCoverage) -> int:
    """Rounded down: 100 only where nobody is missing."""
    return int(100 * share_of(station))


@router.post("/clocks/{clock_id}/{step}")
def move_clock(visit: Staff, form: StaffForm, services: ServicesDep, clock_id: str, step: str) -> Response:
    """Let a clock stand still, with a reason, or go on."""
    if step == "pause":
        moved = services.clockwork.pause(visit.actor, clock_id, form.text("reason"))
    elif step == "resume":
        moved = services.clockwork.resume(visit.actor, clock_id)
    else:
        raise NotFound("There is no such page.")
    return see(f"/cases/{moved.case_id}#clocks")
