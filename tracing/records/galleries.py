"""What galleries are filled from: numbered changes and generations."""

from __future__ import annotations

from typing import Protocol

from tracing.domain import Collection, GalleryChange, Generation


class GalleryRecords(Protocol):
    def head(self) -> int:
        """The number of the last change that was committed."""
        ...

    def changes(self, encoder_id: str, after: int, limit: int, vectors: bool = True) -> list[GalleryChange]:
        """The latest place of every template that moved after ``after``, ascending by number, at most ``limit``.

        From 0 on, this is the whole gallery. Without ``vectors`` the templates themselves are not read.
        """
        ...

    def expected(self, encoder_id: str) -> dict[int, str]:
        """template_id -> collection as cases, faces and templates imply it, without looking at the changes."""
        ...

    def of_station(self, encoder_id: str, station_id: str) -> dict[int, tuple[str, Collection]]:
        """The templates of a station's cases that stand in a gallery, with case and collection; no other case is looked at."""
        ...


class GenerationRecords(Protocol):
    def add(self, generation: Generation) -> None:
        """A second active one is refused with ``Conflict``."""
        ...

    def get(self, generation_id: str) -> Generation: ...

    def all(self) -> list[Generation]:
        """Oldest first."""
        ...

    def active(self) -> Generation:
        """Raises ``NotFound`` before the first one was activated."""
        ...

    def live(self) -> list[Generation]:
        """Those that new faces are encoded for: building and active."""
        ...

    def live_encoders(self) -> list[str]:
        """The encoders that every new face is encoded by: those of the live generations, without repeats."""
        ...

    def save(self, generation: Generation) -> None: ...
