"""Cases and their contacts in the record store."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tracing.domain import Approval, Case, CaseFacts, CaseKind, CaseState, Channel, Closing, Collection, Contact
from tracing.stations.reach import Reach


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """``text`` is looked for in reference, names and places, ignoring case. ``as_open``: cases that count as open
    whatever their state is. ``station_id``: of this station alone.

    With a ``reach`` only what it lets somebody list: the cases of their station, and those whose description it may read.
    """

    kind: CaseKind | None = None
    state: CaseState | None = None
    text: str = ""
    as_open: frozenset[str] = frozenset()
    station_id: str | None = None
    reach: Reach | None = None


class CaseRecords(Protocol):
    def next_references(self, kind: CaseKind, year: int, count: int) -> list[str]:
        """The next free references, such as ``M-2026-00042``; the numbers are used up even if the cases are not saved later."""
        ...

    def add_all(self, cases: Sequence[Case]) -> None:
        """All of them, or none: a ``Conflict`` leaves the rest of the transaction usable."""
        ...

    def add(self, case: Case) -> None: ...

    def get(self, case_id: str) -> Case: ...

    def by_ids(self, case_ids: Some[str]) -> dict[str, Case]:
        """Those that exist."""
        ...

    def by_reference(self, reference: str) -> Case | None: ...

    def facts(self, case_ids: Some[str]) -> dict[str, CaseFacts]:
        """What a search has to know of those that exist, in a fraction of the time of ``by_ids``."""
        ...

    def collections(self, case_ids: Some[str]) -> dict[str, Collection | None]:
        """Where those that exist stand, without reading the whole cases."""
        ...

    def find(self, wanted: CaseFilter, limit: int, offset: int = 0) -> list[Case]:
        """Newest first."""
        ...

    def count(self, wanted: CaseFilter) -> int: ...

    def stations(self) -> list[str]:
        """Every station that has opened a case, in order."""
        ...

    def save(self, case: Case) -> Case:
        """Store the changed case (but for its search counters, which have methods of their own).

        Where its collection changed, the places of its templates are announced to the galleries in the same transaction.
        """
        ...

    def want_search(self, case_id: str) -> None:
        """Mark the case as due for a search."""
        ...

    def want_searches(self, case_ids: Some[str]) -> None:
        """The same for each that is still there."""
        ...

    def want_search_everywhere(self) -> int:
        """Mark every searchable case that has a template; how many there are."""
        ...

    def searches_done(self, wanted: Mapping[str, int]) -> None:
        """For each case a search that started when its counter was at this number has ended; a later wish stays due."""
        ...

    def due(self, limit: int) -> list[str]:
        """Ids of searchable cases (open, with a legal basis) whose search is due, longest open first."""
        ...

    def count_due(self, station_id: str | None = None) -> int:
        """Of one station, or of all."""
        ...

    def erase(self, case_id: str) -> list[str]:
        """Remove every row of the case and take its templates out of the galleries; the keys of its photo files."""
        ...

    def add_approval(self, approval: Approval) -> None:
        """A second one of the same person is a ``Conflict``."""
        ...

    def approvals(self, case_id: str) -> list[Approval]:
        """In order."""
        ...

    def all_approvals(self) -> list[Approval]:
        """Of every case, the oldest first."""
        ...

    def drop_approvals(self, case_id: str) -> None: ...

    def drop_approval(self, case_id: str, approver: str) -> bool:
        """Whether there was one."""
        ...

    def add_contacts(self, contacts: Sequence[Contact]) -> None: ...

    def add_contact(self, contact: Contact) -> None: ...

    def contacts(self, case_id: str) -> list[Contact]: ...

    def add_closing(self, closing: Closing) -> None: ...

    def closings_of(self, case_id: str) -> list[Closing]:
        """All of one case, the oldest first, whatever state it is in now."""
        ...

    def count_closings(self) -> dict[tuple[Channel | None, bool], int]:
        """How many of ``closings`` there are by channel and by whether both faces stood in the galleries."""
        ...

    def closings(self) -> list[Closing]:
        """The last closing of each case that is closed now, oldest first; none of cases that were closed as a reunion."""
        ...
