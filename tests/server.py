"""The real service as processes of its own: servers on loopback, commands, keys; for journeys and the browser."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from scripts.trial import await_ready, free_port

TRACING = [sys.executable, "-m", "scripts"]
ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 90


class Service:
    """A data folder, and what can be run over it."""

    def __init__(self, folder: Path, program: Sequence[str] = TRACING, **settings: str) -> None:
        """``program`` is the command line that takes the words of `tracing`."""
        self.folder = folder
        self.program = list(program)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TRACING_")},
            "TRACING_DATA_DIR": str(folder),
            "TRACING_KEY_REQUESTS_PER_MINUTE": "0",
            "COLUMNS": "200",
            **{f"TRACING_{name.upper()}": value for name, value in settings.items()},
        }

    def command(self, *words: str, status: int = 0) -> str:
        """Run `tracing WORDS`; its standard output."""
        done = subprocess.run(
            [*self.program, *words], env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == status, f"tracing {' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def api_key(self, name: str, role: str = "service") -> str:
        return str(json.loads(self.command("users", "add", name, "--role", role, "--api-key", "--json"))["api_key"])

    def findings(self) -> list[dict[str, str]]:
        """What `tracing check` finds; the exit status says the same."""
        done = subprocess.run(
            [*self.program, "check", "--photos", "--json"],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
        )
        findings: list[dict[str, str]] = json.loads(done.stdout)["findings"]
        assert done.returncode == (1 if findings else 0)
        return findings

    @contextmanager
    def server(self, **settings: str) -> Iterator[Server]:
        """A server on a free port of loopback, stopped at the end."""
        with self._running("serve", settings) as server:
            yield server

    @contextmanager
    def public(self, **settings: str) -> Iterator[Server]:
        """As ``server``, for everybody."""
        with self._running("public", settings) as server:
            yield server

    @contextmanager
    def _running(self, command: str, settings: Mapping[str, str]) -> Iterator[Server]:
        port = free_port()
        extra = {f"TRACING_{name.upper()}": value for name, value in settings.items()}
        process = subprocess.Popen([*self.program, command, "--port", str(port)], env=self.environment | extra, cwd=ROOT)
        server = Server(process, f"http://127.0.0.1:{port}")
        try:
            await_ready(server.url, process, START_SECONDS)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Server:
    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self.process = process
        self.url = url

    def kill(self) -> None:
        """As a power cut would: no handler runs."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def client(self, api_key: str) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {api_key}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=120, trust_env=False)


def intake(client: httpx2.Client, kind: str, photo: bytes, **said: Any) -> dict[str, Any]:
    """One case with one photo in one step; the answer's body."""
    case = json.dumps({"kind": kind, "legal_basis": "statutory_duty", **said})
    files: Mapping[str, Any] = {"case": (None, case, "application/json"), "photo": ("face.jpg", photo, "image/jpeg")}
    answer = client.post("/api/v1/intakes", files=files)
    assert answer.status_code in (201, 202), answer.text
    body: dict[str, Any] = answer.json()
    return body


def candidates(client: httpx2.Client, case_id: str) -> list[str]:
    """Ids of the candidate cases, best first."""
    answer = client.get(f"/api/v1/cases/{case_id}/candidates")
    assert answer.status_code == 200, answer.text
    return [each["case"]["case_id"] for each in answer.json()["candidates"]]
