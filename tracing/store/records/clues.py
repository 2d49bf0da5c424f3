"""Clues with their history, the keys of cases, which searches by clues are due, and what they found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, bindparam, func, or_, select

from tracing.domain import Clue, ClueHit, ClueVersion, PairState
from tracing.errors import Conflict, Stale
from tracing.records import Sought
from tracing.store.records.decisions import standing
from tracing.store.records.duty import SEARCHABLE, want_clue_search
from tracing.store.rows import add, built, columns_of, found, portions, upsert, values_of
from tracing.store.tables import cases, clue_hits, clue_keys, clue_searches, clues, decisions, pairs

TOLD: Final = [field.name for field in fields(Clue)]
COLUMNS: Final = columns_of(clues, Clue) + columns_of(clues, ClueVersion, but=("clue",))
DUE: Final = clue_searches.c.wanted > clue_searches.c.done


class SqlClues:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, version: ClueVersion) -> None:
        clue = version.clue
        if version.version > 1:
            before = (
                (clues.c.clue_id == clue.clue_id) & (clues.c.version == version.version - 1) & clues.c.superseded_at.is_(None)
            )
            if self._connection.execute(clues.update().where(before).values(superseded_at=version.recorded_at)).rowcount == 0:
                self.get(clue.clue_id)
                raise Stale("Somebody else has changed this clue since you opened it; look at it again.")
        try:
            add(self._connection, clues, [values_of(clue) | values_of(version, but=("clue",))])
        except Conflict as taken:
            raise Stale("Somebody else has changed this clue since you opened it; look at it again.") from taken
        want_clue_search(self._connection, [clue.case_id])

    def get(self, clue_id: str) -> ClueVersion:
        query = select(*COLUMNS).where(clues.c.clue_id == clue_id, clues.c.superseded_at.is_(None))
        return _version(found(self._connection.execute(query).one_or_none(), "clue"))

    def history(self, clue_id: str) -> list[ClueVersion]:
        query = select(*COLUMNS).where(clues.c.clue_id == clue_id).order_by(clues.c.version)
        return [_version(row) for row in self._connection.execute(query)]

    def of_cases(self, case_ids: Some[str]) -> dict[str, list[ClueVersion]]:
        told: dict[str, list[ClueVersion]] = defaultdict(list)
        for portion in portions(set(case_ids)):
            counting = (clues.c.case_id.in_(portion), clues.c.superseded_at.is_(None), ~clues.c.withdrawn)
            query = select(*COLUMNS).where(*counting).order_by(clues.c.said_at, clues.c.clue_id)
            for row in self._connection.execute(query):
                told[row.case_id].append(_version(row))
        return dict(told)

    def put_keys(self, case_id: str, keys: Some[str]) -> None:
        before, after = self.keys(case_id), set(keys)
        for portion in portions(before - after):
            gone = (clue_keys.c.case_id == case_id) & clue_keys.c.key.in_(portion)
            self._connection.execute(clue_keys.delete().where(gone))
        rows = [{"key": key, "case_id": case_id} for key in sorted(after - before)]
        if rows:
            self._connection.execute(upsert(self._connection, clue_keys).on_conflict_do_nothing(), rows)

    def keys(self, case_id: str) -> set[str]:
        return set(self._connection.execute(select(clue_keys.c.key).where(clue_keys.c.case_id == case_id)).scalars())

    def frequencies(self, keys: Some[str]) -> dict[str, int]:
        known: dict[str, int] = {}
        for portion in portions(set(keys)):
            query = select(clue_keys.c.key, func.count()).where(clue_keys.c.key.in_(portion)).group_by(clue_keys.c.key)
            known.update((key, count) for key, count in self._connection.execute(query))
        return known

    def holders(self, keys: Some[str], but: str) -> dict[str, set[str]]:
        held: dict[str, set[str]] = defaultdict(set)
        for portion in portions(set(keys)):
            query = select(clue_keys.c.case_id, clue_keys.c.key).join(cases, cases.c.case_id == clue_keys.c.case_id)
            for case_id, key in self._connection.execute(query.where(clue_keys.c.key.in_(portion), SEARCHABLE)):
                held[case_id].add(key)
        held.pop(but, None)
        return dict(held)

    def draw(self, sought: Sought, start: str, limit: int, key: str = "") -> list[str]:
        drawn: list[str] = []
        for side in (cases.c.case_id >= start, cases.c.case_id < start):
            query = _sought(select(cases.c.case_id), sought, key).where(side).order_by(cases.c.case_id)
            drawn += self._connection.execute(query.limit(limit - len(drawn))).scalars()
        return drawn

    def count(self, sought: Sought, key: str = "") -> int:
        return int(self._connection.execute(_sought(select(func.count()), sought, key)).scalar_one())

    def held(self, case_ids: Some[str]) -> dict[str, set[str]]:
        known: dict[str, set[str]] = defaultdict(set)
        for portion in portions(set(case_ids)):
            query = select(clue_keys.c.case_id, clue_keys.c.key).where(clue_keys.c.case_id.in_(portion))
            for case_id, key in self._connection.execute(query):
                known[case_id].add(key)
        return dict(known)

    def want_everywhere(self) -> int:
        # Locked in order, so that a reviewer who holds two cases and this do not wait for each other.
        all_of_them = select(cases.c.case_id).where(SEARCHABLE).order_by(cases.c.case_id)
        case_ids = list(self._connection.execute(all_of_them.with_for_update(key_share=True)).scalars())
        want_clue_search(self._connection, case_ids)
        return len(case_ids)

    def wanted(self, case_ids: Some[str]) -> dict[str, int]:
        marked: dict[str, int] = {}
        for portion in portions(set(case_ids)):
            query = select(clue_searches.c.case_id, clue_searches.c.wanted).join(
                cases, cases.c.case_id == clue_searches.c.case_id
            )
            rows = self._connection.execute(query.where(clue_searches.c.case_id.in_(portion), SEARCHABLE))
            marked.update((case_id, wanted) for case_id, wanted in rows)
        return marked

    def searched(self, wanted: Mapping[str, int], at: datetime) -> None:
        """Nothing happens where a case is gone, or where a later search has ended before. In the order of the cases."""
        if wanted:
            same = clue_searches.c.case_id == bindparam("same"), clue_searches.c.done < bindparam("reached")
            done = clue_searches.update().where(*same).values(done=bindparam("reached"), searched_at=bindparam("at"))
            rows = [{"same": case_id, "reached": wanted[case_id], "at": at} for case_id in sorted(wanted)]
            self._connection.execute(done, rows)

    def due(self, limit: int) -> list[str]:
        waiting = select(cases.c.case_id).join(clue_searches, clue_searches.c.case_id == cases.c.case_id).where(SEARCHABLE, DUE)
        return list(self._connection.execute(waiting.order_by(cases.c.opened_at, cases.c.case_id).limit(limit)).scalars())

    def coverage(self) -> tuple[int, int]:
        there = select(func.count()).select_from(cases).where(SEARCHABLE)
        done = select(func.count()).select_from(cases).join(clue_searches, clue_searches.c.case_id == cases.c.case_id)
        searched = done.where(SEARCHABLE, ~DUE)
        return self._connection.execute(searched).scalar_one(), self._connection.execute(there).scalar_one()

    def put_hits(self, hits: Sequence[ClueHit]) -> set[str]:
        open_to_it = self._unjudged([hit.pair_id for hit in hits])
        rows = [values_of(hit) for hit in sorted(hits, key=lambda hit: hit.pair_id) if hit.pair_id in open_to_it]
        if rows:
            statement = upsert(self._connection, clue_hits)
            refreshed = {name: statement.excluded[name] for name in ("weight", "evidence", "found_at")}
            self._connection.execute(
                statement.on_conflict_do_update(index_elements=[clue_hits.c.pair_id], set_=refreshed), rows
            )
        return {row["pair_id"] for row in rows}

    def drop_hits(self, pair_ids: Some[str]) -> None:
        for portion in portions(self._unjudged(pair_ids)):
            self._connection.execute(clue_hits.delete().where(clue_hits.c.pair_id.in_(portion)))

    def hits(self, pair_ids: Some[str]) -> dict[str, ClueHit]:
        known: dict[str, ClueHit] = {}
        for portion in portions(set(pair_ids)):
            rows = self._connection.execute(select(*columns_of(clue_hits, ClueHit)).where(clue_hits.c.pair_id.in_(portion)))
            known |= {row.pair_id: built(ClueHit, row) for row in rows}
        return known

    def _unjudged(self, pair_ids: Some[str]) -> set[str]:
        """Those that nobody has judged, locked in the order in which searches and reviewers lock them."""
        free: set[str] = set()
        judged = select(decisions.c.pair_id).where(decisions.c.pair_id == pairs.c.pair_id, standing()).exists()
        for portion in portions(set(pair_ids)):
            untouched = pairs.c.state.in_([PairState.PROPOSED, PairState.UNDER_REVIEW])
            query = select(pairs.c.pair_id).where(pairs.c.pair_id.in_(portion), untouched, ~judged)
            in_order = query.order_by(pairs.c.low_case_id, pairs.c.high_case_id).with_for_update(key_share=True)
            free.update(self._connection.execute(in_order).scalars())
        return free


def _sought(query: Select[Any], sought: Sought, key: str) -> Select[Any]:
    query = query.select_from(cases).where(SEARCHABLE, cases.c.kind == sought.kind)
    if sought.sex is not None:
        query = query.where(or_(cases.c.sex == sought.sex, cases.c.sex.is_(None)))
    if key:
        query = query.join(clue_keys, clue_keys.c.case_id == cases.c.case_id).where(clue_keys.c.key == key)
    return query


def _version(row: Row[Any]) -> ClueVersion:
    values = dict(row._mapping)
    clue = Clue(**{name: values.pop(name) for name in TOLD})
    return ClueVersion(clue=clue, **values)
