"""Who acts, how they signed in, and the audit of what they did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    INTAKE = "intake"
    REVIEWER = "reviewer"
    MANAGER = "manager"
    AUDITOR = "auditor"
    SERVICE = "service"
    PARTNER = "partner"
    """A program of another organisation, which exchanges records as PFIF."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody, or a program, that may sign in. Only digests of the secrets are kept."""

    account_id: str
    name: str
    role: Role
    station_id: str
    created_at: datetime
    password_hash: str = ""
    api_key_hash: str = ""
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser; ``token_hash`` is the SHA-256 of the cookie's value, ``session_id`` what its owner sees of it.

    ``used_at`` is when it was last used, about to the minute.
    """

    token_hash: str
    session_id: str
    account_id: str
    created_at: datetime
    used_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as a provider of sign-ins knows them: the pair of issuer and subject is never given to another person.

    Until it is linked to an account it has a ``code``, which only that person is shown.
    """

    issuer: str
    subject: str
    seen_at: datetime
    code: str = ""
    account_id: str | None = None
    linked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Failures:
    """Wrong sign-ins in a row, of a name or from an address; ``who`` is a digest, for people type passwords as names.

    Until ``shut_until`` no password is looked at.
    """

    who: str
    count: int
    last_at: datetime
    shut_until: datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is acting now: an account, or the service itself."""

    account_id: str
    name: str
    role: Role
    station_id: str


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the append-only audit: ``hash`` covers the row and the hash of the row before it."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    previous_hash: str
    hash: str
