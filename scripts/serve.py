"""`tracing serve`: the web and, in the same process, the worker."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Annotated, Final

import typer
import uvicorn
from uvicorn.importer import import_from_string

from scripts import logs
from scripts.demo import command as demo
from scripts.memory import spare_what_is_loaded
from scripts.opening import settings
from scripts.output import note
from tracing.errors import Misconfigured

REQUEST_SECONDS: Final = 25
"""For requests under way when the server is stopped; an upload waits ``TRACING_ANSWER_SECONDS`` (20) for its analysis."""
HURRY_SECONDS: Final = 2.0
"""For the same after a second signal."""


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    with_demo: Annotated[bool, typer.Option("--demo", help="First fill an empty data folder with drawn people.")] = False,
    tls_certificate: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="PEM file, for https.")] = None,
    tls_key: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="PEM file, for https.")] = None,
) -> None:
    """Serve the pages and the JSON API until interrupted.

    Phones and other machines need https (their browsers keep the session cookie only there): give a certificate, or put a
    reverse proxy that ends TLS in front.
    """
    refuse_taken_port(host, port)
    if with_demo:
        demo.fill_if_empty()
    run("api.app:create", host, port, tls_certificate, tls_key)


def run(application: str, host: str, port: int, tls_certificate: Path | None, tls_key: Path | None) -> None:
    """Serve what this factory makes until interrupted, with the limits of our connections."""
    logs.set_up(settings())  # what is wrong with the settings is said before anything starts
    scheme, connection = "http", "api.connections:GuardedConnection"
    if tls_certificate is not None:
        scheme, connection = "https", import_from_string("api.tls:by_tls")(tls_certificate, tls_key)
    note(f"Serving on {scheme}://{host}:{port} - stop with Ctrl-C")
    config = uvicorn.Config(
        application,
        factory=True,
        host=host,
        port=port,
        log_config=None,
        log_level="warning",
        http=connection,
        # Whom to believe about who is asking is a setting of ours.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=REQUEST_SECONDS,
        timeout_keep_alive=15,
    )
    server = Server(config)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise typer.Exit(1)


class Server(uvicorn.Server):
    """Makes haste at a second signal of either kind, with the same care.

    uvicorn by itself overlooks a second SIGTERM, and at a second SIGINT leaves everything as it is: whoever waits is answered
    500, and photos under way stay claimed until their lease ends.
    """

    _loop: asyncio.AbstractEventLoop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        spare_what_is_loaded()

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().serve(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.should_exit:
            super().handle_exit(sig, frame)
        elif self.started:
            threading.Thread(target=self._hurry, daemon=True).start()  # the signal may have come while a lock was held

    def _hurry(self) -> None:
        """Give back the photos under way, so that whoever waits for one is answered; then break off what is left."""
        self.lifespan.state.get("halt", lambda: None)()
        time.sleep(HURRY_SECONDS)
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            self._loop.call_soon_threadsafe(self._break_off)

    def _break_off(self) -> None:
        for task in list(self.server_state.tasks):
            task.cancel()
        for connection in list(self.server_state.connections):
            self._loop.call_later(HURRY_SECONDS, connection.transport.abort)


def refuse_taken_port(host: str, port: int) -> None:
    """Say so before the demo people are drawn, not after."""
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        raise Misconfigured(f"Cannot listen on {host}:{port}: {error.strerror}. Choose another one with --port.") from error
