"""A process that has loaded the whole program and forks others off: each is the real command line, up in no time.

Two hundred servers are started and killed here; loading the program for each would take most of the time.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Self

from fastapi import FastAPI

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 120.0


class Nursery:
    """What the tests see of it; safe to share between threads."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.faults.nursery"]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TRACING_")}
        self._process = subprocess.Popen(command, env=clean, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._turn = threading.Lock()
        self._ask()
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait(timeout=LONGEST)

    def start(self, words: list[str], environment: dict[str, str], log: Path) -> Child:
        """`tracing WORDS` as a process of its own, which writes both its streams to the file."""
        return Child(self, int(self._ask(words, environment, str(log))), log)

    def status(self, pid: int) -> int | None:
        """How the process ended, negative for a signal; None as long as it runs."""
        said: int | None = self._ask(pid)
        return said

    def _ask(self, *words: object) -> Any:
        with self._turn:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(words) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())


class Child:
    """A process of the nursery; safe to share between threads."""

    def __init__(self, nursery: Nursery, pid: int, log: Path) -> None:
        self._nursery = nursery
        self.pid = pid
        self.log = log
        self._status: int | None = None
        self._turn = threading.Lock()

    def poll(self) -> int | None:
        """Nobody can be asked for his status twice."""
        with self._turn:
            if self._status is None:
                self._status = self._nursery.status(self.pid)
            return self._status

    def wait(self, seconds: float = LONGEST) -> int:
        deadline = time.monotonic() + seconds
        while (status := self.poll()) is None:
            if time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"not ended after {seconds} s:\n{self.said()[-2000:]}")
            time.sleep(0.01)
        return status

    def signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> bool:
        """As a power cut would: no handler runs. Whether it was still there to be killed."""
        self.signal(signal.SIGKILL)
        return self.wait() == -signal.SIGKILL

    def said(self) -> str:
        return self.log.read_text(errors="replace")


def main() -> int:
    """Fork for each line that comes in; in the children, what they end with."""
    from api import app
    from scripts import main as program
    from tests.faults import painted
    from tracing.clues.lexicon.lexicon import lexicon

    lexicon()
    for command in program.COMMANDS:
        program.whole(command)
    _lead_once(app.create)
    for line in sys.stdin:
        said = json.loads(line)
        if len(said) < 2:  # a look at a process, or whether we are there
            answer(sys.stdout, _status(said[0]) if said else None)
            continue
        words, environment, log = said
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            _become(environment, log)
            painted.paint(environment)
            sys.argv = ["tracing", *words]
            program.main()
            return 0
        answer(sys.stdout, pid)
    return 0


def _lead_once(create: Callable[[], FastAPI]) -> None:
    """One house is built and left again: whatever is loaded or worked out at the first time is there for all children."""
    with TemporaryDirectory() as folder:
        os.environ["TRACING_DATA_DIR"] = folder
        made = create()
        made.state.services.consistency.check()
        made.state.analyses.close()
        made.state.services.close()
        del os.environ["TRACING_DATA_DIR"]
    gc.collect()
    gc.freeze()


def answer(stream: IO[str], said: object) -> None:
    stream.write(json.dumps(said) + "\n")
    stream.flush()


def _status(pid: int) -> int | None:
    done, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if done else None


def _become(environment: dict[str, str], log: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    written = (log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for descriptor, (path, mode) in enumerate([("/dev/null", os.O_RDONLY), written, written]):
        opened = os.open(path, mode, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)


if __name__ == "__main__":
    sys.exit(main())
