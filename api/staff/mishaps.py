"""Errors on pages: a kind sentence, in the page's language, with a way back."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.errors import NOT_NOW, RETRY_SECONDS, status_of, tell_operator
from api.language import chosen, translations
from api.security import ForeignForm
from api.staff.sentences import sentence
from api.staff.signin import login_page
from api.staff.templating import page, see
from api.staff.unsent import Unsent, unsent
from api.staff.visit import Visit, visitor
from tracing.errors import Damaged, Misconfigured, NotFound, NotSignedIn, Stopping, TooMany, TracingError, where
from tracing.tracked import request_id

log = logging.getLogger(__name__)

PROGRAMS: Final = ("/api/", "/health", "/metrics", "/static/")
"""Paths that programs read: their errors are problem documents."""

NOT_KEPT: Final = NotSignedIn("Your session has ended. Send the form: you can sign in then, and nothing is lost.")

Handler = Callable[[Request, Any], Awaitable[Response] | Response]


def is_page(request: Request) -> bool:
    return not request.url.path.startswith(PROGRAMS)


def install(app: FastAPI) -> None:
    """Put pages before the handlers that are there; these go on answering programs."""
    for kind in (TracingError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _before(app.exception_handlers[kind]))


def _before(problem: Handler) -> Handler:
    async def answer(request: Request, error: Exception) -> Response:
        if is_page(request) and isinstance(error, Stopping):
            return _cut_short(request, error)
        if is_page(request):
            return await run_in_threadpool(_page, request, error, await unsent(request))
        found = problem(request, error)
        return found if isinstance(found, Response) else await found

    return answer


def _page(request: Request, error: Exception, typed: Unsent | None = None) -> Response:
    if typed is not None and typed.by_itself and isinstance(error, TracingError):
        said = NOT_KEPT if isinstance(error, NotSignedIn | ForeignForm) else error
        return JSONResponse({"mistake": sentence(translations(_visit(request).language).gettext, said)}, status_of(error))
    if isinstance(error, NotSignedIn):
        if typed is not None:
            return login_page(_visit(request), typed.path, status=401, unsent=typed)
        wanted = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        return see(f"/login?next={quote(wanted if request.method == 'GET' else '/', safe='')}")
    status = _status(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and status not in NOT_NOW:
        log.error("a page failed: %s", where(error))
    elif isinstance(error, TracingError):
        tell_operator(error)
    # What an operator has to see stays in the log.
    shown = error if isinstance(error, TracingError) and not isinstance(error, Misconfigured | Damaged) else None
    if isinstance(error, RequestValidationError):
        shown, status = NotFound("There is no such page."), HTTPStatus.NOT_FOUND
    again = isinstance(error, ForeignForm) or status in NOT_NOW
    response = page(
        _visit(request),
        "mishap.html",
        status,
        code=int(status),
        error=shown,
        unsent=typed,
        again=again,
        number=request_id.get(),
    )
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.seconds)
    elif status is HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _cut_short(request: Request, error: Stopping) -> Response:
    """Nothing is waited for: no thread may be free any more, and the records may be what holds everything up."""
    response = page(_nobody(request), "mishap.html", 503, code=503, error=error, unsent=None, again=False, number="")
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _status(error: Exception) -> HTTPStatus:
    if isinstance(error, TracingError):
        return status_of(error)
    return HTTPStatus(error.status_code) if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR


def _visit(request: Request) -> Visit:
    """Who is there; nobody, where the records cannot be asked."""
    services = request.app.state.services
    try:
        return visitor(request, services)
    except Exception:
        return _nobody(request)


def _nobody(request: Request) -> Visit:
    return Visit(request, chosen(request, request.app.state.services.settings.locale), "")
