"""``python -m tests.hostile.planted WORDS``: the service with faults planted into it, each of which its harness has to find."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final
from urllib.parse import unquote_plus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

import api.app
from scripts import main

RAISES_ON_NUL: Final = "/api/v1/clues/enquiries"
RAISES_ON_A_HUGE_NUMBER: Final = "/api/v1/cases"
IS_SLOW: Final = "/api/v1/leads"
SWALLOWS_MEMORY: Final = "/api/v1/statistics"
SHOWS_WHAT_WAS_TYPED: Final = "/enquiry"
SECONDS: Final = 0.6
MIB: Final = 1024
swallowed: list[bytes] = []


class Planted:
    """In place of the innermost middleware, around it."""

    def __init__(self, app: ASGIApp, **settings: Any) -> None:
        self._app = innermost(app, **settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await _whole(receive)
        told = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def again() -> Message:
            return next(told, None) or await receive()

        if scope["path"] == RAISES_ON_NUL and b"\\u0000" in body:
            raise ValueError("a NUL")
        if scope["path"] == RAISES_ON_A_HUGE_NUMBER and re.search(rb"\d{300}", body):
            raise OverflowError("a huge number")
        if scope["path"] == IS_SLOW:
            await asyncio.sleep(SECONDS)
        if scope["path"] == SWALLOWS_MEMORY and not swallowed:
            swallowed.append(b"\1" * (MIB << 20))
        if scope["path"] == SHOWS_WHAT_WAS_TYPED and scope["method"] == "POST":
            page = f"<!doctype html><p>{unquote_plus(body.decode('latin-1'))}</p>".encode()
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
            await send({"type": "http.response.body", "body": page})
            return
        await self._app(scope, again, send)


async def _whole(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


innermost: Any = api.app.Recorded  # type: ignore[attr-defined]

if __name__ == "__main__":
    api.app.Recorded = Planted  # type: ignore[attr-defined,misc,assignment]
    main.main()
