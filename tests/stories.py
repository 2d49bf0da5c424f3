"""Steps that several stories share: services side by side, two encoders, things that happen at once, a look at every table."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.factories import CountingIds, FixedClock
from tests.fakes import FakeExaminer
from tests.house import House
from tracing.access import SYSTEM
from tracing.bootstrap import Services, build
from tracing.chosen import DEFAULT_ENCODER, measured
from tracing.config import Settings
from tracing.domain import Case, Generation, Pair, SearchRun
from tracing.embeddings import manifest

SECOND_ENCODER = "fake-2"


@contextmanager
def a_neighbour(house: House, examiner: FakeExaminer | None = None) -> Iterator[Services]:
    """Another services object over the same database, as another process would have it."""
    services = build(house.services.settings, clock=house.clock, examiner=examiner or house.examiner)
    try:
        yield services
    finally:
        services.close()


class Killed(BaseException):
    """As if the process had ended there."""


@contextmanager
def killed_after(survived: int, house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """So many transactions begin, and the next one ends what is done inside; the store is itself again after it."""
    left, transaction = survived, house.services.store.transaction

    def killed_at_some_time() -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed
        return transaction()

    with monkeypatch.context() as cut:
        cut.setattr(house.services.store, "transaction", killed_at_some_time)
        with pytest.raises(Killed):
            yield


@pytest.fixture
def two_encoders(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The catalog knows a second encoder, with the measures of the first one."""
    also_a_second_encoder(monkeypatch)
    yield
    measured.cache_clear()


def also_a_second_encoder(patched: pytest.MonkeyPatch) -> None:
    facts = manifest.encoder_facts

    def also_the_second(encoder_id: str) -> manifest.EncoderFacts:
        return replace(facts(DEFAULT_ENCODER), encoder_id=SECOND_ENCODER) if encoder_id == SECOND_ENCODER else facts(encoder_id)

    patched.setattr(manifest, "encoder_facts", also_the_second)


@contextmanager
def a_house_with_two_encoders(folder: Path, **settings: Any) -> Iterator[House]:
    """To be used with the fixture ``two_encoders``."""
    clock, examiner = FixedClock(), FakeExaminer(DEFAULT_ENCODER, SECOND_ENCODER)
    services = build(Settings(data_dir=folder, known_answer_percent=0, **settings), clock, CountingIds(), examiner)
    try:
        yield House(services, clock, examiner)
    finally:
        services.close()


def reindexed(house: House) -> Generation:
    """The second encoder's generation, started, filled and active."""
    started = house.services.reindex.start(SYSTEM, SECOND_ENCODER)
    house.services.reindex.backfill(SYSTEM, started.generation_id)
    return house.services.reindex.activate(SYSTEM, started.generation_id)


def at_once(*steps: Callable[[], object]) -> list[object]:
    """Run the steps in threads that start together: what each of them returned or raised, in order."""
    together = threading.Barrier(len(steps))
    results: list[object] = [None] * len(steps)

    def run(place: int) -> None:
        together.wait(timeout=30)
        try:
            results[place] = steps[place]()
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(steps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads), "a step hangs"
    return results


def found_by(services: Services, case: Case) -> set[str]:
    """Ids of the cases on the list of a new search for this one."""
    run = services.matching.search(case.case_id)
    assert run is not None
    return {candidate.case_id for candidate in run.list}


def latest_run(house: House, case: Case) -> SearchRun:
    with house.services.store.reading() as records:
        run = records.pairs.latest_run(case.case_id)
    assert run is not None, "the case was never searched"
    return run


def pairs_of(house: House, case: Case) -> list[Pair]:
    with house.services.store.reading() as records:
        return records.pairs.of_case(case.case_id)


def by_hand(house: House, *statements: str, values: Sequence[Any] = ()) -> None:
    """What somebody does in the SQLite file beside the service, with the foreign keys off."""
    connection = sqlite3.connect(house.services.settings.data_dir / "tracing.sqlite")
    try:
        connection.execute("PRAGMA foreign_keys = OFF")
        for statement in statements:
            changed = connection.execute(statement, values).rowcount
            assert changed, f"nothing was changed by: {statement}"
        connection.commit()
    finally:
        connection.close()


def rows_naming(house: House, text: str) -> dict[str, int]:
    """table -> rows that hold this text in any column, for every table of the SQLite file."""
    connection = sqlite3.connect(house.services.settings.data_dir / "tracing.sqlite")
    try:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found: dict[str, int] = {}
        for table in tables:
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            anywhere = " OR ".join(f'instr(CAST("{column}" AS TEXT), ?) > 0' for column in columns)
            query = f'SELECT count(*) FROM "{table}" WHERE {anywhere}'  # noqa: S608 - the names are the database's own
            (count,) = connection.execute(query, [text] * len(columns)).fetchone()
            if count:
                found[table] = count
        return found
    finally:
        connection.close()
