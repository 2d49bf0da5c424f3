"""Errors as everybody reads them: that there is nothing here, or not now; never why."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from api.errors import NOT_NOW, RETRY_SECONDS, status_of
from api.public.templating import page
from api.public.visit import visit
from tracing.errors import TooMany, TracingError, where

log = logging.getLogger(__name__)

ABOUT: Final = ("report", "follow")
"""Pages that are not about a notice."""
KINDS: Final = (TracingError, RequestValidationError, HTTPException, Exception)


def install(app: FastAPI) -> None:
    for kind in KINDS:
        app.add_exception_handler(kind, _answer)


def mishap(request: Request, error: Exception) -> Response:
    """The page for this error. What an operator has to see stays in the log."""
    status = _status(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and status not in NOT_NOW:
        log.error("a public page failed: %s", where(error))
    found = replace(visit(request), here="/") if request.method != "GET" else visit(request)
    about = next((name for name in ABOUT if request.url.path.startswith(f"/{name}")), "")
    response = page(found, "mishap.html", status, code=int(status), about=about)
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
