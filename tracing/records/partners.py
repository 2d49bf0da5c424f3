"""Whose case is shared with partners, and what they were told, in the record store."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from tracing.domain import Clone, Pair, Partner, ReceivedNote, Share, Source, ToldNote, ToldRecord, Wanted


class PartnerRecords(Protocol):
    def share(self, share: Share) -> None:
        """A ``Conflict`` where the case is shared already."""
        ...

    def share_of(self, case_id: str) -> Share | None: ...

    def shares(self, after: str, limit: int) -> list[Share]:
        """In the order of their cases, those after this one."""
        ...

    def shares_touched(self, subjects: Some[str]) -> list[Share]:
        """Of cases that are among these ids, and of those in pairs that are."""
        ...

    def shares_of(self, record_ids: Some[str]) -> dict[str, Share]:
        """record_id -> its share; those without are left out."""
        ...

    def shares_of_cases(self, case_ids: Some[str]) -> dict[str, Share]: ...

    def shorten(self, case_id: str, ends_at: datetime) -> None: ...

    def end(self, record_ids: Some[str], at: datetime) -> None:
        """Their shares and notes go; of the records the ids and dates stay."""
        ...

    def orphans(self) -> list[str]:
        """Records that have not ended, and whose share is gone: their case was erased."""
        ...

    def told(self, record_ids: Some[str]) -> dict[str, ToldRecord]: ...

    def put(self, told: Sequence[ToldRecord]) -> None: ...

    def notes_of(self, record_ids: Some[str]) -> dict[str, list[ToldNote]]:
        """By the record that they end with; those without are left out."""
        ...

    def put_notes(self, told: Sequence[ToldNote]) -> None: ...

    def drop_notes(self, note_ids: Some[str]) -> None: ...

    def page(self, wanted: Wanted) -> list[ToldRecord]:
        """By entry date, then by id."""
        ...

    def note_page(self, wanted: Wanted) -> list[ToldNote]: ...

    def entry_date(self, now: datetime) -> datetime:
        """Whole seconds, never before the last one: whoever writes with it waits for those who took theirs before."""
        ...

    def links(self, case_ids: Some[str]) -> list[Pair]:
        """Pairs of these cases that are verified, and those that were revoked."""
        ...

    def tie(self, partner: Partner) -> None:
        """In place of what the account was tied to before."""
        ...

    def partner(self, account_id: str) -> Partner | None: ...

    def partners(self) -> list[Partner]:
        """By domain."""
        ...

    def clones(self, case_ids: Some[str]) -> dict[str, Clone]: ...

    def put_clones(self, clones: Sequence[Clone]) -> None:
        """As they came now. A case is over when its record is, whatever its kind is kept for."""
        ...

    def received(self, note_id: str) -> ReceivedNote | None: ...

    def received_of(self, case_id: str) -> list[ReceivedNote]:
        """The oldest first."""
        ...

    def put_received(self, note: ReceivedNote) -> None: ...

    def says_same(self, case_id: str, record_id: str) -> bool:
        """Whether a note about this case, taken or not, says that this record is the same person."""
        ...

    def link(self, pair_id: str, at: datetime) -> bool:
        """Partners say that the two are one person: the pair waits for review though nothing here speaks for it. Whether it
        is new."""
        ...

    def unlink(self, pair_id: str) -> None: ...


class EndedRecords(Protocol):
    """Records of partners that have ended, so that no older version brings back whom they told of; by keyed digests alone."""

    def put(self, ended: Mapping[Source, datetime], at: datetime) -> None:
        """What ended, and the ``source_date`` that it ended with, as it was told at this moment; the latest of each counts."""
        ...

    def of(self, sources: Some[Source]) -> dict[Source, datetime]:
        """The ``source_date`` that each has ended with; those that have not are left out."""
        ...

    def over(self, before: datetime | None, drop: bool = False) -> tuple[int, int]:
        """How many there are, and how many were told of last at this moment or before; these go."""
        ...
