"""Accounts and the sessions of signed-in browsers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from tracing.domain import Account, Session
from tracing.errors import Conflict
from tracing.store.rows import add, built, columns_of, found, values_of
from tracing.store.tables import accounts, sessions


class SqlAccounts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, account: Account) -> None:
        try:
            add(self._connection, accounts, [values_of(account)])
        except Conflict as taken:
            raise Conflict(f"The name {account.name} is taken.") from taken

    def get(self, account_id: str) -> Account:
        return found(self._one(accounts.c.account_id == account_id), "account")

    def by_name(self, name: str) -> Account | None:
        return self._one(accounts.c.name == name)

    def by_api_key(self, api_key_hash: str) -> Account | None:
        """None for the empty digest, which every account without a key has."""
        return self._one(accounts.c.api_key_hash == api_key_hash) if api_key_hash else None

    def all(self) -> list[Account]:
        """By name."""
        rows = self._connection.execute(select(*columns_of(accounts, Account)).order_by(accounts.c.name))
        return [built(Account, row) for row in rows]

    def save(self, account: Account) -> None:
        same = accounts.c.account_id == account.account_id
        with self._connection.begin_nested():
            done = self._connection.execute(accounts.update().where(same).values(values_of(account)))
        found(done.rowcount or None, "account")

    def add_session(self, session: Session) -> None:
        add(self._connection, sessions, [values_of(session)])

    def session(self, token_hash: str) -> Session | None:
        query = select(*columns_of(sessions, Session)).where(sessions.c.token_hash == token_hash)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else built(Session, row)

    def sessions_of(self, account_id: str) -> list[Session]:
        query = select(*columns_of(sessions, Session)).where(sessions.c.account_id == account_id)
        rows = self._connection.execute(query.order_by(sessions.c.created_at.desc(), sessions.c.session_id))
        return [built(Session, row) for row in rows]

    def use_session(self, token_hash: str, at: datetime) -> None:
        self._connection.execute(sessions.update().where(sessions.c.token_hash == token_hash).values(used_at=at))

    def end_session(self, token_hash: str) -> None:
        self._connection.execute(sessions.delete().where(sessions.c.token_hash == token_hash))

    def end_sessions_of(self, account_id: str) -> None:
        self._connection.execute(sessions.delete().where(sessions.c.account_id == account_id))

    def end_expired_sessions(self, now: datetime) -> int:
        return self._connection.execute(sessions.delete().where(sessions.c.expires_at <= now)).rowcount

    def _one(self, condition: ColumnElement[bool]) -> Account | None:
        row = self._connection.execute(select(*columns_of(accounts, Account)).where(condition)).one_or_none()
        return None if row is None else built(Account, row)
