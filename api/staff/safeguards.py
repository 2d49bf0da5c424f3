"""Forms of the case page: mark that relatives may be the danger, and record the check that clears it."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.errors import is_mendable
from api.staff.casefile import case_page
from api.staff.templating import see
from api.staff.visit import Staff, StaffForm
from tracing.errors import TracingError

router = APIRouter()


@router.post("/cases/{case_id}/safeguard")
def set_safeguard(visit: Staff, form: StaffForm, services: ServicesDep, case_id: str) -> Response:
    try:
        services.safeguarding.mark(visit.actor, case_id, form.text("reason"))
    except TracingError as error:
        if not is_mendable(error):
            raise
        return case_page(visit, services, case_id, error, "safeguard", form.texts())
    return see(f"/cases/{case_id}#safeguard")


@router.post("/cases/{case_id}/safeguard/clear")
def clear_safeguard(visit: Staff, form: StaffForm, services: ServicesDep, case_id: str) -> Response:
    try:
        services.safeguarding.clear(visit.actor, case_id, form.text("reason"))
    except TracingError as error:
        if not is_mendable(error):
            raise
        return case_page(visit, services, case_id, error, "clear-safeguard", form.texts())
    return see(f"/cases/{case_id}#safeguard")
