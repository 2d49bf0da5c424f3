"""From the error tree to HTTP: problem documents (RFC 9457) for programs."""

from __future__ import annotations

import logging
from asyncio import CancelledError
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import in_one_line, problem
from tracing import errors

log = logging.getLogger(__name__)

STATUS: Final[Mapping[type[errors.TracingError], HTTPStatus]] = {
    errors.TracingError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.Refused: HTTPStatus.BAD_REQUEST,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Incomplete: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NotAllowed: HTTPStatus.FORBIDDEN,
    errors.NotSignedIn: HTTPStatus.UNAUTHORIZED,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Suppressed: HTTPStatus.CONFLICT,
    errors.UnreadablePhoto: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.PhotoTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    errors.DiskFull: HTTPStatus.INSUFFICIENT_STORAGE,
    errors.Misconfigured: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.Damaged: HTTPStatus.INTERNAL_SERVER_ERROR,
}
BROKEN: Final = "Something is wrong on the server; the operator finds the reason in its log."
CUT_SHORT: Final = "The service is being stopped and did not finish this. Look whether it was saved before you send it again."
NO_SENSE: Final = "The request makes no sense."
NOT_NOW: Final = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INSUFFICIENT_STORAGE)
"""Nothing is wrong with the request, nor with the program."""
RETRY_SECONDS: Final = 5
MOST_MISTAKES: Final = 20
LONGEST_NAME: Final = 64


def status_of(error: errors.TracingError) -> HTTPStatus:
    """The status of the nearest class of the tree that has one."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def is_mendable(error: errors.TracingError) -> bool:
    """Whether whoever sent the form can put it right: it is shown again with what was typed. Others have pages of their own."""
    return status_of(error) in (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)


def problem_of(error: errors.TracingError) -> JSONResponse:
    """The problem document of one of our own errors. What an operator has to see stays in the log, not in the answer."""
    status = status_of(error)
    name = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in type(error).__name__).lstrip("-")
    headers: dict[str, str] = {}
    more: dict[str, Any] = {}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="tracing"'
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_SECONDS)
    if isinstance(error, errors.TooMany):
        headers["Retry-After"] = str(error.seconds)
    if isinstance(error, errors.Invalid) and error.field:
        more["field"] = error.field
    if isinstance(error, errors.Incomplete):
        more["errors"] = [{"field": field, "message": message} for field, message in error.mistakes.items()]
    if isinstance(error, errors.UnreadablePhoto):
        more["problem"] = error.problem
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("%s", error, exc_info=error)
        return problem(status, BROKEN, name)
    tell_operator(error)
    return problem(status, str(error), name, headers, **more)


def tell_operator(error: errors.TracingError) -> None:
    """What the sender is told, and the operator alone can mend."""
    if isinstance(error, errors.DiskFull | errors.NotWritable):
        log.error("not saved: %s", error)


def invalid(mistakes: Sequence[Mapping[str, Any]]) -> JSONResponse:
    """A problem document that names every field, from pydantic's errors. What was sent is not repeated: it may be personal."""
    found = [
        {"field": _name(each["loc"][1:]), "message": str(each["msg"]).removeprefix("Value error, ")}
        for each in mistakes[:MOST_MISTAKES]
    ]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, in_one_line(found) or NO_SENSE, "invalid", errors=found)


def _name(place: Sequence[object]) -> str:
    """The path to a field. Its parts may come from the sender, who may have put anything there."""
    return ".".join(str(part).encode(errors="replace").decode()[:LONGEST_NAME] for part in place)


def install(app: FastAPI) -> None:
    """Answer every error of the JSON API with a problem document."""

    @app.exception_handler(errors.TracingError)
    async def _ours(_: Request, error: errors.TracingError) -> JSONResponse:
        return problem_of(error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return invalid(error.errors())

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        return problem(HTTPStatus(error.status_code), str(error.detail), headers=error.headers)

    @app.exception_handler(Exception)
    async def _unforeseen(_: Request, error: Exception) -> JSONResponse:
        log.error("unforeseen: %s", errors.where(error))
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, BROKEN)


class LastResort:
    """Answers what no handler foresaw, inside of the other middlewares: so that this answer too has its headers.

    Also a request that the server breaks off because it is being stopped: nobody is told that something is wrong with it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answered = False

        async def watched(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            return  # a phone out of reach: there is nobody to answer
        except (Exception, CancelledError) as failed:
            if scope["type"] != "http" or answered:
                raise
            error = errors.Stopping(CUT_SHORT) if isinstance(failed, CancelledError) else failed
            kind = errors.TracingError if isinstance(error, errors.TracingError) else Exception
            response = await scope["app"].exception_handlers[kind](Request(scope), error)
            await response(scope, receive, send)
