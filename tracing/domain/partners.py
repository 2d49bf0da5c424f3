"""What partners are told of people as PFIF: whose case is shared, and which records and notes went out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

SHARED: Final = "share_case"
UNSHARED: Final = "unshare_case"
"""The audit's names for the two steps."""


@dataclass(frozen=True, slots=True)
class Share:
    """Somebody's word that partners may be told of a case, for a time. ``record_id`` is what it is called there, drawn by lot.

    ``reason`` says who agreed to it.
    """

    case_id: str
    record_id: str
    shared_at: datetime
    shared_by: str
    reason: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ToldRecord:
    """A person record that partners were told: its dates, a digest of what it held, and nothing of the person.

    It is kept for ever, so that copies elsewhere die. ``expiry_date`` is when it ends at the latest; with an empty ``digest``
    it has ended then.
    """

    record_id: str
    digest: str
    source_date: datetime
    entry_date: datetime
    expiry_date: datetime

    @property
    def ended(self) -> bool:
        return not self.digest


@dataclass(frozen=True, slots=True)
class ToldNote:
    """A note that partners were told; it ends with ``record_id``. ``about`` is the record that it speaks of.

    ``pair_id``: what it rests on, where it says that two records are the same person.
    """

    note_id: str
    record_id: str
    about: str
    pair_id: str | None
    digest: str
    source_date: datetime
    entry_date: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a feed is asked for, in the order of ``entry_date``; ``record_id`` is that of a person."""

    max_results: int = 10
    skip: int = 0
    min_entry_date: datetime | None = None
    record_id: str = ""
