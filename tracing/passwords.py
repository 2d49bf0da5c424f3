"""Passwords to hashes and back, a few at a time: each takes 64 MiB and several cores, and strangers may send any number."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tracing.errors import Busy, Invalid
from tracing.sessions import as_bytes

SHORTEST: Final = 10
LONGEST: Final = 200
AT_ONCE: Final = 2
IN_LINE: Final = 12
"""Those at work among them. They take no more than this share of the threads that answer everybody."""
CROWDED: Final = "Very many people are signing in at this moment. Try again in a few seconds."


class Passwords:
    """Argon2id with the library's defaults (RFC 9106). Safe to share between threads.

    So that whoever sends a thousand passwords at once takes neither the memory nor the machine from those at work.
    """

    def __init__(self, at_once: int = AT_ONCE, in_line: int = IN_LINE) -> None:
        self._hasher = PasswordHasher()
        self._line = BoundedSemaphore(in_line)
        self._work = BoundedSemaphore(at_once)
        self._decoy = ""

    @contextmanager
    def in_line(self) -> Iterator[None]:
        """A place for one person's password; ``Busy``, before anything of it is counted, where too many wait already."""
        if not self._line.acquire(blocking=False):
            raise Busy(CROWDED)
        try:
            yield
        finally:
            self._line.release()

    def hashed(self, password: str) -> str:
        """``Invalid`` where it is too short or too long."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise Invalid(f"A password has between {SHORTEST} and {LONGEST} characters.", "password")
        return self.anew(password)

    def anew(self, password: str) -> str:
        """Of a password that was taken once, whatever its length."""
        with self._work:
            return self._hasher.hash(as_bytes(password))

    def match(self, hashed: str, password: str) -> bool:
        """An empty hash matches nothing, after the same work, so that it is not found out whose name has none."""
        with self._work:
            try:
                return self._hasher.verify(hashed or self._nobodys(), as_bytes(password[: LONGEST + 1])) and bool(hashed)
            except (VerificationError, InvalidHashError):
                return False

    def is_weak(self, hashed: str) -> bool:
        """Whether it was made at less cost than those of today."""
        return self._hasher.check_needs_rehash(hashed)

    def _nobodys(self) -> str:
        if not self._decoy:
            self._decoy = self._hasher.hash(secrets.token_urlsafe(32))
        return self._decoy
