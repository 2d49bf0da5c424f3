"""Every request from outside: its number, how long it took, and one line in the log."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracing.tracked import request_id

log = logging.getLogger(__name__)

REQUEST_ID: Final = "X-Request-ID"
LEFT: Final = 499
"""Nginx's number for a client that left before it was answered."""
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_GIVEN: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_QUIET: Final = ("/health/", "/metrics", "/static/")
"""Asked every few seconds, by machines: their answers are counted, and not logged."""


class Requests:
    """Gives each request a number, or takes the proxy's, and counts and logs its answer under the template of its route.

    ``answered`` is told method, route, status and seconds of each.

    A path holds ids: in the metrics it would make a number of each, and in the log it would say who was looked at.
    """

    def __init__(self, app: ASGIApp, answered: Callable[[str, str, int, float], object]) -> None:
        self._app = app
        self._count = answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = LEFT
        given = Headers(scope=scope).get(REQUEST_ID, "")
        number = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
        request_id.set(number)

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = number
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._answered(scope, status, time.perf_counter() - started)

    def _answered(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        route = str(getattr(scope.get("route"), "path", "other"))
        self._count(method, route, status, seconds)
        if not scope["path"].startswith(_QUIET):  # files of pages have no route
            facts = {"method": method, "route": route, "status": status, "milliseconds": round(seconds * 1000)}
            log.info("%s %s %s in %d ms", method, route, status, facts["milliseconds"], extra=facts)
