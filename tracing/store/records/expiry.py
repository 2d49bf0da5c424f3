"""Questions about what is over, each with the statement that lets it go."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection as Some
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    except_,
    false,
    func,
    or_,
    select,
    type_coerce,
)

from tracing.domain import CaseKind, CaseState, Outcome
from tracing.lifecycle import REJECTED
from tracing.records import Ends, Going, Standing
from tracing.store.columns import Plain
from tracing.store.rows import portions
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

STANDING: Final = (cases.c.kind, cases.c.state, cases.c.outcome)
SINCE: Final = func.coalesce(cases.c.state_since, cases.c.opened_at, type_=cases.c.opened_at.type)
AT_ONCE: Final = 5000
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


def gone(going: Going | None) -> Select[Any]:
    """The ids of the cases that would be erased; none where there is nothing to be asked."""
    ids = select(cases.c.case_id)
    if going is None:
        return ids.where(false())
    expired = select(clones.c.case_id).where(clones.c.expiry_date <= going.now)
    ends: defaultdict[datetime, list[ColumnElement[bool]]] = defaultdict(list)
    for standing, since in going.since.items():
        ends[since].append(_stands(*standing))
    # The moment first: of a hundred thousand cases a few are that old, and no other is held against all the standings.
    late = [and_(since >= SINCE, or_(*standing)) for since, standing in ends.items()]
    return ids.where(or_(cases.c.case_id.in_(expired), *late))


def _stands(kind: CaseKind, state: CaseState, outcome: Outcome | None) -> ColumnElement[bool]:
    ended = cases.c.outcome.is_(None) if outcome is None else cases.c.outcome == outcome
    return and_(cases.c.kind == kind, cases.c.state == state, ended)


def with_pair(going: Going | None) -> Select[Any]:
    """The ids of the pairs that go with those cases."""
    return select(pairs.c.pair_id).where(or_(pairs.c.low_case_id.in_(gone(going)), pairs.c.high_case_id.in_(gone(going))))


_DATES: Final = (
    select(cases.c.case_id, *STANDING, SINCE.label("since"), cases.c.expires_at, clones.c.expiry_date)
    .outerjoin(clones, clones.c.case_id == cases.c.case_id)
    .order_by(cases.c.case_id)
)


def _end(row: Any, until: Ends) -> datetime | None:
    return sooner(until((row.kind, row.state, row.outcome), row.since), row.expiry_date)


def _stay(going: Going | None) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Pairs of two cases that stay."""
    return pairs.c.low_case_id.not_in(gone(going)), pairs.c.high_case_id.not_in(gone(going))


class SqlExpiry:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def cases_over(self, now: datetime, limit: int) -> list[tuple[str, Standing]]:
        query = select(cases.c.case_id, *STANDING).where(cases.c.expires_at <= now)
        rows = self._connection.execute(query.order_by(cases.c.expires_at, cases.c.case_id).limit(limit))
        return [(case_id, (kind, state, outcome)) for case_id, kind, state, outcome in rows]

    def count_cases(self, going: Going) -> dict[Standing, tuple[int, int]]:
        there = self._by_standing()
        over = self._by_standing(cases.c.case_id.in_(gone(going)))
        return {standing: (count, over.get(standing, 0)) for standing, count in there.items()}

    def _by_standing(self, *which: ColumnElement[bool]) -> dict[Standing, int]:
        query = select(*STANDING, func.count()).where(*which).group_by(*STANDING)
        return {(kind, state, outcome): count for kind, state, outcome, count in self._connection.execute(query)}

    def unlock(self, case_id: str, now: datetime) -> bool:
        over = cases.update().where(cases.c.case_id == case_id, cases.c.expires_at <= now).values(expires_at=None)
        return self._connection.execute(over).rowcount == 1

    def misdated(self, until: Ends) -> list[str]:
        wrong: list[str] = []
        after = ""
        while rows := self._connection.execute(_DATES.where(cases.c.case_id > after).limit(AT_ONCE)).all():
            wrong += [row.case_id for row in rows if _end(row, until) != row.expires_at]
            after = rows[-1].case_id
        return wrong

    def redate(self, case_ids: Some[str], until: Ends) -> int:
        changed = 0
        dated = cases.update().where(cases.c.case_id == bindparam("same")).values(expires_at=bindparam("until"))
        for portion in portions(sorted(case_ids)):
            # Whoever gives a case another standing beside this waits, and dates it after it.
            rows = self._connection.execute(_DATES.where(cases.c.case_id.in_(portion)).with_for_update(of=cases)).all()
            moved = [{"same": row.case_id, "until": end} for row in rows if (end := _end(row, until)) != row.expires_at]
            if moved:
                self._connection.execute(dated, moved)
            changed += len(moved)
        return changed

    def runs(self, before: datetime | None, drop: bool = False, going: Going | None = None) -> tuple[int, int]:
        there = self._count(search_runs)
        theirs = 0 if going is None else self._count(search_runs, search_runs.c.case_id.in_(gone(going)))
        over = [] if before is None else self._loose(before, going)
        for portion in portions(over) if drop else ():
            self._connection.execute(search_runs.delete().where(search_runs.c.run_id.in_(portion)))
        return there, len(over) + theirs

    def _loose(self, before: datetime, going: Going | None) -> list[str]:
        """Lists of cases that stay, which nothing rests on that stays.

        Taken away set by set: PostgreSQL would look through all of what is named by NOT IN for each list, where that is much.
        """
        old = select(search_runs.c.run_id).where(search_runs.c.finished_at <= before, search_runs.c.case_id.not_in(gone(going)))
        by_case = search_runs.c.case_id, search_runs.c.generation_id
        latest = select(func.max(search_runs.c.position).label("position")).group_by(*by_case).subquery()
        last = select(search_runs.c.run_id).join(latest, latest.c.position == search_runs.c.position)
        with_other = closings.c.other_case_id.is_not(None) & closings.c.other_case_id.in_(gone(going))
        closed = select(closings.c.list_id).where(closings.c.case_id.not_in(gone(going)), ~with_other)
        loose = except_(old, last, select(pairs.c.list_id).where(*_stay(going)), closed)
        candidates = list(self._connection.execute(loose).scalars())
        rested_on = self._rested_on(going) if candidates else set()
        return [run_id for run_id in candidates if run_id not in rested_on]

    def _rested_on(self, going: Going | None) -> set[str]:
        """The lists that decisions were taken by: without them they could not be replayed."""
        # As text: of a hundred thousand decisions nothing but the list is looked at.
        staying = select(type_coerce(decisions.c.grounds, Plain())).join(pairs, pairs.c.pair_id == decisions.c.pair_id)
        rows = self._connection.execute(staying.where(decisions.c.grounds.is_not(None), *_stay(going)))
        return {json.loads(grounds)["list_id"] for grounds in rows.scalars()}

    def rejections(self, before: datetime | None, drop: bool = False, going: Going | None = None) -> tuple[int, int]:
        ended = select(pairs.c.pair_id).where(pairs.c.state.in_(REJECTED))
        worded = and_(decisions.c.pair_id.in_(ended), decisions.c.reason != "")
        older = decisions.c.decided_at <= before if before is not None else false()
        over = self._count(decisions, worded, older)
        if going is not None:
            over += self._count(decisions, worded, ~older, decisions.c.pair_id.in_(with_pair(going)))
        there = self._count(decisions, worded)
        if drop:
            self._connection.execute(decisions.update().where(worded & older).values(reason="", features={}))
        return there, over

    def drafts(self, before: datetime | None, going: Going | None = None) -> tuple[int, int]:
        older = hand_over_drafts.c.saved_at < before if before is not None else false()
        begun = pairs.c.pair_id.in_(select(hand_over_drafts.c.pair_id))
        over = self._count(hand_over_drafts, older | hand_over_drafts.c.pair_id.in_(with_pair(going).where(begun)))
        return self._count(hand_over_drafts), over

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
