"""Whom a provider of sign-ins knows, and which account each of them is linked to."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from tracing.domain import Identity


class IdentityRecords(Protocol):
    def get(self, issuer: str, subject: str) -> Identity | None: ...

    def by_code(self, code: str) -> Identity | None:
        """None for the empty code, which every linked identity has."""
        ...

    def of_account(self, account_id: str) -> Identity | None:
        """The one that is linked to it; an account has one at most."""
        ...

    def linked(self) -> list[Identity]:
        """By account."""
        ...

    def save(self, identity: Identity) -> None:
        """Whether it is new or known. ``Conflict`` where the account has another identity, or the code is taken."""
        ...

    def remove(self, identity: Identity) -> None: ...

    def end_waiting(self, before: datetime) -> int:
        """Remove those that nobody has linked, last seen before this moment; how many."""
        ...
