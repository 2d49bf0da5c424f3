"""How much a request may send, and for how long."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from typing import Any

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from api.limits import BodyLimit


async def counting(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads the whole body and answers with its length."""
    total, more = 0, True
    while more:
        message = await receive()
        total += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(total).encode()})


async def swallowing(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that turns whatever happens while it reads into an answer of its own."""
    try:
        await counting(scope, receive, send)
    except Exception:
        await send({"type": "http.response.start", "status": 400, "headers": []})
        await send({"type": "http.response.body", "body": b"bad"})


def answer(
    app: Any,
    chunks: Iterable[bytes],
    pause: float = 0,
    headers: dict[bytes, bytes] | None = None,
    path: str = "/",
    **options: Any,
) -> Any:
    """(status, headers, body) to a request whose body comes in these chunks."""
    parts = list(chunks)

    async def receive() -> Message:
        await asyncio.sleep(pause)
        body = parts.pop(0) if parts else b""
        return {"type": "http.request", "body": body, "more_body": bool(parts)}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "headers": list((headers or {}).items())}
    asyncio.run(BodyLimit(app, **({"most": 10} | options))(scope, receive, send))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


def test_a_body_within_the_limit_arrives_whole() -> None:
    assert answer(counting, [b"12345", b"67890"])[::2] == (200, b"10")


def test_a_body_that_announces_too_much_is_refused_unread() -> None:
    def nobody_reads(*_: Any) -> None:
        raise AssertionError

    status, headers, _ = answer(nobody_reads, [b"x"], headers={b"content-length": b"11"})
    assert (status, headers[b"connection"]) == (413, b"close")


@pytest.mark.parametrize("app", [counting, swallowing])
def test_a_body_that_grows_too_large_is_refused_whatever_the_application_makes_of_it(app: Any) -> None:
    status, headers, body = answer(app, [b"12345", b"67890", b"1"])
    assert (status, headers[b"connection"]) == (413, b"close")
    assert headers[b"content-type"] == b"application/problem+json"
    assert b"urn:tracing:problem:too-large" in body


@pytest.mark.parametrize("app", [counting, swallowing])
def test_a_body_that_trickles_is_refused_after_a_while(app: Any) -> None:
    status, headers, _ = answer(app, [b"1"] * 9, pause=0.05, seconds=0.2)
    assert (status, headers[b"connection"]) == (408, b"close")


def test_a_body_of_a_wrong_announcement_counts_as_it_comes() -> None:
    assert answer(counting, [b"1" * 11], headers={b"content-length": b"-5"})[0] == 413


def test_an_answer_that_takes_longer_than_the_body_may_is_not_cut_off() -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await asyncio.sleep(0.2)
        await counting(scope, receive, send)

    assert answer(slow, [b"1"], seconds=0.1)[0] == 200


@pytest.mark.parametrize(
    ("path", "takes"),
    [
        ("/api/v1/intakes", True),
        ("/api/v1/cases/x/photos", True),
        ("/cases/x/photos", True),
        ("/cases/new", True),
        ("/login", False),
        ("/api/v1/cases", False),
        ("/cases/x/photos/y", False),
        ("/account/password", False),
    ],
)
def test_only_where_photos_come_so_much_is_taken_in(path: str, takes: bool) -> None:
    """A stranger at the login page cannot fill our memory with files that nobody wants."""
    assert answer(counting, [b"12345"], path=path, words=4)[0] == (200 if takes else 413)


@pytest.mark.parametrize(
    ("path", "takes"), [("/lists/new", True), ("/api/v1/lists", True), ("/lists/x/columns", False), ("/cases/new", False)]
)
def test_a_list_may_be_larger_and_slower_than_photos_and_takes_none_of_their_room(path: str, takes: bool) -> None:
    """It is sealed as it arrives, so that it holds no memory."""
    body, options = [b"123"] * 5, {"path": path, "most": 12, "most_of_lists": 15, "together": 1}
    assert (answer(counting, body, **options)[0] == 200) == takes
    assert answer(counting, [b"1"], headers={b"content-length": b"16"}, path=path, most_of_lists=15)[0] == 413
    slow = answer(counting, [b"1"] * 4, pause=0.05, seconds=0.1, path=path, most_of_lists=15)[0]
    assert slow == (200 if takes else 408)


def test_a_body_that_comes_too_slowly_is_not_waited_for_to_its_end() -> None:
    """One byte now and then would hold a place for minutes."""
    assert answer(counting, [b"1"] * 9, pause=0.05, grace=0.1)[0] == 408


def test_an_answer_that_nobody_takes_is_broken_off() -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def never(_: Message) -> None:
        await asyncio.Event().wait()

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    with pytest.raises(ClientDisconnect):
        asyncio.run(BodyLimit(counting, most=10, take_seconds=0.05)(scope, receive, never))


def test_a_body_that_finds_no_room_beside_the_others_is_told_to_come_again_and_leaves_no_trace() -> None:
    limit: BodyLimit

    def one(parts: list[bytes]) -> tuple[int, dict[bytes, bytes]]:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        async def send(message: Message) -> None:
            sent.append(message)

        asyncio.run(limit({"type": "http", "method": "POST", "path": "/", "headers": []}, receive, send))
        return sent[0]["status"], dict(sent[0]["headers"])

    async def beside(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        if scope.get("nested") is None:
            inner: list[Message] = []

            async def small() -> Message:
                return {"type": "http.request", "body": b"12345", "more_body": False}

            async def keep(message: Message) -> None:
                inner.append(message)

            await limit({"type": "http", "method": "POST", "path": "/", "headers": [], "nested": True}, small, keep)
            seen.append((inner[0]["status"], dict(inner[0]["headers"]).get(b"retry-after")))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    seen: list[Any] = []
    limit = BodyLimit(beside, most=10, together=12)
    for size, expected in ((8, (503, b"5")), (7, (200, None)), (8, (503, b"5"))):
        assert one([b"x" * size])[0] == 200
        assert seen.pop() == expected


def holding(limit: BodyLimit, *requests: tuple[str, str, int]) -> list[int]:
    """The status of each of these requests (path, address, bytes), all of which arrive before the first one ends."""

    async def all_at_once() -> list[int]:
        arrived, everybody = 0, asyncio.Event()

        async def one(path: str, address: str, size: int) -> int:
            nonlocal arrived
            sent: list[Message] = []
            parts = [b"x" * size, b""]

            async def receive() -> Message:
                nonlocal arrived
                if len(parts) == 1:
                    arrived += 1
                    if arrived == len(requests):
                        everybody.set()
                    await everybody.wait()
                return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

            async def send(message: Message) -> None:
                nonlocal arrived
                if message["type"] == "http.response.start" and message["status"] == 503:
                    arrived += 1
                    if arrived == len(requests):
                        everybody.set()
                sent.append(message)

            scope = {"type": "http", "method": "POST", "path": path, "headers": [], "client": (address, 1)}
            await limit(scope, receive, send)
            return int(sent[0]["status"])

        return await asyncio.gather(*(one(*request) for request in requests))

    return asyncio.run(all_at_once())


def test_one_address_that_sends_photos_without_an_end_keeps_nobody_else_out() -> None:
    limit = BodyLimit(counting, most=10, together=40, words=4, words_together=12, photos_come=re.compile("/photos"))
    photos = [("/photos", "203.0.113.9", 10)] * 4
    others = [("/photos", "203.0.113.10", 10), ("/words", "203.0.113.9", 4), ("/words", "203.0.113.11", 4)]
    assert holding(limit, *photos, *others) == [200, 200, 503, 503, 200, 200, 200]
    words = [("/words", "203.0.113.9", 4)] * 3
    assert holding(limit, *words, ("/words", "203.0.113.10", 4)) == [200, 503, 503, 200]
    assert holding(limit, ("/photos", "203.0.113.9", 10)) == [200], "what was held is free"
