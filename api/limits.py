"""How much a request may send, and how long it may take to send it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from http import HTTPStatus
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem

SECONDS: Final = 300.0
"""For a whole body; a line of one megabit a second carries seven large photos in this time."""
CLOSE: Final = {"Connection": "close"}


class _TooMuch(Exception):
    pass


class _TooSlow(Exception):
    pass


class BodyLimit:
    """Answers 413 to a body of more than ``most`` bytes, announced or not, and 408 to one that is not there in time.

    Either way the connection is closed, so that the rest of the body is not read as another request.
    """

    def __init__(self, app: ASGIApp, most: int, seconds: float = SECONDS) -> None:
        self._app = app
        self._most = most
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _announced(scope) > self._most:
            await self._refuse_size(scope, receive, send)
            return
        body = _Body(receive, send, self._most, self._seconds)
        with suppress(_TooMuch, _TooSlow):  # answered below
            await self._app(scope, body.receive, body.send)
        if body.exceeded and not body.answered:
            await self._refuse_size(scope, receive, send)
        elif body.late and not body.answered:
            detail = "The request took too long to arrive. Send it again, over a better line or with smaller photos."
            await problem(HTTPStatus.REQUEST_TIMEOUT, detail, "too-slow", CLOSE)(scope, receive, send)

    async def _refuse_size(self, scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"A request may send {self._most >> 20} MiB at most. Send fewer or smaller photos at once."
        await problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, "too-large", CLOSE)(scope, receive, send)


class _Body:
    """Watches what one request sends. What the application makes of the interruption is not let through: we answer it."""

    def __init__(self, receive: Receive, send: Send, most: int, seconds: float) -> None:
        self._receive = receive
        self._send = send
        self._most = most
        self._deadline = asyncio.get_running_loop().time() + seconds
        self._seen = 0
        self._complete = False
        self.exceeded = False
        self.late = False
        self.answered = False

    async def receive(self) -> Message:
        if self._complete:
            return await self._receive()  # waits for the client to leave, as long as the answer takes
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError as error:
            self.late = True
            raise _TooSlow from error
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            self._complete = not message.get("more_body", False)
            if self._seen > self._most:
                self.exceeded = True
                raise _TooMuch
        return message

    async def send(self, message: Message) -> None:
        if (self.exceeded or self.late) and not self.answered:
            return
        self.answered = True
        await self._send(message)


def _announced(scope: Scope) -> int:
    """The Content-Length; 0 where there is none. The server refuses one that is not a number."""
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0
