"""The steps lead to the tables that the program uses, once, from any start."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, select, text

from tests.factories import (
    NOON,
    CountingIds,
    FixedClock,
    a_case,
    a_clock,
    a_contact,
    a_decision,
    a_generation,
    a_hit,
    a_photo,
    a_request,
    a_sheltered_case,
    a_suggestion,
    an_account,
    an_actor,
    an_emergency,
    an_id,
    some_grounds,
)
from tests.fixtures_postgres import KEYRING
from tracing.access import SYSTEM
from tracing.domain import (
    Analysis,
    CaseForm,
    CaseState,
    Change,
    Channel,
    ClockEnd,
    Clone,
    Closing,
    FaceWithdrawal,
    Identity,
    ImportedRecord,
    NoFaceReason,
    Outcome,
    PhotoProblem,
    Relation,
    Role,
    Source,
    Station,
)
from tracing.domain.id_numbers import WITHHELD
from tracing.errors import Misconfigured
from tracing.records import Opening
from tracing.store.database import SqlRecordStore
from tracing.store.keys import Keyring
from tracing.store.migrate import configuration
from tracing.store.records.digests import SourceDigests
from tracing.store.tables import cases, keepouts, metadata

SQLITE_SAYS = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name <> 'alembic_version'"
POSTGRESQL_SAYS = """
SELECT 'column', table_name || '.' || column_name,
       concat_ws(' ', data_type, collation_name, is_nullable, column_default, ordinal_position)
  FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE connamespace = 'public'::regnamespace AND conrelid <> 'alembic_version'::regclass
"""


UNDO = {
    "0002": ["ALTER TABLE photos DROP COLUMN no_face"],
    "0003": ["CREATE INDEX ix_templates_encoder_id ON templates (encoder_id)"],
    "0004": ["DROP INDEX ix_cases_station_id"],
    "0005": ["DROP TABLE closings"],
    "0006": ["ALTER TABLE decisions DROP COLUMN grounds", "DROP TABLE leads", "DROP TABLE approvals"],
    "0007": [
        "DROP INDEX ix_pairs_by_evidence",
        "DROP INDEX ix_pairs_by_waiting",
        "DROP INDEX ix_pairs_claimed_by",
        "CREATE INDEX ix_pairs_state_score ON pairs (state, score)",
    ],
    "0008": ["DROP TABLE case_forms"],
    "0009": [f"DROP TABLE {table}" for table in ("clue_hits", "clue_searches", "clue_keys", "clues")],
    "0010": [
        "DROP TABLE pauses",
        "DROP TABLE clocks",
        "DROP TABLE tracing_actions",
        "DROP TABLE feeds",
        "DELETE FROM counters WHERE name = 'clocks'",
    ],
    "0011": ["DROP TABLE stations", "DROP TABLE station_requests", "DROP TABLE emergencies"],
    "0013": ["DROP TABLE case_texts", "DROP TABLE IF EXISTS case_grams"],
    "0016": ["DROP TABLE noted_files"],
    "0021": ["DROP TABLE backups"],
    "0026": [f"DROP TABLE {table}" for table in ("partner_links", "received_notes", "clones", "partners")],
    "0024": [f"DROP TABLE {table}" for table in ("told_notes", "shares", "told_records")],
    "0023": ["DROP TABLE notices"],
    "0031": ["DROP INDEX ix_cases_unread", "ALTER TABLE cases DROP COLUMN child_said"],
    "0032": [f"ALTER TABLE {table} DROP COLUMN identity" for table in ("case_sources", "list_hits")],
    "0034": ["DROP TABLE ended_records"],
    "0033": ["ALTER TABLE held_photos DROP COLUMN faces"],
    "0030": ["ALTER TABLE import_runs DROP COLUMN said"],
    "0029": [
        "DROP TABLE name_keys",
        "DELETE FROM counters WHERE name = 'name_keys'",
        "DROP INDEX ix_photos_received_at",
        "DROP INDEX ix_search_runs_finished_at",
        "DROP INDEX ix_pairs_suggested_at",
        "DROP INDEX ix_decisions_decided_at",
        "DROP INDEX ix_cases_ended",
        "DROP INDEX ix_clocks_due",
    ],
    "0028": [f"DROP TABLE {table}" for table in ("spent_proofs", "handed_photos", "sightings", "family_reports")],
    "0027": ["DROP TABLE safeguards", "ALTER TABLE cases DROP COLUMN guarded_since"],
    "0015": ["DROP TABLE escalations"],
    "0017": [
        "DROP TABLE search_counts",
        "DROP TABLE sign_in_failures",
        "DROP TABLE sessions",
        "CREATE TABLE sessions (token_hash TEXT PRIMARY KEY, account_id TEXT NOT NULL, created_at TEXT, expires_at TEXT)",
    ],
    "0012": ["DROP TABLE known_answers", "DROP TABLE proofs", "DROP TABLE hand_overs"],
    "0014": ["DROP TABLE hand_over_drafts"],
    "0018": [
        *(
            f"DROP TABLE {table}"
            for table in (
                "case_sources",
                "face_withdrawals",
                "erasure_requests",
                "held_photos",
                "keepout_templates",
                "keepouts",
                "keepout_salts",
            )
        ),
        "DROP INDEX ix_cases_expires_at",
        "ALTER TABLE cases DROP COLUMN state_since",
    ],
    "0020": [f"DROP TABLE {table}" for table in ("refused_rows", "imported_records", "import_runs")],
    "0019": ["DROP TABLE identities"],
    "0025": [
        *(f"DROP TABLE {table}" for table in ("list_portraits", "list_hits", "handed_lists")),
        *(
            f"ALTER TABLE import_runs DROP COLUMN {name}"
            for name in (
                *("purpose", "rows_there", "compared", "without_face", "here", "found", "again", "resumed_rows"),
                *("resumed_at", "touched_at"),
            )
        ),
    ],
    "0022": [
        f"DROP INDEX ix_{name}"
        for name in ("cases_state_opened_at", "cases_searched", "cases_opened_by", "photos_analysis", "clocks_running")
    ],
}
"""What each step did, undone: the program itself only goes forward."""


def plain_engine(url: str) -> Engine:
    return create_engine(url.replace("postgresql:", "postgresql+psycopg:"))


@pytest.fixture
def migrated(store_url: str) -> Iterator[Engine]:
    """A plain engine on a migrated database."""
    engine = plain_engine(store_url)
    yield engine
    engine.dispose()


@pytest.fixture
def created(store_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A plain engine on a database of the same make, whose tables were made from the program's own description."""
    on_sqlite = store_url.startswith("sqlite")
    engine = plain_engine(f"sqlite:///{tmp_path / 'created'}" if on_sqlite else request.getfixturevalue("empty_postgres_url"))
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
    yield engine
    engine.dispose()


def described(engine: Engine) -> list[tuple[str, str, str]]:
    """Every table, column, index and constraint as the database itself tells it."""
    with engine.connect() as connection:
        says = SQLITE_SAYS if engine.dialect.name == "sqlite" else POSTGRESQL_SAYS
        return sorted((kind, name, " ".join(str(sql).split())) for kind, name, sql in connection.execute(text(says)))


def _is_of_this_database(thing: object, name: str | None, kind: str, *_: object) -> bool:
    """Full text is made by hand on SQLite, and is an index on PostgreSQL alone; Alembic knows of neither condition."""
    on_postgresql_alone = getattr(thing, "dialect_options", {}).get("postgresql", {}).get("using") == "gin"
    return not (name or "").startswith("case_grams") and not (kind == "index" and on_postgresql_alone)


def test_alembic_sees_no_difference_between_the_steps_and_the_tables(migrated: Engine) -> None:
    with migrated.connect() as connection:
        seen = {"compare_type": True, "compare_server_default": True, "include_object": _is_of_this_database}
        context = MigrationContext.configure(connection, opts=seen)
        assert compare_metadata(context, metadata) == []


def lines_in_any_order(described: list[tuple[str, str, str]]) -> list[tuple[str, str, list[str]]]:
    return [(kind, name, sorted(part.strip(" )") for part in sql.split(", "))) for kind, name, sql in described]


def test_neither_does_the_database_itself(migrated: Engine, created: Engine) -> None:
    """Collations, partial indexes, checks and the numbering of rows are out of Alembic's sight."""
    assert lines_in_any_order(described(migrated)) == lines_in_any_order(described(created))
    assert len(described(migrated)) > 30


def test_setting_up_twice_changes_nothing(empty_store_url: str) -> None:
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    case = a_case()
    store.migrate()
    with store.transaction() as records:
        records.cases.add(case)
    store.migrate()
    with store.reading() as records:
        assert records.cases.get(case.case_id) == case
    store.close()


def test_photos_of_the_first_version_are_kept_and_have_no_reason(empty_store_url: str) -> None:
    """Step 0002, with data: an enrolled photo and one without a face, each with its words as they were."""
    case = a_case()
    enrolled, faceless = a_photo(case.case_id), a_photo(case.case_id, received_at=NOON + timedelta(hours=1))
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    store.migrate()
    with store.transaction() as records:
        records.cases.add(case)
        records.photos.add(enrolled)
        records.photos.add(faceless)
    seen = [
        replace(enrolled, analysis=Analysis.ENROLLED, width=640, height=480),
        replace(faceless, analysis=Analysis.NO_FACE, problem=PhotoProblem.NO_FACE, width=320, height=240),
    ]
    with store.transaction() as records:
        assert all(records.photos.finish(photo, was=Analysis.PENDING) for photo in seen)
    store.close()
    undo(empty_store_url, back_to="0001")
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    assert not store.is_current()
    store.migrate()
    with store.transaction() as records:
        assert records.photos.of_case(case.case_id) == seen
        again = replace(seen[1], no_face=NoFaceReason.TOO_DARK)
        assert records.photos.finish(again, was=Analysis.NO_FACE)
        assert records.photos.get(faceless.photo_id) == again
    store.close()


def test_cases_that_were_closed_before_have_no_closing_and_can_get_one(empty_store_url: str) -> None:
    """Step 0005, with data: a closed case of the fourth version stays closed, and says nothing of a channel."""
    closed = a_case(state=CaseState.CLOSED, outcome=Outcome.FOUND_ELSEWHERE)
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    store.migrate()
    with store.transaction() as records:
        records.cases.add(closed)
    store.close()
    undo(empty_store_url, back_to="0004")
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    store.migrate()
    closing = Closing(an_id(), closed.case_id, NOON, Outcome.FOUND_ELSEWHERE, Channel.POLICE, None, True, an_id())
    with store.transaction() as records:
        assert records.cases.get(closed.case_id) == closed
        assert records.cases.closings() == []
        records.cases.add_closing(closing)
        assert records.cases.closings() == [closing]
    store.close()


def test_decisions_of_an_earlier_version_are_kept_and_have_no_grounds(empty_store_url: str) -> None:
    """Step 0006, with data."""
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    store.migrate()
    one, other, generation = a_case(), a_sheltered_case(), a_generation()
    with store.transaction() as records:
        records.cases.add(one)
        records.cases.add(other)
        records.generations.add(generation)
        records.pairs.suggest([a_suggestion(one, other, generation.generation_id)], NOON)
        (pair,) = records.pairs.of_case(one.case_id)
        before = a_decision(pair.pair_id, "somebody")
        records.pairs.add_decision(before)
    store.close()
    undo(empty_store_url, back_to="0005")
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    assert not store.is_current()
    store.migrate()
    with store.transaction() as records:
        assert records.pairs.decisions(pair.pair_id) == [before]
        assert records.pairs.open_leads() == records.cases.approvals(one.case_id) == []
        again = a_decision(pair.pair_id, "somebody else", grounds=some_grounds(pair))
        records.pairs.add_decision(again)
        assert records.pairs.decision(again.decision_id) == again
    store.close()


def test_cases_of_an_earlier_version_are_due_for_a_search_by_clues_and_pairs_keep_their_scores(empty_store_url: str) -> None:
    """Step 0009, with data; afterwards clues alone may open a pair."""
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    store.migrate()
    one, other, third, generation = a_case(), a_sheltered_case(), a_sheltered_case(), a_generation()
    with store.transaction() as records:
        for case in (one, other, third):
            records.cases.add(case)
        records.generations.add(generation)
        records.pairs.suggest([a_suggestion(one, other, generation.generation_id, score=0.75)], NOON)
        before = records.pairs.of_case(one.case_id)
    store.close()
    undo(empty_store_url, back_to="0008")
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), an_id)
    assert not store.is_current()
    store.migrate()
    with store.transaction() as records:
        assert records.pairs.of_case(one.case_id) == before
        assert before[0].score == 0.75
        assert set(records.clues.due(10)) == {one.case_id, other.case_id, third.case_id}
        low, high = sorted((one.case_id, third.case_id))
        records.pairs.open([Opening(low, high, Relation.TRACE, generation.generation_id)], NOON)
        opened = records.pairs.between(low, high)
        assert opened is not None
        assert opened.score is None
    store.close()


def test_cases_of_an_earlier_version_are_seen_by_everybody_until_a_station_is_set_up(empty_store_url: str) -> None:
    """Step 0011, with data."""
    case, reader = a_case(), an_actor(station_id="elsewhere")
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    store.migrate()
    with store.transaction() as records:
        records.cases.add(case)
    store.close()
    undo(empty_store_url, back_to="0010")
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    assert not store.is_current()
    store.migrate()
    with store.transaction() as records:
        assert records.stations.reach(reader).owns(case)
        records.stations.add(Station(case.station_id, "North", NOON))
        assert not records.stations.reach(reader).owns(case)
        records.stations.add_request(a_request(case, "elsewhere"))
        records.stations.add_emergency(an_emergency(case))
        records.cases.erase(case.case_id)
        assert records.stations.requests("", 10) == records.stations.emergencies(10) == []
    store.close()


def test_l3_whom_forms_of_an_earlier_version_call_a_child_is_shared_with_nobody_until_read(
    empty_store_url: str,
) -> None:
    """Step 0031, with data: read by the next start, and closed to other stations where a form does not open."""
    child, grown, formless, damaged = (a_case(age_min=40) for _ in range(4))
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    store.migrate()
    with store.transaction() as records:
        for case, category in ((child, "child"), (grown, "lost"), (formless, ""), (damaged, "lost")):
            records.cases.add(case)
            if category:
                records.forms.save(CaseForm(case.case_id, {"categories": (category,)}, saved_at=NOON, saved_by="lin"))
    store.close()
    undo(empty_store_url, back_to="0030")
    engine = create_engine(empty_store_url)
    with engine.begin() as connection:
        swap = "UPDATE case_forms SET sealed = (SELECT sealed FROM case_forms WHERE case_id = :other) WHERE case_id = :own"
        connection.execute(text(swap), {"own": damaged.case_id, "other": grown.case_id})
    engine.dispose()
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    store.migrate()
    everybody = [each.case_id for each in (child, grown, formless, damaged)]
    with store.reading() as records:
        known = records.cases.by_ids(everybody)
        assert [known[each].child_said for each in everybody] == [None, None, False, None]
    for _ in range(2):
        store.read_forms()
        with store.reading() as records:
            known = records.cases.by_ids(everybody)
            assert [known[each].child_said for each in everybody] == [True, False, False, True]
            assert list(records.forms.unlike_their_cases()) == [damaged.case_id]
    store.close()


def test_identity_numbers_that_an_earlier_version_kept_are_withheld_and_found_by_still(empty_store_url: str) -> None:
    """Step 0032, with data: a record's name, a hit of another list, and somebody who is kept out by the number."""
    number, gone = "11010519491231002X", "440524188001010014"
    named, plain = a_case(names=("王",)), a_case(names=("李",))
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    store.migrate()
    with store.transaction() as records:
        for case in (named, plain):
            records.cases.add(case)
            records.imports.put([ImportedRecord(case.case_id, "made of the number", "1" * 32, Change.NEW, {})])
        hit = a_hit(plain, source="Police", source_id=number)
        records.hits.put([hit], {})
    store.close()
    undo(empty_store_url, back_to="0031")
    engine = plain_engine(empty_store_url)
    with engine.begin() as connection:
        (digest,) = SourceDigests(connection, KEYRING).of(Source("Police", gone))
        over = {"made_at": NOON, "expires_at": NOON + timedelta(days=9), "source_digest": digest}
        connection.execute(keepouts.insert().values(keepout_id="2" * 32, purpose="objection", **over))
        row = text("INSERT INTO case_sources (case_id, source, source_id) VALUES (:case_id, 'Police', :name)")
        for case, name in ((named, number), (plain, "17")):
            connection.execute(row, {"case_id": case.case_id, "name": name})
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    store.migrate()
    for _ in range(2):
        store.withhold_numbers()
        with store.reading() as records:
            (kept,) = records.rights.named([Source("Police", number)])
            assert kept.source_id.startswith(WITHHELD)
            assert records.rights.source(named.case_id) == kept
            assert records.rights.source(plain.case_id) == Source("Police", "17")
            known = records.imports.known("Police", [kept.source_id, "17"])
            assert (known[kept.source_id].digest, known["17"].digest) == ("", "made of the number")
            assert records.hits.get(hit.hit_id) == replace(hit, source_id=kept.source_id)
            assert records.keepouts.kept_out([Source("Police", gone), kept], NOON) == {Source("Police", gone)}
    with store.transaction() as records:
        again = replace(hit, hit_id="3" * 32, source_id=kept.source_id)
        assert records.hits.put([again], {}) == set(), "the same record and the same case are one hit still"
    store.close()
    engine.dispose()


def test_cases_of_an_earlier_version_have_no_clocks_and_the_clocks_follow_what_comes(empty_store_url: str) -> None:
    """Step 0010, with data."""
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    store.migrate()
    case = a_sheltered_case()
    with store.transaction() as records:
        records.cases.add(case)
        records.audit.append(an_actor(), "open_case", case.case_id)
    store.close()
    undo(empty_store_url, back_to="0009")
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    store.migrate()
    with store.transaction() as records:
        assert (records.clocks.seen(), records.audit.head()[0]) == (1, 1)
        assert records.clocks.of_case(case.case_id) == records.actions.of_case(case.case_id) == []
        assert records.clocks.open_without() == [case]
        assert records.clocks.add(clock := a_clock(case))
        assert not records.clocks.add(replace(clock, clock_id=an_id())), "one cause starts one clock"
        assert records.clocks.get(clock.clock_id) == clock
    store.close()


def test_what_was_passed_on_before_waits_for_somebody_to_take_note(empty_store_url: str) -> None:
    """Step 0013, with data: of clocks that still run."""
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    store.migrate()
    case = a_sheltered_case()
    runs, ended = a_clock(case), a_clock(case, cause=2, ended_at=NOON, end=ClockEnd.MET)
    with store.transaction() as records:
        records.cases.add(case)
        for clock in (runs, ended):
            records.clocks.add(clock)
            records.audit.append(an_actor(), "escalate_clock", case.case_id, {"clock_id": clock.clock_id, "to": Role.MANAGER})
    store.close()
    undo(empty_store_url, back_to="0012")
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    store.migrate()
    with store.reading() as records:
        (waiting,) = records.escalations.waiting(Role.MANAGER, case.station_id, 9)
        assert (waiting.clock_id, waiting.case_id, waiting.escalated_at) == (runs.clock_id, case.case_id, NOON)
        assert (waiting.seen_by, waiting.seen_at) == ("", None)
    store.close()


def test_a_record_of_a_partner_of_an_earlier_version_stays_and_stays_ended_once_it_ends(empty_store_url: str) -> None:
    """Step 0034, with data: a clone, and nothing that says that any had ended."""
    case, source = a_case(), Source("a.example", "a.example/1")
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    store.migrate()
    with store.transaction() as records:
        records.cases.add(case)
        records.rights.add_sources({case.case_id: source})
        records.partners.put_clones([Clone(case.case_id, NOON)])
    store.close()
    undo(empty_store_url, back_to="0033")
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    store.migrate()
    with store.transaction() as records:
        assert records.ended.of([source]) == {}
        assert records.partners.clones([case.case_id]) == {case.case_id: Clone(case.case_id, NOON)}
        records.ended.put({source: NOON}, NOON)
    with store.reading() as records:
        assert records.ended.of([source]) == {source: NOON}
    store.close()


def test_states_of_cases_of_an_earlier_version_are_dated_by_the_audit_and_nobody_is_kept_out(empty_store_url: str) -> None:
    """Step 0018, with data: one case that was closed later, and one that is as it was opened."""
    clock = FixedClock()
    store = SqlRecordStore(empty_store_url, KEYRING, clock, CountingIds())
    store.migrate()
    closed, open_one = a_case(), a_sheltered_case()
    with store.transaction() as records:
        records.cases.add(closed)
        records.cases.add(open_one)
    clock.advance(days=9)
    with store.transaction() as records:
        records.cases.save(replace(closed, state=CaseState.CLOSED, outcome=Outcome.FOUND_ELSEWHERE))
        records.audit.append(
            SYSTEM, "change_case", closed.case_id, {"from": "open", "to": "closed", "outcome": "found_elsewhere"}
        )
    store.close()
    undo(empty_store_url, back_to="0017")
    store = SqlRecordStore(empty_store_url, KEYRING, clock, CountingIds())
    assert not store.is_current()
    store.migrate()
    with store.transaction() as records:
        assert records.keepouts.all() == records.keepouts.waiting() == records.rights.erasures_asked() == []
        assert records.rights.withdrawal(closed.case_id) is None
        records.rights.withdraw(FaceWithdrawal(open_one.case_id, NOON, an_id(), "he asked us to"))
    store.close()
    engine = plain_engine(empty_store_url)
    with engine.connect() as connection:
        dated = dict(connection.execute(select(cases.c.case_id, cases.c.state_since)).all())
    assert dated == {closed.case_id: NOON + timedelta(days=9), open_one.case_id: open_one.opened_at}
    engine.dispose()


def undo(url: str, back_to: str) -> None:
    """Bring a database back to what an earlier version left."""
    engine = plain_engine(url)
    with engine.begin() as connection:
        for step in sorted((step for step in UNDO if step > back_to), reverse=True):
            for statement in UNDO[step]:
                connection.execute(text(statement))
        connection.execute(text("UPDATE alembic_version SET version_num = :step"), {"step": back_to})
    engine.dispose()


def test_processes_that_start_at_once_set_up_once(empty_store_url: str) -> None:
    program = (
        "import sys; from tests.factories import *; from tests.fixtures_postgres import KEYRING;"
        "from tracing.store.database import SqlRecordStore;"
        f"store = SqlRecordStore({empty_store_url!r}, KEYRING, FixedClock(), CountingIds());"
        "sys.stdin.read(1); store.migrate(); store.close()"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, text=True) for _ in range(3)]
    for process in processes:
        process.stdin.write("g")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=120)
    assert [process.returncode for process in processes] == [0, 0, 0]
    engine = plain_engine(empty_store_url)
    with engine.connect() as connection:
        heads = ScriptDirectory.from_config(configuration()).get_heads()
        assert list(connection.execute(text("SELECT version_num FROM alembic_version")).scalars()) == heads
        assert connection.execute(text("SELECT count(*) FROM audit_head")).scalar() == 1
    engine.dispose()


def test_a_start_waits_for_another_that_writes_into_the_new_file(tmp_path: Path) -> None:
    file = tmp_path / "records.sqlite"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    end = threading.Timer(0.5, lambda: other.execute("COMMIT"))
    end.start()
    store = SqlRecordStore(f"sqlite:///{file}", KEYRING, FixedClock(), CountingIds())
    store.migrate()
    assert not end.is_alive()
    with store.reading() as records:
        assert records.cases.due(1) == []
    store.close()
    end.join()
    other.close()


def test_a_database_of_a_newer_version_is_refused(store_url: str) -> None:
    engine = plain_engine(store_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from the future'"))
    engine.dispose()
    store = SqlRecordStore(store_url, KEYRING, FixedClock(), CountingIds())
    with pytest.raises(Misconfigured, match="another version"):
        store.migrate()
    store.close()


def test_accounts_of_an_earlier_version_have_nobody_at_a_provider_and_can_be_linked(empty_store_url: str) -> None:
    """Step 0019, with data."""
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    store.migrate()
    account = an_account()
    with store.transaction() as records:
        records.accounts.add(account)
    store.close()
    undo(empty_store_url, back_to="0018")
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    assert not store.is_current()
    store.migrate()
    linked = Identity("https://login.gov.example", "li", NOON, account_id=account.account_id, linked_at=NOON)
    with store.transaction() as records:
        assert records.accounts.get(account.account_id) == account
        assert records.identities.of_account(account.account_id) is None
        records.identities.save(linked)
        assert records.identities.of_account(account.account_id) == linked
    store.close()


def test_a_database_without_tables_says_so(empty_store_url: str) -> None:
    store = SqlRecordStore(empty_store_url, KEYRING, FixedClock(), CountingIds())
    with pytest.raises(Misconfigured, match="has not been set up"), store.reading() as records:
        records.cases.due(1)
    store.close()


def test_a_database_that_was_sealed_with_another_key_is_refused(store_url: str) -> None:
    case = a_case()
    with_old = SqlRecordStore(store_url, KEYRING, FixedClock(), CountingIds())
    with with_old.transaction() as records:
        records.cases.add(case)
        records.cases.add_contact(a_contact(case.case_id))
    with_old.close()
    with_new = SqlRecordStore(store_url, Keyring(b"n" * 32), FixedClock(), CountingIds())
    with pytest.raises(Misconfigured, match="another key"):
        with_new.migrate()
    with_new.close()


def test_the_steps_are_part_of_the_package() -> None:
    folder = files("tracing.store.migrations")
    assert (folder / "env.py").is_file()
    assert (folder / "script.py.mako").is_file()
    steps = [path.name for path in Path(str(folder / "versions")).glob("[0-9]*.py")]
    assert steps
    assert (folder / "versions" / "__init__.py").is_file(), "setuptools packs only what is in a package"


def test_every_link_has_an_index_so_that_erasing_a_case_stays_quick(migrated: Engine) -> None:
    looked_at = inspect(migrated)
    for table in metadata.sorted_tables:
        leading = {index["column_names"][0] for index in looked_at.get_indexes(table.name)}
        leading |= {unique["column_names"][0] for unique in looked_at.get_unique_constraints(table.name)}
        leading |= set(looked_at.get_pk_constraint(table.name)["constrained_columns"][:1])
        links = {column for key in looked_at.get_foreign_keys(table.name) for column in key["constrained_columns"]}
        assert links - leading <= {"generation_id"}, table.name
