"""The forms of cases in the record store."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Iterator
from typing import Protocol

from tracing.domain import CaseForm


class FormRecords(Protocol):
    def of_case(self, case_id: str) -> CaseForm:
        """An empty one of version 0 where nobody has written in it."""
        ...

    def of_cases(self, case_ids: Some[str]) -> dict[str, CaseForm]:
        """case_id -> its form; cases whose form nobody has begun are left out."""
        ...

    def save(self, form: CaseForm) -> CaseForm:
        """With the next version, and what it says of the person's age with the case (``Case.child_said``); ``Stale`` where the
        kept one is not of the version given."""
        ...

    def unlike_their_cases(self) -> Iterator[str]:
        """Ids of cases whose ``child_said`` is not what their form says, or whose form does not open; ascending."""
        ...
