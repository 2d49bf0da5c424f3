"""Slows down those who guess passwords: each wrong one in a row costs more time, then the door is shut for a while."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from math import ceil
from typing import Final

from tracing.access import SYSTEM, Permission, require
from tracing.domain import Actor, Failures
from tracing.errors import Invalid, TooMany
from tracing.ports import Clock, RecordStore

FREE: Final = 5
"""So often one may mistype at once."""
STATION: Final = 5
"""A whole station behind one address may mistype so much more often than one person."""


class Throttle:
    """A try is counted before its password is looked at, so that guesses side by side count each; the right one is forgiven.

    It asks for no account: a name that nobody has is slowed down and shut out like every other, so that nothing is learnt of
    it. Names and addresses are kept as digests under ``secret``, for people type their password where their name belongs.
    """

    def __init__(self, store: RecordStore, clock: Clock, secret: bytes, tries: int, shut_for: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._secret = secret
        self._tries = tries
        self._shut_for = shut_for

    def admit(self, name: str, address: str = "") -> None:
        """Count a try with this name, from this address; ``TooMany`` where it comes too soon after wrong ones."""
        now = self._clock()
        with self._store.transaction() as records:
            records.doors.forget_before(now - self._shut_for)
            found = [(records.doors.attempt(who, now, self._shut_for), tries) for who, tries in self._asked(name, address)]
            wait = max(failures.shut_until for failures, _ in found)
            if wait <= now:
                for failures, tries in found:
                    # A try that costs nothing shuts nothing: one beside it may have read the clock a little earlier.
                    if delay := self._delay(failures, tries):
                        records.doors.shut(failures.who, now + delay)
                    if failures.count == tries:
                        records.audit.append(SYSTEM, "shut_out", failures.who[:16], {"tries": tries})
        if wait > now:
            raise TooMany("That were too many wrong passwords. Wait a while, then try once more.", _seconds(wait - now))

    def succeeded(self, name: str, address: str = "") -> None:
        """The try was right: the name begins anew, and the address has one less. Its other failures stay: one good account
        does not buy more guesses at others."""
        with self._store.transaction() as records:
            records.doors.forget(self._digest("name", name))
            if address:
                records.doors.forgive(self._digest("address", address))

    def unlock(self, actor: Actor, name: str) -> None:
        """Let somebody try again at once who was shut out."""
        require(actor, Permission.OPERATE)
        with self._store.transaction() as records:
            account = records.accounts.by_name(name)
            if account is None:
                raise Invalid(f"There is no account named {name}.", "name")
            records.doors.forget(self._digest("name", name))
            records.audit.append(actor, "unlock_account", account.account_id)

    def shut_out(self) -> int:
        """How many names and addresses are shut out now."""
        with self._store.reading() as records:
            return records.doors.count_shut(self._clock())

    def _asked(self, name: str, address: str) -> list[tuple[str, int]]:
        asked = [(self._digest("name", name), self._tries)]
        if address:
            asked.append((self._digest("address", address), self._tries * STATION))
        return asked

    def _delay(self, failures: Failures, tries: int) -> timedelta:
        """After ``tries`` the whole time; before it, beyond the free ones, twice as long each time."""
        if failures.count >= tries:
            return self._shut_for
        beyond = failures.count - tries * FREE // self._tries
        return min(self._shut_for, timedelta(seconds=2**beyond)) if beyond > 0 else timedelta()

    def _digest(self, kind: str, who: str) -> str:
        said = f"{kind}:{who}".encode(errors="surrogatepass")
        return hmac.new(self._secret, said, hashlib.sha256).hexdigest()


def _seconds(wait: timedelta) -> int:
    return ceil(wait.total_seconds())
