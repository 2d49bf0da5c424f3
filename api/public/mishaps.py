"""Errors as everybody reads them: that there is nothing here, or not now; never why."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.errors import NOT_NOW, RETRY_SECONDS, status_of
from api.public.templating import page
from api.public.visit import visit
from tracing.errors import TooMany, TracingError, where

log = logging.getLogger(__name__)

KINDS: Final = (TracingError, RequestValidationError, HTTPException, Exception)


def install(app: FastAPI) -> None:
    for kind in KINDS:
        app.add_exception_handler(kind, _answer)


def mishap(request: Request, error: Exception) -> Response:
    """The page for this error. What an operator has to see stays in the log."""
    status = _status(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and status not in NOT_NOW:
        log.error("a public page failed: %s", where(error))
    response = page(visit(request), "mishap.html", status, code=int(status))
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.seconds)
    elif status in NOT_NOW:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


async def _answer(request: Request, error: Exception) -> Response:
    return mishap(request, error)


def _status(error: Exception) -> HTTPStatus:
    if isinstance(error, TracingError):
        return status_of(error)
    if isinstance(error, RequestValidationError):
        return HTTPStatus.NOT_FOUND
    return HTTPStatus(error.status_code) if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
