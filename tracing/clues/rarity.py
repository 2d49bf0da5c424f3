"""How rare a place, a name or a word is: counted over one's own cases, leaning on what is usual while these are few."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

RAREST: Final = 1e-6
"""No share is below this: beyond it nobody knows."""
LEANING: Final = 2000
"""Cases that what is usual counts for: with fewer cases of one's own, their counts say little about rare keys."""


class Rarity(Protocol):
    def share(self, key: str) -> float:
        """The chance that some other person's case holds this key, above 0 and at most 1."""
        ...


@dataclass(frozen=True, slots=True)
class Counted:
    """Shares from how many of ``total`` cases hold a key; ``count`` answers 0 for one that none holds.

    The two cases that are compared are left out of the counts: that they agree must not make the agreement look common.
    """

    count: Callable[[str], int]
    total: int
    usual: Callable[[str], float]

    def share(self, key: str) -> float:
        others = max(self.count(key) - 2, 0)
        share = (others + LEANING * self.usual(key)) / (max(self.total - 2, 0) + LEANING)
        return min(max(share, RAREST), 1.0)


def counted(counts: Mapping[str, int], total: int, usual: Callable[[str], float]) -> Counted:
    return Counted(lambda key: counts.get(key, 0), total, usual)
