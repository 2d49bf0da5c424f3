"""Forms of the case page: write down a tracing action, start the clock of a suspicion."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.errors import is_mendable
from api.staff.casefile import case_page
from api.staff.reading import demanded, moment_in
from api.staff.templating import see
from api.staff.visit import Posted, Staff, StaffForm
from tracing.bootstrap import Services
from tracing.domain import ActionKind, ActionOutcome
from tracing.errors import Invalid, TracingError

router = APIRouter()
TIME = "Write a time as 2024-03-15T16:30."


@router.post("/cases/{case_id}/actions")
def record_action(visit: Staff, form: StaffForm, services: ServicesDep, case_id: str) -> Response:
    try:
        kind, outcome = demanded(ActionKind, form, "action_kind"), demanded(ActionOutcome, form, "action_outcome")
        services.actions.record(visit.actor, case_id, kind, outcome, _moment(services, form), form.text("note"))
    except TracingError as error:
        if not is_mendable(error):
            raise
        return case_page(visit, services, case_id, error, "actions", form.texts())
    return see(f"/cases/{case_id}#clocks")


@router.post("/cases/{case_id}/clocks")
def start_clock(visit: Staff, form: StaffForm, services: ServicesDep, case_id: str) -> Response:
    try:
        services.clockwork.start(visit.actor, case_id, form.text("rule_id"), form.text("reason"))
    except TracingError as error:
        if not is_mendable(error):
            raise
        return case_page(visit, services, case_id, error, "start", form.texts())
    return see(f"/cases/{case_id}#clocks")


def _moment(services: Services, form: Posted) -> datetime | None:
    """A time of the station, as browsers write what was chosen."""
    typed = form.text("taken_at")
    if not typed:
        return None
    try:
        return moment_in(typed, services.settings.zone)
    except ValueError as error:
        raise Invalid(TIME, "taken_at") from error
