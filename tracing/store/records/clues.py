"""Clues with their history, the keys of cases, which searches by clues are due, and what they found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Float, Row, Select, Text, and_, bindparam, column, func, or_, select, values

from tracing.domain import Clue, ClueHit, ClueVersion, PairState
from tracing.errors import Conflict, Stale
from tracing.ports import Clock
from tracing.records import Sought
from tracing.store.records.decisions import standing
from tracing.store.records.duty import SEARCHABLE, drop_keys, lock_searchable, want_clue_search
from tracing.store.records.expiry import live, live_pair, over
from tracing.store.rows import add, built, columns_of, found, portions, upsert, values_of
from tracing.store.tables import cases, clue_hits, clue_keys, clue_searches, clues, decisions, pairs, partner_links

TOLD: Final = [field.name for field in fields(Clue)]
COLUMNS: Final = columns_of(clues, Clue) + columns_of(clues, ClueVersion, but=("clue",))
DUE: Final = clue_searches.c.wanted > clue_searches.c.done


class SqlClues:
    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

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
        if not lock_searchable(self._connection, case_id):
            return
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
            query = (
                select(clue_keys.c.key, func.count())
                .where(clue_keys.c.key.in_(portion), self._found())
                .group_by(clue_keys.c.key)
            )
            known.update((key, count) for key, count in self._connection.execute(query))
        return known

    def nearest(self, worth: Mapping[str, float], but: str, limit: int) -> dict[str, float]:
        if not worth:
            return {}
        each = values(column("key", Text), column("worth", Float)).data(sorted(worth.items())).cte("each")
        total = func.sum(each.c.worth).label("total")
        summed = select(clue_keys.c.case_id, total).join(each, each.c.key == clue_keys.c.key)
        summed = summed.where(clue_keys.c.case_id != but, self._found())
        highest = summed.group_by(clue_keys.c.case_id).order_by(total.desc(), clue_keys.c.case_id).limit(limit)
        return {row.case_id: row.total for row in self._connection.execute(highest)}

    def draw(self, sought: Sought, start: str, limit: int, key: str = "") -> list[str]:
        drawn: list[str] = []
        for side in (cases.c.case_id >= start, cases.c.case_id < start):
            query = _sought(select(cases.c.case_id), sought, key).where(side, live(self._clock())).order_by(cases.c.case_id)
            drawn += self._connection.execute(query.limit(limit - len(drawn))).scalars()
        return drawn

    def count(self, sought: Sought, key: str = "") -> int:
        return int(self._connection.execute(_sought(select(func.count()), sought, key).where(live(self._clock()))).scalar_one())

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
            rows = self._connection.execute(query.where(clue_searches.c.case_id.in_(portion), SEARCHABLE, live(self._clock())))
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
        waiting = select(cases.c.case_id).join(clue_searches, clue_searches.c.case_id == cases.c.case_id)
        waiting = waiting.where(SEARCHABLE, DUE, live(self._clock()))
        return list(self._connection.execute(waiting.order_by(cases.c.opened_at, cases.c.case_id).limit(limit)).scalars())

    def coverage(self, station_id: str | None = None) -> tuple[int, int]:
        counted = and_(SEARCHABLE, cases.c.case_id.not_in(over(self._clock())))
        counted = counted if station_id is None else and_(counted, cases.c.station_id == station_id)
        there = select(func.count()).select_from(cases).where(counted)
        done = select(func.count()).select_from(cases).join(clue_searches, clue_searches.c.case_id == cases.c.case_id)
        searched = done.where(counted, ~DUE)
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

    def unsupported(self, now: datetime, limit: int, case_id: str = "") -> list[str]:
        free = or_(pairs.c.claimed_by.is_(None), pairs.c.claimed_until <= now)
        query = (
            select(pairs.c.pair_id)
            .where(bare_pairs(), free, live_pair(now))
            .order_by(pairs.c.low_case_id, pairs.c.high_case_id)
        )
        if case_id:
            query = query.where(or_(pairs.c.low_case_id == case_id, pairs.c.high_case_id == case_id))
        return list(self._connection.execute(query.limit(limit)).scalars())

    def drop_leftovers(self) -> None:
        self._connection.execute(clue_keys.delete().where(clue_keys.c.case_id.in_(keys_left())))
        _drop_in_order(self._connection, hits_left())

    def settled(self, after: str, limit: int) -> list[str]:
        query = select(cases.c.case_id).join(clue_searches, clue_searches.c.case_id == cases.c.case_id)
        later = query.where(SEARCHABLE, ~DUE, cases.c.case_id > after).order_by(cases.c.case_id).limit(limit)
        return list(self._connection.execute(later).scalars())

    def hits(self, pair_ids: Some[str]) -> dict[str, ClueHit]:
        known: dict[str, ClueHit] = {}
        for portion in portions(set(pair_ids)):
            rows = self._connection.execute(select(*columns_of(clue_hits, ClueHit)).where(clue_hits.c.pair_id.in_(portion)))
            known |= {row.pair_id: built(ClueHit, row) for row in rows}
        return known

    def _found(self) -> ColumnElement[bool]:
        """Keys of a case whose time is not over."""
        return clue_keys.c.case_id.not_in(over(self._clock()))

    def _unjudged(self, pair_ids: Some[str]) -> set[str]:
        """Those that nobody has judged, locked in the order in which searches and reviewers lock them."""
        free: set[str] = set()
        for portion in portions(set(pair_ids)):
            query = select(pairs.c.pair_id).where(pairs.c.pair_id.in_(portion), _unjudged_pairs())
            in_order = query.order_by(pairs.c.low_case_id, pairs.c.high_case_id).with_for_update(key_share=True)
            free.update(self._connection.execute(in_order).scalars())
        return free


def _unjudged_pairs() -> ColumnElement[bool]:
    judged = select(decisions.c.pair_id).where(decisions.c.pair_id == pairs.c.pair_id, standing()).exists()
    return and_(pairs.c.state.in_([PairState.PROPOSED, PairState.UNDER_REVIEW]), ~judged)


def _both(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether it holds of both cases of a pair."""
    sides = select(func.count()).select_from(
        cases.join(clue_searches, clue_searches.c.case_id == cases.c.case_id, isouter=True)
    )
    counted = sides.where(cases.c.case_id.in_([pairs.c.low_case_id, pairs.c.high_case_id]), condition)
    return counted.correlate(pairs).scalar_subquery() == 2


def bare_pairs() -> ColumnElement[bool]:
    """Pairs that wait though nothing speaks for them: neither a face, whose score stays, nor a clue, nor a search to come, nor
    partners who say that the two are one."""
    hit = select(clue_hits.c.pair_id).where(clue_hits.c.pair_id == pairs.c.pair_id).exists()
    linked = select(partner_links.c.pair_id).where(partner_links.c.pair_id == pairs.c.pair_id).exists()
    return and_(
        _unjudged_pairs(),
        pairs.c.score.is_(None),
        ~hit,
        ~linked,
        _both(and_(SEARCHABLE, clue_searches.c.wanted <= clue_searches.c.done)),
    )


def keys_left() -> Select[Any]:
    """Cases with keys that no search may find."""
    return select(cases.c.case_id).where(
        ~SEARCHABLE, select(clue_keys.c.key).where(clue_keys.c.case_id == cases.c.case_id).exists()
    )


def hits_left(case_id: str = "") -> Select[Any]:
    """Pairs with a hit that waits for nobody; of one case, whatever it is now, where it is named."""
    own = or_(pairs.c.low_case_id == case_id, pairs.c.high_case_id == case_id) if case_id else ~_both(SEARCHABLE)
    query = select(clue_hits.c.pair_id).join(pairs, pairs.c.pair_id == clue_hits.c.pair_id)
    return query.where(_unjudged_pairs(), own).order_by(clue_hits.c.pair_id)


def _drop_in_order(connection: Connection, pair_ids: Select[Any]) -> None:
    """Locked in order first, so that a search that writes hits and this do not wait for each other."""
    locked = list(connection.execute(pair_ids.with_for_update(of=clue_hits)).scalars())
    for portion in portions(locked):
        connection.execute(clue_hits.delete().where(clue_hits.c.pair_id.in_(portion)))


def forget_clue_search(connection: Connection, case_id: str) -> None:
    """Of a case that is not searched any more: what it was found by, and what was found and nobody has judged."""
    drop_keys(connection, case_id)
    _drop_in_order(connection, hits_left(case_id))


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
