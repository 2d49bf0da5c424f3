"""Long lists, a sheet at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

LAST: Final = 500
"""Nobody turns further pages; whoever asks for one asks the database to skip as many rows."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """``number`` counts from 1; ``size`` is how many stand on one."""

    number: int
    size: int

    @classmethod
    def asked(cls, number: int, size: int, last: int = LAST) -> Self:
        """The sheet of an address, or the nearest one that there can be."""
        return cls(min(max(1, number), last), size)

    @property
    def skipped(self) -> int:
        """How many stand on the sheets before."""
        return (self.number - 1) * self.size

    def of(self, total: int) -> dict[str, int]:
        """What a page of ``total`` says of its sheets: ``sheet`` is this one, and ``sheets`` are how many there are."""
        return {"sheet": self.number, "sheets": max(1, -(-total // self.size))}
