"""Errors as everybody reads them: that there is nothing here, or not now; never why."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from api.errors import NOT_NOW, RETRY_SECONDS, status_of
from api.public import words
from api.public.templating import page
from api.public.visit import visit
from tracing.errors import TooMany, TracingError, where
from tracing.families import sighting, told

log = logging.getLogger(__name__)

ABOUT: Final = ("report", "follow")
"""Pages that are not about a notice."""
AGAIN: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INTERNAL_SERVER_ERROR, *NOT_NOW)
"""What was sent may be sent once more, as it was."""
WORDS: Final = tuple(dict.fromkeys((*sighting.FIELDS, *(name for fields in told.FIELDS.values() for name in fields))))
CHOSEN: Final = frozenset({"sex", "station"})
"""Of these nobody has written a word."""
STAYING: Final = re.compile(r"/report(/[^/]+/(who|seen|photos|you))?|/follow|/n/[^/]+/seen")
"""Where a form may be sent for the sake of the other language alone."""
KINDS: Final = (TracingError, RequestValidationError, HTTPException, Exception)


def install(app: FastAPI) -> None:
    for kind in KINDS:
        app.add_exception_handler(kind, _answer)


@dataclass(frozen=True, slots=True)
class Held:
    """What somebody had typed into a form that was not taken, to be sent once more; a photo has to be chosen again."""

    typed: Mapping[str, str]
    photo: bool

    @property
    def words(self) -> str:
        return "\n".join(typed for name in WORDS if name not in CHOSEN and (typed := self.typed.get(name, "").strip()))


def hold(request: Request, typed: Mapping[str, str], photo: bool) -> None:
    """Give this back where the form is not taken, through no fault of whoever has sent it. Nothing of it is kept."""
    request.state.held = Held(typed, photo)


def mishap(request: Request, error: Exception) -> Response:
    """The page for this error. What an operator has to see stays in the log."""
    status = _status(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and status not in NOT_NOW:
        log.error("a public page failed: %s", where(error))
    asked, held = visit(request), getattr(request.state, "held", None)
    response = page(
        replace(asked, here="/") if request.method != "GET" else asked,
        "mishap.html",
        status,
        code=int(status),
        about=next((name for name in ABOUT if request.url.path.startswith(f"/{name}")), ""),
        said=str(error) if str(error) in words.SENTENCES else "",
        wait=timedelta(seconds=error.seconds) if isinstance(error, TooMany) else timedelta(minutes=1),
        held=held if status in AGAIN or (status is HTTPStatus.NOT_FOUND and held is not None and held.words) else None,
        path=asked.here,
        may_stay=STAYING.fullmatch(asked.here) is not None,
    )
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.seconds)
    elif status in NOT_NOW:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


class RefusedBody:
    """What was sent was too large, too slow, or more than there is room for: a page, where programs get a problem."""

    def __init__(self, status: HTTPStatus, _detail: str, _name: str, headers: Mapping[str, str]) -> None:
        self._status = status
        self._headers = dict(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = mishap(Request(scope), HTTPException(self._status))
        response.headers.update(self._headers)
        await response(scope, receive, send)


async def _answer(request: Request, error: Exception) -> Response:
    return mishap(request, error)


def _status(error: Exception) -> HTTPStatus:
    if isinstance(error, TracingError):
        return status_of(error)
    if isinstance(error, RequestValidationError):
        return HTTPStatus.NOT_FOUND
    return HTTPStatus(error.status_code) if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
