"""A private Milvus server for the tests: installed by name into the build folder, started on free ports, gone afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Final

from scripts.trial import free_port
from tests.offline.guard import connected

RELEASE: Final = "2.3.5"
"""The last one that pip brings as a program; servers of today come as containers, and speak the same language."""
PROGRAMS: Final = Path(__file__).resolve().parents[1] / "build" / f"milvus-{RELEASE}"
START_S: Final = 120
STOP_S: Final = 30
PORTS: Final = (
    "proxy-internal",
    "root-coord",
    "query-coord",
    "query-node",
    "index-coord",
    "index-node",
    "data-coord",
    "data-node",
)


def server_program() -> Path | None:
    """The program, installed if need be; None where pip cannot get it."""
    program = PROGRAMS / "bin" / "milvus-server"
    if program.exists():
        return program
    shutil.rmtree(PROGRAMS, ignore_errors=True)
    python = PROGRAMS / "bin" / "python"
    wanted = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", f"milvus=={RELEASE}"]
    for command in ([sys.executable, "-m", "venv", str(PROGRAMS)], wanted):
        if subprocess.run(command, env=connected(os.environ), capture_output=True, timeout=600, check=False).returncode != 0:
            shutil.rmtree(PROGRAMS, ignore_errors=True)
            return None
    return program


class PrivateMilvus:
    """A server in a folder of its own. It is not started twice: one that was stopped may never find itself again."""

    def __init__(self, program: Path) -> None:
        self._program = program
        self.folder = Path(tempfile.mkdtemp(prefix="tracing-milvus-"))
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        etcd, peers = free_port(), free_port()
        (self.folder / "etcd.yaml").write_text(_etcd_settings(self.folder / "etcd", etcd, peers))
        ports = {"proxy": self._port, "etcd": etcd} | {name: free_port() for name in PORTS}
        options = [word for name, port in ports.items() for word in (f"--{name}-port", str(port))]
        environment = os.environ | {"ETCD_CONFIG_PATH": str(self.folder / "etcd.yaml")}
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._program), "--data", str(self.folder / "data"), *options],
                env=environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._await_answer()

    def stop(self) -> None:
        """The server and all that it started."""
        if self._process is None:
            return
        group = self._process.pid
        until = time.monotonic() + STOP_S
        os.killpg(group, signal.SIGTERM)
        while _running(group) and time.monotonic() < until:
            time.sleep(0.1)
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        self._process.wait(timeout=30)
        self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _await_answer(self) -> None:
        assert self._process is not None
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.uri}/v1/vector/collections", timeout=5) as answer:  # noqa: S310 - loopback
                    if b'"code":200' in answer.read():
                        return
            except OSError:
                pass
            time.sleep(0.3)
        self.stop()
        raise RuntimeError(f"Milvus did not start: {(self.folder / 'log').read_text(errors='replace')[-2000:]}")


def _running(group: int) -> bool:
    """Whether a process of the group is alive; one that nobody waits for stays in the list after its end."""
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, its_group = file.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                return True
    return False


def _etcd_settings(folder: Path, port: int, peers: int) -> str:
    """Its own etcd listens for its like on a fixed port, where it is not told otherwise."""
    client, peer = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peers}"
    settings = {
        "name": "default",
        "data-dir": str(folder),
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": f"default={peer}",
    }
    return "".join(f"{name}: {value}\n" for name, value in settings.items())
