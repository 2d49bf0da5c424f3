"""Fair clocks: everything on one core, two sides in turns, medians, and the ratio of each pair of turns."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final, TypeVar

THREADS: Final = Path("/proc/self/task")

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Compared:
    """Medians of both sides, and the median of theirs divided by ours, turn by turn."""

    ours: float
    theirs: float
    ratio: float


def compared(ours: Sequence[float], theirs: Sequence[float]) -> Compared:
    """Of as many turns on either side, one or more; each of ours was next to its own of theirs."""
    return Compared(median(ours), median(theirs), median(b / a for a, b in zip(ours, theirs, strict=True)))


def processor_seconds(work: Callable[[], object]) -> float:
    """What the work takes of the processor's time, in all threads of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds of wall time, and what came of the work."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


class Watch:
    """Seconds of wall time by the name of what was done."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def time(self, name: str, work: Callable[[], Result]) -> Result:
        self.seconds[name], result = timed(work)
        return result


def medians(laps: Sequence[dict[str, float]]) -> dict[str, float]:
    """Of each name over all laps, which have the same names."""
    return {name: median(lap[name] for lap in laps) for name in laps[0]}


@contextmanager
def one_core() -> Iterator[bool]:
    """All threads of this process on one core, and those that are started meanwhile; whether this system can do that."""
    if not hasattr(os, "sched_setaffinity"):
        yield False
        return
    before = os.sched_getaffinity(0)
    try:
        _keep_to({max(before)})
        yield True
    finally:
        _keep_to(before)


def _keep_to(cores: set[int]) -> None:
    os.sched_setaffinity(0, cores)
    for thread in THREADS.iterdir() if THREADS.is_dir() else ():
        with suppress(OSError):  # it has ended meanwhile
            os.sched_setaffinity(int(thread.name), cores)
