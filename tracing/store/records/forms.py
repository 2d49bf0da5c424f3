"""The forms of cases, sealed as a whole; whether one calls the person a child is kept with the case, where searches ask."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, select, true

from tracing.domain import Answer, CaseForm
from tracing.errors import Damaged, Stale
from tracing.stations.reach import says_child
from tracing.store.contexts import context_of
from tracing.store.keys import Keyring
from tracing.store.rows import portions, upsert
from tracing.store.tables import case_forms, cases

AT_ONCE: Final = 1000
UNREAD: Final = cases.c.child_said.is_(None)


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
        return CaseForm(row.case_id, self._answers(row), row.version, row.saved_at, row.saved_by)

    def _answers(self, row: Any) -> dict[str, Answer]:
        stored = self._keyring.open_json(row.sealed, _context(row.case_id))
        return {name: _answer(value) for name, value in stored.items()}

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
        assert form.saved_at is not None  # noqa: S101 -- for the type checker: the table takes none without
        self._note(form.case_id, says_child(form.answers, form.saved_at.date()))
        return saved

    def are_read(self) -> bool:
        """Whether of every case it is known what its form calls the person."""
        return self._connection.execute(select(UNREAD).where(UNREAD).limit(1)).first() is None

    def read_unread(self) -> bool:
        """Note whether their form calls the next cases a child of which nobody knows it; False where none is left.

        Whoever saves a form meanwhile has noted what it says since, and that stays.
        """
        rows = self._page("", UNREAD)
        for row in rows:
            self._note(row.case_id, self._says_child(row) is not False, UNREAD)
        return bool(rows)

    def unlike_their_cases(self) -> Iterator[str]:
        after = ""
        while rows := self._page(after, true()):
            yield from (row.case_id for row in rows if row.child_said is not None and row.child_said != self._says_child(row))
            after = rows[-1].case_id

    def _page(self, after: str, where: ColumnElement[bool]) -> Sequence[Any]:
        form = case_forms.c.sealed, case_forms.c.saved_at
        query = select(cases.c.case_id, cases.c.child_said, *form).outerjoin_from(cases, case_forms)
        query = query.where(cases.c.case_id > after, where).order_by(cases.c.case_id).limit(AT_ONCE)
        return self._connection.execute(query).all()

    def _says_child(self, row: Any) -> bool | None:
        """None where the form does not open."""
        try:
            return row.sealed is not None and says_child(self._answers(row), row.saved_at.date())
        except Damaged:
            return None

    def _note(self, case_id: str, child_said: bool, *still: ColumnElement[bool]) -> None:
        self._connection.execute(cases.update().where(cases.c.case_id == case_id, *still).values(child_said=child_said))


def _context(case_id: str) -> str:
    return context_of(case_forms, case_id=case_id)


def _answer(stored: Any) -> Answer:
    return stored if isinstance(stored, str) else tuple(stored)
