"""How much a request may send, and how long it may take to send it and to take its answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import RETRY_SECONDS, problem

SECONDS: Final = 300.0
"""For a whole body; a line of one megabit a second carries seven large photos in this time."""
GRACE: Final = 30.0
LEAST_RATE: Final = 1024.0
"""Bytes a second on the average, once the grace is over: who sends less only holds a place that others need."""
TAKE_SECONDS: Final = 60.0
"""For a piece of the answer to be taken."""
WORDS: Final = 1 << 20
"""Bytes of a request that brings no photo: no form of ours and no story is longer."""
PHOTOS_COME: Final = re.compile(r"/api/v1/intakes|/cases/new|(?:/api/v1)?/cases/[^/]+/photos")
LISTS_COME: Final = re.compile(r"/lists/new|/api/v1/lists")
"""Their files are sealed and on the disk as they arrive, so that they take no room in memory."""
LIST_SECONDS: Final = 3600.0
"""For a list with its photos; two gigabytes at five megabits a second."""
TOGETHER: Final = 2
"""So many of the largest requests are taken in at one time: of each there are up to three copies while it is sealed."""
AGAIN: Final = {"Retry-After": str(RETRY_SECONDS)}
CLOSE: Final = {"Connection": "close"}


class _TooMuch(Exception):
    pass


class _TooSlow(Exception):
    pass


class _Full(Exception):
    pass


class _Room:
    """Bytes that all requests of this process may hold together; only the loop of the server touches it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0

    def take(self, size: int) -> None:
        if self._held + size > self._most:
            raise _Full
        self._held += size

    def give_back(self, size: int) -> None:
        self._held -= size


class BodyLimit:
    """Answers 413 to a body of more than ``most`` bytes, announced or not, and 408 to one that is not there in time.

    ``most_of_lists`` bytes are the most where lists arrive, ``words`` where neither is expected: a stranger at the login page
    cannot make us take in photos.
    Photos are expected at paths like ``photos_come``; ``refuse`` makes the answer.
    ``together`` bytes are the most that all requests may hold at one time: 503 to the one that finds no room.
    Either way the connection is closed, so that the rest of the body is not read as another request. An answer that
    nobody takes is broken off.
    """

    def __init__(
        self,
        app: ASGIApp,
        most: int,
        seconds: float = SECONDS,
        words: int = WORDS,
        grace: float = GRACE,
        take_seconds: float = TAKE_SECONDS,
        together: int | None = None,
        most_of_lists: int = 0,
        photos_come: re.Pattern[str] = PHOTOS_COME,
        refuse: Callable[[HTTPStatus, str, str, Mapping[str, str]], ASGIApp] = problem,
    ) -> None:
        self._app = app
        self._room = _Room(TOGETHER * most if together is None else together)
        self._most = most
        self._seconds = seconds
        self._words = words
        self._grace = grace
        self._take_seconds = take_seconds
        self._most_of_lists = most_of_lists
        self._photos_come = photos_come
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most, seconds, room = self._limits(scope)
        if _announced(scope) > most:
            await self._refuse_size(most)(scope, receive, send)
            return
        body = _Body(receive, send, most, seconds, self._grace, self._take_seconds, room)
        try:
            with suppress(_TooMuch, _TooSlow, _Full):  # answered below
                await self._app(scope, body.receive, body.send)
        finally:
            body.leave()
        if body.unwelcome and not body.answered:
            detail = "The service is taking in as many photos as it can hold. Please send this again in a minute."
            await self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, detail, "busy", CLOSE | AGAIN)(scope, receive, send)
        elif body.exceeded and not body.answered:
            await self._refuse_size(most)(scope, receive, send)
        elif body.late and not body.answered:
            detail = "The request took too long to arrive. Send it again, over a better line or with smaller photos."
            await self._refuse(HTTPStatus.REQUEST_TIMEOUT, detail, "too-slow", CLOSE)(scope, receive, send)

    def _refuse_size(self, most: int) -> ASGIApp:
        detail = f"A request may send {most >> 20} MiB at most here. Send fewer or smaller photos at once."
        return self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, "too-large", CLOSE)

    def _limits(self, scope: Scope) -> tuple[int, float, _Room]:
        """Bytes, seconds, and the room that what comes takes."""
        if LISTS_COME.fullmatch(scope["path"]) and self._most_of_lists:
            return self._most_of_lists, max(self._seconds, LIST_SECONDS), _Room(self._most_of_lists)
        most = self._most if self._photos_come.fullmatch(scope["path"]) else min(self._words, self._most)
        return most, self._seconds, self._room


class _Body:
    """Watches what one request sends. What the application makes of the interruption is not let through: we answer it."""

    def __init__(
        self, receive: Receive, send: Send, most: int, seconds: float, grace: float, take_seconds: float, room: _Room
    ) -> None:
        self._receive = receive
        self._send = send
        self._most = most
        self._started = asyncio.get_running_loop().time()
        self._seconds = seconds
        self._grace = grace
        self._take_seconds = take_seconds
        self._room = room
        self._seen = 0
        self._taken = 0
        self._complete = False
        self.exceeded = False
        self.late = False
        self.unwelcome = False
        self.answered = False

    async def receive(self) -> Message:
        if self._complete:
            return await self._receive()  # waits for the client to leave, as long as the answer takes
        try:
            async with asyncio.timeout_at(self._deadline()):
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
            try:
                self._room.take(self._seen - self._taken)
            except _Full:
                self.unwelcome = True
                raise
            self._taken = self._seen
        return message

    def leave(self) -> None:
        """The request is over, and what it held is free."""
        self._room.give_back(self._taken)
        self._taken = 0

    def _deadline(self) -> float:
        """For the next piece: when the whole body has to be there, or sooner where it comes too slowly."""
        return self._started + min(self._seconds, self._grace + self._seen / LEAST_RATE)

    async def send(self, message: Message) -> None:
        if (self.exceeded or self.late or self.unwelcome) and not self.answered:
            return
        self.answered = True
        try:
            async with asyncio.timeout(self._take_seconds):
                await self._send(message)
        except TimeoutError as error:
            raise ClientDisconnect from error


def _announced(scope: Scope) -> int:
    """The Content-Length; 0 where there is none. The server refuses one that is not a number."""
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0
