"""Every table and column; a column is named like the field of the domain type it holds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    literal_column,
)
from sqlalchemy.event import listen

from tracing.domain import (
    ActionKind,
    ActionOutcome,
    Analysis,
    CaseKind,
    CaseState,
    Change,
    Channel,
    ClockEnd,
    Collection,
    Declined,
    GenerationState,
    HitState,
    Judgement,
    KeepoutPurpose,
    LegalBasis,
    ListPurpose,
    ListStage,
    NoFaceReason,
    NoticeEnd,
    NoticeState,
    Outcome,
    PairState,
    PhotoProblem,
    Purpose,
    Relation,
    ReportState,
    RequestKind,
    RequestState,
    Role,
    Sex,
    SightingState,
    Stage,
)
from tracing.store.columns import (
    BigNumber,
    Json,
    Moment,
    Partial,
    Plain,
    Whole,
    Word,
    WordList,
    boxes,
    boxes_as_json,
    candidates,
    candidates_as_json,
    grounds,
    grounds_as_json,
    landmarks,
    mapping,
    mentions,
    mentions_as_json,
    parts,
    quality,
    quality_as_json,
    texts,
)
from tracing.store.fulltext import create_full_text
from tracing.store.rules import clock_rule, clock_rule_as_json

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _given(name: str, kind: Any, *more: Any, **options: Any) -> Column[Any]:
    """A column that always has a value."""
    return Column(name, kind, *more, nullable=False, **options)


def _where(condition: str) -> dict[str, Any]:
    """A partial index, spelled for both databases."""
    return {"sqlite_where": literal_column(condition), "postgresql_where": literal_column(condition)}


cases = Table(
    "cases",
    metadata,
    Column("case_id", Plain, primary_key=True),
    _given("reference", Plain, unique=True),
    _given("kind", Word(CaseKind)),
    _given("state", Word(CaseState)),
    Column("outcome", Word(Outcome)),
    _given("state_reason", Plain),
    _given("station_id", Plain, index=True),
    _given("legal_basis", Word(LegalBasis)),
    _given("opened_at", Moment),
    _given("opened_by", Plain),
    Column("expires_at", Moment),
    _given("version", Whole),
    _given("search_wanted", Whole),
    _given("search_done", Whole),
    _given("names", texts()),
    Column("sex", Word(Sex)),
    Column("birth_date", Partial),
    Column("age_min", Whole),
    Column("age_max", Whole),
    _given("ethnic_group", Plain),
    _given("languages", texts()),
    _given("accent", Plain),
    Column("height_cm", Whole),
    _given("marks", texts()),
    _given("clothing", Plain),
    Column("seen_at", Partial),
    _given("seen_place", Plain),
    _given("circumstances", Plain),
    # Reference, names and places, folded: neither database ignores case the same way outside ASCII.
    _given("sought_text", Plain),
    # Since when the case is in this state: from then on its kind of case is kept for as long as is set.
    Column("state_since", Moment),
    Column("guarded_since", Moment),
    # By the form, which is sealed; NULL until a process that can open it has read it.
    Column("child_said", Boolean),
    Index("ix_cases_opened_at", "opened_at", "case_id"),
    Index("ix_cases_state_opened_at", "state", "opened_at", "case_id"),
    # Holds all that is asked of each open case where they are counted by station.
    Index("ix_cases_searched", "state", "station_id", "expires_at", "legal_basis", "search_wanted", "search_done", "case_id"),
    Index("ix_cases_opened_by", "opened_by"),
    Index("ix_cases_state_kind", "state", "kind"),
    Index("ix_cases_due", "opened_at", **_where("search_wanted > search_done")),
    Index("ix_cases_expires_at", "expires_at", **_where("expires_at IS NOT NULL")),
    Index("ix_cases_unread", "case_id", **_where("child_said IS NULL")),
    Index("ix_cases_ended", "state_since", **_where("state = 'closed'")),
)

name_keys = Table(
    "name_keys",
    metadata,
    # Names as they are typed in Latin letters: made from the names, and made anew by another version of the program.
    Column("key", Plain, primary_key=True),
    Column("case_id", Plain, ForeignKey("cases.case_id"), primary_key=True, index=True),
)

case_sources = Table(
    "case_sources",
    metadata,
    Column("case_id", Plain, ForeignKey("cases.case_id"), primary_key=True),
    _given("source", Plain),
    _given("source_id", Plain),  # of an identity number a keyed digest
    # Whether it is one; NULL until a process that has the keys has looked.
    Column("identity", Boolean),
    UniqueConstraint("source", "source_id"),
)

import_runs = Table(
    "import_runs",
    metadata,
    Column("run_id", Plain, primary_key=True),
    _given("source", Plain),
    _given("file_name", Plain),
    _given("digest", Plain),
    _given("station_id", Plain),
    _given("started_by", Plain),
    _given("started_at", Moment),
    Column("finished_at", Moment),
    *(_given(name, Whole) for name in ("rows_done", "new", "changed", "unchanged", "refused", "photos")),
    # Later than the table: what a run of before says of itself where it had no such column.
    _given("purpose", Word(ListPurpose), server_default=str(ListPurpose.IMPORT)),
    *(
        _given(name, Whole, server_default=literal_column("0"))
        for name in ("rows_there", "compared", "without_face", "here", "found", "again", "resumed_rows")
    ),
    Column("resumed_at", Moment),
    Column("touched_at", Moment),
    _given("said", mapping(), server_default="{}"),
    Index("ix_import_runs_started_at", "started_at"),
)

imported_records = Table(
    "imported_records",
    metadata,
    Column("case_id", Plain, ForeignKey("cases.case_id"), primary_key=True),
    _given("digest", Plain),
    # No foreign key: runs are kept for a shorter time than cases.
    _given("run_id", Plain, index=True),
    _given("change", Word(Change)),
    _given("told", mapping()),
)

refused_rows = Table(
    "refused_rows",
    metadata,
    Column("run_id", Plain, ForeignKey("import_runs.run_id"), primary_key=True),
    Column("row", BigNumber, primary_key=True),
    Column("column", Plain, primary_key=True),
    _given("mistake", Plain),
)

handed_lists = Table(
    "handed_lists",
    metadata,
    Column("list_id", Plain, primary_key=True),
    _given("purpose", Word(ListPurpose)),
    _given("source", Plain),
    _given("kind", Word(CaseKind)),
    _given("legal_basis", Word(LegalBasis)),
    _given("said", mapping()),
    _given("file_name", Plain),
    _given("digest", Plain),
    _given("table_bytes", BigNumber),
    _given("photo_bytes", BigNumber),
    _given("station_id", Plain),
    _given("handed_by", Plain),
    _given("handed_at", Moment),
    _given("stage", Word(ListStage)),
    _given("touched_at", Moment, index=True),
    _given("rows_there", Whole),
    _given("rows_read", Whole),
    _given("run_id", Plain, index=True),
    _given("attempts", Whole),
    _given("problem", Plain),
    _given("version", Whole),
)

list_hits = Table(
    "list_hits",
    metadata,
    Column("hit_id", Plain, primary_key=True),
    # No foreign key: a hit is of the run that brought it, however long that is kept.
    _given("run_id", Plain, index=True),
    _given("case_id", Plain, ForeignKey("cases.case_id")),
    _given("station_id", Plain),
    _given("found_at", Moment),
    _given("source", Plain),
    # Of the source and its name for the record, keyed: the same record brings no second hit.
    _given("record_digest", Plain, index=True),
    _given("kind", Word(CaseKind)),
    _given("state", Word(HitState)),
    _given("decided_by", Plain),
    Column("decided_at", Moment),
    Column("opened_case_id", Plain, ForeignKey("cases.case_id"), index=True),
    _given("version", Whole),
    _given("sealed", LargeBinary),  # the record's name, its row, the evidence, and what somebody wrote
    Column("identity", Boolean),  # as in case_sources
    UniqueConstraint("case_id", "record_digest"),
    Index("ix_list_hits_state", "state", "found_at", "hit_id"),
)

list_portraits = Table(
    "list_portraits",
    metadata,
    Column("hit_id", Plain, ForeignKey("list_hits.hit_id"), primary_key=True),
    _given("sealed", LargeBinary),  # the face of the record's photo, until somebody has decided
)

face_withdrawals = Table(
    "face_withdrawals",
    metadata,
    Column("case_id", Plain, ForeignKey("cases.case_id"), primary_key=True),
    _given("withdrawn_at", Moment),
    _given("withdrawn_by", Plain),
    _given("reason", Plain),
)

erasure_requests = Table(
    "erasure_requests",
    metadata,
    Column("case_id", Plain, ForeignKey("cases.case_id"), primary_key=True),
    _given("asked_by", Plain),
    _given("asked_at", Moment),
    _given("reason", Plain),
    _given("suppress", Boolean),
)

safeguards = Table(
    "safeguards",
    metadata,
    Column("safeguard_id", Plain, primary_key=True),
    _given("case_id", Plain, ForeignKey("cases.case_id"), index=True),
    _given("set_by", Plain),
    _given("set_at", Moment),
    _given("cleared_by", Plain),
    Column("cleared_at", Moment),
    _given("sealed", LargeBinary),  # the reason, and what the check has found
    # Of a case one stands, whoever sets it.
    Index("uq_safeguards_standing", "case_id", unique=True, **_where("cleared_at IS NULL")),
)

contacts = Table(
    "contacts",
    metadata,
    Column("contact_id", Plain, primary_key=True),
    _given("case_id", Plain, ForeignKey("cases.case_id"), index=True),
    _given("role", Plain),
    _given("safe_to_contact", Boolean),
    _given("sealed", LargeBinary),  # name, phone, place
)

case_forms = Table(
    "case_forms",
    metadata,
    Column("case_id", Plain, ForeignKey("cases.case_id"), primary_key=True),
    _given("version", Whole),
    _given("saved_at", Moment),
    _given("saved_by", Plain),
    _given("sealed", LargeBinary),  # the answers
)

closings = Table(
    "closings",
    metadata,
    Column("position", BigNumber, primary_key=True, autoincrement=True),
    _given("closing_id", Plain, unique=True),
    _given("case_id", Plain, ForeignKey("cases.case_id"), index=True),
    _given("closed_at", Moment),
    _given("outcome", Word(Outcome)),
    Column("channel", Word(Channel)),
    Column("other_case_id", Plain, ForeignKey("cases.case_id"), index=True),
    _given("in_galleries", Boolean),
    # No foreign key: the run is gone with its case.
    _given("list_id", Plain),
)

clues = Table(
    "clues",
    metadata,
    # A row per version: what was said is never changed, only superseded.
    Column("clue_id", Plain, primary_key=True),
    Column("version", Whole, primary_key=True, autoincrement=False),
    _given("case_id", Plain, ForeignKey("cases.case_id"), index=True),
    _given("said", Plain),
    _given("said_at", Moment),
    _given("told_to", Plain),
    _given("language", Plain),
    _given("dialect", Plain),
    _given("mentions", Json(mentions_as_json, mentions)),
    _given("recorded_by", Plain),
    _given("recorded_at", Moment),
    _given("reason", Plain),
    _given("withdrawn", Boolean),
    Column("superseded_at", Moment),
    # Of two who revise a clue at the same moment the second one is told.
    Index("uq_clues_current", "clue_id", unique=True, **_where("superseded_at IS NULL")),
)

clue_keys = Table(
    "clue_keys",
    metadata,
    Column("key", Plain, primary_key=True),
    Column("case_id", Plain, ForeignKey("cases.case_id"), primary_key=True, index=True),
)

case_texts = Table(
    "case_texts",
    metadata,
    # A whole number for each row, as the full text of SQLite wants it.
    Column("number", BigNumber, primary_key=True, autoincrement=True),
    _given("case_id", Plain, ForeignKey("cases.case_id"), unique=True),
    _given("words", Plain),  # folded
    _given("grams", WordList),
    Index("ix_case_texts_grams", "grams", postgresql_using="gin").ddl_if(dialect="postgresql"),
)
listen(case_texts, "after_create", create_full_text)

clue_searches = Table(
    "clue_searches",
    metadata,
    # Apart from the cases, whose rows every such mark would write anew.
    Column("case_id", Plain, ForeignKey("cases.case_id"), primary_key=True),
    _given("wanted", Whole),
    _given("done", Whole),
    Column("searched_at", Moment),
    Index("ix_clue_searches_due", "case_id", **_where("wanted > done")),
)

photos = Table(
    "photos",
    metadata,
    Column("photo_id", Plain, primary_key=True),
    _given("case_id", Plain, ForeignKey("cases.case_id")),
    _given("photo_key", Plain, unique=True),
    _given("sha256", Plain),
    _given("received_at", Moment),
    Column("taken_on", Partial),
    Column("age_in_photo", Whole),
    _given("analysis", Word(Analysis)),
    _given("problem", Word(PhotoProblem)),
    _given("width", Whole),
    _given("height", Whole),
    _given("attempts", Whole),
    Column("claimed_until", Moment),
    Column("no_face", Word(NoFaceReason)),
    UniqueConstraint("case_id", "sha256"),
    Index("ix_photos_received_at", "received_at"),
    Index("ix_photos_analysis", "analysis", "received_at", "photo_id"),
    Index("ix_photos_pending", "received_at", "photo_id", **_where("analysis = 'pending'")),
)

held_photos = Table(
    "held_photos",
    metadata,
    Column("photo_id", Plain, ForeignKey("photos.photo_id"), primary_key=True),
    # No foreign key: the keep-out may be lifted, and what a person has decided stays.
    _given("keepout_id", Plain, index=True),
    _given("held_at", Moment),
    Column("cleared_at", Moment),
    _given("cleared_by", Plain),
    _given("reason", Plain),
    _given("faces", Json(boxes_as_json, boxes), server_default="[]"),
)

keepouts = Table(
    "keepouts",
    metadata,
    Column("keepout_id", Plain, primary_key=True),
    _given("purpose", Word(KeepoutPurpose)),
    _given("made_at", Moment),
    _given("expires_at", Moment, index=True),
    # A keyed digest of the source's name for the record; empty where it came from none.
    _given("source_digest", Plain, index=True),
)

keepout_templates = Table(
    "keepout_templates",
    metadata,
    Column("keepout_id", Plain, ForeignKey("keepouts.keepout_id"), primary_key=True),
    Column("encoder_id", Plain, primary_key=True),
    _given("sealed", LargeBinary),  # the vector
)

keepout_salts = Table(
    "keepout_salts",
    metadata,
    # One row: the key of the digests, so that a new key of the service does not make them worthless.
    Column("one", Whole, primary_key=True, autoincrement=False),
    _given("sealed", LargeBinary),
    CheckConstraint("one = 1", name="one_row"),
)

noted_files = Table(
    "noted_files",
    metadata,
    Column("photo_key", Plain, primary_key=True),
    # None: the file has been given up, and is to be erased.
    Column("noted_at", Moment),
)

faces = Table(
    "faces",
    metadata,
    Column("face_id", Plain, primary_key=True),
    _given("photo_id", Plain, ForeignKey("photos.photo_id"), index=True),
    _given("left", Whole),
    _given("top", Whole),
    _given("right", Whole),
    _given("bottom", Whole),
    _given("landmarks", Json(list, landmarks)),
    _given("detector_id", Plain),
    _given("quality", Json(quality_as_json, quality)),
    _given("of_interest", Boolean),
)

templates = Table(
    "templates",
    metadata,
    Column("template_id", BigNumber, primary_key=True, autoincrement=True),
    _given("face_id", Plain, ForeignKey("faces.face_id")),
    # No index of its own: one or two values, by which SQLite would rather search than by the case.
    _given("encoder_id", Plain),
    _given("sealed", LargeBinary),  # the vector
    UniqueConstraint("face_id", "encoder_id"),
    # An index elsewhere may still hold an erased template's number: it must never mean another face.
    sqlite_autoincrement=True,
)

gallery_changes = Table(
    "gallery_changes",
    metadata,
    # No foreign key: the row outlives its template, to tell every gallery that it is gone.
    Column("template_id", BigNumber, primary_key=True, autoincrement=False),
    _given("encoder_id", Plain),
    _given("seq", BigNumber, unique=True),
    Column("collection", Word(Collection)),
    Index("ix_gallery_changes_encoder_id_seq", "encoder_id", "seq"),
)

counters = Table("counters", metadata, Column("name", Plain, primary_key=True), _given("value", BigNumber))

reference_counters = Table(
    "reference_counters",
    metadata,
    Column("kind", Word(CaseKind), primary_key=True),
    Column("year", Whole, primary_key=True, autoincrement=False),
    _given("value", Whole),
)

generations = Table(
    "generations",
    metadata,
    Column("generation_id", Plain, primary_key=True),
    _given("encoder_id", Plain),
    _given("state", Word(GenerationState)),
    _given("created_at", Moment),
    Column("activated_at", Moment),
    _given("report", mapping()),
    Index("uq_generations_active", "state", unique=True, **_where("state = 'active'")),
)

search_runs = Table(
    "search_runs",
    metadata,
    Column("position", BigNumber, primary_key=True, autoincrement=True),
    _given("run_id", Plain, unique=True),
    _given("case_id", Plain, ForeignKey("cases.case_id")),
    _given("purpose", Word(Purpose)),
    _given("generation_id", Plain, ForeignKey("generations.generation_id")),
    _given("gallery_size", Whole),
    _given("started_at", Moment),
    _given("finished_at", Moment),
    _given("list", Json(candidates_as_json, candidates)),
    Index("ix_search_runs_case_id_finished_at", "case_id", "finished_at"),
    Index("ix_search_runs_finished_at", "finished_at", "case_id"),
)

pairs = Table(
    "pairs",
    metadata,
    Column("pair_id", Plain, primary_key=True),
    _given("low_case_id", Plain, ForeignKey("cases.case_id")),
    _given("high_case_id", Plain, ForeignKey("cases.case_id"), index=True),
    _given("relation", Word(Relation)),
    _given("state", Word(PairState)),
    Column("score", Double),
    _given("rank", Whole),
    _given("generation_id", Plain, ForeignKey("generations.generation_id")),
    # The run whose list it stands in; no foreign key, since the run is written after its pairs.
    _given("list_id", Plain),
    _given("suggested_at", Moment),
    Column("claimed_by", Plain),
    Column("claimed_until", Moment),
    Column("superseded_by", Plain, ForeignKey("pairs.pair_id", ondelete="SET NULL"), index=True),
    Column("state_before", Word(PairState)),
    _given("version", Whole),
    UniqueConstraint("low_case_id", "high_case_id"),
    CheckConstraint("low_case_id < high_case_id", name="ordered"),
    Index("ix_pairs_by_evidence", "state", "generation_id", "score"),
    Index("ix_pairs_by_waiting", "state", "suggested_at", "pair_id"),
    Index("ix_pairs_claimed_by", "claimed_by"),
    Index("ix_pairs_suggested_at", "suggested_at"),
)

matches = Table(
    "matches",
    metadata,
    # The primary key is the promise: a case is in at most one match.
    Column("case_id", Plain, ForeignKey("cases.case_id"), primary_key=True),
    _given("pair_id", Plain, ForeignKey("pairs.pair_id"), index=True),
)

decisions = Table(
    "decisions",
    metadata,
    Column("position", BigNumber, primary_key=True, autoincrement=True),
    _given("decision_id", Plain, unique=True),
    _given("pair_id", Plain, ForeignKey("pairs.pair_id"), index=True),
    _given("stage", Word(Stage)),
    Column("judgement", Word(Judgement)),
    _given("reviewer", Plain),
    _given("decided_at", Moment),
    Column("confidence", Whole),
    _given("features", mapping()),
    _given("reason", Plain),
    Column("score_seen", Double),
    Column("superseded_at", Moment),
    Column("grounds", Json(grounds_as_json, grounds)),
    Index("ix_decisions_reviewer_pair_id", "reviewer", "pair_id"),
    Index("ix_decisions_decided_at", "decided_at"),
)

clue_hits = Table(
    "clue_hits",
    metadata,
    Column("pair_id", Plain, ForeignKey("pairs.pair_id"), primary_key=True),
    _given("weight", Double),
    _given("evidence", mapping()),
    _given("found_at", Moment),
    Index("ix_clue_hits_weight", "weight"),
)

leads = Table(
    "leads",
    metadata,
    Column("lead_id", Plain, primary_key=True),
    _given("pair_id", Plain, ForeignKey("pairs.pair_id"), index=True),
    _given("opened_by", Plain),
    _given("opened_at", Moment),
    _given("closed_by", Plain),
    Column("closed_at", Moment),
    _given("finding", Plain),
    # However many people see a likeness, it is followed up once.
    Index("uq_leads_open", "pair_id", unique=True, **_where("closed_at IS NULL")),
)

approvals = Table(
    "approvals",
    metadata,
    # The primary key is the promise: nobody approves twice.
    Column("case_id", Plain, ForeignKey("cases.case_id"), primary_key=True),
    Column("approver", Plain, primary_key=True),
    _given("outcome", Word(Outcome)),
    _given("reason", Plain),
    _given("given_at", Moment),
)

known_answers = Table(
    "known_answers",
    metadata,
    Column("known_id", Plain, primary_key=True),
    _given("reviewer", Plain),
    _given("pair_id", Plain, ForeignKey("pairs.pair_id"), index=True),
    _given("mated", Boolean),
    _given("given_at", Moment),
    _given("waiting_since", Moment),
    Column("claimed_until", Moment),
    Column("judgement", Word(Judgement)),
    Column("confidence", Whole),
    _given("features", mapping()),
    _given("reason", Plain),
    Column("judged_at", Moment),
    Index("ix_known_answers_reviewer_judged_at", "reviewer", "judged_at"),
)

proofs = Table(
    "proofs",
    metadata,
    Column("decision_id", Plain, ForeignKey("decisions.decision_id"), primary_key=True),
    _given("pair_id", Plain, ForeignKey("pairs.pair_id"), index=True),
    _given("proof", Plain),
    _given("sealed", LargeBinary),  # what the proof consists of
)

hand_overs = Table(
    "hand_overs",
    metadata,
    Column("pair_id", Plain, ForeignKey("pairs.pair_id"), primary_key=True),
    _given("recorded_by", Plain),
    _given("recorded_at", Moment),
    _given("sealed", LargeBinary),  # everything else
)

hand_over_drafts = Table(
    "hand_over_drafts",
    metadata,
    Column("pair_id", Plain, ForeignKey("pairs.pair_id"), primary_key=True),
    _given("version", Whole),
    _given("saved_at", Moment, index=True),
    _given("saved_by", Plain),
    _given("sealed", LargeBinary),  # what was typed
)

tracing_actions = Table(
    "tracing_actions",
    metadata,
    Column("action_id", Plain, primary_key=True),
    _given("case_id", Plain, ForeignKey("cases.case_id"), index=True),
    _given("kind", Word(ActionKind)),
    _given("outcome", Word(ActionOutcome)),
    _given("taken_at", Moment),
    _given("note", Plain),
    _given("recorded_by", Plain),
    _given("recorded_at", Moment),
)

notices = Table(
    "notices",
    metadata,
    Column("notice_id", Plain, primary_key=True),
    _given("case_id", Plain, ForeignKey("cases.case_id"), index=True),
    _given("kind", Word(CaseKind)),
    _given("token", Plain, unique=True),
    _given("authors", texts()),
    _given("drafted_at", Moment),
    _given("state", Word(NoticeState)),
    _given("version", Whole),
    Column("photo_id", Plain, ForeignKey("photos.photo_id"), index=True),
    _given("approved_by", Plain),
    Column("approved_at", Moment),
    _given("published_by", Plain),
    Column("published_at", Moment),
    Column("expires_at", Moment),
    _given("ended_by", Plain),
    Column("ended_at", Moment),
    Column("end", Word(NoticeEnd)),
    _given("sealed", LargeBinary),  # what it says
    Index("ix_notices_state_published_at", "state", "published_at"),
)

clocks = Table(
    "clocks",
    metadata,
    Column("clock_id", Plain, primary_key=True),
    _given("case_id", Plain, ForeignKey("cases.case_id")),
    _given("rule_id", Plain),
    _given("threshold", Boolean),
    _given("rule", Json(clock_rule_as_json, clock_rule)),
    # The number of the audit's row that started it; no foreign key, for the audit has an order of writing of its own.
    _given("cause", BigNumber),
    _given("started_at", Moment),
    _given("due_at", Moment),
    _given("provisional", Boolean),
    _given("paused", Boolean),
    Column("ended_at", Moment),
    Column("end", Word(ClockEnd)),
    _given("ended_by", Plain),
    _given("steps_taken", Whole),
    Column("next_step_at", Moment),
    _given("version", Whole),
    # The promise: however often an event is followed, it starts one clock of a rule.
    UniqueConstraint("case_id", "rule_id", "cause"),
    Index(
        "ix_clocks_running",
        *("paused", "due_at", "clock_id", "case_id"),
        sqlite_where=literal_column("ended_at IS NULL AND threshold = 0"),  # as a query asks for it
        postgresql_where=literal_column("ended_at IS NULL AND NOT threshold"),
    ),
    Index("ix_clocks_due_at", "due_at", **_where("ended_at IS NULL")),
    Index("ix_clocks_due", "due_at", "case_id"),
    Index("ix_clocks_next_step_at", "next_step_at", **_where("next_step_at IS NOT NULL")),
)

pauses = Table(
    "pauses",
    metadata,
    Column("pause_id", Plain, primary_key=True),
    _given("clock_id", Plain, ForeignKey("clocks.clock_id"), index=True),
    _given("paused_at", Moment),
    _given("paused_by", Plain),
    _given("reason", Plain),
    Column("resumed_at", Moment),
    _given("resumed_by", Plain),
)

escalations = Table(
    "escalations",
    metadata,
    Column("escalation_id", Plain, primary_key=True),
    _given("clock_id", Plain, ForeignKey("clocks.clock_id"), index=True),
    _given("case_id", Plain, ForeignKey("cases.case_id"), index=True),
    _given("role", Word(Role)),
    _given("escalated_at", Moment),
    _given("seen_by", Plain),
    Column("seen_at", Moment),
    Index("ix_escalations_role", "role", **_where("seen_at IS NULL")),
)

feeds = Table(
    "feeds",
    metadata,
    Column("account_id", Plain, ForeignKey("accounts.account_id"), primary_key=True),
    _given("token_hash", Plain, unique=True),
    _given("station_id", Plain),
    _given("made_at", Moment),
)

stations = Table(
    "stations",
    metadata,
    Column("station_id", Plain, primary_key=True),
    _given("name", Plain),
    _given("opened_at", Moment),
    _given("central", Boolean),
    Column("closed_at", Moment),
)

station_requests = Table(
    "station_requests",
    metadata,
    Column("request_id", Plain, primary_key=True),
    _given("case_id", Plain, ForeignKey("cases.case_id"), index=True),
    _given("kind", Word(RequestKind)),
    # No foreign keys: cases and accounts name stations that nobody has set up.
    _given("asking", Plain, index=True),
    _given("asked", Plain, index=True),
    _given("guest", Plain),
    _given("parts", Json(list, parts)),
    _given("reason", Plain),
    _given("asked_by", Plain),
    _given("asked_at", Moment),
    _given("deadline", Moment),
    _given("state", Word(RequestState)),
    _given("answer", Plain),
    _given("answered_by", Plain),
    Column("answered_at", Moment),
    _given("version", Whole),
    Index("ix_station_requests_guest_state", "guest", "state"),
)

emergencies = Table(
    "emergencies",
    metadata,
    Column("emergency_id", Plain, primary_key=True),
    _given("case_id", Plain, ForeignKey("cases.case_id"), index=True),
    _given("account_id", Plain),
    _given("station_id", Plain),
    _given("opened_at", Moment),
    _given("ends_at", Moment),
    _given("reason", Plain),
    _given("seen_by", Plain),
    Column("seen_at", Moment),
    _given("finding", Plain),
    Index("ix_emergencies_account_id_ends_at", "account_id", "ends_at"),
)

events = Table(
    "events",
    metadata,
    Column("seq", BigNumber, primary_key=True, autoincrement=False),
    _given("at", Moment),
    _given("actor", Plain),
    _given("action", Plain),
    _given("subject", Plain, index=True),
    _given("detail", mapping()),
    _given("previous_hash", Plain),
    _given("hash", Plain),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("one", Whole, primary_key=True, autoincrement=False),
    _given("seq", BigNumber),
    _given("hash", Plain),
    CheckConstraint("one = 1", name="one_row"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("account_id", Plain, primary_key=True),
    _given("name", Plain, unique=True),
    _given("role", Word(Role)),
    _given("station_id", Plain),
    _given("created_at", Moment),
    _given("password_hash", Plain),
    _given("api_key_hash", Plain),
    Column("disabled_at", Moment),
    Index("uq_accounts_api_key_hash", "api_key_hash", unique=True, **_where("api_key_hash <> ''")),
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", Plain, primary_key=True),
    Column("subject", Plain, primary_key=True),
    _given("seen_at", Moment, index=True),
    _given("code", Plain),
    Column("account_id", Plain, ForeignKey("accounts.account_id")),
    Column("linked_at", Moment),
    Index("uq_identities_code", "code", unique=True, **_where("code <> ''")),
    Index("uq_identities_account_id", "account_id", unique=True, **_where("account_id IS NOT NULL")),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Plain, primary_key=True),
    _given("session_id", Plain, unique=True),
    _given("account_id", Plain, ForeignKey("accounts.account_id"), index=True),
    _given("created_at", Moment),
    _given("used_at", Moment),
    _given("expires_at", Moment, index=True),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    # A digest of a name or an address: people type their password where their name belongs.
    Column("who", Plain, primary_key=True),
    _given("count", Whole),
    _given("last_at", Moment, index=True),
    _given("shut_until", Moment),
)

search_counts = Table(
    "search_counts",
    metadata,
    Column("account_id", Plain, ForeignKey("accounts.account_id"), primary_key=True),
    Column("day", Plain, primary_key=True),
    _given("count", Whole),
    Index("ix_search_counts_day", "day"),
)

backups = Table(
    "backups",
    metadata,
    Column("backup_id", Plain, primary_key=True),
    _given("folder", Plain),
    _given("point", Moment, index=True),
)

told_records = Table(
    "told_records",
    metadata,
    # Ids drawn by lot, and dates: what partners have to be told for ever, so that copies of a record die.
    Column("record_id", Plain, primary_key=True),
    # Empty once the record has ended: nothing is left that a guess at the person could be compared with.
    _given("digest", Plain),
    *(_given(name, Moment) for name in ("source_date", "entry_date", "expiry_date")),
    Index("ix_told_records_entry_date_record_id", "entry_date", "record_id"),
)

shares = Table(
    "shares",
    metadata,
    Column("case_id", Plain, ForeignKey("cases.case_id"), primary_key=True),
    # No foreign key: the record is written after its share, and outlives it.
    _given("record_id", Plain, unique=True),
    _given("shared_at", Moment),
    _given("shared_by", Plain),
    _given("reason", Plain),
    _given("ends_at", Moment),
)

told_notes = Table(
    "told_notes",
    metadata,
    Column("note_id", Plain, primary_key=True),
    _given("record_id", Plain, ForeignKey("told_records.record_id"), index=True),
    _given("about", Plain, index=True),
    Column("pair_id", Plain, ForeignKey("pairs.pair_id"), index=True),
    _given("digest", Plain),
    *(_given(name, Moment) for name in ("source_date", "entry_date")),
    Index("ix_told_notes_entry_date_note_id", "entry_date", "note_id"),
)

partners = Table(
    "partners",
    metadata,
    Column("account_id", Plain, ForeignKey("accounts.account_id"), primary_key=True),
    _given("domain", Plain),
    _given("legal_basis", Word(LegalBasis)),
    _given("deaths", Boolean),
    _given("tied_at", Moment),
)

clones = Table(
    "clones",
    metadata,
    Column("case_id", Plain, ForeignKey("cases.case_id"), primary_key=True),
    _given("source_date", Moment),
    Column("expiry_date", Moment),
)

ended_records = Table(
    "ended_records",
    metadata,
    # A keyed digest of what its sender called it: no case and nobody is joined to it.
    Column("record_digest", Plain, primary_key=True),
    _given("source_date", Moment),
    _given("told_at", Moment, index=True),
)

received_notes = Table(
    "received_notes",
    metadata,
    Column("note_id", Plain, primary_key=True),
    _given("case_id", Plain, ForeignKey("cases.case_id"), index=True),
    # No foreign key: a clue has many versions, and none as long as the note is not taken.
    _given("clue_id", Plain),
    _given("digest", Plain),
    _given("source_date", Moment),
    _given("linked_id", Plain),
    _given("status", Plain),
    _given("taken", Boolean),
)

partner_links = Table(
    "partner_links",
    metadata,
    Column("pair_id", Plain, ForeignKey("pairs.pair_id"), primary_key=True),
    _given("found_at", Moment),
)

family_reports = Table(
    "family_reports",
    metadata,
    Column("report_id", Plain, primary_key=True),
    # Drawn by lot, as the secrets are of which there are digests here: nothing counts families.
    *(_given(name, Plain, unique=True) for name in ("reference", "draft_hash")),
    _given("secret_hash", Plain),
    *(_given(f"consent_{name}", Plain) for name in ("version", "language", "digest")),
    _given("consent_face", Boolean),
    _given("started_at", Moment),
    _given("touched_at", Moment),
    _given("state", Word(ReportState)),
    _given("station_id", Plain),
    Column("sent_at", Moment),
    Column("answered_at", Moment),
    _given("answered_by", Plain),
    Column("declined", Word(Declined)),
    Column("case_id", Plain, ForeignKey("cases.case_id"), unique=True),
    Column("withdrawn_at", Moment),
    Column("heeded_at", Moment),
    _given("version", Whole),
    _given("sealed", LargeBinary),  # what was typed
    Index("ix_family_reports_state", "state", "sent_at", "report_id"),
)

sightings = Table(
    "sightings",
    metadata,
    Column("sighting_id", Plain, primary_key=True),
    _given("case_id", Plain, ForeignKey("cases.case_id"), index=True),
    # No foreign key: a notice may go before what it brought.
    _given("notice_id", Plain),
    _given("language", Plain),
    _given("sent_at", Moment),
    _given("state", Word(SightingState)),
    _given("read_by", Plain),
    Column("read_at", Moment),
    # No foreign key: a clue has many versions.
    _given("clue_id", Plain),
    _given("version", Whole),
    _given("sealed", LargeBinary),  # what was seen, and by whom
    Index("ix_sightings_state", "state", "sent_at", "sighting_id"),
)

handed_photos = Table(
    "handed_photos",
    metadata,
    Column("handed_id", Plain, primary_key=True),
    _given("photo_key", Plain, unique=True),
    _given("sha256", Plain),
    *(_given(name, Whole) for name in ("size", "width", "height")),
    _given("added_at", Moment),
    Column("taken_on", Partial),
    Column("report_id", Plain, ForeignKey("family_reports.report_id"), index=True),
    Column("sighting_id", Plain, ForeignKey("sightings.sighting_id"), index=True),
)

spent_proofs = Table(
    "spent_proofs",
    metadata,
    Column("proof", Plain, primary_key=True),
    _given("until", Moment, index=True),
)
