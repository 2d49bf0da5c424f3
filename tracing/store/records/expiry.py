"""Questions about what is over, each with the statement that lets it go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, bindparam, func, or_, select

from tracing.domain import CaseKind, CaseState, Outcome
from tracing.lifecycle import REJECTED
from tracing.store.rows import MOST_AT_ONCE, portions
from tracing.store.tables import (
    accounts,
    cases,
    clones,
    closings,
    decisions,
    feeds,
    hand_over_drafts,
    identities,
    pairs,
    partners,
    search_runs,
    sessions,
)

Standing = tuple[CaseKind, CaseState, Outcome | None]
STANDING: Final = (cases.c.kind, cases.c.state, cases.c.outcome)
NAMELESS: Final = "former-"
"""How accounts are called from then on, with the beginning of their number."""


def live(now: datetime) -> ColumnElement[bool]:
    """Cases whose time is not over: the others are read by nobody, whether they are erased yet or not."""
    return or_(cases.c.expires_at.is_(None), cases.c.expires_at > now)


def over(now: datetime) -> Select[Any]:
    """The ids of the others: few, and found by an index."""
    return select(cases.c.case_id).where(cases.c.expires_at <= now)


def anything_over(connection: Connection, now: datetime) -> bool:
    return connection.execute(over(now).limit(1)).one_or_none() is not None


def live_pair(now: datetime) -> ColumnElement[bool]:
    """Pairs of two such cases: a pair goes with each of its cases."""
    return ~or_(pairs.c.low_case_id.in_(over(now)), pairs.c.high_case_id.in_(over(now)))


def sooner(end: datetime | None, other: datetime | None) -> datetime | None:
    """Of two times at which something may be over the first one; None is never."""
    return min((each for each in (end, other) if each is not None), default=None)


class SqlExpiry:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def cases_over(self, now: datetime, limit: int) -> list[tuple[str, Standing]]:
        query = select(cases.c.case_id, *STANDING).where(cases.c.expires_at <= now)
        rows = self._connection.execute(query.order_by(cases.c.expires_at, cases.c.case_id).limit(limit))
        return [(case_id, (kind, state, outcome)) for case_id, kind, state, outcome in rows]

    def count_cases(self, now: datetime) -> dict[Standing, tuple[int, int]]:
        there = self._by_standing()
        over = self._by_standing(cases.c.expires_at <= now)
        return {standing: (count, over.get(standing, 0)) for standing, count in there.items()}

    def _by_standing(self, *which: ColumnElement[bool]) -> dict[Standing, int]:
        query = select(*STANDING, func.count()).where(*which).group_by(*STANDING)
        return {(kind, state, outcome): count for kind, state, outcome, count in self._connection.execute(query)}

    def unlock(self, case_id: str, now: datetime) -> bool:
        over = cases.update().where(cases.c.case_id == case_id, cases.c.expires_at <= now).values(expires_at=None)
        return self._connection.execute(over).rowcount == 1

    def redate(self, until: Callable[[Standing, datetime], datetime | None]) -> int:
        changed, after = 0, ""
        since = func.coalesce(cases.c.state_since, cases.c.opened_at, type_=cases.c.opened_at.type)
        dated = cases.update().where(cases.c.case_id == bindparam("same")).values(expires_at=bindparam("until"))
        while True:
            query = select(cases.c.case_id, *STANDING, since.label("since"), cases.c.expires_at, clones.c.expiry_date)
            query = query.outerjoin(clones, clones.c.case_id == cases.c.case_id).where(cases.c.case_id > after)
            rows = self._connection.execute(query.order_by(cases.c.case_id).limit(MOST_AT_ONCE)).all()
            if not rows:
                return changed
            wanted = [(row, sooner(until((row.kind, row.state, row.outcome), row.since), row.expiry_date)) for row in rows]
            moved = [{"same": row.case_id, "until": end} for row, end in wanted if end != row.expires_at]
            if moved:
                self._connection.execute(dated, moved)
            changed, after = changed + len(moved), rows[-1].case_id

    def runs(self, before: datetime | None, drop: bool = False) -> tuple[int, int]:
        there = self._count(search_runs)
        if before is None:
            return there, 0
        last = select(func.max(search_runs.c.position)).group_by(search_runs.c.case_id, search_runs.c.generation_id)
        loose = and_(
            search_runs.c.finished_at <= before,
            search_runs.c.position.not_in(last),
            search_runs.c.run_id.not_in(select(pairs.c.list_id)),
            search_runs.c.run_id.not_in(select(closings.c.list_id)),
        )
        candidates = list(self._connection.execute(select(search_runs.c.run_id).where(loose)).scalars())
        rested_on = self._rested_on() if candidates else set()
        over = [run_id for run_id in candidates if run_id not in rested_on]
        for portion in portions(over) if drop else ():
            self._connection.execute(search_runs.delete().where(search_runs.c.run_id.in_(portion)))
        return there, len(over)

    def _rested_on(self) -> set[str]:
        """The lists that decisions were taken by: without them they could not be replayed."""
        rows = self._connection.execute(select(decisions.c.grounds).where(decisions.c.grounds.is_not(None)))
        return {grounds.list_id for grounds in rows.scalars()}

    def rejections(self, before: datetime | None, drop: bool = False) -> tuple[int, int]:
        ended = select(pairs.c.pair_id).where(pairs.c.state.in_(REJECTED))
        worded = and_(decisions.c.pair_id.in_(ended), decisions.c.reason != "")
        older = and_(worded, decisions.c.decided_at <= before) if before is not None else None
        there, over = self._count(decisions, worded), 0 if older is None else self._count(decisions, older)
        if drop and older is not None:
            self._connection.execute(decisions.update().where(older).values(reason="", features={}))
        return there, over

    def drafts(self, before: datetime | None) -> tuple[int, int]:
        older = hand_over_drafts.c.saved_at <= before
        return self._count(hand_over_drafts), 0 if before is None else self._count(hand_over_drafts, older)

    def accounts(self, before: datetime | None, drop: bool = False) -> tuple[int, int]:
        named = and_(accounts.c.disabled_at.is_not(None), ~accounts.c.name.startswith(NAMELESS))
        older = and_(named, accounts.c.disabled_at <= before) if before is not None else None
        ids = [] if older is None else list(self._connection.execute(select(accounts.c.account_id).where(older)).scalars())
        there = self._count(accounts, named)
        for account_id in ids if drop else ():
            mine = accounts.c.account_id == account_id
            nameless = {"name": NAMELESS + account_id[:12], "password_hash": "", "api_key_hash": ""}
            self._connection.execute(accounts.update().where(mine).values(nameless))
            for table in (feeds, identities, sessions, partners):
                self._connection.execute(table.delete().where(table.c.account_id == account_id))
        return there, len(ids)

    def _count(self, table: Table, *which: Any) -> int:
        counted: int = self._connection.execute(select(func.count()).select_from(table).where(*which)).scalar_one()
        return counted
