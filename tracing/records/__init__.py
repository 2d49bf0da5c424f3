"""What a transaction of the record store can do: plain methods that take and return domain types, grouped by noun.

A getter of one thing raises ``NotFound``. Whatever is saved with a ``version`` raises ``Stale`` where the stored version is
another one, and returns the thing with its new version.
"""

from __future__ import annotations

from typing import Protocol

from tracing.records.cases import CaseFilter, CaseRecords
from tracing.records.clues import ClueRecords
from tracing.records.galleries import GalleryRecords, GenerationRecords
from tracing.records.pairs import SHEET, Opening, PairRecords, QueueFilter, Said, Suggestion
from tracing.records.photos import FaceRecords, PhotoRecords
from tracing.records.upkeep import AccountRecords, AuditRecords, IntegrityRecords

__all__ = [
    "SHEET",
    "AccountRecords",
    "AuditRecords",
    "CaseFilter",
    "CaseRecords",
    "ClueRecords",
    "FaceRecords",
    "GalleryRecords",
    "GenerationRecords",
    "IntegrityRecords",
    "Opening",
    "PairRecords",
    "PhotoRecords",
    "QueueFilter",
    "Records",
    "Said",
    "Suggestion",
]


class Records(Protocol):
    """One transaction."""

    @property
    def cases(self) -> CaseRecords: ...
    @property
    def clues(self) -> ClueRecords: ...
    @property
    def photos(self) -> PhotoRecords: ...
    @property
    def faces(self) -> FaceRecords: ...
    @property
    def gallery(self) -> GalleryRecords: ...
    @property
    def generations(self) -> GenerationRecords: ...
    @property
    def pairs(self) -> PairRecords: ...
    @property
    def audit(self) -> AuditRecords: ...
    @property
    def accounts(self) -> AccountRecords: ...
    @property
    def integrity(self) -> IntegrityRecords: ...
