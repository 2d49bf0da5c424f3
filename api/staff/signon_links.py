"""Which account is whose, for managers: people show the code that they were shown."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.errors import status_of
from api.staff.signon import sign_on
from api.staff.templating import page, see
from api.staff.visit import Staff, StaffForm, Visit
from tracing.access import Permission, require
from tracing.errors import TracingError
from tracing.signon.linking import SignOn

router = APIRouter()


@router.get("/sign-on/links")
def links(visit: Staff, services: ServicesDep) -> Response:
    require(visit.actor, Permission.LINK_SIGN_ONS)
    return _page(visit, sign_on(services))


@router.post("/sign-on/links")
def link(visit: Staff, form: StaffForm, services: ServicesDep) -> Response:
    require(visit.actor, Permission.LINK_SIGN_ONS)
    signing = sign_on(services)
    try:
        if form.text("unlink"):
            signing.unlink(visit.actor, form.text("unlink"))
        else:
            signing.link(visit.actor, form.text("name"), form.text("code"))
    except TracingError as error:
        if (status := status_of(error)) not in (403, 409, 422):
            raise
        return _page(visit, signing, error, status, form.texts())
    return see("/sign-on/links")


def _page(
    visit: Visit, signing: SignOn, error: TracingError | None = None, status: int = 200, typed: dict[str, str] | None = None
) -> Response:
    return page(visit, "sign_on_links.html", status, linkings=signing.linkings(visit.actor), error=error, typed=typed or {})
