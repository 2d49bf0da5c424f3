"""The words of cases, found by any part of them: SQLite's full text, PostgreSQL's index of arrays."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, func, literal, select, text

from tracing.folding import folded
from tracing.ports import Clock
from tracing.store.fulltext import OPTIMIZE
from tracing.store.grams import asked_grams, grams
from tracing.store.records.duty import lock_searchable
from tracing.store.records.expiry import over
from tracing.store.rows import upsert
from tracing.store.tables import case_texts


class SqlTexts:
    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._on_sqlite = connection.dialect.name == "sqlite"

    def put(self, case_id: str, words: str) -> None:
        if not lock_searchable(self._connection, case_id):
            return
        kept = folded(words)
        values = {"words": kept, "grams": grams(kept)}
        statement = upsert(self._connection, case_texts).values(case_id=case_id, **values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=[case_texts.c.case_id], set_=values))

    def same(self, case_id: str, words: str) -> bool:
        query = select(case_texts.c.words).where(case_texts.c.case_id == case_id)
        return self._connection.execute(query).scalar_one_or_none() == folded(words)

    def holding(self, word: str, limit: int) -> list[str]:
        asked = asked_grams(word)
        if not asked:
            return []
        query = select(case_texts.c.case_id).where(self._with_all(asked), self._stands(folded(word).strip()))
        query = query.where(case_texts.c.case_id.not_in(over(self._clock())))
        return list(self._connection.execute(query.order_by(case_texts.c.case_id).limit(limit)).scalars())

    def tidy(self) -> None:
        if self._on_sqlite:
            self._connection.execute(text(OPTIMIZE))

    def _with_all(self, asked: list[str]) -> ColumnElement[bool]:
        if not self._on_sqlite:
            return case_texts.c.grams.op("@>")(literal(asked, case_texts.c.grams.type))
        found = text("SELECT rowid FROM case_grams WHERE case_grams MATCH :asked")
        return case_texts.c.number.in_(found.bindparams(asked=" ".join(f'"{gram}"' for gram in asked)))

    def _stands(self, word: str) -> ColumnElement[bool]:
        """All grams may stand in a text without standing side by side."""
        place = func.instr(case_texts.c.words, word) if self._on_sqlite else func.strpos(case_texts.c.words, word)
        return place > 0
