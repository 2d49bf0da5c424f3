"""The secret address from which a person's own calendar reads what is due at a station."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from tracing.access import Permission, require
from tracing.domain import Actor
from tracing.errors import NotSignedIn
from tracing.ports import Clock, RecordStore
from tracing.records import FeedOwner


class Feeds:
    """Only digests of the addresses are kept. A calendar cannot sign in, so that whoever has the address can read it."""

    def __init__(self, store: RecordStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def made_at(self, actor: Actor) -> datetime | None:
        """When this person's address was made, None where there is none."""
        require(actor, Permission.READ_CASES)
        with self._store.reading() as records:
            owner = records.feeds.of_account(actor.account_id)
        return owner.made_at if owner is not None else None

    def make(self, actor: Actor) -> str:
        """A new token; an earlier one stops working."""
        require(actor, Permission.READ_CASES)
        token = secrets.token_urlsafe(32)
        with self._store.transaction() as records:
            records.feeds.replace(_digest(token), FeedOwner(actor.account_id, actor.station_id, self._clock()))
            records.audit.append(actor, "make_feed", actor.account_id)
        return token

    def drop(self, actor: Actor) -> None:
        """The address stops working."""
        with self._store.transaction() as records:
            if records.feeds.drop(actor.account_id):
                records.audit.append(actor, "drop_feed", actor.account_id)

    def owner(self, token: str) -> Actor:
        """Whose address it is; ``NotSignedIn`` for an unknown one, and for that of an account that is disabled."""
        with self._store.reading() as records:
            owner = records.feeds.owner(_digest(token))
            account = records.accounts.get(owner.account_id) if owner is not None else None
        if account is None or account.disabled_at is not None:
            raise NotSignedIn("This address of a calendar is not known; make a new one on the page of tasks.")
        return Actor(account.account_id, account.name, account.role, account.station_id)


def _digest(token: str) -> str:
    """SHA-256 of 256 random bits: nothing slower is needed against guessing."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
