"""Who holds a connection without a request is sent away; who asks is answered."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from api.connections import GuardedConnection
from api.security import HEADERS, LASTING_TLS

PATIENCE = 30.0
"""Far longer than anything here takes: only a fault waits so long."""
LARGE = b"x" * (32 << 20)
"""More than fits between two processes."""


@dataclass(frozen=True, slots=True)
class Connect:
    """A call connects to the server; ``gone`` is set once it has let a connection go."""

    address: tuple[str, int]
    opened: list[socket.socket]
    gone: threading.Event

    def __call__(self) -> socket.socket:
        self.opened.append(socket.create_connection(self.address, PATIENCE))
        return self.opened[-1]


async def answering(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == "http"
    if scope["path"] == "/waiting":
        while (await receive())["type"] != "http.disconnect":
            continue
    body = LARGE if scope["path"] == "/large" else b"ok"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


class AnythingElse(asyncio.Protocol):
    """What a library for web sockets would bring."""

    def __init__(self, **_: object) -> None:
        raise AssertionError("nobody speaks anything but HTTP here")


@contextmanager
def listening(application: ASGIApp, gone: threading.Event, **options: Any) -> Iterator[Connect]:
    """A real server, with these options of uvicorn's."""
    server = uvicorn.Server(uvicorn.Config(application, port=0, lifespan="off", log_config=None, **options))
    door = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([door],))
    thread.start()
    connect = Connect(door.getsockname(), [], gone)
    try:
        yield connect
    finally:
        for each in connect.opened:
            each.close()
        server.should_exit = True
        thread.join(PATIENCE)
        door.close()


@pytest.fixture
def serving(request: pytest.FixtureRequest) -> Iterator[Connect]:
    """A real server with the limits of the test's parameter; what it gives connects to it."""

    gone = threading.Event()

    class Short(GuardedConnection):
        held: Any = type(GuardedConnection.held)()

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            gone.set()

    for name, value in request.param.items():
        setattr(Short, name, value)
    with listening(answering, gone, http=Short, ws=AnythingElse, timeout_keep_alive=30) as connect:
        yield connect


def ended(connection: socket.socket) -> bool:
    """Whether the server closes it without a word; waits until it does."""
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def asked(connection: socket.socket, request: bytes = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") -> bytes:
    connection.sendall(request)
    got = b""
    while not got.endswith(b"ok"):
        piece = connection.recv(4096)
        assert piece, got
        got += piece
    return got


@pytest.mark.parametrize("serving", [{"head_seconds": 0.2}], indirect=True)
def test_a_connection_that_asks_nothing_is_closed(serving: Connect) -> None:
    assert ended(serving())


@pytest.mark.parametrize("serving", [{"head_seconds": 0.2}], indirect=True)
def test_a_head_that_trickles_is_not_waited_for(serving: Connect) -> None:
    """Each byte in time, the whole never: what slow loris does."""
    connection = serving()
    connection.sendall(b"GET / HTTP/1.1\r\n")
    connection.settimeout(0.02)
    for _ in range(int(PATIENCE / 0.02)):
        try:
            connection.sendall(b"X")
            if connection.recv(1) == b"":
                return
        except TimeoutError:
            continue
        except ConnectionError:
            return
    pytest.fail("it was waited for")


@pytest.mark.parametrize("serving", [{"head_seconds": 0.2}], indirect=True)
def test_a_head_that_trickles_after_an_answer_is_not_waited_for_either(serving: Connect) -> None:
    connection = serving()
    assert b"200" in asked(connection)
    connection.sendall(b"GET / HT")
    assert ended(connection)


@pytest.mark.parametrize("serving", [{}], indirect=True)
def test_one_connection_carries_many_requests(serving: Connect) -> None:
    connection = serving()
    assert [b"200" in asked(connection) for _ in range(3)] == [True] * 3


@pytest.mark.parametrize("serving", [{"most_of_one": 2}], indirect=True)
def test_one_address_has_no_more_than_its_share_until_it_lets_go(serving: Connect) -> None:
    first, second = serving(), serving()
    assert asked(first)
    assert asked(second)
    assert ended(serving())
    first.close()
    for _ in range(1000):  # until the server has noticed
        with suppress(OSError, AssertionError):
            assert asked(serving())
            return
    pytest.fail("the place was not given free")


@pytest.mark.parametrize("serving", [{"most_of_one": 1, "proxies": [ip_network("127.0.0.0/8")]}], indirect=True)
def test_through_a_proxy_come_as_many_as_there_are(serving: Connect) -> None:
    assert all(asked(serving()) for _ in range(3))


@pytest.mark.parametrize("serving", [{"most": 2}], indirect=True)
def test_there_are_no_more_connections_than_the_server_can_hold(serving: Connect) -> None:
    first, second = serving(), serving()
    assert asked(first)
    assert asked(second)
    assert ended(serving())


@pytest.mark.parametrize("rest", [b"x", b""], ids=["one byte more", "nothing more"])
@pytest.mark.parametrize("serving", [{"rest_seconds": 0.1}], indirect=True)
def test_a_body_that_never_ends_keeps_no_place_once_it_was_answered(serving: Connect, rest: bytes) -> None:
    connection = serving()
    assert b"200" in asked(connection, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
    connection.sendall(rest)
    assert ended(connection)


@pytest.mark.parametrize("then", ["close", "keep-alive"])
@pytest.mark.parametrize("serving", [{"rest_seconds": 0.1}], indirect=True)
def test_an_answer_that_nobody_takes_keeps_no_place(serving: Connect, then: str) -> None:
    serving().sendall(f"GET /large HTTP/1.1\r\nHost: x\r\nConnection: {then}\r\n\r\n".encode())
    assert serving.gone.wait(PATIENCE)


class Line(asyncio.Transport):
    """A connection of which so many bytes are not taken yet."""

    left = 0
    closed = False

    def get_write_buffer_size(self) -> int:
        return self.left

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("where", ["by TLS", "below TLS"])
def test_whoever_still_takes_an_answer_is_not_idle(where: str) -> None:
    """asyncio cuts a connection by TLS off half a minute after it was closed: a phone on a slow line got half a photo."""

    async def story() -> None:
        config = uvicorn.Config(answering, log_config=None, timeout_keep_alive=1000)
        connection = GuardedConnection(config, ServerState(), {})
        connection.transport, connection.wire = upper, lower = Line(), Line()
        taken = upper if where == "by TLS" else lower
        taken.left = 1
        connection.timeout_keep_alive_handler()
        assert not upper.closed
        assert connection.timeout_keep_alive_task is not None
        connection.timeout_keep_alive_task.cancel()
        taken.left = 0
        connection.timeout_keep_alive_handler()
        assert upper.closed

    asyncio.run(story())


@pytest.mark.parametrize("serving", [{}], indirect=True)
def test_requests_that_wait_in_line_do_not_fill_the_memory(serving: Connect) -> None:
    connection = serving()
    with suppress(ConnectionError):
        connection.sendall(b"GET /waiting HTTP/1.1\r\nHost: x\r\n\r\n" + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 20_000)
    assert ended(connection)


@pytest.mark.parametrize("serving", [{}], indirect=True)
def test_a_body_that_makes_no_sense_after_its_answer_ends_the_connection_and_is_no_error_of_ours(
    serving: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    connection = serving()
    assert asked(connection, b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    connection.sendall(b"no length\r\n")
    assert ended(connection)
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("serving", [{}], indirect=True)
def test_whoever_asks_for_another_protocol_is_answered_by_http(serving: Connect, caplog: pytest.LogCaptureFixture) -> None:
    """A connection that changed hands would keep its place for ever."""
    asking = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    assert b"200" in asked(serving(), asking)
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("serving", [{}], indirect=True)
def test_what_is_no_request_gets_the_headers_of_every_answer(serving: Connect) -> None:
    connection = serving()
    connection.sendall(b"nonsense\r\n\r\n")
    got = b""
    while piece := connection.recv(4096):
        got += piece
    head = got.decode().lower()
    assert head.startswith("http/1.1 400")
    assert all(f"{name}: {value}".lower() in head for name, value in HEADERS.items())
    assert "nonsense" not in head


@pytest.mark.parametrize("serving", [{}], indirect=True)
def test_what_is_no_request_is_told_by_https_to_come_by_it(serving: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uvicorn.protocols.http.h11_impl.is_ssl", lambda _: True)
    connection = serving()
    connection.sendall(b"nonsense\r\n\r\n")
    assert f"strict-transport-security: {LASTING_TLS}" in connection.recv(4096).decode().lower()
