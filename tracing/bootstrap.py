"""Builds the services from the settings, once per process; the only module that knows every adapter."""

from __future__ import annotations

import random
import secrets
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from tracing.abreast import Abreast
from tracing.access import SYSTEM
from tracing.accounts import Accounts
from tracing.admission import Admission
from tracing.agenda import Agenda
from tracing.approvals import Approvals
from tracing.auditing import Auditing
from tracing.candidates import Candidates
from tracing.casework import Casework
from tracing.chosen import (
    DEFAULT_ENCODER,
    chosen_encoder,
    gallery_of,
    indexes_of,
    jurisdiction_of,
    measured,
    message_rules_of,
    messages_of,
    missing_files,
    policy_of,
    secret_of,
    sign_on_of,
    work_calendar_of,
)
from tracing.claims import Claims
from tracing.clocks.actions import Actions
from tracing.clocks.calendars.file import calendar_file
from tracing.clocks.clockwork import Clockwork
from tracing.clocks.compliance import ComplianceFigures
from tracing.clocks.escalations import Escalations
from tracing.clocks.feeds import Feeds
from tracing.clues.enquiries import Enquiries
from tracing.clues.findings import Findings
from tracing.clues.interview_help import InterviewHelp
from tracing.clues.interviews import Interviews
from tracing.clues.lexicon.lexicon import lexicon
from tracing.clues.lexicon.showing import showing
from tracing.clues.search import ClueSearch
from tracing.config import Settings
from tracing.consistency import Consistency
from tracing.coverage import Coverage
from tracing.desk import Desk
from tracing.domain import Collection, ListPurpose, Role
from tracing.dossiers import Dossiers
from tracing.embeddings import manifest
from tracing.embeddings.cards import card_on_file
from tracing.embeddings.imaging import PillowReader
from tracing.embeddings.pool import ExaminerPool
from tracing.embeddings.process import make_here
from tracing.errors import Misconfigured
from tracing.evidence import calibration_of
from tracing.exchange import photo_sets, tables
from tracing.exchange.pfif.reading import read as read_pfif
from tracing.expiry.leaps import Leaps, since_start
from tracing.expiry.policy import Kept, Policy
from tracing.expiry.purging import OF_A_PARTNER, Purging
from tracing.fairness import CardOnFile, Fairness
from tracing.families.challenges import Challenges
from tracing.families.following import Following
from tracing.families.photos import HandedPhotos
from tracing.families.reporting import Reporting
from tracing.families.secrets import Secrets
from tracing.families.seen import SeenSightings
from tracing.families.sighting import Sightings
from tracing.families.taking import FamilyReports
from tracing.families.tending import Tending
from tracing.filing import Filing
from tracing.gallery import Galleries, Gallery
from tracing.guarding import refuse_key_in_address, refuse_key_in_database, refuse_unsafe
from tracing.handover_drafts import KEPT_FOR, HandOverDrafts
from tracing.handovers import HandOvers
from tracing.importing.comparing import Comparing
from tracing.importing.handing_in import HandedLists
from tracing.importing.importing import Importing
from tracing.importing.looking import ListHits
from tracing.importing.monthly import Monthly
from tracing.importing.runs import Runs
from tracing.importing.sealed_lists import SealedLists
from tracing.importing.surveys import Surveys
from tracing.importing.watching import WatchedFolder
from tracing.importing.working import ListWork
from tracing.intake import Intake
from tracing.known_answers import KnownAnswers
from tracing.leads import Leads
from tracing.leftovers import Leftovers
from tracing.lifecycle import NOTICE_STEPS
from tracing.likeness import Likeness
from tracing.looks import Looks
from tracing.matching import Matching
from tracing.notices.notices import Notices
from tracing.notices.published import PublishedNotices
from tracing.notices.taking_down import TakingDown
from tracing.partners.ending import Ending
from tracing.partners.register import PartnerRegister
from tracing.partners.settling import Settling
from tracing.partners.sharing import Sharing
from tracing.partners.taking import Taking
from tracing.partners.telling import Telling
from tracing.partners.who import Who
from tracing.photo_reports import MAX_ATTEMPTS
from tracing.ports import Clock, Examiner, NewId
from tracing.quotas import Quotas
from tracing.ranking import LISTED
from tracing.recognition import Recognition
from tracing.recovery import Recovery
from tracing.reindex import Reindex
from tracing.reporting.monthly import MonthlyReport
from tracing.results import Results
from tracing.retention import Retention
from tracing.review import Review
from tracing.reviewing import Reviewing
from tracing.safeguarding import Safeguarding
from tracing.services import PublicServices, Services
from tracing.sessions import Sessions
from tracing.shelving import Shelving
from tracing.stations.assistance import Assistance
from tracing.stations.emergencies import Emergencies
from tracing.stations.register import Stations
from tracing.statistics import Statistics
from tracing.store.audit import verify_chain
from tracing.store.backup.ledger import ErasureLedger
from tracing.store.backup.making import Backups
from tracing.store.backup.restoring import Restoring, refuse_unfinished
from tracing.store.data_keys import FILE as DATA_KEYS
from tracing.store.data_keys import DataKeyFile
from tracing.store.database import SqlRecordStore
from tracing.store.key_files import MasterKey
from tracing.store.keys import Keyring
from tracing.store.list_files import SealedListFiles
from tracing.store.migrate import refuse_lost_database, refuse_lost_keys
from tracing.store.photos import FilePhotoStore
from tracing.store.rotation import Rotation
from tracing.store.shelf import FileShelf
from tracing.store.spool import AuditSpool
from tracing.suppressing import Suppressing
from tracing.throttle import Throttle
from tracing.timeline import Timeline
from tracing.validation import Validation
from tracing.withdrawing import Withdrawing
from tracing.worker import Worker

__all__ = ["PublicServices", "Services", "build", "new_id", "new_token", "public_of", "restoring_of", "utc_now"]

DICE = random.SystemRandom()
PICTURE_SECONDS = 5.0
"""Whoever wants to see a photo waits so long while others are opened, and is then asked to come again."""
MOST_OF_STRANGERS = 60
"""Millions of pixels of a photo that a stranger hands in; phones make 50."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    return uuid.uuid4().hex


def new_token() -> str:
    """An address that nobody can guess: 128 random bits, as text that a link can hold."""
    return secrets.token_urlsafe(16)


def build(
    settings: Settings,
    clock: Clock = utc_now,
    new_id: NewId = new_id,
    examiner: Examiner | None = None,
    chance: Callable[[], float] = DICE.random,
    *,
    after_restore: bool = False,
) -> Services:
    """Open the store (bringing its tables up to date), and put everything together.

    Raises ``Misconfigured`` where a promise cannot be kept: a key that others can read, a placeholder as secret.
    ``examiner`` replaces the models and ``chance`` the dice, for tests. ``after_restore`` is for the restore alone, which has
    to erase anew before anybody else may start.
    """
    refuse_unsafe(settings)
    message_rules = message_rules_of(settings)
    if not after_restore:
        refuse_unfinished(settings.data_dir)
    _make_folders(settings)
    master, data_keys = _keys(settings, clock)
    keyring = data_keys.keyring()
    secret = secret_of(settings, keyring)
    if settings.encoder != "auto":
        manifest.encoder_facts(settings.encoder)  # an unknown one is refused even where it would not be needed
    max_bytes, max_pixels = settings.max_photo_mib << 20, settings.max_photo_megapixels * 1_000_000
    reader = PillowReader(max_bytes, max_pixels, patience=PICTURE_SECONDS)
    pool = ExaminerPool(
        partial(make_here, manifest.known_encoders(), settings.model_folders, max_bytes=max_bytes, max_pixels=max_pixels),
        workers=settings.encoder_processes,
        waiting=settings.waiting_photos,
        reader=reader,
    )
    examiner = examiner or pool
    shelf = FileShelf(settings.gallery_dir, keyring)
    if settings.index not in ("auto", "exact"):
        # What cannot be made is said now, not at the first search.
        indexes_of(settings.index, DEFAULT_ENCODER)(Collection.MISSING)
    photos = FilePhotoStore(settings.photo_dir, keyring, proof=DATA_KEYS)
    policy = policy_of(settings)
    store = _store(settings, keyring, clock, new_id, policy)
    refuse_key_in_database(store, master)
    make_gallery = partial(gallery_of, settings.index, store)
    galleries = Galleries(partial(make_gallery, shelf=shelf))
    matching = Matching(store, galleries, calibration_of, clock, new_id)

    clue_search = ClueSearch(store, lexicon, clock)
    interviews = Interviews(store, lexicon, clock, new_id, clue_search.search)

    def card_of(encoder_id: str) -> CardOnFile:
        return card_on_file(encoder_id, settings.model_folders)

    leftovers = Leftovers(store, photos, clock, timedelta(minutes=settings.leftover_minutes))
    lacking = partial(missing_files, settings)
    likeness = Likeness(calibration_of, lambda encoder_id: manifest.encoder_facts(encoder_id).metric)
    admission = Admission(likeness, lambda encoder_id: not lacking(encoder_id), clock)
    lease = timedelta(seconds=settings.lease_seconds)
    intake = Intake(store, photos, leftovers, examiner, clock, new_id, matching.search, admission, lease)
    reindex = Reindex(store, photos, examiner, galleries, lacking, measured, clock, new_id, settings.encoder_processes)
    reindex.ensure_first(partial(chosen_encoder, settings))
    reindex.keep_calibrations()

    claim_for, overdue_after = timedelta(minutes=settings.claim_minutes), timedelta(hours=settings.review_hours)
    sessions = Sessions(
        store, clock, new_id, timedelta(hours=settings.session_hours), timedelta(minutes=settings.session_idle_minutes)
    )
    throttle = Throttle(store, clock, secret, settings.sign_in_tries, timedelta(minutes=settings.lockout_minutes))
    by_password = {Role.MANAGER} if settings.sign_on_only else frozenset(Role)
    accounts = Accounts(store, clock, new_id, sessions, throttle, by_password)
    quotas = Quotas(store, clock, settings.zone, settings.searches_per_day)
    known_answers = KnownAnswers(store, clock, new_id, chance, settings.known_answer_percent, claim_for, overdue_after)
    hand_over_drafts = HandOverDrafts(store, clock, policy.times[Kept.HAND_OVER_DRAFTS] or KEPT_FOR)
    claims = Claims(store, clock, max(claim_for, timedelta(seconds=settings.lease_seconds)))
    shelving = Shelving(store, galleries, shelf)
    suppressing = Suppressing(store, likeness, clock)
    retention = Retention(store, photos, shelf, clock, new_id, lambda now: policy.until(Kept.KEEPOUTS, now) or now)
    leaps = Leaps(since_start if clock is utc_now else lambda: clock().timestamp())  # another clock than the machine's is right
    purging = Purging(store, policy, clock, retention.expire_case, suppressing.expire, leaps.trusts)
    jurisdiction = jurisdiction_of(settings)
    clockwork = Clockwork(store, clock, new_id, jurisdiction, work_calendar_of(jurisdiction))

    list_runs, surveys = Runs(store, clock, new_id), Surveys(store, clock)
    importing = Importing(store, list_runs, intake, clock, new_id)
    comparing = Comparing(
        store,
        list_runs,
        examiner,
        reader,
        matching,
        clue_search,
        lexicon,
        admission,
        calibration_of,
        clock,
        new_id,
        max(1, settings.encoder_processes - 1),
    )
    sealed_lists = SealedLists(
        store,
        SealedListFiles(settings.list_dir, keyring),
        tables.rows,
        lambda file: photo_sets.photos_in_zip(file, max_bytes),
    )
    handed_lists = HandedLists(store, sealed_lists, list_runs, clock, new_id, quotas.search)
    jobs = {ListPurpose.IMPORT: importing, ListPurpose.COMPARE: comparing}
    list_work = ListWork(store, handed_lists, sealed_lists, surveys, jobs, clock)
    watched = WatchedFolder(settings.lists_folder, handed_lists, store, clock, jurisdiction.zone, settings.station)

    taking_down = TakingDown(store, clock)
    looks = Looks(store)
    ledger = ErasureLedger(settings.ledger_file, store)
    withdrawing = Withdrawing(store, shelf, clock)
    settling = Settling(settings.pfif_domain, settings.families_url, clock)
    case_sharing = Sharing(store, settling, settings.pfif_domain, clock, new_id)
    telling = Telling(store, settling, settings.pfif_domain, clock, quotas.search)
    # What a file of partners says is searched by the worker, and not while they wait for each of its notes.
    who = Who(store, Interviews(store, lexicon, clock, new_id, lambda _: None), clock, new_id)
    ending = Ending(store, partial(retention.expire_case, kind=OF_A_PARTNER), clock)
    taking = Taking(store, importing, who, read_pfif, ending, settings.pfif_domain, clock)

    messages = messages_of(settings, message_rules, store, clock)
    notices = Notices(store, clock, new_id, new_token, settings.notice_days, settings.zone)
    family_reports = FamilyReports(store, photos, intake, clock, new_id)

    def end_search(case_id: str, reason: str) -> None:
        """A family has withdrawn its consent: the face goes, and what the public and partners are told."""
        if withdrawing.of_case(SYSTEM, case_id) is None:
            withdrawing.withdraw(SYSTEM, case_id, reason)
        for view in notices.of_case(SYSTEM, case_id):
            if NOTICE_STEPS[view.notice.state]:
                notices.withdraw(SYSTEM, view.notice.notice_id, view.notice.version, reason)
        if case_sharing.of_case(SYSTEM, case_id) is not None:
            case_sharing.unshare(SYSTEM, case_id, reason)

    families = Tending(store, family_reports, end_search, clock)

    chores = (
        clockwork.tend,
        known_answers.tend,
        hand_over_drafts.tend,
        purging.tend,
        handed_lists.tend,
        watched.tend,
        clue_search.tidy,
        leftovers.tend,
        claims.tend,
        telling.tend,
        families.tend,
        *((messages.tend,) if messages is not None else ()),
        shelving.rest,
        *((Abreast(store, make_gallery, clock).tend,) if settings.index.startswith("milvus:") else ()),
        looks.write,
        store.bring_in,
    )

    # However much else waits: nobody who is in danger, was erased, or took their consent back, waits for it.
    meanwhile = (taking_down.tend, ledger.keep_up, families.heed)

    def make_galleries(encoder_id: str) -> dict[str, Gallery]:
        kept = {"the gallery on disk": make_gallery(encoder_id, shelf)} if shelf.holds(encoder_id) else {}
        filled = make_gallery(encoder_id)
        return {"the shared gallery" if filled.shared else "the changes": filled} | kept

    def close() -> None:
        pool.close()
        if messages is not None:
            messages.close()
        list_work.close()
        shelving.shelve()
        store.close()

    return Services(
        settings=settings,
        clock=clock,
        store=store,
        photos=photos,
        reader=reader,
        examiner=examiner,
        galleries=galleries,
        secret=secret,
        accounts=accounts,
        sign_on=sign_on_of(settings, store, clock, accounts),
        sessions=sessions,
        throttle=throttle,
        quotas=quotas,
        looks=looks,
        intake=intake,
        importing=importing,
        comparing=comparing,
        list_runs=list_runs,
        surveys=surveys,
        handed_lists=handed_lists,
        list_hits=ListHits(store, clock),
        monthly=Monthly(store, clock, jurisdiction.zone),
        casework=Casework(store, clock, new_id, matching.search, quotas.search),
        filing=Filing(store, clock),
        actions=Actions(store, clock, new_id),
        clockwork=clockwork,
        escalations=Escalations(store, clock),
        compliance=ComplianceFigures(store, clock),
        coverage=Coverage(store, MAX_ATTEMPTS, lambda records, case_id: bool(clue_search.keys_of(records, case_id))),
        feeds=Feeds(store, clock),
        calendar_file=calendar_file,
        matching=matching,
        candidates=Candidates(store, calibration_of, lambda encoder_id: card_of(encoder_id).card),
        interviews=interviews,
        interview_help=InterviewHelp(store, lexicon, showing, clock, interviews.record),
        clue_search=clue_search,
        findings=Findings(store),
        enquiries=Enquiries(store, lexicon, clue_search, clock, quotas.search),
        review=Reviewing(
            Review(store, clock, new_id, settings.reviewers_required, claim_for, overdue_after, calibration_of),
            known_answers,
            store,
            clock,
            overdue_after,
        ),
        known_answers=known_answers,
        leads=Leads(store, clock),
        approvals=Approvals(store),
        safeguarding=Safeguarding(store, clock, new_id),
        hand_overs=HandOvers(store),
        hand_over_drafts=hand_over_drafts,
        stations=Stations(store, clock),
        assistance=Assistance(store, clock, new_id),
        emergencies=Emergencies(store, clock, new_id, timedelta(minutes=settings.break_glass_minutes)),
        auditing=Auditing(
            store, verify_chain, matching.repeat, calibration_of, lambda encoder_id: manifest.encoder_facts(encoder_id).metric
        ),
        desk=Desk(store, MAX_ATTEMPTS),
        timeline=Timeline(store, clock, settings.zone),
        agenda=Agenda(store, clock, MAX_ATTEMPTS),
        messages=messages,
        notices=notices,
        published=PublishedNotices(store, clock),
        taking_down=taking_down,
        results=Results(store, clock),
        statistics=Statistics(store, MAX_ATTEMPTS),
        report=MonthlyReport(store, clock, settings.zone, card_of),
        recognition=Recognition(store, calibration_of),
        fairness=Fairness(store, card_of),
        reindex=reindex,
        validation=Validation(store, examiner, make_gallery, clock, LISTED),
        retention=retention,
        purging=purging,
        withdrawing=withdrawing,
        suppressing=suppressing,
        dossiers=Dossiers(store, photos, clock),
        case_sharing=case_sharing,
        telling=telling,
        partner_register=PartnerRegister(store, settings.pfif_domain, clock),
        taking=taking,
        family_reports=family_reports,
        families=families,
        seen_sightings=SeenSightings(store, photos, interviews, clock, new_id),
        shelving=shelving,
        consistency=Consistency(store, photos, make_galleries, verify_chain, clue_search.is_kept, ledger.spoiled),
        rotation=Rotation(store, photos, shelf, data_keys, master, clock),
        backups=Backups(store, settings.store_url, settings.photo_dir, master, clock, new_id),
        ledger=ledger,
        recovery=Recovery(store, retention, withdrawing, case_sharing.withdrawn_again),
        worker=Worker(
            intake.pending,
            intake.analyse,
            matching.due,
            matching.search,
            matching.search_many,
            chores,
            clue_search.due,
            clue_search.search,
            meanwhile,
            list_work.work,
        ),
        warm=lambda: pool.warm(reindex.live_encoders()),
        halt=pool.close,
        close=close,
    )


def _make_folders(settings: Settings) -> None:
    for folder in (settings.data_dir, settings.photo_dir):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise Misconfigured(f"{folder} is no folder, nor a link that leads to one. Is its disk mounted?") from error


def _master(settings: Settings) -> MasterKey:
    return MasterKey(settings.photo_key.get_secret_value(), settings.master_key_file)


def _keys(settings: Settings, clock: Clock) -> tuple[MasterKey, DataKeyFile]:
    """Those of the service, made where there are none yet; ``Misconfigured`` where they are lost, or lie open."""
    master = _master(settings)
    data_keys = DataKeyFile(settings.photo_dir, master, clock)
    if not data_keys.path.exists() and master.exists():
        refuse_key_in_address(settings, master)  # before anything is asked at that address
        refuse_lost_keys(settings.store_url, master.ring(), data_keys.path)
    refuse_lost_database(settings.store_url, settings.photo_dir)
    data_keys.ensure()
    refuse_key_in_address(settings, master)
    return master, data_keys


def _store(settings: Settings, keyring: Keyring, clock: Clock, new_id: NewId, policy: Policy) -> SqlRecordStore:
    """Its tables and its rows as this version of the program has them."""
    spool = AuditSpool(settings.spool_dir, keyring)
    store = SqlRecordStore(
        settings.store_url,
        keyring,
        clock,
        new_id,
        policy.case_until,
        spool,
        keys_of=lambda names: lexicon().name_keys(names),
    )
    store.migrate()
    store.key_names()
    store.read_forms()
    store.withhold_numbers()
    return store


def public_of(settings: Settings, clock: Clock = utc_now) -> PublicServices:
    """Open the records of a service that is there: nothing is made or migrated, and nothing written but what strangers send.

    Raises ``Misconfigured`` where there is no service yet, or one of another version.
    """
    refuse_unsafe(settings)
    refuse_unfinished(settings.data_dir)
    if not settings.photo_dir.is_dir():
        raise Misconfigured(f"There is no service in {settings.data_dir.absolute()} yet: start `tracing serve` first.")
    master = _master(settings)
    keyring = DataKeyFile(settings.photo_dir, master, clock).keyring()
    store = SqlRecordStore(settings.store_url, keyring, clock, new_id)
    if not store.is_current():
        store.close()
        raise Misconfigured("The database is not of this version of the program: start `tracing serve` of this version first.")
    photos = FilePhotoStore(settings.photo_dir, keyring, proof=DATA_KEYS)
    published = PublishedNotices(store, clock)
    key, bits = keyring.derive("families"), settings.public_proof_bits
    challenges = Challenges(key, clock, new_token, bits, timedelta(seconds=settings.public_wait_seconds))
    handed = HandedPhotos(
        store,
        Leftovers(store, photos, clock, timedelta(minutes=settings.leftover_minutes)),
        PillowReader(settings.public_photo_mib << 20, min(settings.max_photo_megapixels, MOST_OF_STRANGERS) * 1_000_000),
        clock,
        new_id,
        settings.public_waiting_mib << 20,
    )
    known = Secrets(key)
    doors = Throttle(store, clock, key, settings.sign_in_tries, timedelta(minutes=settings.lockout_minutes))
    return PublicServices(
        settings=settings,
        store=store,
        photos=photos,
        reader=PillowReader(settings.max_photo_mib << 20, settings.max_photo_megapixels * 1_000_000, patience=PICTURE_SECONDS),
        published=published,
        reporting=Reporting(store, handed, known, challenges, clock, new_id, new_token, settings.zone),
        following=Following(store, handed, known, doors, clock, settings.zone),
        sightings=Sightings(store, published, handed, challenges, clock, new_id),
        challenges=challenges,
        close=store.close,
    )


def restoring_of(settings: Settings, clock: Clock = utc_now) -> Restoring:
    """What brings a backup back onto the machine of these settings, where no service runs yet."""
    master = _master(settings)
    return Restoring(settings.data_dir, settings.photo_dir, settings.store_url, master, clock)
