"""Signing in and out, and the switch of the language."""

from __future__ import annotations

import secrets

from fastapi import APIRouter, Depends, Request, Response

from api.deps import ServicesDep
from api.errors import RETRY_SECONDS, status_of
from api.language import LANGUAGE_COOKIE, LANGUAGES
from api.security import LOGIN_COOKIE, PROVIDER_COOKIE, SESSION_COOKIE, address_of, from_elsewhere, set_cookie
from api.staff.account import keep_session
from api.staff.templating import page, see
from api.staff.unsent import SENT, Unsent
from api.staff.visit import Staff, Visit, Visitor, VisitorForm, own_path, staff_posted
from tracing.errors import Busy, NotFound, NotSignedIn, TooMany, TracingError

router = APIRouter()

LOGIN_SECONDS = 3600
YEAR = 365 * 24 * 3600


@router.get("/login")
def login(visit: Visitor, next: str = "/") -> Response:  # noqa: A002  # the name of the parameter in the address
    if visit.signed_in is not None:
        return see(own_path(next))
    return login_page(visit, own_path(next))


@router.post("/login")
def sign_in(request: Request, visit: Visitor, form: VisitorForm, services: ServicesDep) -> Response:
    wanted, carried = own_path(form.text("next")), Unsent.through_login(form)
    try:
        before = request.cookies.get(SESSION_COOKIE, "")
        signed_in = services.accounts.sign_in(form.text("name"), form.text("password"), address_of(request), before)
    except (NotSignedIn, TooMany, Busy) as error:
        return login_page(visit, wanted, form.text("name"), error, status_of(error), carried)
    if carried is None:
        response = see(wanted)
    else:
        response = page(Visit(request, visit.language, signed_in.token, signed_in.actor), "unsent.html", unsent=carried)
    keep_session(request, response, signed_in)
    response.delete_cookie(LOGIN_COOKIE)
    response.delete_cookie(PROVIDER_COOKIE)
    return response


def remember(visit: Visit) -> Visit:
    """The same visit, by a browser that has a cookie of the login page, which ties its forms to it."""
    return Visit(visit.request, visit.language, visit.request.cookies.get(LOGIN_COOKIE) or secrets.token_urlsafe(32))


def login_page(
    visit: Visit,
    wanted: str,
    name: str = "",
    error: TracingError | None = None,
    status: int = 200,
    unsent: Unsent | None = None,
) -> Response:
    """The login page; its form is tied to a cookie of its own, so that nobody is signed in to somebody else's account.

    What somebody had typed when their session ended travels along, and is shown to them when they are signed in again.
    """
    fresh, settings = remember(visit), visit.request.app.state.services.settings
    provider = {"by_provider": bool(settings.sign_on_issuer), "only": settings.sign_on_only, "provider": settings.sign_on_name}
    response = page(fresh, "login.html", status, next=wanted, name=name, error=error, unsent=unsent, prefix=SENT, **provider)
    set_cookie(visit.request, response, LOGIN_COOKIE, fresh.cookie, LOGIN_SECONDS)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.seconds)
    elif isinstance(error, Busy):
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


@router.post("/logout", dependencies=[Depends(staff_posted)])
def sign_out(visit: Staff, services: ServicesDep) -> Response:
    services.accounts.sign_out(visit.cookie)
    response = see("/signed-out" if PROVIDER_COOKIE in visit.request.cookies else "/login")
    response.delete_cookie(SESSION_COOKIE)
    response.delete_cookie(PROVIDER_COOKIE)
    return response


@router.get("/language/{locale}")
def language(request: Request, locale: str, next: str = "/") -> Response:  # noqa: A002  # as above
    if locale not in LANGUAGES:
        raise NotFound("There is no such language.")
    response = see(own_path(next))
    if not from_elsewhere(request):  # another site chooses nobody's language
        set_cookie(request, response, LANGUAGE_COOKIE, locale, YEAR)
    return response
