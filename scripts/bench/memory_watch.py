"""What a server and its children hold over time: samples, minutes, and whether it grows."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path
from statistics import mean
from typing import Final

from scripts.bench.machine import peak_memory, shared_out_memory

SAMPLE_SECONDS: Final = 5.0


class MemoryWatch:
    """Samples what a process and its children hold, until it is stopped."""

    def __init__(self, process_id: int) -> None:
        self._process_id = process_id
        self._started = time.monotonic()
        self._seen: list[tuple[float, int]] = []
        self._peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def by_minute(self) -> list[int]:
        """MiB: the mean of each minute."""
        minutes: dict[int, list[int]] = {}
        for at, held in self._seen:
            minutes.setdefault(int(at // 60), []).append(held)
        return [round(mean(held) / (1 << 20)) for held in minutes.values()]

    def growth(self) -> float:
        """MiB an hour: the slope of the straight line of least squares through what was seen."""
        if len(self._seen) < 3:
            return 0.0
        middle, level = mean(at for at, _ in self._seen), mean(held for _, held in self._seen)
        slope = sum((at - middle) * (held - level) for at, held in self._seen) / sum((at - middle) ** 2 for at, _ in self._seen)
        return round(slope * 3600 / (1 << 20), 1)

    def peak(self) -> int:
        """MiB of the largest process."""
        return round(self._peak / (1 << 20))

    def _watch(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            members = family(self._process_id)
            self._peak = max(self._peak, *map(peak_memory, members))
            self._seen.append((time.monotonic() - self._started, sum(map(shared_out_memory, members))))


def family(process_id: int) -> list[int]:
    """The process and its children, and theirs: those of each of its threads, which the system keeps apart."""
    children: list[str] = []
    for own in Path(f"/proc/{process_id}/task").glob("*/children"):
        with suppress(OSError):  # a thread that has just ended
            children += own.read_text("ascii").split()
    return [process_id, *(each for child in children for each in family(int(child)))]
