"""What requests met that were made to break the service: how it answered, how long it took, and which promises it broke."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from tests.hostile.limits import MOST_MEMORY, Slowest, most_seconds

MOST_FAULTS: Final = 50
"""So many lines are kept: one that is broken everywhere needs no more."""


@dataclass
class Met:
    """``faults`` has a line for each promise that was broken; there must be none. ``together`` in MiB."""

    by_role: Counter[str] = field(default_factory=Counter)
    by_status: Counter[int] = field(default_factory=Counter)
    slowest: Slowest = field(default_factory=Slowest)
    together: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        return {
            "by_role": dict(self.by_role),
            "by_status": {str(status): number for status, number in sorted(self.by_status.items())},
            "slowest_seconds": round(self.slowest.seconds, 2),
            "slowest": self.slowest.what,
            "memory_mib_together": self.together,
            "seconds": round(self.seconds),
            "faults": self.faults,
        }

    def took(self, what: str, status: int, seconds: float, told: str) -> None:
        """An answer; ``told`` says more of it where it is an error of ours."""
        self.by_status[status] += 1
        self.slowest.note(what, seconds)
        if status >= 500:
            self.fault(f"{what}: {status} {told}")
        if seconds > most_seconds():
            self.fault(f"{what}: {seconds:.1f} s")

    def held(self, together: int) -> None:
        self.together = together
        if together > MOST_MEMORY:
            self.faults.append(f"{together} MiB of memory")

    def fault(self, line: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(line)
