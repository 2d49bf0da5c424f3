"""Photo files that have no photo in the record store: those being saved, and those to be erased."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class FileRecords(Protocol):
    def note(self, key: str, now: datetime) -> None:
        """A file of this key is about to be written. To be committed before it is."""
        ...

    def settle(self, key: str) -> bool:
        """The file has its photo now; False where it was not noted, or has been given up, and may be gone."""
        ...

    def give_up(self, key: str) -> bool:
        """The file is to be erased, and gets no photo any more; False where it was settled, or was never noted."""
        ...

    def give_up_noted(self, before: datetime, after: datetime) -> int:
        """As ``give_up``, of all that were noted before the one moment, or after the other; how many there were.

        A file that was noted in the future was noted by a clock that has been set right since.
        """
        ...

    def noted(self, before: datetime, after: datetime) -> int:
        """How many ``give_up_noted`` would give up."""
        ...

    def given_up(self, limit: int) -> list[str]:
        """Keys of files to be erased, those of erased photos among them."""
        ...

    def forget(self, key: str) -> None:
        """A file that was given up is erased."""
        ...

    def without_photo(self) -> set[str]:
        """All keys that are noted or given up."""
        ...
