"""Who may sign in: accounts, passwords and API keys."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace

from tracing.access import Permission, require
from tracing.domain import Account, Actor, Role, Session
from tracing.errors import Invalid, NotSignedIn
from tracing.passwords import Passwords
from tracing.ports import Clock, NewId, RecordStore
from tracing.records import Records
from tracing.sessions import Sessions, digest
from tracing.stations.register import open_station
from tracing.throttle import Throttle

KEY_PREFIX = "trc_"
_WRONG = "The name or the password is wrong."
KEY_ALONE = "A program of a partner has an API key, and no password: the pages are not for it."
BY_PROVIDER = "Your password opens nothing any more: sign in by the provider."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: ``token`` is the cookie's value and is kept nowhere else."""

    token: str
    actor: Actor
    session: Session


class Accounts:
    """Passwords are kept as Argon2id, keys and session tokens as digests."""

    def __init__(
        self,
        store: RecordStore,
        clock: Clock,
        new_id: NewId,
        sessions: Sessions,
        throttle: Throttle,
        by_password: Collection[Role] = frozenset(Role),
        passwords: Passwords | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._sessions = sessions
        self._throttle = throttle
        self._by_password = by_password
        self._passwords = passwords if passwords is not None else Passwords()

    def add(
        self,
        actor: Actor,
        name: str,
        role: Role,
        password: str | None = None,
        with_api_key: bool = False,
        station_id: str = "main",
    ) -> tuple[Account, str | None]:
        """A new account, and its API key where one was asked for: this is the only moment at which the key can be read."""
        require(actor, Permission.OPERATE)
        name = name.strip()
        if not 1 <= len(name) <= 100 or not name.isprintable():
            raise Invalid("A name has between 1 and 100 printable characters.", "name")
        if role is Role.PARTNER and password is not None:
            raise Invalid(KEY_ALONE, "password")
        key = KEY_PREFIX + secrets.token_urlsafe(32) if with_api_key else None
        account = Account(
            account_id=self._new_id(),
            name=name,
            role=role,
            station_id=station_id,
            created_at=self._clock(),
            password_hash=self._passwords.hashed(password) if password is not None else "",
            api_key_hash=digest(key) if key else "",
        )
        with self._store.transaction() as records:
            _check_station(records, station_id)
            records.accounts.add(account)
            records.audit.append(actor, "add_account", account.account_id, {"role": role})
        return account, key

    def set_password(self, actor: Actor, name: str, password: str) -> None:
        """A new password ends every session of the account."""
        require(actor, Permission.OPERATE)
        hashed = self._passwords.hashed(password)
        with self._store.reading() as records:
            account = records.accounts.by_name(name)
        if account is not None and account.role is Role.PARTNER:
            raise Invalid(KEY_ALONE, "password")
        self._change(actor, name, "set_password", password_hash=hashed)

    def disable(self, actor: Actor, name: str) -> None:
        """The account can neither sign in nor use its key any more; what it did stays in the records."""
        require(actor, Permission.OPERATE)
        self._change(actor, name, "disable_account", disabled_at=self._clock())

    def enable(self, actor: Actor, name: str) -> None:
        require(actor, Permission.OPERATE)
        self._change(actor, name, "enable_account", disabled_at=None)

    def move(self, actor: Actor, name: str, station_id: str) -> None:
        """The account works at another station from its next sign-in on; its cases stay where they are."""
        require(actor, Permission.OPERATE)
        with self._store.reading() as records:
            _check_station(records, station_id)
        self._change(actor, name, "move_account", station_id=station_id)

    def new_api_key(self, actor: Actor, name: str) -> str:
        """Replace the account's API key; the old one stops working now."""
        require(actor, Permission.OPERATE)
        key = KEY_PREFIX + secrets.token_urlsafe(32)
        self._change(actor, name, "new_api_key", api_key_hash=digest(key))
        return key

    def _change(self, actor: Actor, name: str, action: str, **changes: object) -> None:
        with self._store.transaction() as records:
            account = records.accounts.by_name(name)
            if account is None:
                raise Invalid(f"There is no account named {name}.", "name")
            records.accounts.save(replace(account, **changes))  # type: ignore[arg-type]  # the callers above name the fields
            records.accounts.end_sessions_of(account.account_id)
            records.audit.append(actor, action, account.account_id)

    def all(self) -> list[Account]:
        with self._store.reading() as records:
            return records.accounts.all()

    def names(self) -> dict[str, str]:
        """account_id -> name, for pages that say who did something."""
        return {account.account_id: account.name for account in self.all()}

    def sign_in(self, name: str, password: str, address: str = "", before: str = "") -> SignedIn:
        """A session with a new token; that of ``before``, which the browser held until now, ends.

        Raises ``NotSignedIn`` with one and the same sentence, and after the same work, whatever is wrong; ``TooMany``, for
        names that nobody has too, where wrong passwords of this name or from this ``address`` came before; ``Busy`` where
        too many people are at it. Whose role signs in by the provider alone is told so, once the password was right.
        """
        account = self.checked(name, password, address)
        if account.role not in self._by_password:
            raise NotSignedIn(BY_PROVIDER)
        return self._signed_in(account, "password", before)

    def checked(self, name: str, password: str, address: str = "") -> Account:
        """Whose name and password these are, without signing them in; raises as ``sign_in`` does."""
        name = name.strip()
        with self._passwords.in_line():
            self._throttle.admit(name, address)
            with self._store.reading() as records:
                account = records.accounts.by_name(name)
            usable = account is not None and account.disabled_at is None
            hashed = account.password_hash if account is not None and usable else ""
            if not self._passwords.match(hashed, password) or account is None:
                raise NotSignedIn(_WRONG)
            if self._passwords.is_weak(hashed):
                account = self._rehashed(account, password)
            self._throttle.succeeded(name, address)
        return account

    def sign_in_linked(self, account_id: str, before: str = "") -> SignedIn:
        """For somebody whom the provider of sign-ins vouches for; their account must not be disabled."""
        with self._store.reading() as records:
            account = records.accounts.get(account_id)
        if account.disabled_at is not None:
            raise NotSignedIn("This account is disabled.")
        return self._signed_in(account, "provider", before)

    def _signed_in(self, account: Account, by: str, before: str) -> SignedIn:
        actor = _actor(account)
        with self._store.transaction() as records:
            if records.accounts.get(account.account_id) != account:
                raise NotSignedIn(_WRONG)  # a new password, or none any more, while the old one was being checked
            token, session = self._sessions.begin(records, account.account_id, before)
            records.audit.append(actor, "sign_in", account.account_id, {"by": by})
        return SignedIn(token, actor, session)

    def _rehashed(self, account: Account, password: str) -> Account:
        renewed = replace(account, password_hash=self._passwords.anew(password))
        with self._store.transaction() as records:
            if records.accounts.get(account.account_id) != account:
                raise NotSignedIn(_WRONG)  # as above
            records.accounts.save(renewed)
        return renewed

    def change_own_password(self, actor: Actor, old: str, new: str, address: str = "") -> SignedIn:
        """The person's own new password, who says the old one. Every session ends; this browser goes on with a new token."""
        with self._passwords.in_line():
            self._throttle.admit(actor.name, address)
            with self._store.reading() as records:
                account = records.accounts.get(actor.account_id)
            if not self._passwords.match(account.password_hash, old):
                raise Invalid("The password you have now is wrong.", "password")
            self._throttle.succeeded(actor.name, address)
            hashed = self._passwords.hashed(new)
        with self._store.transaction() as records:
            if records.accounts.get(account.account_id) != account:
                raise NotSignedIn(_WRONG)  # changed by somebody else meanwhile
            records.accounts.save(replace(account, password_hash=hashed))
            records.accounts.end_sessions_of(account.account_id)
            token, session = self._sessions.begin(records, account.account_id)
            records.audit.append(actor, "change_own_password", account.account_id)
        return SignedIn(token, actor, session)

    def by_session(self, token: str, used: bool = True) -> Actor:
        """Who is signed in with this cookie; raises ``NotSignedIn``. What no person has ``used`` keeps no session alive."""
        return _actor(self._sessions.account_of(token, used))

    def by_api_key(self, key: str) -> Actor:
        """Which program this is; raises ``NotSignedIn``."""
        with self._store.reading() as records:
            account = records.accounts.by_api_key(digest(key))
        if account is None or account.disabled_at is not None:
            raise NotSignedIn("The API key is missing, unknown or disabled.")
        return _actor(account)

    def sign_out(self, token: str) -> None:
        self._sessions.end(token)


def _check_station(records: Records, station_id: str) -> None:
    """Where stations are set up, a spelling mistake would hide every case from the person."""
    if records.stations.all():
        open_station(records, station_id, "station")


def _actor(account: Account) -> Actor:
    return Actor(account.account_id, account.name, account.role, account.station_id)
