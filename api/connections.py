"""Connections that hold a place without a request: as many as fit, and each for a short time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, ClassVar, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.utils import get_remote_addr

from api.security import HEADERS, LASTING_TLS

HEAD_SECONDS: Final = 15.0
"""For the head of a request to be there, from the moment a connection is made or its first byte follows an answer."""
MOST_CONNECTIONS: Final = 1000
MOST_OF_ONE: Final = 200
"""Of one address: a whole station may stand behind one."""
REST_SECONDS: Final = 30.0
"""For what is left of a connection that has had its answer, counted twice at most."""
LEAST_TAKEN: Final = 1024
"""Bytes a second of an answer that somebody still takes while the connection is being closed."""
MOST_AHEAD: Final = 1 << 16
"""Bytes of requests that are sent before the one ahead of them was answered; a browser sends none."""
_REFUSED: Final = "This is no request that can be understood."


class GuardedConnection(H11Protocol):
    """uvicorn's connection, which by itself waits for ever for the head of a first request.

    A browser opens connections ahead and may let them lie: they are closed without a word. Nobody has more than
    ``most_of_one`` places, save ``proxies``, through which many come. Nor does anybody keep a place whose request was answered,
    by a body that does not end or an answer that is not taken, or fill the memory with requests that wait in line.
    """

    most = MOST_CONNECTIONS
    most_of_one = MOST_OF_ONE
    head_seconds = HEAD_SECONDS
    rest_seconds = REST_SECONDS
    proxies: ClassVar[Sequence[IPv4Network | IPv6Network]] = ()
    held: ClassVar[Counter[str]] = Counter()
    """address -> connections, of this process."""

    wire: asyncio.Transport | None = None
    """What carries the connection, where it is not the transport itself: below TLS."""
    _address: str | None = None

    def take_place(self, transport: asyncio.Transport) -> bool:
        """Whether there is one for this connection, which is asked before anything is done for it; twice is once."""
        if self._address is not None:
            return True
        client = get_remote_addr(transport)
        self._address = client[0] if client else ""
        self.held[self._address] += 1
        return self.held.total() <= self.most and not self._has_too_many(self._address)

    def leave_place(self) -> None:
        """The connection is over."""
        if self._address is not None:
            self.held[self._address] -= 1
            if not self.held[self._address]:
                del self.held[self._address]
            self._address = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its parent does
        super().connection_made(transport)
        self._waiting: asyncio.TimerHandle | None = None
        self._over: tuple[object, int] | None = None
        self._looking = self.loop.call_later(self.rest_seconds, self._look)
        if not self.take_place(transport):
            transport.abort()
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._looking.cancel()
        self.leave_place()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._waiting is None and self.conn.their_state is h11.IDLE:
            self._await_head()
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        if not self.transport.is_closing() and len(self.conn.trailing_data[0]) > MOST_AHEAD:
            self.transport.abort()

    def send_400_response(self, _msg: str) -> None:
        """To what is no request at all, with the headers of every other answer; nothing where one is on its way already."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        headers: list[Any] = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
        if self.scheme == "https":
            headers.append((b"strict-transport-security", LASTING_TLS.encode()))
        headers += [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"connection", b"close"),
        ]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=_REFUSED.encode()),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _should_upgrade(self) -> bool:
        """There is nothing but HTTP here, whatever else is installed; whoever asks for more gets their answer by it."""
        return False

    def timeout_keep_alive_handler(self) -> None:
        """Whoever still takes the last answer is not idle: asyncio would cut it off half a minute later, by TLS."""
        if self._left():
            self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def _left(self) -> int:
        """Bytes of answers that were not taken yet."""
        below = self.wire.get_write_buffer_size() if self.wire is not None else 0
        return self.transport.get_write_buffer_size() + below

    def _look(self) -> None:
        """Break off what was over at the last look already and is not let go by the other side."""
        left = self._left()
        answered = self.cycle is not None and self.cycle.response_complete
        over = answered and (left > 0 or self.conn.their_state is h11.SEND_BODY)
        last, self._over = self._over, (self.cycle, left) if over or self.transport.is_closing() else None
        if self._over and last and last[0] is self.cycle and last[1] - left <= LEAST_TAKEN * self.rest_seconds:
            self.transport.abort()
            return
        self._looking = self.loop.call_later(self.rest_seconds, self._look)

    def _has_too_many(self, address: str) -> bool:
        if self.held[address] <= self.most_of_one:
            return False
        return not any(ip_address(address) in network for network in self.proxies if address)

    def _await_head(self) -> None:
        self._waiting = self.loop.call_later(self.head_seconds, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


def believe(proxies: Sequence[str]) -> None:
    """Let so many connections come as there are, through these addresses and networks."""
    GuardedConnection.proxies = tuple(ip_network(each) for each in proxies)
