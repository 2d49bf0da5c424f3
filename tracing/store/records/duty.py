"""Which cases search, the keys by which they are found, and the mark that the clues of one are to be searched with."""

from __future__ import annotations

from collections.abc import Collection as Some
from typing import Final

from sqlalchemy import Connection, and_, select

from tracing.domain import Case, CaseState, LegalBasis
from tracing.store.rows import upsert
from tracing.store.tables import case_texts, cases, clue_keys, clue_searches

SEARCHABLE: Final = and_(cases.c.state == CaseState.OPEN, cases.c.legal_basis != LegalBasis.NONE)
"""Cases that search; past intakes are only found."""


def searches(case: Case) -> bool:
    """``SEARCHABLE`` of a case that was read."""
    return case.state is CaseState.OPEN and case.legal_basis is not LegalBasis.NONE


def drop_keys(connection: Connection, case_id: str) -> None:
    """A case that does not search is not found by clues either. When it searches again it makes its keys and words anew."""
    for table in (clue_keys, case_texts):
        connection.execute(table.delete().where(table.c.case_id == case_id))


def lock_searchable(connection: Connection, case_id: str) -> bool:
    """Whether this case searches, until the end of the transaction: one that is closed at this moment keeps no keys."""
    searching = select(cases.c.case_id).where(cases.c.case_id == case_id, SEARCHABLE).with_for_update(key_share=True)
    return connection.execute(searching).scalar_one_or_none() is not None


def want_clue_search(connection: Connection, case_ids: Some[str]) -> None:
    """Count one more wish for each, in their order: what changes a case and what marks it stands or falls together."""
    if not case_ids:
        return
    mark = upsert(connection, clue_searches)
    one_more = mark.on_conflict_do_update(index_elements=[clue_searches.c.case_id], set_={"wanted": clue_searches.c.wanted + 1})
    connection.execute(one_more, [{"case_id": each, "wanted": 1, "done": 0} for each in sorted(case_ids)])
