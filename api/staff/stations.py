"""Pages between stations: what is asked and answered, the form that asks, and access in an emergency with its alerts."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.errors import is_mendable, status_of
from api.staff.reading import demanded, number
from api.staff.templating import page, see
from api.staff.visit import Posted, Staff, StaffForm, Visit
from tracing.access import Permission, require
from tracing.bootstrap import Services
from tracing.domain import Part, RequestKind
from tracing.errors import NotFound, TracingError
from tracing.stations.assistance import MOST_DAYS, USUAL_DAYS

router = APIRouter()

USUAL = (Part.DESCRIPTION, Part.PHOTOS)


@router.get("/stations")
def stations(visit: Staff, services: ServicesDep) -> Response:
    return _between(visit, services)


def _between(
    visit: Visit,
    services: Services,
    error: TracingError | None = None,
    at: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    """Requests in and out, and for managers the alerts; with an ``error`` of the form ``at`` the page."""
    views = services.assistance.box(visit.actor)
    managing = visit.may(Permission.SEE_EMERGENCIES)
    return page(
        visit,
        "stations.html",
        status_of(error) if error is not None else 200,
        incoming=[each for each in views if each.incoming],
        outgoing=[each for each in views if not each.incoming],
        alerts=services.emergencies.alerts(visit.actor) if managing else [],
        stations=_names(visit, services),
        names=services.accounts.names(),
        error=error,
        at=at,
        typed=typed or {},
    )


def _names(visit: Visit, services: Services) -> dict[str, str]:
    return {each.station_id: each.name for each in services.stations.all(visit.actor)}


@router.post("/requests/{request_id}/{step}")
def answer(visit: Staff, form: StaffForm, services: ServicesDep, request_id: str, step: str) -> Response:
    """Accept, reject, revoke or finish, with a reason."""
    reason = form.text("reason")
    try:
        version = number(form, "version")
        if step == "accepted":
            parts = _parts(form) if form.text("narrows") else None
            services.assistance.accept(visit.actor, request_id, reason, parts, version)
        elif step == "rejected":
            services.assistance.reject(visit.actor, request_id, reason, version)
        elif step == "revoked":
            services.assistance.revoke(visit.actor, request_id, reason, version)
        elif step == "done":
            services.assistance.finish(visit.actor, request_id, reason, version)
        else:
            raise NotFound("There is no such page.")
    except TracingError as error:
        return _refused(visit, services, error, f"{request_id}-{step}", form)
    return see("/stations")


@router.post("/break-glass/{emergency_id}/seen")
def see_emergency(visit: Staff, form: StaffForm, services: ServicesDep, emergency_id: str) -> Response:
    """What a manager's look at an emergency brought."""
    try:
        services.emergencies.see(visit.actor, emergency_id, form.text("reason"))
    except TracingError as error:
        return _refused(visit, services, error, f"{emergency_id}-seen", form)
    return see("/stations")


def _refused(visit: Visit, services: Services, error: TracingError, at: str, form: Posted) -> Response:
    if not is_mendable(error):
        raise error
    return _between(visit, services, error, at, form.texts())


@router.get("/cases/{case_id}/request")
def request_form(visit: Staff, services: ServicesDep, case_id: str) -> Response:
    require(visit.actor, Permission.ASK_STATIONS)
    usual = {f"part_{part}": "1" for part in USUAL} | {"kind": RequestKind.ASSISTANCE.value, "days": str(USUAL_DAYS)}
    return _asking(visit, services, case_id, usual)


@router.post("/cases/{case_id}/request")
def ask(visit: Staff, form: StaffForm, services: ServicesDep, case_id: str) -> Response:
    require(visit.actor, Permission.ASK_STATIONS)
    try:
        kind, days = demanded(RequestKind, form, "kind"), number(form, "days")
        services.assistance.ask(
            visit.actor,
            case_id,
            kind,
            form.text("reason"),
            form.text("station_id"),
            _parts(form) if kind is RequestKind.ASSISTANCE else (),
            USUAL_DAYS if days is None else days,
        )
    except TracingError as error:
        if not is_mendable(error):
            raise
        return _asking(visit, services, case_id, form.texts(), error)
    return see("/stations")


def _parts(form: Posted) -> list[Part]:
    return [part for part in Part if form.text(f"part_{part}")]


def _asking(
    visit: Visit, services: Services, case_id: str, typed: Mapping[str, str], error: TracingError | None = None
) -> Response:
    place = services.stations.place(visit.actor, case_id)
    return page(
        visit,
        "station_request.html",
        status_of(error) if error is not None else 200,
        case_id=case_id,
        place=place,
        others=[each for each in services.stations.others(visit.actor) if each.station_id != place.station_id],
        kinds=list(RequestKind),
        all_parts=list(Part),
        most_days=MOST_DAYS,
        typed=typed,
        error=error,
    )


@router.get("/cases/{case_id}/break-glass")
def emergency_form(visit: Staff, services: ServicesDep, case_id: str) -> Response:
    require(visit.actor, Permission.BREAK_GLASS)
    return _emergency(visit, services, case_id)


@router.post("/cases/{case_id}/break-glass")
def break_glass(visit: Staff, form: StaffForm, services: ServicesDep, case_id: str) -> Response:
    try:
        services.emergencies.open(visit.actor, case_id, form.text("reason"))
    except TracingError as error:
        if not is_mendable(error):
            raise
        return _emergency(visit, services, case_id, form.texts(), error)
    return see(f"/cases/{case_id}")


def _emergency(
    visit: Visit,
    services: Services,
    case_id: str,
    typed: Mapping[str, str] | None = None,
    error: TracingError | None = None,
) -> Response:
    return page(
        visit,
        "break_glass.html",
        status_of(error) if error is not None else 200,
        case_id=case_id,
        place=services.stations.place(visit.actor, case_id),
        minutes=round(services.emergencies.lasts.total_seconds() / 60),
        typed=typed or {},
        error=error,
    )
