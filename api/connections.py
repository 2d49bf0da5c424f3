"""Connections that hold a place without a request: as many as fit, and each for a short time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, ClassVar, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.security import HEADERS

HEAD_SECONDS: Final = 15.0
"""For the head of a request to be there, from the moment a connection is made or its first byte follows an answer."""
MOST_CONNECTIONS: Final = 1000
MOST_OF_ONE: Final = 200
"""Of one address: a whole station may stand behind one."""
_REFUSED: Final = "This is no request that can be understood."


class GuardedConnection(H11Protocol):
    """uvicorn's connection, which by itself waits for ever for the head of a first request.

    A browser opens connections ahead and may let them lie: they are closed without a word. Nobody has more than
    ``most_of_one`` places, save ``proxies``, through which many come.
    """

    most = MOST_CONNECTIONS
    most_of_one = MOST_OF_ONE
    head_seconds = HEAD_SECONDS
    proxies: ClassVar[Sequence[IPv4Network | IPv6Network]] = ()
    held: ClassVar[Counter[str]] = Counter()
    """address -> connections, of this process."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its parent does
        super().connection_made(transport)
        self._waiting: asyncio.TimerHandle | None = None
        self._address = self.client[0] if self.client else ""
        self.held[self._address] += 1
        if len(self.connections) > self.most or self._has_too_many():
            transport.abort()
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self.held[self._address] -= 1
        if not self.held[self._address]:
            del self.held[self._address]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._waiting is None and self.conn.their_state is h11.IDLE:
            self._await_head()
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()

    def send_400_response(self, _msg: str) -> None:
        """To what is no request at all, with the headers of every other answer."""
        headers: list[Any] = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
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

    def _has_too_many(self) -> bool:
        if self.held[self._address] <= self.most_of_one:
            return False
        address = ip_address(self._address) if self._address else None
        return not any(address in network for network in self.proxies if address is not None)

    def _await_head(self) -> None:
        self._waiting = self.loop.call_later(self.head_seconds, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


def believe(proxies: Sequence[str]) -> None:
    """Let so many connections come as there are, through these addresses and networks."""
    GuardedConnection.proxies = tuple(ip_network(each) for each in proxies)
