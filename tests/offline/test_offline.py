"""The default makes no outbound connection (L5), and the tests would notice one."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from tests.offline import guard
from tests.offline.namespace import ASKED, counted, possible

ELSEWHERE = "192.0.2.1"
"""An address for examples (RFC 5737): nobody has it."""
ROOT = Path(__file__).resolve().parents[2]
TRY = f"import socket; socket.create_connection(('{ELSEWHERE}', 80), timeout=1)"


def _attempts() -> str:
    """What stands in the log, which is emptied: these tests are about attempts, and are not to fail for them."""
    log = Path(os.environ[guard.LOG])
    found = log.read_text("utf-8")
    log.write_text("", "utf-8")
    return found


def _connect() -> None:
    socket.create_connection((ELSEWHERE, 80), timeout=1)


def _look_up() -> None:
    socket.getaddrinfo("packages.example", 443)


def _download() -> None:
    urllib.request.urlopen("http://models.example/weights.onnx", timeout=1)


def _send() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(b"statistics", (ELSEWHERE, 53))


def _from_a_loop() -> None:
    asyncio.run(asyncio.open_connection(ELSEWHERE, 443))


@pytest.mark.parametrize("leak", [_connect, _look_up, _download, _send, _from_a_loop])
def test_a_connection_to_another_machine_is_denied_and_written_down(leak: Callable[[], None]) -> None:
    with pytest.raises((OSError, urllib.error.URLError), match="reach no network"):
        leak()
    assert "socket." in _attempts()


def test_a_connection_that_somebody_swallows_is_written_down_all_the_same() -> None:
    with suppress(OSError):
        _connect()
    assert ELSEWHERE in _attempts()


def test_a_python_that_a_test_starts_is_denied_too() -> None:
    done = subprocess.run([sys.executable, "-c", TRY], capture_output=True, text=True)
    assert "NetworkDenied" in done.stderr
    assert ELSEWHERE in _attempts()


SWALLOWED = f"""
import socket, subprocess, sys
from contextlib import suppress

def test_that_reaches_out_and_says_nothing():
    with suppress(OSError):
        socket.create_connection(("{ELSEWHERE}", 80), timeout=1)

def test_whose_child_does():
    subprocess.run([sys.executable, "-c", "import socket; socket.create_connection(('{ELSEWHERE}', 80), timeout=1)"])

def test_that_stays_at_home():
    pass
"""


def test_a_test_that_reaches_out_fails_whatever_it_does_with_the_error(tmp_path: Path) -> None:
    (tmp_path / "test_swallowed.py").write_text(SWALLOWED, "utf-8")
    words = ["-q", "-p", "no:cacheprovider", "-p", "tests.offline.guard", "-c", "/dev/null", "test_swallowed.py"]
    clean = guard.connected(os.environ) | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-m", "pytest", *words], cwd=tmp_path, env=clean, capture_output=True, text=True)
    assert "3 passed, 2 errors" in done.stdout, done.stdout[-3000:]
    assert "ERROR test_swallowed.py::test_that_reaches_out_and_says_nothing" in done.stdout
    assert "ERROR test_swallowed.py::test_whose_child_does" in done.stdout


def test_the_machine_itself_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()
    assert socket.getaddrinfo("localhost", 80)


@pytest.mark.parametrize(
    ("host", "home"),
    [
        ("127.0.0.9", True),
        (b"::1", True),
        ("/run/x", False),
        (None, True),
        (7, True),
        ("10.0.0.1", False),
        ("fe80::1%eth0", False),
    ],
)
def test_only_loopback_is_at_home(host: object, home: bool) -> None:
    assert guard.denial.at_home(host) is home


def _asked(printed: str) -> int:
    return int(printed.rsplit(ASKED, 1)[1])


def _talkative(environment: Mapping[str, str]) -> dict[str, str]:
    """As a machine has it where nobody has thought of what libraries tell their makers."""
    return {**environment, guard.SILENT: "0"}


def test_l5_the_library_that_runs_the_networks_tells_its_maker_nothing(tmp_path: Path) -> None:
    """Where it does, it keeps what it is going to send, and an id of the machine, in the home of the account."""
    where = {"HOME": str(tmp_path), "XDG_CACHE_HOME": ""}
    code = "from tracing.embeddings.runtime import runtime_version; print(runtime_version())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=_talkative(os.environ) | where, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.long
def test_l5_the_whole_main_job_is_done_where_there_is_no_network_at_all() -> None:
    """From intake to candidates, over HTTP, with the real models, a killed server and the check of all files.

    The kernel counts who asks for another machine: libraries that are no Python do it behind every hook.
    """
    if not possible():
        pytest.skip("this system lets us make no network namespace")
    outside = _talkative(os.environ)
    gone = subprocess.run(
        counted(sys.executable, "-c", TRY), cwd=ROOT, env=guard.connected(outside), capture_output=True, text=True
    )
    assert "Network is unreachable" in gone.stderr
    assert _asked(gone.stdout) > 0
    story = (
        "tests/journeys/test_processes.py::test_a_server_killed_between_upload_and_search_loses_nothing_and_the_worker_finishes"
    )
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", story]
    done = subprocess.run(counted(*words), cwd=ROOT, env=outside, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "1 passed" in done.stdout
    assert _asked(done.stdout) == 0, "something asked for another machine"
