"""What is sealed in the record store, whatever noun it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Portion:
    """Some rows that were looked at: how many were sealed anew, which do not open, and where to go on; None at the end."""

    resealed: int
    damaged: tuple[str, ...]
    after: tuple[Any, ...] | None


class SealedRecords(Protocol):
    def places(self) -> list[str]:
        """Where anything is sealed, by name."""
        ...

    def by_key(self, place: str) -> Mapping[str, int]:
        """Key id -> how many rows it seals."""
        ...

    def reseal(self, place: str, after: tuple[Any, ...] | None, limit: int) -> Portion:
        """Seal with the current key what another key has sealed, row by row after a row, at most ``limit``.

        A row that somebody else changes meanwhile is left as they write it.
        """
        ...
