"""What a transaction of the record store can do: plain methods that take and return domain types, grouped by noun.

A getter of one thing raises ``NotFound``. Whatever is saved with a ``version`` raises ``Stale`` where the stored version is
another one, and returns the thing with its new version.
"""

from __future__ import annotations

from typing import Protocol

from tracing.records.backups import BackupRecords
from tracing.records.cases import CaseFilter, CaseRecords
from tracing.records.clocks import ActionRecords, ClockRecords, EscalationRecords, FeedOwner, FeedRecords, Tally, TaskFilter
from tracing.records.clues import ClueRecords, Sought
from tracing.records.coverage import CoverageRecords, StationCoverage
from tracing.records.doors import DoorRecords
from tracing.records.expiry import Ends, ExpiryRecords, Going, Standing
from tracing.records.families import HandedRecords, ReportRecords, SightingRecords
from tracing.records.figures import FigureRecords
from tracing.records.files import FileRecords
from tracing.records.forms import FormRecords
from tracing.records.galleries import GalleryRecords, GenerationRecords
from tracing.records.hits import HitRecords
from tracing.records.identities import IdentityRecords
from tracing.records.imports import ImportRecords
from tracing.records.known import KnownRecords, Material
from tracing.records.lists import ListRecords
from tracing.records.messages import MessageRecords
from tracing.records.notices import NoticeFilter, NoticeRecords
from tracing.records.pairs import SHEET, Opening, PairRecords, QueueFilter, Said, Suggestion
from tracing.records.partners import EndedRecords, PartnerRecords
from tracing.records.photos import FaceRecords, PhotoRecords
from tracing.records.reunions import ReunionRecords
from tracing.records.rights import KeepoutRecords, RightsRecords
from tracing.records.safeguards import SafeguardRecords
from tracing.records.sealed import Portion, SealedRecords
from tracing.records.stations import StationRecords
from tracing.records.texts import TextRecords
from tracing.records.upkeep import AccountRecords, AuditRecords, IntegrityRecords

__all__ = [
    "SHEET",
    "AccountRecords",
    "ActionRecords",
    "AuditRecords",
    "BackupRecords",
    "CaseFilter",
    "CaseRecords",
    "ClockRecords",
    "ClueRecords",
    "CoverageRecords",
    "DoorRecords",
    "EndedRecords",
    "Ends",
    "EscalationRecords",
    "ExpiryRecords",
    "FaceRecords",
    "FeedOwner",
    "FeedRecords",
    "FigureRecords",
    "FormRecords",
    "GalleryRecords",
    "GenerationRecords",
    "Going",
    "HandedRecords",
    "HitRecords",
    "IdentityRecords",
    "ImportRecords",
    "IntegrityRecords",
    "KeepoutRecords",
    "KnownRecords",
    "ListRecords",
    "Material",
    "MessageRecords",
    "NoticeFilter",
    "NoticeRecords",
    "Opening",
    "PairRecords",
    "PartnerRecords",
    "PhotoRecords",
    "Portion",
    "QueueFilter",
    "Records",
    "ReportRecords",
    "ReunionRecords",
    "RightsRecords",
    "SafeguardRecords",
    "Said",
    "SealedRecords",
    "SightingRecords",
    "Sought",
    "Standing",
    "StationCoverage",
    "StationRecords",
    "Suggestion",
    "Tally",
    "TaskFilter",
    "TextRecords",
]


class Records(Protocol):
    """One transaction."""

    @property
    def cases(self) -> CaseRecords: ...
    @property
    def forms(self) -> FormRecords: ...
    @property
    def clues(self) -> ClueRecords: ...
    @property
    def texts(self) -> TextRecords: ...
    @property
    def photos(self) -> PhotoRecords: ...
    @property
    def files(self) -> FileRecords: ...
    @property
    def faces(self) -> FaceRecords: ...
    @property
    def gallery(self) -> GalleryRecords: ...
    @property
    def generations(self) -> GenerationRecords: ...
    @property
    def pairs(self) -> PairRecords: ...
    @property
    def known(self) -> KnownRecords: ...
    @property
    def messages(self) -> MessageRecords: ...
    @property
    def notices(self) -> NoticeRecords: ...
    @property
    def reunions(self) -> ReunionRecords: ...
    @property
    def sealed(self) -> SealedRecords: ...
    @property
    def backups(self) -> BackupRecords: ...
    @property
    def audit(self) -> AuditRecords: ...
    @property
    def accounts(self) -> AccountRecords: ...
    @property
    def doors(self) -> DoorRecords: ...
    @property
    def identities(self) -> IdentityRecords: ...
    @property
    def integrity(self) -> IntegrityRecords: ...
    @property
    def clocks(self) -> ClockRecords: ...
    @property
    def escalations(self) -> EscalationRecords: ...
    @property
    def actions(self) -> ActionRecords: ...
    @property
    def feeds(self) -> FeedRecords: ...
    @property
    def coverage(self) -> CoverageRecords: ...
    @property
    def figures(self) -> FigureRecords: ...
    @property
    def stations(self) -> StationRecords: ...
    @property
    def expiry(self) -> ExpiryRecords: ...
    @property
    def safeguards(self) -> SafeguardRecords: ...
    @property
    def rights(self) -> RightsRecords: ...
    @property
    def keepouts(self) -> KeepoutRecords: ...

    @property
    def imports(self) -> ImportRecords: ...
    @property
    def lists(self) -> ListRecords: ...
    @property
    def hits(self) -> HitRecords: ...
    @property
    def partners(self) -> PartnerRecords: ...
    @property
    def ended(self) -> EndedRecords: ...
    @property
    def reports(self) -> ReportRecords: ...
    @property
    def sightings(self) -> SightingRecords: ...
    @property
    def handed(self) -> HandedRecords: ...
