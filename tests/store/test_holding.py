"""A name is held by one at a time, whoever asks, and the hold ends with its holder."""

from __future__ import annotations

import stat
from pathlib import Path

import psycopg
import pytest

from tests.factories import CountingIds, FixedClock
from tests.fixtures_postgres import KEYRING
from tests.stories import at_once
from tracing.errors import Unavailable
from tracing.store import holding
from tracing.store.database import SqlRecordStore


def another(url: str) -> SqlRecordStore:
    return SqlRecordStore(url, KEYRING, FixedClock(), CountingIds())


def test_what_one_holds_another_waits_for_in_vain(
    store: SqlRecordStore, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "PATIENCE_S", 0.2)
    other = another(store_url)
    with store.hold("gallery") as still_held:
        for second in (other, store):
            with pytest.raises(Unavailable, match="Another process"), second.hold("gallery"):
                pytest.fail("two hold the same name")
        with other.hold("another gallery"):
            still_held()
    with other.hold("gallery") as still_held:
        still_held()
    other.close()


def test_what_fails_inside_lets_the_name_go(store: SqlRecordStore) -> None:
    with pytest.raises(ZeroDivisionError), store.hold("gallery"):
        _ = 1 / 0
    with store.hold("gallery") as still_held:
        still_held()


def test_those_who_wait_come_one_after_the_other(store: SqlRecordStore) -> None:
    inside: list[int] = []
    seen: list[int] = []

    def step() -> None:
        for _ in range(5):
            with store.hold("gallery"):
                inside.append(1)
                seen.append(len(inside))
                inside.pop()

    assert at_once(step, step, step) == [None] * 3
    assert seen == [1] * 15


def test_a_hold_that_waits_for_nobody_leaves_transactions_alone(store: SqlRecordStore) -> None:
    with store.hold("gallery"), store.reading() as records, store.hold("another"):
        assert records.gallery.head() == 0


@pytest.mark.postgres
def test_a_hold_whose_session_ended_is_noticed(postgres_url: str) -> None:
    store = another(postgres_url)
    with store.hold("gallery") as still_held:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            ).fetchall()
        assert ended == [(True,)]
        with pytest.raises(Unavailable):
            still_held()
    with store.hold("gallery") as still_held:
        still_held()
    store.close()


def test_the_locked_file_is_nobody_elses(sqlite_url: str) -> None:
    store = another(sqlite_url)
    with store.hold("gallery of dlib/1"):
        pass
    (locked,) = Path(sqlite_url.removeprefix("sqlite:///")).parent.glob("*.lock")
    assert stat.S_IMODE(locked.stat().st_mode) == 0o600
    store.close()
