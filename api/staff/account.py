"""The person's own account: where they are signed in, and a new password."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from api.deps import ServicesDep
from api.errors import status_of
from api.security import SESSION_COOKIE, address_of, set_cookie
from api.staff.templating import page, see
from api.staff.visit import Staff, StaffForm, Visit, staff_posted
from tracing.accounts import SignedIn
from tracing.bootstrap import Services
from tracing.errors import Invalid, TooMany, TracingError

router = APIRouter()


@router.get("/account")
def account(visit: Staff, services: ServicesDep) -> Response:
    return _page(visit, services)


@router.post("/account/password")
def change_password(request: Request, visit: Staff, form: StaffForm, services: ServicesDep) -> Response:
    new = form.text("new_password")
    try:
        if new != form.text("new_password_again"):
            raise Invalid("The two new passwords are not the same.", "new_password_again")
        changed = services.accounts.change_own_password(visit.actor, form.text("password"), new, address_of(request))
    except (Invalid, TooMany) as error:
        return _page(visit, services, error)
    response = see("/account")
    keep_session(request, response, changed)
    return response


@router.post("/account/sessions/{session_id}/end", dependencies=[Depends(staff_posted)])
def end_session(visit: Staff, services: ServicesDep, session_id: str) -> Response:
    services.sessions.end_one(visit.actor, session_id)
    return see("/account")


def keep_session(request: Request, response: Response, signed_in: SignedIn) -> None:
    """The browser goes on with this session, and forgets the one it had."""
    seconds = int((signed_in.session.expires_at - signed_in.session.created_at).total_seconds())
    set_cookie(request, response, SESSION_COOKIE, signed_in.token, seconds)


def _page(visit: Visit, services: Services, error: TracingError | None = None) -> Response:
    here = services.sessions.current(visit.cookie).session_id
    response = page(
        visit,
        "account.html",
        200 if error is None else status_of(error),
        sessions=services.sessions.own(visit.actor),
        here=here,
        error=error,
    )
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.seconds)
    return response
