"""Who holds a connection without a request is sent away; who asks is answered."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from ipaddress import ip_network
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from api.connections import GuardedConnection
from api.security import HEADERS

PATIENCE = 30.0
"""Far longer than anything here takes: only a fault waits so long."""
Connect = Callable[[], socket.socket]


async def answering(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def serving(request: pytest.FixtureRequest) -> Iterator[Connect]:
    """A real server with the limits of the test's parameter; what it gives connects to it."""

    class Short(GuardedConnection):
        held: Any = type(GuardedConnection.held)()

    for name, value in request.param.items():
        setattr(Short, name, value)
    server = uvicorn.Server(
        uvicorn.Config(answering, port=0, http=Short, lifespan="off", log_config=None, timeout_keep_alive=30)
    )
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    opened: list[socket.socket] = []

    def connect() -> socket.socket:
        opened.append(socket.create_connection(listening.getsockname(), PATIENCE))
        return opened[-1]

    yield connect
    for each in opened:
        each.close()
    server.should_exit = True
    thread.join(PATIENCE)
    listening.close()


def ended(connection: socket.socket) -> bool:
    """Whether the server closes it without a word; waits until it does."""
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def asked(connection: socket.socket) -> bytes:
    connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
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
