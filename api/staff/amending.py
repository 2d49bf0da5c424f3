"""The form that changes a case's description; two people who change it at once are told, and nothing they typed is lost."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.errors import status_of
from api.staff.reading import description, legal_basis, number, typed
from api.staff.templating import page, see
from api.staff.visit import Staff, StaffForm, Visit
from tracing.access import Permission, require
from tracing.domain import Case, LegalBasis, Sex
from tracing.errors import Conflict, Invalid, TracingError
from tracing.stations.reach import elsewhere

router = APIRouter()


@router.get("/cases/{case_id}/edit")
def edit(visit: Staff, services: ServicesDep, case_id: str) -> Response:
    require(visit.actor, Permission.EDIT_CASES)
    case = services.casework.get(visit.actor, case_id)
    if not services.stations.reach(visit.actor).owns(case):
        raise elsewhere()
    return _form(visit, case, typed(case))


@router.post("/cases/{case_id}/edit")
def amend(visit: Staff, form: StaffForm, services: ServicesDep, case_id: str) -> Response:
    require(visit.actor, Permission.EDIT_CASES)
    case = services.casework.get(visit.actor, case_id)
    try:
        services.casework.amend(visit.actor, case_id, description(form), legal_basis(form), number(form, "version"))
    except (Invalid, Conflict) as error:
        return _form(visit, case, form.texts(), error)
    return see(f"/cases/{case_id}")


def _form(visit: Visit, case: Case, texts: Mapping[str, str], error: TracingError | None = None) -> Response:
    return page(
        visit,
        "case_edit.html",
        status_of(error) if error is not None else 200,
        case=case,
        kind=case.kind,
        # After a conflict the form holds on to what was typed, and sends it against the version that is shown beside it.
        typed={**texts, "version": str(case.version)} if isinstance(error, Conflict) else texts,
        error=error,
        conflict=isinstance(error, Conflict),
        bases=list(LegalBasis),
        sexes=list(Sex),
        current=typed(case),
    )
