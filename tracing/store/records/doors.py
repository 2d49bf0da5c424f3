"""Wrong sign-ins in a row, and searches by account and day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, case, func, select

from tracing.domain import Failures
from tracing.store.rows import built, columns_of, upsert
from tracing.store.tables import search_counts, sign_in_failures

_COLUMNS = columns_of(sign_in_failures, Failures)
OPEN: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Shut until then is open by every clock, also by one that is set back."""


class SqlDoors:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def attempt(self, who: str, now: datetime, lasts: timedelta) -> Failures:
        table = sign_in_failures
        self._connection.execute(table.delete().where(table.c.who == who, table.c.shut_until > now + 2 * lasts))
        first = upsert(self._connection, table).values(who=who, count=1, last_at=now, shut_until=OPEN)
        number = case((table.c.last_at < now - lasts, 1), else_=table.c.count + 1)
        counted = first.on_conflict_do_update(
            index_elements=[table.c.who], set_={"count": number, "last_at": now}, where=table.c.shut_until <= now
        )
        row = self._connection.execute(counted.returning(*_COLUMNS)).one_or_none()
        if row is None:
            row = self._connection.execute(select(*_COLUMNS).where(table.c.who == who)).one()
        return built(Failures, row)

    def shut(self, who: str, until: datetime) -> None:
        self._connection.execute(sign_in_failures.update().where(sign_in_failures.c.who == who).values(shut_until=until))

    def forgive(self, who: str) -> None:
        table = sign_in_failures
        back = table.update().where(table.c.who == who, table.c.count > 0)
        self._connection.execute(back.values(count=table.c.count - 1, shut_until=OPEN))

    def forget(self, who: str) -> None:
        self._connection.execute(sign_in_failures.delete().where(sign_in_failures.c.who == who))

    def forget_before(self, moment: datetime) -> int:
        table = sign_in_failures
        return self._connection.execute(table.delete().where(table.c.last_at < moment, table.c.shut_until < moment)).rowcount

    def count_shut(self, now: datetime) -> int:
        query = select(func.count()).select_from(sign_in_failures).where(sign_in_failures.c.shut_until > now)
        return int(self._connection.execute(query).scalar_one())

    def count_search(self, account_id: str, day: date) -> int:
        table = search_counts
        first = upsert(self._connection, table).values(account_id=account_id, day=day.isoformat(), count=1)
        counted = first.on_conflict_do_update(
            index_elements=[table.c.account_id, table.c.day], set_={"count": table.c.count + 1}
        )
        return int(self._connection.execute(counted.returning(table.c.count)).scalar_one())

    def searches(self, day: date, at_least: int) -> dict[str, int]:
        table = search_counts
        query = select(table.c.account_id, table.c.count).where(table.c.day == day.isoformat(), table.c.count >= at_least)
        rows = self._connection.execute(query.order_by(table.c.account_id)).all()
        return {row[0]: row[1] for row in rows}

    def forget_searches_before(self, day: date) -> int:
        return self._connection.execute(search_counts.delete().where(search_counts.c.day < day.isoformat())).rowcount
