"""Marks against relatives in the record store, with what they say sealed."""

from __future__ import annotations

from collections.abc import Collection as Some
from typing import Protocol

from tracing.domain import Safeguard


class SafeguardRecords(Protocol):
    def add(self, safeguard: Safeguard) -> None:
        """A ``Conflict`` where one stands on the case already."""
        ...

    def of_cases(self, case_ids: Some[str]) -> list[Safeguard]:
        """Those that stand and those that were cleared, the newest first."""
        ...

    def standing(self) -> list[Safeguard]:
        """Those that no check has cleared, of cases whose time is not over, the oldest first."""
        ...

    def clear(self, safeguard: Safeguard) -> None:
        """Keep who cleared it, when and on what; ``WrongState`` where somebody has already."""
        ...
