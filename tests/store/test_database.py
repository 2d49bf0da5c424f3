"""The database behind the records: what it refuses, how its errors read, and what a thief of it would see."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.event import listen

from tests.factories import ENCODER, CountingIds, FixedClock, a_case, a_contact, a_face, a_photo, a_vector
from tests.fixtures_postgres import KEYRING
from tests.postgres import PrivateCluster
from tracing.errors import Conflict, Damaged, Misconfigured, Unavailable
from tracing.store import database, engines
from tracing.store.database import SqlRecordStore
from tracing.store.keys import Keyring


def opened(url: str) -> SqlRecordStore:
    return SqlRecordStore(url, KEYRING, FixedClock(), CountingIds())


@pytest.mark.parametrize("url", ["", "records.sqlite", "sqlite://", "sqlite:///:memory:", "mysql://host/name", "postgresql:"])
def test_an_address_that_is_no_database_of_ours_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured):
        opened(url).migrate()


def test_a_server_that_does_not_answer_is_unavailable(tmp_path: Path) -> None:
    store = opened(f"postgresql://postgres@/records?host={tmp_path}")
    with pytest.raises(Unavailable):
        store.migrate()
    with pytest.raises(Unavailable), store.transaction():
        pass
    store.close()


def test_a_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    path.write_bytes(b"not a database at all " * 100)
    store = opened(f"sqlite:///{path}")
    with pytest.raises(Damaged):
        store.migrate()
    store.close()


def test_a_folder_that_cannot_be_made_is_a_matter_for_the_operator(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Misconfigured):
        opened(f"sqlite:///{tmp_path / 'file' / 'records.sqlite'}").migrate()


def test_the_file_of_the_records_opens_to_nobody_else(tmp_path: Path) -> None:
    store = opened(f"sqlite:///{tmp_path / 'new' / 'records.sqlite'}")
    store.migrate()
    with store.transaction() as records:
        records.cases.add(a_case())
        modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()}
    assert modes == dict.fromkeys(["records.sqlite", "records.sqlite-wal", "records.sqlite-shm"], 0o600)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    store.close()


def test_sqlite_commits_durably_and_readers_do_not_wait_for_a_writer(sqlite_url: str) -> None:
    store = opened(sqlite_url)
    with store.transaction(), store.reading() as records:
        said = {
            pragma: records.cases._connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one()  # type: ignore[attr-defined] -- behind the port
            for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert said == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    store.close()


def test_a_database_that_stays_locked_is_unavailable(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "PATIENCE_S", 0.05)
    store = opened(sqlite_url)
    neighbour = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    neighbour.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable), store.transaction():
        pass
    with store.reading() as records:
        assert records.cases.due(1) == []
    neighbour.execute("ROLLBACK")
    neighbour.close()
    with store.transaction() as records:
        records.cases.add(a_case())
    store.close()


def test_a_transaction_inside_a_transaction_does_not_hang(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE_S", 0.05)
    store = opened(sqlite_url)
    with store.transaction(), pytest.raises(Unavailable), store.transaction():
        pass
    store.close()


def test_more_readers_than_connections_wait_or_are_told(store: SqlRecordStore) -> None:
    """Forty threads on a pool of thirty: each is served in the end."""
    case = a_case()
    with store.transaction() as records:
        records.cases.add(case)
    found: list[bool] = []

    def read() -> None:
        with store.reading() as records:
            threading.Event().wait(0.05)
            found.append(records.cases.get(case.case_id) == case)

    threads = [threading.Thread(target=read) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 40


@pytest.mark.postgres
def test_a_failure_that_was_swallowed_does_not_end_as_a_silent_rollback(postgres_url: str) -> None:
    store = opened(postgres_url)

    def careless() -> None:
        with store.transaction() as records:
            records.cases.add(a_case())
            with pytest.raises(Conflict):
                records.pairs._connection.execute(text("INSERT INTO counters (name, value) VALUES ('gallery_changes', 0)"))  # type: ignore[attr-defined] -- behind the port

    with pytest.raises(Conflict, match="nothing was saved"):
        careless()
    store.close()


@pytest.mark.postgres
def test_connections_that_the_server_cut_are_replaced(postgres_url: str, postgres_cluster: PrivateCluster) -> None:
    store = opened(postgres_url)
    with store.transaction() as records:
        records.cases.add(a_case())
    name = postgres_url.split("?")[0].rsplit("/", 1)[1]
    postgres_cluster.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608 -- our own name
    with store.transaction() as records:
        records.cases.add(a_case())
    store.close()


def test_whoever_steals_the_database_reads_no_contact_and_no_template(store: SqlRecordStore, store_url: str) -> None:
    case = a_case()
    photo = a_photo(case.case_id)
    face = a_face(photo.photo_id)
    contact = a_contact(case.case_id, name="Confidential Mother", phone="13800138000", place="Hidden Village")
    with store.transaction() as records:
        records.cases.add(case)
        records.cases.add_contact(contact)
        records.photos.add(photo)
        records.faces.add([face])
        records.faces.add_templates([(face.face_id, ENCODER, a_vector(1))])
    engine = create_engine(store_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        (contact_row,) = connection.execute(text("SELECT * FROM contacts")).all()
        (template_row,) = connection.execute(text("SELECT * FROM templates")).all()
    engine.dispose()
    seen = b" ".join(part if isinstance(part, bytes) else str(part).encode() for part in (*contact_row, *template_row))
    for secret in (contact.name, contact.phone, contact.place):
        assert secret.encode() not in seen
    assert a_vector(1).tobytes()[:8] not in seen


def test_rows_that_were_swapped_in_the_database_are_noticed(store: SqlRecordStore, store_url: str) -> None:
    one, other = a_case(), a_case()
    with store.transaction() as records:
        for case in (one, other):
            records.cases.add(case)
            records.cases.add_contact(a_contact(case.case_id))
    engine = create_engine(store_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE contacts SET case_id = :other"), {"other": other.case_id})
    engine.dispose()
    with store.reading() as records, pytest.raises(Damaged):
        records.cases.contacts(other.case_id)


def test_records_are_read_with_the_key_that_sealed_them(store: SqlRecordStore, store_url: str) -> None:
    case = a_case()
    contact = a_contact(case.case_id)
    with store.transaction() as records:
        records.cases.add(case)
        records.cases.add_contact(contact)
    rotated = SqlRecordStore(store_url, Keyring(b"n" * 32, [b"k" * 32]), FixedClock(), CountingIds())
    rotated.migrate()
    with rotated.reading() as records:
        assert records.cases.contacts(case.case_id) == [contact]
    rotated.close()


def test_the_templates_of_a_case_are_found_by_the_case_and_not_by_reading_all(tmp_path: Path) -> None:
    """SQLite without statistics once chose the index by encoder: 170 ms a search among 60,000 templates."""
    store = opened(f"sqlite:///{tmp_path / 'records.sqlite'}")
    store.migrate()
    asked: list[tuple[str, object]] = []
    listen(store._engine, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
    with store.reading() as records:
        records.faces.templates("0" * 32, ENCODER)
    ((statement, values),) = [each for each in asked if "templates" in each[0]]
    store.close()
    with sqlite3.connect(tmp_path / "records.sqlite") as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert [step.split()[1] for step in plan if step.startswith(("SCAN", "SEARCH"))] == ["photos", "faces", "templates"]
    assert not any(step.startswith("SCAN") for step in plan)
