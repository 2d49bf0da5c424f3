"""Signed-in browsers: kept on the server, so that each can be ended at once, by time, by hand and with its account."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from tracing.domain import Account, Actor, Session
from tracing.errors import NotFound, NotSignedIn, Unavailable
from tracing.ports import CLOCKS_APART, Clock, NewId, RecordStore
from tracing.records import Records

ENDED: Final = "You are not signed in, or your session has ended. Please sign in."
FINEST: Final = timedelta(minutes=1)
PARTS: Final = 12
"""A session notes that it was used once in such a part of the time after which it ends unused: not at each request."""


def digest(secret: str) -> str:
    """SHA-256 of a token that carries 256 random bits: nothing slower is needed against guessing."""
    return hashlib.sha256(as_bytes(secret)).hexdigest()


def as_bytes(secret: str) -> bytes:
    """Whatever was typed or sent, half of a surrogate pair included, is a wrong secret and no crash."""
    return secret.encode(errors="surrogatepass")


class Sessions:
    """A session ends after ``lasts``, and unused after ``idle`` (zero: never); a token is kept as its digest alone.

    Each sign-in and each new password makes a new token: one that somebody knew before opens nothing afterwards.
    """

    def __init__(self, store: RecordStore, clock: Clock, new_id: NewId, lasts: timedelta, idle: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._lasts = lasts
        self._idle = idle

    def begin(self, records: Records, account_id: str, before: str = "") -> tuple[str, Session]:
        """A new token and its session, in this transaction. The session of ``before``, the browser's last token, ends."""
        now, token = self._clock(), secrets.token_urlsafe(32)
        session = Session(digest(token), self._new_id(), account_id, now, now, now + self._lasts)
        records.accounts.end_expired_sessions(now)
        if before:
            records.accounts.end_session(digest(before))
        records.accounts.add_session(session)
        return token, session

    def account_of(self, token: str, used: bool = True) -> Account:
        """Whose browser this is; raises ``NotSignedIn``. Not ``used``: the page asks by itself, maybe before nobody."""
        now = self._clock()
        with self._store.reading() as records:
            session = records.accounts.session(digest(token))
            if session is None or self._over(session, now):
                raise NotSignedIn(ENDED)
            account = records.accounts.get(session.account_id)
        if account.disabled_at is not None:
            raise NotSignedIn("This account is disabled.")
        if used and now - session.used_at >= max(FINEST, self._idle / PARTS):
            self._use(session, now)
        return account

    def current(self, token: str) -> Session:
        """The session of this token; raises ``NotSignedIn``."""
        with self._store.reading() as records:
            session = records.accounts.session(digest(token))
        if session is None or self._over(session, self._clock()):
            raise NotSignedIn(ENDED)
        return session

    def own(self, actor: Actor) -> list[Session]:
        """The person's sessions that have not ended, the latest first."""
        now = self._clock()
        with self._store.reading() as records:
            return [each for each in records.accounts.sessions_of(actor.account_id) if not self._over(each, now)]

    def end(self, token: str) -> None:
        """Sign out; twice is once."""
        with self._store.transaction() as records:
            records.accounts.end_session(digest(token))

    def end_one(self, actor: Actor, session_id: str) -> None:
        """End one of the person's own sessions, such as that of a phone that was left somewhere."""
        with self._store.transaction() as records:
            own = {each.session_id: each for each in records.accounts.sessions_of(actor.account_id)}
            if session_id not in own:
                raise NotFound("There is no such session.")
            records.accounts.end_session(own[session_id].token_hash)
            records.audit.append(actor, "end_session", actor.account_id)

    def _over(self, session: Session, now: datetime) -> bool:
        """Also where a clock that was ahead has written when it began or was used: until it is that late it would never end."""
        unused = self._idle > timedelta() and session.used_at + self._idle <= now
        ahead = max(session.created_at, session.used_at) > now + CLOCKS_APART
        return session.expires_at <= now or unused or ahead

    def _use(self, session: Session, now: datetime) -> None:
        """That it cannot be noted on a full disk signs nobody out."""
        with suppress(Unavailable), self._store.transaction() as records:
            records.accounts.use_session(session.token_hash, now)
