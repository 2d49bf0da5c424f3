"""Records that are named by an identity number: what is kept in its place, and of those kept before, what is put there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, select, update

from tracing.domain import Source
from tracing.domain.id_numbers import WITHHELD
from tracing.folding import spelled_alike
from tracing.store.contexts import context_of
from tracing.store.keys import Keyring
from tracing.store.records.digests import SourceDigests
from tracing.store.records.hits import USE
from tracing.store.tables import case_sources, imported_records, list_hits

NUMBERS: Final = "identity number"
HEX: Final = 32
"""Of a digest: 128 bits name everybody once."""
AT_ONCE: Final = 500


class SourceNames:
    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring
        self._digests = SourceDigests(connection, keyring, NUMBERS)

    def kept(self, sources: Sequence[Source]) -> list[Source]:
        """Each as it is kept, whichever way its sender is spelled. What is kept is kept as it is."""
        numbers = [Source(spelled_alike(each.source), spelled_alike(each.source_id)) for each in sources if each.names_a_person]
        digests = iter(self._digests.of(*numbers) if numbers else [])
        return [Source(each.source, f"{WITHHELD}{next(digests)[:HEX]}") if each.names_a_person else each for each in sources]

    def withhold(self, sources: Sequence[Source]) -> None:
        """Of records that are kept under these names. Their digests go: they were made of the number too, without a key."""
        for source, kept in zip(sources, self.kept(sources), strict=True):
            there = select(case_sources.c.case_id).where(case_sources.c.source == source.source)
            if self._connection.execute(there.where(case_sources.c.source_id == kept.source_id)).first() is not None:
                continue
            for case_id in self._connection.execute(there.where(case_sources.c.source_id == source.source_id)).scalars().all():
                renamed = {"source_id": kept.source_id, "identity": True}
                self._connection.execute(update(case_sources).where(case_sources.c.case_id == case_id).values(renamed))
                of_case = imported_records.c.case_id == case_id
                self._connection.execute(update(imported_records).where(of_case).values(digest=""))

    def are_withheld(self) -> bool:
        """Whether nothing is left of before identity numbers were withheld, and the key of their digests is there."""
        left = (select(table.c.identity).where(table.c.identity.is_(None)).limit(1) for table in (case_sources, list_hits))
        return self._digests.begun and all(self._connection.execute(query).first() is None for query in left)

    def withhold_earlier(self) -> bool:
        """Look at some of what was kept before identity numbers were withheld; False where none is left."""
        self._digests.begin()
        return self._cases() or self._hits()

    def _cases(self) -> bool:
        query = select(case_sources).where(case_sources.c.identity.is_(None)).limit(AT_ONCE).with_for_update()
        rows = self._connection.execute(query).all()
        looked_at = case_sources.c.case_id.in_([row.case_id for row in rows])
        self._connection.execute(update(case_sources).where(looked_at).values(identity=False))
        found = [Source(row.source, row.source_id) for row in rows]
        self.withhold([each for each in found if each.names_a_person])
        return bool(rows)

    def _hits(self) -> bool:
        """Those of the same record get the same digest again, so that the next list brings no second one."""
        columns = (list_hits.c.hit_id, list_hits.c.case_id, list_hits.c.source, list_hits.c.sealed)
        query = select(*columns).where(list_hits.c.identity.is_(None)).limit(AT_ONCE).with_for_update()
        rows = self._connection.execute(query).all()
        for row in rows:
            context = context_of(list_hits, hit_id=row.hit_id, case_id=row.case_id)
            private = self._keyring.open_json(row.sealed, context)
            values: dict[str, object] = {"identity": False}
            source = Source(row.source, private["source_id"])
            if source.names_a_person:
                (kept,) = self.kept([source])
                (digest,) = SourceDigests(self._connection, self._keyring, USE).of(kept)
                sealed = self._keyring.seal_json(private | {"source_id": kept.source_id}, context)
                values = {"identity": True, "record_digest": digest, "sealed": sealed}
            self._connection.execute(update(list_hits).where(list_hits.c.hit_id == row.hit_id).values(values))
        return bool(rows)
