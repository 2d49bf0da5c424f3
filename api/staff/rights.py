"""What a person may ask for: no search by their face, whether partners are told, their data in their hands, to be erased."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from urllib.parse import quote

from fastapi import APIRouter, Depends, Response

from api.deps import ServicesDep
from api.errors import is_mendable, status_of
from api.staff.templating import page, see
from api.staff.visit import Staff, StaffForm, Visit, staff_posted
from tracing.access import Permission, require
from tracing.bootstrap import Services
from tracing.errors import NotFound, TracingError
from tracing.stations.reach import elsewhere

router = APIRouter()


@router.get("/cases/{case_id}/rights")
def rights(visit: Staff, services: ServicesDep, case_id: str) -> Response:
    return _page(visit, services, case_id)


@router.post("/cases/{case_id}/rights/export", dependencies=[Depends(staff_posted)])
def export(visit: Staff, services: ServicesDep, case_id: str) -> Response:
    """A file, and no link to one: whoever asks for it stands in the audit, and nothing fetches it by itself."""
    reference = services.casework.get(visit.actor, case_id).reference
    made = services.dossiers.export(visit.actor, case_id)
    named = {"Content-Disposition": f'attachment; filename="{reference}.zip"'}
    return Response(made, media_type="application/zip", headers=named)


@router.post("/cases/{case_id}/rights/{step}")
def ask(visit: Staff, form: StaffForm, services: ServicesDep, case_id: str, step: str) -> Response:
    """Withdraw the face, give it back, let partners be told or end that, ask for the erasure, carry it out, or let it stay."""
    reason, then = form.text("reason"), f"/cases/{case_id}/rights"
    try:
        if step == "withdraw":
            services.withdrawing.withdraw(visit.actor, case_id, reason)
        elif step == "give-back":
            services.withdrawing.give_back(visit.actor, case_id, reason)
        elif step == "erase":
            opened_at = services.casework.get(visit.actor, case_id).opened_at
            if services.retention.say_erase(visit.actor, case_id, reason, bool(form.text("suppress"))):
                then = f"/retention?erased={quote(opened_at.isoformat())}"
        elif step == "share":
            services.case_sharing.share(visit.actor, case_id, reason)
        elif step == "unshare":
            services.case_sharing.unshare(visit.actor, case_id, reason)
        elif step == "keep":
            services.retention.take_back(visit.actor, case_id)
        else:
            raise NotFound("There is no such page.")
    except TracingError as error:
        if not is_mendable(error):
            raise
        return _page(visit, services, case_id, error, step, form.texts())
    services.ledger.keep_up()
    return see(then)


@router.get("/retention")
def retention(visit: Staff, services: ServicesDep) -> Response:
    return _retention(visit, services)


@router.post("/retention/{step}/{subject}")
def decide(visit: Staff, form: StaffForm, services: ServicesDep, step: str, subject: str) -> Response:
    """Let a held photo in, or lift a keep-out, with a reason."""
    require(visit.actor, Permission.ERASE)
    try:
        if step == "let-in":
            services.suppressing.let_in(visit.actor, subject, form.text("reason"))
        elif step == "lift":
            services.suppressing.lift(visit.actor, subject, form.text("reason"))
        else:
            raise NotFound("There is no such page.")
    except TracingError as error:
        if not is_mendable(error):
            raise
        return _retention(visit, services, error, subject, form.texts())
    return see("/retention")


def _page(
    visit: Visit,
    services: Services,
    case_id: str,
    error: TracingError | None = None,
    at: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    require(visit.actor, Permission.EDIT_CASES)
    case = services.casework.get(visit.actor, case_id)
    if not services.stations.reach(visit.actor).owns(case):
        raise elsewhere()
    managing = visit.may(Permission.ERASE)
    sharing = visit.may(Permission.SHARE_CASES) and services.case_sharing.is_on
    return page(
        visit,
        "rights.html",
        status_of(error) if error is not None else 200,
        case=case,
        withdrawal=services.withdrawing.of_case(visit.actor, case_id),
        sharing=sharing,
        share=services.case_sharing.of_case(visit.actor, case_id) if sharing else None,
        asked=services.retention.asked_of(visit.actor, case_id) if managing else None,
        names=services.accounts.names(),
        error=error,
        at=at,
        typed=typed or {},
    )


def _retention(
    visit: Visit,
    services: Services,
    error: TracingError | None = None,
    at: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    asked = services.retention.asked(visit.actor)
    erased = _moment(visit.request.query_params.get("erased", ""))
    return page(
        visit,
        "retention.html",
        status_of(error) if error is not None else 200,
        holdings=services.purging.overview(visit.actor),
        held=services.suppressing.held(visit.actor),
        keepouts=services.suppressing.all(visit.actor),
        asked=[(each, services.casework.get(visit.actor, each.case_id)) for each in asked],
        names=services.accounts.names(),
        erased=erased is not None,
        backups=services.retention.still_held(visit.actor, erased) if erased is not None else [],
        error=error,
        at=at,
        typed=typed or {},
    )


def _moment(text: str) -> datetime | None:
    """When the case that is erased now was opened: backups since then still hold it."""
    with suppress(ValueError):
        found = datetime.fromisoformat(text)
        return found if found.tzinfo is not None else None
    return None
