"""Connections by https: the handshake takes a place like everything else, and has as long as the head of a request."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any, ClassVar

from api.connections import GuardedConnection
from tracing.errors import Misconfigured


class TlsConnection(asyncio.Protocol):
    """Speaks TLS with whoever comes, and leaves the rest to a ``GuardedConnection``.

    asyncio by itself waits a minute for each handshake and tells nobody of it: as many as there are file descriptors, from
    one address, and nobody else comes in.
    """

    context: ClassVar[ssl.SSLContext]
    inside: ClassVar[type[GuardedConnection]] = GuardedConnection

    def __init__(self, **given: Any) -> None:
        self._inside = self.inside(**given)
        self._early = b""
        self._shaking: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as that of GuardedConnection
        if self._inside.take_place(transport):
            self._shaking = self._inside.loop.create_task(self._shake(transport))
        else:
            self._inside.leave_place()
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """What comes in one piece with the end of the handshake."""
        self._early += data

    async def _shake(self, transport: asyncio.Transport) -> None:
        seconds, secured = self._inside.head_seconds, None
        try:
            secured = await self._inside.loop.start_tls(
                transport, self, self.context, server_side=True, ssl_handshake_timeout=seconds
            )
        except OSError:  # no TLS, none that we speak, or too late
            transport.abort()
        finally:
            if secured is None or secured.is_closing():
                self._inside.leave_place()
        if secured is not None and not secured.is_closing():
            self._inside.wire = transport
            secured.set_protocol(self._inside)
            self._inside.connection_made(secured)
            if self._early:
                self._inside.data_received(self._early)


def by_tls(certificate: Path, key: Path | None, inside: type[GuardedConnection] = GuardedConnection) -> type[TlsConnection]:
    """Connections that show this certificate; ``Misconfigured`` where it and its key do not belong together."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ValueError) as error:
        raise Misconfigured("The certificate and its key do not belong together, or one of them is no PEM file.") from error
    return type("Secured", (TlsConnection,), {"context": context, "inside": inside})
