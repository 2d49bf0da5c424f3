"""What partners are told of people as PFIF, and what came from them: records, notes, and who is who."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tracing.domain.cases import LegalBasis

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


@dataclass(frozen=True, slots=True)
class Partner:
    """An account whose program writes records of one domain and of no other. ``deaths``: whether its word is taken that
    somebody is believed dead."""

    account_id: str
    domain: str
    legal_basis: LegalBasis
    deaths: bool
    tied_at: datetime


@dataclass(frozen=True, slots=True)
class Clone:
    """A case that is a partner's record: when they wrote it, and when it expires, None where they did not say."""

    case_id: str
    source_date: datetime
    expiry_date: datetime | None = None

    def expired(self, now: datetime) -> bool:
        return self.expiry_date is not None and self.expiry_date <= now


@dataclass(frozen=True, slots=True)
class ReceivedNote:
    """A note that a partner sent about a case; its words are a clue, ``clue_id``.

    ``linked_id`` is the record that it says is the same person. Not ``taken``: no note about that one says so as well, and all
    that is kept of this one is that it was said.
    """

    note_id: str
    case_id: str
    clue_id: str
    digest: str
    source_date: datetime
    linked_id: str
    status: str
    taken: bool
