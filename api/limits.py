"""How much a request may send, and how long it may take to send it and to take its answer."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import RETRY_SECONDS
from api.problems import problem
from api.security import address_of

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
    """Bytes that all requests of this process may hold together, and those of one address; only the loop of the server
    touches it."""

    def __init__(self, most: int, most_of_one: int | None = None) -> None:
        self._most = most
        self._most_of_one = most if most_of_one is None else most_of_one
        self._held: Counter[str] = Counter()

    def take(self, size: int, address: str) -> None:
        if self._held.total() + size > self._most or self._held[address] + size > self._most_of_one:
            raise _Full
        self._held[address] += size

    def give_back(self, size: int, address: str) -> None:
        self._held[address] -= size
        if not self._held[address]:
            del self._held[address]


class BodyLimit:
    """Answers 413 to a body of more than ``most`` bytes, announced or not, and 408 to one that is not there in time.

    ``most_of_lists`` bytes are the most where lists arrive, ``words`` where neither is expected: a stranger at the login page
    cannot make us take in photos.
    Photos are expected at paths like ``photos_come``; ``refuse`` makes the answer.
    ``together`` bytes are the most that all requests may hold at one time: 503 to the one that finds no room. Where
    ``words_together`` is said, requests without a photo have a room of their own, so that nobody who sends photos and does not
    end keeps words out; and of either room one address has no more than half.
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
        words_together: int | None = None,
        most_of_lists: int = 0,
        photos_come: re.Pattern[str] = PHOTOS_COME,
        refuse: Callable[[HTTPStatus, str, str, Mapping[str, str]], ASGIApp] = problem,
    ) -> None:
        self._app = app
        together = TOGETHER * most if together is None else together
        self._room = _Room(together)
        self._room_of_words = self._room
        if words_together is not None:
            self._room, self._room_of_words = (_Room(each, each // 2) for each in (together, words_together))
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
        held = _Held(room, address_of(Request(scope)))
        body = _Body(receive, send, most, seconds, self._grace, self._take_seconds, held)
        try:
            with suppress(_TooMuch, _TooSlow, _Full):  # answered below
                await self._app(scope, body.receive, body.send)
        finally:
            held.leave()
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
        if self._photos_come.fullmatch(scope["path"]):
            return self._most, self._seconds, self._room
        return min(self._words, self._most), self._seconds, self._room_of_words


class _Held:
    """What one request holds of a room."""

    def __init__(self, room: _Room, address: str) -> None:
        self._room = room
        self._address = address
        self._size = 0

    def grow_to(self, size: int) -> None:
        self._room.take(size - self._size, self._address)
        self._size = size

    def leave(self) -> None:
        """The request is over, and what it held is free."""
        self._room.give_back(self._size, self._address)
        self._size = 0


class _Body:
    """Watches what one request sends. What the application makes of the interruption is not let through: we answer it."""

    def __init__(
        self, receive: Receive, send: Send, most: int, seconds: float, grace: float, take_seconds: float, held: _Held
    ) -> None:
        self._receive = receive
        self._send = send
        self._most = most
        self._started = asyncio.get_running_loop().time()
        self._seconds = seconds
        self._grace = grace
        self._take_seconds = take_seconds
        self._held = held
        self._seen = 0
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
                self._held.grow_to(self._seen)
            except _Full:
                self.unwelcome = True
                raise
        return message

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
