"""Pages about hits of comparisons with other departments' lists: those that wait, one of them, and what somebody says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.errors import is_mendable, status_of
from api.staff.reading import demanded, number
from api.staff.sheets import Sheet
from api.staff.templating import page, see
from api.staff.visit import Staff, StaffForm, Visit
from tracing.access import Permission
from tracing.bootstrap import Services
from tracing.domain import HitState
from tracing.errors import TracingError
from tracing.importing.looking import HitView
from tracing.lifecycle import HIT_STEPS, UNDECIDED

router = APIRouter()

PER_SHEET: Final = 12
WAITING: Final = "waiting"
SHOWN: Final[Mapping[str, frozenset[HitState]]] = {
    WAITING: UNDECIDED,
    HitState.FOLLOWED_UP: frozenset({HitState.FOLLOWED_UP}),
    HitState.NO_MATCH: frozenset({HitState.NO_MATCH}),
}


@dataclass(frozen=True, slots=True)
class Agreed:
    """One thing in which a record and a case agree or differ."""

    topic: str
    reason: str
    strength: str

    @classmethod
    def of(cls, code: str) -> Agreed:
        return cls(*code.split(".", 2))


@router.get("/lists/hits")
def waiting(
    visit: Staff, services: ServicesDep, state: str = WAITING, source: str = "", run: str = "", sheet: int = 1
) -> Response:
    chosen = state if state in SHOWN else WAITING
    at = Sheet.asked(sheet, PER_SHEET)
    views, total = services.list_hits.find(visit.actor, SHOWN[chosen], source, run, at.size, at.skipped)
    return page(
        visit,
        "list_hits.html",
        views=views,
        total=total,
        chosen=chosen,
        states=list(SHOWN),
        source=source,
        run=run,
        sources=services.list_hits.sources(visit.actor),
        portraits=services.desk.portraits(visit.actor, {view.case.case_id for view in views}),
        **at.of(total),
    )


@router.get("/lists/hits/{hit_id}")
def one(visit: Staff, services: ServicesDep, hit_id: str) -> Response:
    return _hit(visit, services, services.list_hits.view(visit.actor, hit_id))


@router.get("/lists/hits/{hit_id}/image")
def portrait(visit: Staff, services: ServicesDep, hit_id: str) -> Response:
    """The face of the record, until somebody has decided."""
    return Response(services.list_hits.portrait(visit.actor, hit_id), media_type="image/jpeg")


@router.post("/lists/hits/{hit_id}/decide")
def decide(visit: Staff, form: StaffForm, services: ServicesDep, hit_id: str) -> Response:
    try:
        state = demanded(HitState, form, "state")
        services.list_hits.decide(visit.actor, hit_id, state, form.text("reason"), number(form, "version") or 0)
    except TracingError as error:
        if not is_mendable(error):
            raise
        return _hit(visit, services, services.list_hits.view(visit.actor, hit_id), error, form.texts())
    return see(f"/lists/hits/{hit_id}?decided=1")


def _hit(
    visit: Visit,
    services: Services,
    view: HitView,
    error: TracingError | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    steps = [each for each in HitState if each in HIT_STEPS[view.hit.state]]
    return page(
        visit,
        "list_hit.html",
        status_of(error) if error is not None else 200,
        view=view,
        hit=view.hit,
        case=view.case,
        agreed=[Agreed.of(code) for code in view.hit.reasons],
        portraits=services.desk.portraits(visit.actor, {view.case.case_id}),
        steps=steps if visit.may(Permission.FOLLOW_LISTS) else [],
        opens=visit.may(Permission.OPEN_CASES) and view.hit.opened_case_id is None and view.hit.state is not HitState.NO_MATCH,
        names=services.accounts.names(),
        error=error,
        typed=typed or {},
    )
