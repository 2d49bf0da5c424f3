"""What an entry point can call: the use cases of a service, put together by ``tracing.bootstrap``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from tracing.accounts import Accounts
    from tracing.agenda import Agenda
    from tracing.approvals import Approvals
    from tracing.auditing import Auditing
    from tracing.candidates import Candidates
    from tracing.casework import Casework
    from tracing.clocks.actions import Actions
    from tracing.clocks.clockwork import Clockwork
    from tracing.clocks.compliance import ComplianceFigures
    from tracing.clocks.escalations import Escalations
    from tracing.clocks.feeds import Feeds
    from tracing.clocks.reckoning import CalendarEntry
    from tracing.clues.enquiries import Enquiries
    from tracing.clues.findings import Findings
    from tracing.clues.interview_help import InterviewHelp
    from tracing.clues.interviews import Interviews
    from tracing.clues.search import ClueSearch
    from tracing.config import Settings
    from tracing.consistency import Consistency
    from tracing.coverage import Coverage
    from tracing.desk import Desk
    from tracing.dossiers import Dossiers
    from tracing.expiry.purging import Purging
    from tracing.fairness import Fairness
    from tracing.families.challenges import Challenges
    from tracing.families.following import Following
    from tracing.families.reporting import Reporting
    from tracing.families.seen import SeenSightings
    from tracing.families.sighting import Sightings
    from tracing.families.taking import FamilyReports
    from tracing.families.tending import Tending
    from tracing.filing import Filing
    from tracing.gallery import Galleries
    from tracing.handover_drafts import HandOverDrafts
    from tracing.handovers import HandOvers
    from tracing.importing.comparing import Comparing
    from tracing.importing.handing_in import HandedLists
    from tracing.importing.importing import Importing
    from tracing.importing.looking import ListHits
    from tracing.importing.monthly import Monthly
    from tracing.importing.runs import Runs
    from tracing.importing.surveys import Surveys
    from tracing.intake import Intake
    from tracing.known_answers import KnownAnswers
    from tracing.leads import Leads
    from tracing.looks import Looks
    from tracing.matching import Matching
    from tracing.messages.messages import Messages
    from tracing.notices.notices import Notices
    from tracing.notices.published import PublishedNotices
    from tracing.notices.taking_down import TakingDown
    from tracing.partners.register import PartnerRegister
    from tracing.partners.sharing import Sharing
    from tracing.partners.taking import Taking
    from tracing.partners.telling import Telling
    from tracing.ports import Clock, Examiner, ImageReader, PhotoStore, RecordStore
    from tracing.quotas import Quotas
    from tracing.recognition import Recognition
    from tracing.recovery import Recovery
    from tracing.reindex import Reindex
    from tracing.reporting.monthly import MonthlyReport
    from tracing.results import Results
    from tracing.retention import Retention
    from tracing.reviewing import Reviewing
    from tracing.safeguarding import Safeguarding
    from tracing.sessions import Sessions
    from tracing.shelving import Shelving
    from tracing.signon.linking import SignOn
    from tracing.stations.assistance import Assistance
    from tracing.stations.emergencies import Emergencies
    from tracing.stations.register import Stations
    from tracing.statistics import Statistics
    from tracing.store.backup.ledger import ErasureLedger
    from tracing.store.backup.making import Backups
    from tracing.store.rotation import Rotation
    from tracing.suppressing import Suppressing
    from tracing.throttle import Throttle
    from tracing.timeline import Timeline
    from tracing.validation import Validation
    from tracing.withdrawing import Withdrawing
    from tracing.worker import Worker


@dataclass(frozen=True, slots=True)
class Services:
    """Everything an entry point can call."""

    settings: Settings
    clock: Clock
    store: RecordStore
    photos: PhotoStore
    reader: ImageReader
    examiner: Examiner
    galleries: Galleries
    secret: bytes
    accounts: Accounts
    sessions: Sessions
    throttle: Throttle
    sign_on: SignOn | None
    """None where no provider of sign-ins is set."""
    quotas: Quotas
    looks: Looks
    intake: Intake
    importing: Importing
    comparing: Comparing
    list_runs: Runs
    surveys: Surveys
    handed_lists: HandedLists
    list_hits: ListHits
    monthly: Monthly
    casework: Casework
    filing: Filing
    actions: Actions
    clockwork: Clockwork
    escalations: Escalations
    compliance: ComplianceFigures
    coverage: Coverage
    feeds: Feeds
    calendar_file: Callable[[Sequence[CalendarEntry], str, datetime], bytes]
    matching: Matching
    candidates: Candidates
    interviews: Interviews
    interview_help: InterviewHelp
    clue_search: ClueSearch
    findings: Findings
    enquiries: Enquiries
    review: Reviewing
    known_answers: KnownAnswers
    leads: Leads
    approvals: Approvals
    safeguarding: Safeguarding
    hand_overs: HandOvers
    hand_over_drafts: HandOverDrafts
    stations: Stations
    assistance: Assistance
    emergencies: Emergencies
    auditing: Auditing
    desk: Desk
    timeline: Timeline
    agenda: Agenda
    messages: Messages | None
    """None where no rules for them are set."""
    notices: Notices
    published: PublishedNotices
    taking_down: TakingDown
    results: Results
    statistics: Statistics
    report: MonthlyReport
    recognition: Recognition
    fairness: Fairness
    reindex: Reindex
    validation: Validation
    retention: Retention
    purging: Purging
    withdrawing: Withdrawing
    dossiers: Dossiers
    case_sharing: Sharing
    telling: Telling
    partner_register: PartnerRegister
    taking: Taking
    family_reports: FamilyReports
    families: Tending
    seen_sightings: SeenSightings
    suppressing: Suppressing
    shelving: Shelving
    consistency: Consistency
    rotation: Rotation
    backups: Backups
    ledger: ErasureLedger
    recovery: Recovery
    worker: Worker
    warm: Callable[[], None]
    """Load the models in the background, before the first photo comes."""
    halt: Callable[[], None]
    """Look at no more photos: what is under way is given back (``Stopping``)."""
    close: Callable[[], None]


@dataclass(frozen=True, slots=True)
class PublicServices:
    """What the pages for everybody can call: published notices and their photos, and what strangers send; nothing else."""

    settings: Settings
    store: RecordStore
    photos: PhotoStore
    reader: ImageReader
    published: PublishedNotices
    reporting: Reporting
    following: Following
    sightings: Sightings
    challenges: Challenges
    close: Callable[[], None]
