"""Identities of a provider of sign-ins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from tracing.domain import Identity
from tracing.store.rows import built, columns_of, upsert, values_of
from tracing.store.tables import identities


class SqlIdentities:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, issuer: str, subject: str) -> Identity | None:
        return self._one(_is(issuer, subject))

    def by_code(self, code: str) -> Identity | None:
        return self._one(identities.c.code == code) if code else None

    def of_account(self, account_id: str) -> Identity | None:
        return self._one(identities.c.account_id == account_id)

    def linked(self) -> list[Identity]:
        query = select(*columns_of(identities, Identity)).where(identities.c.account_id.is_not(None))
        return [built(Identity, row) for row in self._connection.execute(query.order_by(identities.c.account_id))]

    def save(self, identity: Identity) -> None:
        values = values_of(identity)
        with self._connection.begin_nested():
            self._connection.execute(
                upsert(self._connection, identities)
                .values(values)
                .on_conflict_do_update(index_elements=[identities.c.issuer, identities.c.subject], set_=values)
            )

    def remove(self, identity: Identity) -> None:
        self._connection.execute(identities.delete().where(_is(identity.issuer, identity.subject)))

    def end_waiting(self, before: datetime) -> int:
        waiting = identities.c.account_id.is_(None) & (identities.c.seen_at < before)
        return self._connection.execute(identities.delete().where(waiting)).rowcount

    def _one(self, condition: ColumnElement[bool]) -> Identity | None:
        row = self._connection.execute(select(*columns_of(identities, Identity)).where(condition)).one_or_none()
        return None if row is None else built(Identity, row)


def _is(issuer: str, subject: str) -> ColumnElement[bool]:
    return (identities.c.issuer == issuer) & (identities.c.subject == subject)
