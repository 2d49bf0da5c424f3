"""What takes messages on this machine: a receiver of webhooks, which can also refuse or hang, and one of mail."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

from scripts.trial import free_port


@dataclass
class Hooks:
    """``status`` is what the next ones are answered with; while ``hangs`` is set nobody is answered at all."""

    port: int = 0
    status: int = 200
    hangs: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    """Everything that arrived: request line, headers and body."""

    @property
    def url(self) -> str:
        return f"json://user:hook-secret@127.0.0.1:{self.port}/way?:token=hook-secret"


@contextmanager
def hooks() -> Iterator[Hooks]:
    found = Hooks()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if found.hangs.is_set():
                found.let_go.wait(20)
            if found.status == 200:
                found.bodies.append(json.loads(body))
                found.raw.append(f"{self.requestline}\n{self.headers}".encode() + body)
            self.send_response(found.status)
            self.send_header("Location", "http://192.0.2.1/elsewhere")
            self.end_headers()
            self.wfile.write(b'{"errcode": 0}')

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join()


class Mails:
    """Takes every mail."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.to: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name for it
        self.raw.append(envelope.content)
        self.taken.append(BytesParser(EmailMessage, policy=default).parsebytes(envelope.content))
        self.to += envelope.rcpt_tos
        return "250 OK"


@contextmanager
def mails() -> Iterator[tuple[Mails, int]]:
    handler = Mails()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield handler, controller.port
    finally:
        controller.stop()
