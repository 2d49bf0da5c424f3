"""A house whose processes are shaken: its data folder, its people, its servers and its commands."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from typing import Any

import httpx2

from scripts.trial import free_port
from tests.faults.nursery import Child, Nursery
from tests.faults.painted import InThisProcess
from tracing.access import SYSTEM
from tracing.bootstrap import build
from tracing.config import Settings
from tracing.domain import Role

START_SECONDS = 60.0
STAFF = {"program": Role.SERVICE, "hua": Role.REVIEWER, "ning": Role.REVIEWER}
QUICK: dict[str, str] = {
    "LEASE_SECONDS": "1",
    "LEFTOVER_MINUTES": "0.02",
    "ANSWER_SECONDS": "20",
    "KNOWN_ANSWER_PERCENT": "0",
    "KEY_REQUESTS_PER_MINUTE": "0",
    "ENCODER": "dlib-resnet-v1",
}
"""What a house waits for by itself comes soon, and nobody is held up for asking much."""


MIGRATING = threading.Lock()
"""Alembic is made for one migration in a process at a time."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that was started; ``seconds`` until it was ready."""

    process: Child
    url: str
    seconds: float


class Shaken:
    """``settings`` are those of the service, by their names without ``TRACING_``; what begins with FAULTS_ is ours."""

    def __init__(self, nursery: Nursery, folder: Path, database_url: str = "", **settings: str) -> None:
        self.nursery = nursery
        self.folder = folder
        self.data = folder / "var"
        self.settings = QUICK | {"DATA_DIR": str(self.data), "DATABASE_URL": database_url} | settings
        self._numbers = count(1)
        folder.mkdir(parents=True, exist_ok=True)
        self.keys = self._hire()

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TRACING_")}
        own = {name if name.startswith("FAULTS_") else f"TRACING_{name}": value for name, value in self.settings.items()}
        return clean | own | dict(more or {}) | {"COLUMNS": "200"}

    def _hire(self) -> dict[str, str]:
        """An API key for each of the staff."""
        chosen = Settings(data_dir=self.data, database_url=self.settings["DATABASE_URL"], encoder=self.settings["ENCODER"])
        with MIGRATING:
            services = build(chosen, examiner=InThisProcess())
        try:
            return {name: str(services.accounts.add(SYSTEM, name, role, with_api_key=True)[1]) for name, role in STAFF.items()}
        finally:
            services.close()

    def command(self, *words: str, **more: str) -> Child:
        """`tracing WORDS`, started."""
        return self.nursery.start(list(words), self.environment(more), self.folder / f"{next(self._numbers)}-{words[0]}.log")

    def done(self, *words: str, status: int = 0, **more: str) -> str:
        """`tracing WORDS`, run to its end; what it said."""
        child = self.command(*words, **more)
        ended, said = child.wait(), child.said()
        assert ended == status, f"tracing {' '.join(words)} ended with {ended}:\n{said[-3000:]}"
        return said

    def start(self, *, ready: bool = True, **more: str) -> Running:
        """A server, once it is ready."""
        begun = time.monotonic()
        for _ in range(3):
            port = free_port()
            server = Running(self.command("serve", "--port", str(port), **more), f"http://127.0.0.1:{port}", 0.0)
            if await_answer(server, 200 if ready else 0):
                return Running(server.process, server.url, time.monotonic() - begun)
            assert "Cannot listen" in server.process.said(), server.process.said()[-3000:]
        raise AssertionError("no port is free")

    @contextmanager
    def running(self, **more: str) -> Iterator[Running]:
        server = self.start(**more)
        try:
            yield server
        finally:
            server.process.kill()

    def client(self, server: Running, name: str, timeout: float = 60) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {self.keys[name]}"}
        return httpx2.Client(base_url=server.url, headers=headers, timeout=timeout, trust_env=False, verify=False)

    def check(self, **more: str) -> None:
        """`tracing check --photos` finds nothing."""
        said = self.done("check", "--photos", **more)
        assert "Everything agrees" in said, said


def readiness(server: Running) -> int:
    """The status of ``/health/ready``; 0 where nobody answers."""
    with (
        closing(HTTPConnection(server.url.removeprefix("http://"), timeout=30)) as connection,
        suppress(OSError, HTTPException),
    ):
        connection.request("GET", "/health/ready")
        return connection.getresponse().status
    return 0


def await_answer(server: Running, status: int, seconds: float = START_SECONDS) -> bool:
    """Wait until readiness is this (0: until it answers at all); False where the server ended before."""
    deadline = time.monotonic() + seconds
    found = 0
    while time.monotonic() < deadline:
        found = readiness(server)
        if found and status in (0, found):
            return True
        if server.process.poll() is not None:
            return False
        time.sleep(0.02)
    raise AssertionError(f"readiness is {found}, not {status}, after {seconds} s:\n{server.process.said()[-3000:]}")


def eventually(what: Any, seconds: float = 30.0, why: str = "") -> float:
    """Wait until it is true; the seconds that took."""
    begun = time.monotonic()
    while not what():
        if time.monotonic() - begun > seconds:
            raise AssertionError(f"not so after {seconds} s: {why or what}")
        time.sleep(0.05)
    return time.monotonic() - begun
