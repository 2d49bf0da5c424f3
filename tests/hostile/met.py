"""What requests met that were made to break the service: how it answered, how long it took, and which promises it broke."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from tests.hostile.limits import MOST_MEMORY, Held, Slowest, most_seconds

MOST_OF_A_KIND: Final = 20
"""So many lines are kept of each kind: what is broken everywhere needs no more, and hides nothing else."""


@dataclass
class Met:
    """``faults`` has a line for each promise that was broken; there must be none."""

    by_role: Counter[str] = field(default_factory=Counter)
    by_status: Counter[int] = field(default_factory=Counter)
    slowest: Slowest = field(default_factory=Slowest)
    memory: Held = field(default_factory=Held)
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    def figures(self) -> dict[str, Any]:
        return {
            "by_role": dict(self.by_role),
            "by_status": {str(status): number for status, number in sorted(self.by_status.items())},
            "slowest_seconds": round(self.slowest.seconds, 2),
            "slowest": self.slowest.what,
            "memory_mib_together": self.memory.together,
            "memory_mib_largest_process": self.memory.largest,
            "processes": len(self.memory.processes),
            "seconds": round(self.seconds),
            "kinds_of_faults": dict(self.kinds),
            "faults": self.faults,
        }

    def took(self, what: str, status: int, seconds: float, told: str) -> None:
        """An answer; ``told`` says more of it where it is an error of ours."""
        self.by_status[status] += 1
        self.slowest.note(what, seconds)
        if status >= 500:
            self.fault("an error of ours", f"{what}: {status} {told}")
        if seconds > most_seconds():
            self.fault("slow", f"{what}: {seconds:.1f} s")

    def held(self, memory: Held) -> None:
        self.memory = memory
        self.faults += memory.faults(MOST_MEMORY)

    def fault(self, kind: str, line: str) -> None:
        self.kinds[kind] += 1
        if self.kinds[kind] <= MOST_OF_A_KIND:
            self.faults.append(line)
