"""The forms of cases in the record store."""

from __future__ import annotations

from collections.abc import Collection as Some
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
        """With the next version; ``Stale`` where the kept one is not of the version given."""
        ...
