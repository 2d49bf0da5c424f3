"""Signing in by a provider: there and back, and the first time with a code."""

from __future__ import annotations

import hmac
from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from itsdangerous import BadSignature, URLSafeTimedSerializer

from api.deps import FormTokensDep, ServicesDep
from api.errors import status_of
from api.forms import parsed
from api.security import FORM_FIELD, LOGIN_COOKIE, PROVIDER_COOKIE, SESSION_COOKIE, SIGN_ON_COOKIE, address_of, set_cookie
from api.staff.account import keep_session
from api.staff.signin import login_page, remember
from api.staff.templating import page, see
from api.staff.unsent import Unsent
from api.staff.visit import MOST_FIELDS, Posted, Visit, Visitor, VisitorForm, own_path
from tracing.accounts import SignedIn
from tracing.bootstrap import Services
from tracing.domain import Identity
from tracing.errors import NotFound, SignOnFailed, TracingError
from tracing.ports import SignOnRequest
from tracing.signon.linking import SignOn

router = APIRouter()

WEEK: Final = 7 * 24 * 3600
"""No session lasts longer."""
WAY_SECONDS: Final = 600
"""So long somebody may take at the provider."""
LONGEST_PATH: Final = 800
"""A cookie holds no more than 4 KB."""
LATE: Final = "This sign-in took too long, or another one was begun after it. Begin again."
REFUSED: Final = "The sign-in provider did not let you in, or you stopped there. You can try again."
FOREIGN: Final = "This answer is of another sign-in provider. Begin again."


def sign_on(services: ServicesDep) -> SignOn:
    if services.sign_on is None:
        raise NotFound("There is no such page.")
    return services.sign_on


SignOnDep = Annotated[SignOn, Depends(sign_on)]


@router.get("/sign-on")
def leave(visit: Visitor, services: ServicesDep, signing: SignOnDep, next: str = "/") -> Response:  # noqa: A002  # as in /login
    wanted = own_path(next[:LONGEST_PATH])
    if visit.signed_in is not None:
        return see(wanted)
    try:
        asked = signing.request()
    except TracingError as error:
        return login_page(visit, wanted, error=error, status=status_of(error))
    response = RedirectResponse(asked.address, 303)
    kept = asdict(asked) | {"address": "", "next": wanted}
    set_cookie(visit.request, response, SIGN_ON_COOKIE, _sealer(services).dumps(kept), WAY_SECONDS)
    return response


@router.get("/sign-on/back")
def come_back(
    visit: Visitor, services: ServicesDep, signing: SignOnDep, code: str = "", state: str = "", error: str = "", iss: str = ""
) -> Response:
    kept = _kept(visit.request, services)
    wanted = own_path(kept.pop("next", "/"))
    try:
        arrived = _arrived(signing, kept, code, state, error, iss, visit.request.cookies.get(SESSION_COOKIE, ""))
    except TracingError as refusal:
        response = login_page(visit, wanted, error=refusal, status=status_of(refusal))
        response.delete_cookie(SIGN_ON_COOKIE)
        return response
    if isinstance(arrived, Identity):
        return link_page(visit, services, arrived.code, wanted)
    return _in(visit.request, arrived, wanted)


def _arrived(
    signing: SignOn, kept: dict[str, Any], code: str, state: str, error: str, issuer: str, before: str
) -> SignedIn | Identity:
    """Nothing is asked of the provider unless this very browser was sent there, lately."""
    if "state" not in kept or not hmac.compare_digest(kept["state"].encode(), state.encode(errors="replace")):
        raise SignOnFailed(LATE)
    if issuer and issuer != signing.provider.issuer:
        raise SignOnFailed(FOREIGN)
    if error or not code:
        raise SignOnFailed(REFUSED)
    return signing.arrive(code[:4096], SignOnRequest(**kept), before)


@router.post("/sign-on/link")
def link_own(visit: Visitor, form: VisitorForm, services: ServicesDep, signing: SignOnDep) -> Response:
    """Whom the provider knows says the name and the password of their account, once."""
    kept = _kept(visit.request, services)
    wanted = own_path(kept.get("next", "/"))
    if "code" not in kept:
        return login_page(visit, wanted, error=SignOnFailed(LATE), status=401)
    try:
        account = services.accounts.checked(form.text("name"), form.text("password"), address_of(visit.request))
        signed_in = signing.link_own(kept["code"], account, visit.request.cookies.get(SESSION_COOKIE, ""))
    except TracingError as refusal:
        if (status := status_of(refusal)) not in (401, 409, 422, 429):
            raise
        return link_page(visit, services, kept["code"], wanted, form.text("name"), refusal, status)
    return _in(visit.request, signed_in, wanted)


def link_page(
    visit: Visit,
    services: Services,
    code: str,
    wanted: str,
    name: str = "",
    error: TracingError | None = None,
    status: int = 200,
) -> Response:
    """For somebody whom nobody has linked yet. The code is theirs alone: it stays in a cookie that is signed."""
    fresh = remember(visit)
    shown = f"{code[:5]}-{code[5:]}"
    response = page(fresh, "sign_on_link.html", status, code=shown, name=name, error=error)
    set_cookie(visit.request, response, LOGIN_COOKIE, fresh.cookie, WAY_SECONDS)
    set_cookie(visit.request, response, SIGN_ON_COOKIE, _sealer(services).dumps({"code": code, "next": wanted}), WAY_SECONDS)
    return response


async def _of_the_login_page(request: Request, tokens: FormTokensDep) -> Posted:
    form = await parsed(request, max_files=0, max_fields=MOST_FIELDS)
    posted = Posted(form)
    tokens.check(request, request.cookies.get(LOGIN_COOKIE, ""), posted.text(FORM_FIELD))
    return posted


@router.post("/sign-on/resume", dependencies=[Depends(sign_on)])
def resume(visit: Visitor, form: Annotated[Posted, Depends(_of_the_login_page)]) -> Response:
    """Back in the window with what was typed when the session ended, after a sign-in by the provider in another one."""
    carried = Unsent.through_login(form)
    if visit.signed_in is None or carried is None:
        return login_page(visit, own_path(form.text("next")), status=401, unsent=carried)
    return page(visit, "unsent.html", unsent=carried)


@router.get("/signed-out")
def signed_out(visit: Visitor, services: ServicesDep) -> Response:
    """The way to the provider's own sign-out. A page, for browsers follow no redirect of a form to another site."""
    address = services.sign_on.provider.sign_out_address() if services.sign_on is not None else ""
    return page(visit, "signed_out.html", address=address) if address else see("/login")


def _in(request: Request, signed_in: SignedIn, wanted: str) -> Response:
    response = see(wanted)
    keep_session(request, response, signed_in)
    set_cookie(request, response, PROVIDER_COOKIE, "1", WEEK)
    response.delete_cookie(SIGN_ON_COOKIE)
    return response


def _sealer(services: Services) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(services.secret, salt="sign-on")


def _kept(request: Request, services: Services) -> dict[str, Any]:
    """What this browser took along; nothing where that is too long ago, or not from here."""
    try:
        kept: dict[str, Any] = _sealer(services).loads(request.cookies.get(SIGN_ON_COOKIE, ""), max_age=WAY_SECONDS)
    except BadSignature:
        return {}
    return kept
