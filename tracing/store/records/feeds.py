"""Secret addresses of calendars."""

from __future__ import annotations

from sqlalchemy import Connection, select

from tracing.records import FeedOwner
from tracing.store.rows import built, columns_of, upsert, values_of
from tracing.store.tables import feeds

COLUMNS = columns_of(feeds, FeedOwner)


class SqlFeeds:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def replace(self, token_hash: str, owner: FeedOwner) -> None:
        values = values_of(owner) | {"token_hash": token_hash}
        fresh = upsert(self._connection, feeds).values(values)
        self._connection.execute(fresh.on_conflict_do_update(index_elements=[feeds.c.account_id], set_=values))

    def owner(self, token_hash: str) -> FeedOwner | None:
        row = self._connection.execute(select(*COLUMNS).where(feeds.c.token_hash == token_hash)).one_or_none()
        return None if row is None else built(FeedOwner, row)

    def of_account(self, account_id: str) -> FeedOwner | None:
        row = self._connection.execute(select(*COLUMNS).where(feeds.c.account_id == account_id)).one_or_none()
        return None if row is None else built(FeedOwner, row)

    def drop(self, account_id: str) -> bool:
        return self._connection.execute(feeds.delete().where(feeds.c.account_id == account_id)).rowcount > 0
