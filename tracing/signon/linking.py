"""Signing in by a provider, and which account somebody has whom it knows.

The provider says who somebody is and nothing else: roles and stations are those of the account. Whom it names for the first
time is shown a code. An account that has a password is linked by its owner, who says the password: else whoever links could
make themselves a second reviewer. One that has none is linked by a manager of its station, or by the operator, with the code.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from tracing.access import Permission, allows, require
from tracing.accounts import Accounts, SignedIn
from tracing.domain import Account, Actor, Identity, Role
from tracing.errors import Conflict, Invalid, NotAllowed
from tracing.ports import Clock, RecordStore, SignOnProvider, SignOnRequest
from tracing.records import Records

WAITS: Final = timedelta(days=3)
"""So long a code is good for."""
LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Those that nobody mistakes for another one, on paper or on the phone."""


@dataclass(frozen=True, slots=True)
class Linking:
    """An account, and whether somebody signs in to it by the provider."""

    account: Account
    linked: bool

    @property
    def by_owner(self) -> bool:
        """Whether it takes the owner's password to link it."""
        return self.account.password_hash != ""


class SignOn:
    """Two identities never share an account, and an account has one identity."""

    def __init__(self, store: RecordStore, clock: Clock, provider: SignOnProvider, accounts: Accounts) -> None:
        self._store = store
        self._clock = clock
        self.provider = provider
        self._accounts = accounts

    def request(self) -> SignOnRequest:
        return self.provider.request()

    def arrive(self, code: str, request: SignOnRequest, before: str = "") -> SignedIn | Identity:
        """Signed in, or who waits to be linked; raises ``SignOnFailed`` or ``NotSignedIn``."""
        subject = self.provider.subject_of(code, request)
        now = self._clock()
        with self._store.transaction() as records:
            records.identities.end_waiting(now - WAITS)
            found = records.identities.get(self.provider.issuer, subject)
            if found is None or found.account_id is None:
                waiting = replace(found or Identity(self.provider.issuer, subject, now, _code()), seen_at=now)
                records.identities.save(waiting)
                return waiting
        return self._accounts.sign_in_linked(found.account_id, before)

    def link_own(self, code: str, checked: Account, before: str = "") -> SignedIn:
        """Link the one who waits with this code to the account whose password they have said, and sign them in."""
        with self._store.transaction() as records:
            self._link(records, code, checked)
            records.audit.append(_self(checked), "link_sign_on", checked.account_id, {"by": "owner"})
        return self._accounts.sign_in_linked(checked.account_id, before)

    def link(self, actor: Actor, name: str, code: str) -> Account:
        """Link the one who waits with this code to the account of this name; its sessions end."""
        require(actor, Permission.LINK_SIGN_ONS)
        with self._store.transaction() as records:
            account = _account(records, actor, name)
            if account.password_hash and not allows(actor, Permission.OPERATE):
                raise NotAllowed("This account has a password: its owner links it, on the page that shows the code.")
            self._link(records, _typed(code), account)
            records.accounts.end_sessions_of(account.account_id)
            records.audit.append(actor, "link_sign_on", account.account_id, {"by": "code"})
        return account

    def unlink(self, actor: Actor, name: str) -> None:
        """The provider opens this account to nobody any more, and its sessions end."""
        require(actor, Permission.LINK_SIGN_ONS)
        with self._store.transaction() as records:
            account = _account(records, actor, name)
            identity = records.identities.of_account(account.account_id)
            if identity is None:
                raise Invalid("Nobody signs in to this account by the provider.", "name")
            records.identities.remove(identity)
            records.accounts.end_sessions_of(account.account_id)
            records.audit.append(actor, "unlink_sign_on", account.account_id)

    def linkings(self, actor: Actor) -> list[Linking]:
        """The accounts of people whom this person may link, by name."""
        require(actor, Permission.LINK_SIGN_ONS)
        with self._store.reading() as records:
            linked = {identity.account_id for identity in records.identities.linked()}
            accounts = [each for each in records.accounts.all() if _may_link(actor, each) and each.disabled_at is None]
        return [Linking(account, account.account_id in linked) for account in accounts]

    def _link(self, records: Records, code: str, account: Account) -> None:
        now = self._clock()
        waiting = records.identities.by_code(code)
        if waiting is None or waiting.seen_at < now - WAITS:
            raise Invalid("Nobody waits with this code: it is another one, or it has run out.", "code")
        if records.identities.of_account(account.account_id) is not None:
            raise Conflict("Somebody signs in to this account by the provider already.")
        records.identities.save(replace(waiting, code="", account_id=account.account_id, linked_at=now))


def _account(records: Records, actor: Actor, name: str) -> Account:
    account = records.accounts.by_name(name.strip())
    if account is None or account.disabled_at is not None or not _may_link(actor, account):
        raise Invalid("There is no such account at your station, or it is disabled.", "name")
    return account


def _may_link(actor: Actor, account: Account) -> bool:
    here = allows(actor, Permission.OPERATE) or account.station_id == actor.station_id
    return here and account.role not in (Role.SERVICE, Role.PARTNER)


def _self(account: Account) -> Actor:
    return Actor(account.account_id, account.name, account.role, account.station_id)


def _code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(10))


def _typed(code: str) -> str:
    """As it was shown: in capitals, without blanks and dashes."""
    return "".join(code.split()).replace("-", "").upper()
