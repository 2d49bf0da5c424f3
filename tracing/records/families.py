"""Reports of families, sightings, their photos and the proofs of work in the record store; what they say is sealed."""

from __future__ import annotations

from collections.abc import Collection as Some
from datetime import datetime
from typing import Protocol

from tracing.domain import FamilyReport, HandedPhoto, ReportState, Sighting, SightingState
from tracing.records.expiry import Going


class ReportRecords(Protocol):
    def add(self, report: FamilyReport) -> None: ...

    def get(self, report_id: str) -> FamilyReport: ...

    def lock(self, report_id: str) -> FamilyReport:
        """As ``get``; nobody else goes on with it until this transaction ends."""
        ...

    def by_draft(self, draft_hash: str) -> FamilyReport | None: ...

    def by_reference(self, reference: str) -> FamilyReport | None: ...

    def secret_of(self, reference: str) -> tuple[str, str] | None:
        """Id and digest of the secret of a report that was sent: one look-up, and nothing is opened for it."""
        ...

    def of_case(self, case_id: str) -> FamilyReport | None: ...

    def save(self, report: FamilyReport) -> FamilyReport: ...

    def erase(self, report_ids: Some[str]) -> int:
        """The rows go with those of their photos, whose files are given up; how many reports there were."""
        ...

    def find(
        self, states: Some[ReportState], station_id: str | None, limit: int, offset: int = 0
    ) -> tuple[list[FamilyReport], int]:
        """Those of a station and those of none, the oldest first, and how many there are; of all of them for None.

        Of a case whose time is over there are none.
        """
        ...

    def count(self, state: ReportState) -> int: ...

    def stale_drafts(self, before: datetime) -> list[str]:
        """Ids of drafts on which nobody has written since then."""
        ...

    def erase_drafts(self, before: datetime) -> int:
        """Those; one that somebody writes on, or sends, at this moment stays."""
        ...

    def over(self, before: datetime | None, drop: bool = False) -> tuple[int, int]:
        """Sent ones without a case: how many there are, and of how many the last step was at this moment or before."""
        ...

    def withdrawn_unheeded(self) -> list[FamilyReport]: ...

    def taken_back(self, case_ids: Some[str]) -> set[str]:
        """Those of these cases whose family has withdrawn, which nobody has carried out yet."""
        ...

    def with_photos_to_move(self, limit: int) -> list[FamilyReport]:
        """Accepted ones whose case has not got all photos yet."""
        ...


class SightingRecords(Protocol):
    def add(self, sighting: Sighting) -> None: ...

    def get(self, sighting_id: str) -> Sighting:
        """``NotFound`` also for one of a case whose time is over."""
        ...

    def save(self, sighting: Sighting) -> Sighting: ...

    def find(
        self,
        states: Some[SightingState],
        station_id: str | None,
        limit: int,
        offset: int = 0,
        case_id: str = "",
    ) -> tuple[list[Sighting], int]:
        """Those of a station's cases, the newest first, and how many there are; of all of them for None."""
        ...

    def of_case(self, case_id: str) -> list[Sighting]: ...

    def over(self, before: datetime | None, drop: bool = False, going: Going | None = None) -> tuple[int, int]:
        """How many there are, and how many came at this moment or before."""
        ...


class HandedRecords(Protocol):
    def add(self, photo: HandedPhoto) -> None: ...

    def get(self, handed_id: str) -> HandedPhoto: ...

    def of_reports(self, report_ids: Some[str]) -> list[HandedPhoto]:
        """In the order in which they came."""
        ...

    def of_sightings(self, sighting_ids: Some[str]) -> list[HandedPhoto]: ...

    def drop(self, handed_id: str) -> bool:
        """The row goes and the file is given up; False where somebody was faster."""
        ...

    def by_key(self) -> dict[str, HandedPhoto]:
        """By the key of the file."""
        ...

    def bytes_waiting(self) -> int:
        """Of all of them together."""
        ...

    def spend(self, proof: str, until: datetime) -> None:
        """A proof of work is used up; ``Conflict`` where it was before."""
        ...

    def forget_spent(self, before: datetime) -> int:
        """Those whose challenge nobody can answer any more."""
        ...
