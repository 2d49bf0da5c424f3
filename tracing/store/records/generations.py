"""Generations: which encoder's galleries are being built, searched, or kept for a way back."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, select

from tracing.domain import Generation, GenerationState
from tracing.store.rows import add, built, columns_of, found, values_of
from tracing.store.tables import generations

COLUMNS = columns_of(generations, Generation)


class SqlGenerations:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, generation: Generation) -> None:
        add(self._connection, generations, [values_of(generation)])

    def get(self, generation_id: str) -> Generation:
        one = self._select(generations.c.generation_id == generation_id)
        return found(one[0] if one else None, "generation")

    def all(self) -> list[Generation]:
        return self._select()

    def active(self) -> Generation:
        one = self._select(generations.c.state == GenerationState.ACTIVE)
        return found(one[0] if one else None, "active generation")

    def live(self) -> list[Generation]:
        return self._select(generations.c.state.in_([GenerationState.BUILDING, GenerationState.ACTIVE]))

    def live_encoders(self) -> list[str]:
        return list(dict.fromkeys(generation.encoder_id for generation in self.live()))

    def save(self, generation: Generation) -> None:
        """A second active one is refused with ``Conflict``: retire the first one before."""
        same = generations.c.generation_id == generation.generation_id
        with self._connection.begin_nested():
            done = self._connection.execute(generations.update().where(same).values(values_of(generation)))
        found(done.rowcount or None, "generation")

    def _select(self, *conditions: ColumnElement[bool]) -> list[Generation]:
        query = select(*COLUMNS).where(*conditions).order_by(generations.c.created_at, generations.c.generation_id)
        return [built(Generation, row) for row in self._connection.execute(query)]
