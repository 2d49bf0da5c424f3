"""What no input may cost, and how it is watched."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from scripts.bench.machine import peak_memory, shared_out_memory
from scripts.bench.memory_watch import family

MIB: Final = 2**20
MOST_MEMORY: Final = 1536
"""MiB of a server and its encoder processes together."""
MOST_SECONDS: Final = 10.0
"""Of one answer, on a machine that does nothing else."""
SAMPLE_SECONDS: Final = 0.25


@dataclass
class Held:
    """MiB: ``together`` of all processes at one time, ``largest`` of one of them at any time, in so many ``looks``."""

    together: int = 0
    largest: int = 0
    looks: int = 0
    processes: set[int] = field(default_factory=set)

    def faults(self, most: int, processes: int = 2) -> list[str]:
        """What is wrong with it: too much, or not measured at all, which would be taken for little."""
        found = [f"{each} MiB of memory" for each in (self.together, self.largest) if each > most][:1]
        if not self.looks or min(self.together, self.largest) <= 0 or len(self.processes) < processes:
            found.append(f"memory was measured {self.looks} times, of {len(self.processes)} processes")
        return found


def most_seconds() -> float:
    """Of one answer, on this machine as busy as it is now: what others run beside the tests is no fault of the service."""
    return MOST_SECONDS * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@contextmanager
def watched(process_id: int) -> Iterator[Held]:
    """What the process and its children hold at most, until the end."""
    held, stop = Held(), threading.Event()

    def look() -> None:
        while not stop.wait(SAMPLE_SECONDS):
            members = family(process_id)
            held.processes.update(members)
            together = sum(map(shared_out_memory, members)) // MIB
            held.looks += together > 0
            held.together = max(held.together, together)
            held.largest = max(held.largest, *(peak_memory(each) // MIB for each in members))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        stop.set()
        thread.join()


@dataclass
class Slowest:
    """The answer that took longest."""

    seconds: float = 0.0
    what: str = ""

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.note(what, time.monotonic() - started)

    def note(self, what: str, seconds: float) -> None:
        if seconds > self.seconds:
            self.seconds, self.what = seconds, what
