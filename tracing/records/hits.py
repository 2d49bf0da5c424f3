"""What comparisons with lists found, in the record store."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from tracing.domain import HitState, ListHit
from tracing.records.expiry import Going


class HitRecords(Protocol):
    def put(self, hits: Sequence[ListHit], portraits: Mapping[str, bytes]) -> set[str]:
        """Keep them, each with the portrait of its id where there is one; which are new.

        Where an earlier run has brought the same record and case together, that hit stays as it is, whatever people made of it.
        """
        ...

    def get(self, hit_id: str) -> ListHit: ...

    def portrait(self, hit_id: str) -> bytes | None:
        """A JPEG; None where no photo came, or somebody has decided."""
        ...

    def save(self, hit: ListHit) -> ListHit:
        """Needs the version that was read (``Stale``). A hit that is decided loses its portrait."""
        ...

    def find(self, states: Some[HitState], source: str = "", run_id: str = "", limit: int = 1000) -> list[ListHit]:
        """The longest waiting first."""
        ...

    def of_case(self, case_id: str) -> list[ListHit]:
        """Those that point at it, the latest first."""
        ...

    def sources(self) -> list[str]:
        """Of whose lists there are hits, in order."""
        ...

    def forget_faces(self, case_id: str) -> int:
        """Drop those of the case that a face alone had brought, and what the others say of it; how many hits are gone."""
        ...

    def over(self, before: datetime | None, drop: bool = False, going: Going | None = None) -> tuple[int, int]:
        """How many there are, and how many of them nobody has touched since; ``drop``: let them go."""
        ...
