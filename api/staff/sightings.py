"""Pages about what informants have seen of the station's cases: read, and written down as a clue by a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.errors import is_mendable, status_of
from api.pictures import SCREEN
from api.staff.notices import version_of
from api.staff.sheets import Sheet
from api.staff.templating import page, see
from api.staff.visit import Staff, StaffForm, Visit
from tracing.bootstrap import Services
from tracing.domain import SightingState
from tracing.errors import TracingError

router = APIRouter()

PER_SHEET: Final = 20


@router.get("/sightings")
def listed(visit: Staff, services: ServicesDep, state: str = SightingState.NEW, case: str = "", sheet: int = 1) -> Response:
    """The new ones first asked for; ``case`` for those of one case, whatever became of them."""
    return _list(visit, services, state, case, sheet)


@router.get("/sightings/{sighting_id}/photos/{picture_id}")
def photo(visit: Staff, services: ServicesDep, sighting_id: str, picture_id: str) -> Response:
    _, data = services.seen_sightings.photo(visit.actor, sighting_id, picture_id)
    return Response(services.reader.thumbnail(data, SCREEN), media_type="image/jpeg")


@router.post("/sightings/{sighting_id}/read")
def read(visit: Staff, form: StaffForm, services: ServicesDep, sighting_id: str) -> Response:
    try:
        services.seen_sightings.mark_read(visit.actor, sighting_id, version_of(form))
    except TracingError as error:
        return _again(visit, services, sighting_id, error, form.texts())
    return see("/sightings")


@router.post("/sightings/{sighting_id}/note")
def note(visit: Staff, form: StaffForm, services: ServicesDep, sighting_id: str) -> Response:
    """Write it down as a clue, and go there."""
    try:
        view = services.seen_sightings.view(visit.actor, sighting_id)
        clue_id = services.seen_sightings.note(visit.actor, sighting_id, version_of(form), form.text("said"))
    except TracingError as error:
        return _again(visit, services, sighting_id, error, form.texts())
    return see(f"/cases/{view.case.case_id}#clue-{clue_id}")


def _again(visit: Visit, services: Services, sighting_id: str, error: TracingError, typed: Mapping[str, str]) -> Response:
    if not is_mendable(error):
        raise error
    view = services.seen_sightings.view(visit.actor, sighting_id)
    return _list(visit, services, view.sighting.state, "", 1, error, {"sighting": sighting_id, **typed})


def _list(
    visit: Visit,
    services: Services,
    state: str,
    case_id: str,
    sheet: int,
    error: TracingError | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    chosen = SightingState(state) if state in set(SightingState) else SightingState.NEW
    at = Sheet.asked(sheet, PER_SHEET)
    wanted = set(SightingState) if case_id else {chosen}
    views, total = services.seen_sightings.find(visit.actor, wanted, at.size, at.skipped, case_id)
    return page(
        visit,
        "sightings.html",
        status_of(error) if error is not None else 200,
        views=views,
        total=total,
        chosen=None if case_id else chosen,
        states=list(SightingState),
        case=services.casework.get(visit.actor, case_id) if case_id else None,
        names=services.accounts.names(),
        **at.of(total),
        error=error,
        typed=typed or {},
    )
