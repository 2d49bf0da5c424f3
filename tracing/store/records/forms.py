"""The forms of cases, sealed as a whole."""

from __future__ import annotations

from collections.abc import Collection as Some
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from tracing.domain import Answer, CaseForm
from tracing.errors import Stale
from tracing.store.contexts import context_of
from tracing.store.keys import Keyring
from tracing.store.rows import portions, upsert
from tracing.store.tables import case_forms


class SqlForms:
    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def of_case(self, case_id: str) -> CaseForm:
        return self.of_cases([case_id]).get(case_id, CaseForm(case_id))

    def of_cases(self, case_ids: Some[str]) -> dict[str, CaseForm]:
        known: dict[str, CaseForm] = {}
        for portion in portions(set(case_ids)):
            rows = self._connection.execute(select(case_forms).where(case_forms.c.case_id.in_(portion)))
            known |= {row.case_id: self._opened(row) for row in rows}
        return known

    def _opened(self, row: Any) -> CaseForm:
        stored = self._keyring.open_json(row.sealed, _context(row.case_id))
        answers = {name: _answer(value) for name, value in stored.items()}
        return CaseForm(row.case_id, answers, row.version, row.saved_at, row.saved_by)

    def save(self, form: CaseForm) -> CaseForm:
        saved = replace(form, version=form.version + 1)
        values = {
            "case_id": form.case_id,
            "sealed": self._keyring.seal_json(dict(form.answers), _context(form.case_id)),
            "version": saved.version,
            "saved_at": saved.saved_at,
            "saved_by": saved.saved_by,
        }
        kept = upsert(self._connection, case_forms).values(values)
        kept = kept.on_conflict_do_update(
            index_elements=[case_forms.c.case_id], set_=values, where=case_forms.c.version == form.version
        )
        if self._connection.execute(kept.returning(case_forms.c.version)).one_or_none() is None:
            raise Stale("Somebody else has changed this form since you opened it; look at it again.")
        return saved


def _context(case_id: str) -> str:
    return context_of(case_forms, case_id=case_id)


def _answer(stored: Any) -> Answer:
    return stored if isinstance(stored, str) else tuple(stored)
