"""Audit, accounts, and the questions of `tracing check`."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from tracing.domain import Account, Actor, Event, Session


class AuditRecords(Protocol):
    def append(self, actor: Actor, action: str, subject: str, detail: Mapping[str, Any] | None = None) -> None:
        """Chain a row at the end; written with the rest of the transaction or not at all. No personal data in ``detail``."""
        ...

    def events(self, after: int, limit: int) -> list[Event]: ...

    def of_actions(self, actions: Some[str], after: int, limit: int) -> list[Event]:
        """Those of these actions after a row, in order."""
        ...

    def of_subject(self, subject: str) -> list[Event]: ...

    def of_subjects(self, subjects: Some[str]) -> dict[str, list[Event]]:
        """As ``of_subject``, of many; those without any are left out."""
        ...

    def head(self) -> tuple[int, str]:
        """Number and hash of the last row, as the chain's own record keeps them."""
        ...


class IntegrityRecords(Protocol):
    """Questions that ``tracing check`` asks: each answer names the rows that contradict others, ascending."""

    def orphans(self) -> list[tuple[str, str]]:
        """(table, key) of rows that point to a row that is not there."""
        ...

    def photos_without_their_faces(self) -> list[str]:
        """Ids of photos whose analysis does not fit their faces, such as enrolled ones without one face of interest."""
        ...

    def faces_without_template(self, encoder_id: str) -> list[str]:
        """Ids of faces of interest that have no template by this encoder."""
        ...

    def templates_of_bystanders(self) -> list[int]:
        """Ids of templates whose face is not the case's person."""
        ...

    def unsearched(self, generation_id: str) -> list[str]:
        """Ids of searchable cases with a template that have neither a search in this generation nor one that is due."""
        ...

    def matches_out_of_step(self) -> list[str]:
        """Ids of ``trace`` pairs that are matched without holding both cases, or hold a case without being matched."""
        ...

    def matched_without_match(self) -> list[str]:
        """Ids of cases that are matched, and that no match holds."""
        ...

    def guards_out_of_step(self) -> list[str]:
        """Cases that are guarded without a standing safeguard of that moment, or that have one and are not guarded."""
        ...

    def clue_keys_left(self) -> list[str]:
        """Ids of cases that are not searchable and have keys to be found by all the same."""
        ...

    def clue_hits_left(self) -> list[str]:
        """Ids of pairs that nobody has judged, with a clue hit, of which a case is not searchable."""
        ...

    def clues_out_of_line(self) -> list[str]:
        """Ids of clues whose versions are not numbered in a row, or of which not the last one alone is the latest."""
        ...

    def unsupported(self) -> list[str]:
        """Ids of pairs that nobody ever held or judged, without score and hit, of cases searched by clues as they are."""
        ...

    def missing(self, table: str, ids: Some[str]) -> set[str]:
        """Which of these ids have no row; ``table`` is ``cases``, ``photos``, ``decisions``, ``pairs`` or ``accounts``."""
        ...


class AccountRecords(Protocol):
    def add(self, account: Account) -> None:
        """A name that is taken is a ``Conflict``."""
        ...

    def get(self, account_id: str) -> Account: ...

    def by_name(self, name: str) -> Account | None: ...

    def by_api_key(self, api_key_hash: str) -> Account | None: ...

    def all(self) -> list[Account]: ...

    def save(self, account: Account) -> None: ...

    def add_session(self, session: Session) -> None: ...

    def session(self, token_hash: str) -> Session | None: ...

    def sessions_of(self, account_id: str) -> list[Session]:
        """The latest first."""
        ...

    def use_session(self, token_hash: str, at: datetime) -> None: ...

    def end_session(self, token_hash: str) -> None: ...

    def end_sessions_of(self, account_id: str) -> None: ...

    def end_expired_sessions(self, now: datetime) -> int: ...
