"""What every record store promises when several threads, as several machines would, work on it at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import pytest

from tests.factories import (
    ENCODER,
    NOON,
    CountingIds,
    FixedClock,
    a_case,
    a_decision,
    a_face,
    a_generation,
    a_photo,
    a_sheltered_case,
    a_suggestion,
    a_vector,
    an_actor,
)
from tests.fixtures_postgres import KEYRING
from tracing.domain import Case, CaseForm, CaseState, PairState
from tracing.errors import Conflict, NotFound, TracingError
from tracing.records import Records, Standing
from tracing.store.audit import verify_chain
from tracing.store.database import SqlRecordStore
from tracing.store.records.forms import SqlForms

LATER = NOON + timedelta(minutes=15)


@pytest.fixture
def machines(store_url: str) -> Iterator[list[SqlRecordStore]]:
    """Four stores on one database, each with connections of its own. They draw from one row of ids, as all would at random."""
    new_id = CountingIds()
    stores = [SqlRecordStore(store_url, KEYRING, FixedClock(), new_id) for _ in range(4)]
    yield stores
    for store in stores:
        store.close()


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run all at the same moment; what each returned, or the error of ours that it raised."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        start.wait()
        try:
            return work()
        except TracingError as error:
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def with_cases(store: SqlRecordStore, *cases: Case) -> None:
    with store.transaction() as records:
        for case in cases:
            records.cases.add(case)


def enrol(records: Records, case: Case, seed: int = 0) -> None:
    photo = a_photo(case.case_id)
    face = a_face(photo.photo_id)
    records.photos.add(photo)
    records.faces.add([face])
    records.faces.add_templates([(face.face_id, ENCODER, a_vector(seed))])


def test_searches_that_end_together_suggest_each_pair_once(machines: list[SqlRecordStore]) -> None:
    cases = [a_case() for _ in range(8)]
    generation = a_generation()
    with_cases(machines[0], *cases)
    with machines[0].transaction() as records:
        records.generations.add(generation)
    suggestions = [a_suggestion(one, other, generation.generation_id) for one in cases for other in cases if one is not other]

    def search(store: SqlRecordStore, machine: int) -> int:
        new = 0
        for turn in range(machine, 40, 2):
            said = suggestions[turn:] + suggestions[:turn]
            if machine % 2:
                said.reverse()
            with store.transaction() as records:
                new += len(records.pairs.suggest(said, NOON))
        return new

    new = at_once(*(lambda store=store, machine=machine: search(store, machine) for machine, store in enumerate(machines)))
    assert all(isinstance(each, int) for each in new), new
    assert sum(new) == 28
    with machines[0].reading() as records:
        assert records.pairs.count(PairState.PROPOSED) == 28


def test_of_two_confirmations_that_share_a_person_one_wins(machines: list[SqlRecordStore]) -> None:
    sheltered, *missing = [a_sheltered_case(), *(a_case() for _ in machines)]
    generation = a_generation()
    with_cases(machines[0], sheltered, *missing)
    with machines[0].transaction() as records:
        records.generations.add(generation)
        records.pairs.suggest([a_suggestion(sheltered, one, generation.generation_id) for one in missing], NOON)
        pair_ids = [pair.pair_id for pair in records.pairs.of_case(sheltered.case_id)]

    def confirm(store: SqlRecordStore, pair_id: str) -> str:
        with store.transaction() as records:
            pair = records.pairs.lock(pair_id)
            records.pairs.register_match(pair)
            records.pairs.save(replace(pair, state=PairState.CONFIRMED))
            for case_id in pair.case_ids:
                records.cases.save(replace(records.cases.get(case_id), state=CaseState.MATCHED))
            for other in records.pairs.of_case(sheltered.case_id):
                if other.pair_id != pair_id:
                    records.pairs.save(replace(other, state=PairState.SUPERSEDED, superseded_by=pair_id))
        return pair_id

    ended = at_once(*(lambda s=store, p=pair_id: confirm(s, p) for store, pair_id in zip(machines, pair_ids, strict=True)))
    winners = [each for each in ended if isinstance(each, str)]
    assert len(winners) == 1
    assert [type(each) for each in ended if not isinstance(each, str)] == [Conflict] * 3
    with machines[0].reading() as records:
        assert records.pairs.count(PairState.SUPERSEDED) == 3
        assert records.pairs.get(winners[0]).state is PairState.CONFIRMED
        assert records.integrity.matches_out_of_step() == []


def test_reviewers_of_one_pair_queue_up_and_each_sees_what_the_others_said(machines: list[SqlRecordStore]) -> None:
    one, other = a_case(), a_sheltered_case()
    generation = a_generation()
    with_cases(machines[0], one, other)
    with machines[0].transaction() as records:
        records.generations.add(generation)
        records.pairs.suggest([a_suggestion(one, other, generation.generation_id)], NOON)
        (pair,) = records.pairs.of_case(one.case_id)

    def decide(store: SqlRecordStore, reviewer: str) -> list[int]:
        seen = []
        for _ in range(5):
            with store.transaction() as records:
                locked = records.pairs.lock(pair.pair_id)
                seen.append(len(records.pairs.decisions(pair.pair_id)))
                records.pairs.add_decision(a_decision(pair.pair_id, reviewer))
                records.pairs.save(replace(locked, state=PairState.FIRST_POSITIVE))
        return seen

    seen = at_once(*(lambda s=store, n=number: decide(s, f"reviewer {n}") for number, store in enumerate(machines)))
    assert sorted(chain.from_iterable(seen)) == list(range(20))


def test_of_two_claims_one_wins(machines: list[SqlRecordStore]) -> None:
    one, other = a_case(), a_sheltered_case()
    photo, generation = a_photo(one.case_id), a_generation()
    with_cases(machines[0], one, other)
    with machines[0].transaction() as records:
        records.photos.add(photo)
        records.generations.add(generation)
        records.pairs.suggest([a_suggestion(one, other, generation.generation_id)], NOON)
        (pair,) = records.pairs.of_case(one.case_id)

    def claim_photo(store: SqlRecordStore) -> bool:
        with store.transaction() as records:
            return records.photos.claim(photo.photo_id, NOON, LATER)

    def claim_pair(store: SqlRecordStore, reviewer: str) -> bool:
        with store.transaction() as records:
            return records.pairs.claim(pair.pair_id, reviewer, NOON, LATER)

    assert sorted(at_once(*(lambda s=store: claim_photo(s) for store in machines))) == [False, False, False, True]
    claims = at_once(*(lambda s=store, n=number: claim_pair(s, f"reviewer {n}") for number, store in enumerate(machines)))
    assert sorted(claims) == [False, False, False, True]


def test_of_two_changes_to_one_case_the_second_is_told(machines: list[SqlRecordStore]) -> None:
    case = a_case()
    with_cases(machines[0], case)

    def move(store: SqlRecordStore, station: str) -> int:
        with store.transaction() as records:
            return records.cases.save(replace(case, station_id=station)).version

    ended = at_once(*(lambda s=store, n=number: move(s, f"station-{n}") for number, store in enumerate(machines)))
    assert sorted(str(each) for each in ended if isinstance(each, int)) == ["2"]


def test_references_are_drawn_once(machines: list[SqlRecordStore]) -> None:
    def draw(store: SqlRecordStore) -> list[str]:
        drawn = []
        for _ in range(5):
            with store.transaction() as records:
                drawn += records.cases.next_references(a_case().kind, 2026, 1)
        return drawn

    drawn = at_once(*(lambda s=store: draw(s) for store in machines))
    assert sorted(chain.from_iterable(drawn)) == [f"M-2026-{number:05d}" for number in range(1, 21)]


def test_a_follower_never_misses_a_change_that_commits_late(machines: list[SqlRecordStore]) -> None:
    """A watermark on a database sequence would: the number is drawn early, and seen late."""
    follower, *writers = machines
    cases = [a_case() for _ in writers]
    with_cases(follower, *cases)
    followed: dict[int, int] = {}
    ended = threading.Event()

    def follow() -> None:
        after = 0
        while True:
            last_round = ended.is_set()
            with follower.reading() as records:
                changes = records.gallery.changes(ENCODER, after, 7)
            for change in changes:
                assert change.seq > after
                after = change.seq
                followed[change.template_id] = change.seq
            if last_round and not changes:
                return

    def write(store: SqlRecordStore, case: Case) -> None:
        for seed in range(12):
            with store.transaction() as records:
                enrol(records, case, seed)
                threading.Event().wait(0.002 * (seed % 3))  # others commit meanwhile

    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(follow)
        try:
            assert at_once(*(lambda s=s, c=c: write(s, c) for s, c in zip(writers, cases, strict=True))) == [None] * 3
        finally:
            ended.set()
        following.result(timeout=60)
    with follower.reading() as records:
        assert followed.keys() == records.gallery.expected(ENCODER).keys()
        assert len(followed) == 36
        assert records.gallery.head() == 36


def test_a_case_that_closes_while_it_is_enrolled_does_not_stay_in_the_gallery(machines: list[SqlRecordStore]) -> None:
    for _ in range(5):
        case = a_case()
        with_cases(machines[0], case)

        def enrol_it(store: SqlRecordStore, case: Case = case) -> None:
            with store.transaction() as records:
                enrol(records, case)

        def close_it(case: Case = case) -> None:
            with machines[0].transaction() as records:
                records.cases.save(replace(case, state=CaseState.SUSPENDED))

        assert at_once(close_it, *(lambda s=store: enrol_it(s) for store in machines[1:])) == [None] * 4
    with machines[0].reading() as records:
        changes = records.gallery.changes(ENCODER, 0, 1000)
        assert {change.template_id for change in changes if change.collection} == set()
        assert records.faces.count_templates(ENCODER) == 15


def test_the_audit_chain_stays_whole(machines: list[SqlRecordStore]) -> None:
    def act(store: SqlRecordStore, actor: str) -> None:
        for number in range(10):
            with suppress(ZeroDivisionError), store.transaction() as records:
                for step in range(3):
                    records.audit.append(an_actor(account_id=actor), "step", f"case-{number}", {"step": step, "氏": 0.1})
                if number % 5 == 4:
                    raise ZeroDivisionError

    assert at_once(*(lambda s=store, n=n: act(s, f"actor {n}") for n, store in enumerate(machines))) == [None] * 4
    with machines[0].reading() as records:
        events = records.audit.events(0, 1000)
        assert len(events) == 4 * 8 * 3
        assert verify_chain(events, records.audit.head()) is None
        assert [event.seq for event in records.audit.events(10, 2)] == [11, 12]
        assert len(records.audit.of_subject("case-0")) == 4 * 3
        assert records.audit.of_subjects(["case-0", "nothing"]) == {"case-0": records.audit.of_subject("case-0")}
    for before, after in zip(events[::3], events[1::3], strict=True):
        assert (before.actor, before.subject) == (after.actor, after.subject), "the rows of one transaction stay together"


def test_erasing_searching_and_reviewing_at_once_ends_and_leaves_nothing_torn(machines: list[SqlRecordStore]) -> None:
    """Every step may lose against another one, and says so; none hangs, and no row is left without its owner."""
    cases = [a_case() for _ in range(6)]
    generation = a_generation()
    with_cases(machines[0], *cases)
    with machines[0].transaction() as records:
        records.generations.add(generation)
    suggestions = [a_suggestion(one, other, generation.generation_id) for one in cases for other in cases if one is not other]

    def repeated(store: SqlRecordStore, step: Callable[[Records, int], object]) -> list[TracingError]:
        refused = []
        for number in range(10):
            try:
                with store.transaction() as records:
                    step(records, number)
            except TracingError as error:
                refused.append(error)
        return refused

    def erase(records: Records, number: int) -> None:
        if number % 3 == 2:
            records.cases.erase(cases[number // 3].case_id)

    def search(records: Records, _: int) -> None:
        there = records.cases.by_ids([case.case_id for case in cases])
        records.pairs.suggest([one for one in suggestions if {one.low_case_id, one.high_case_id} <= there.keys()], NOON)

    def review(records: Records, number: int) -> None:
        for pair in records.pairs.of_case(cases[3 + number % 3].case_id)[:1]:
            locked = records.pairs.lock(pair.pair_id)
            for case_id in locked.case_ids:
                for other in records.pairs.of_case(case_id):
                    records.pairs.save(replace(other, claimed_by="reviewer"))

    ended = at_once(
        lambda: repeated(machines[0], erase),
        lambda: repeated(machines[1], search),
        lambda: repeated(machines[2], review),
        lambda: repeated(machines[3], lambda records, number: enrol(records, cases[number % 6], number)),
    )
    # Whoever writes for an erased case is refused; waiting for each other in a circle would be ``Unavailable``.
    assert {type(error) for errors in ended for error in errors} <= {Conflict, NotFound}  # type: ignore[attr-defined] -- lists
    assert ended[0] == []
    with machines[0].reading() as records:
        assert records.integrity.orphans() == []
        places = {change.template_id for change in records.gallery.changes(ENCODER, 0, 1000) if change.collection}
        assert places == records.gallery.expected(ENCODER).keys()


def test_l3_a_form_that_is_saved_while_those_of_before_are_read_has_the_last_word(
    machines: list[SqlRecordStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = a_case(child_said=None)
    with_cases(machines[0], case)

    def save() -> None:
        with machines[1].transaction() as records:
            records.forms.save(CaseForm(case.case_id, {"age_claimed": "12"}, saved_at=NOON, saved_by="lin"))

    saving, says_child = threading.Thread(target=save), SqlForms._says_child

    def meanwhile(forms: SqlForms, row: Any) -> bool | None:
        said = says_child(forms, row)
        saving.start()
        saving.join(0.5)  # on SQLite it waits for the end of this transaction
        return said

    monkeypatch.setattr(SqlForms, "_says_child", meanwhile)
    machines[0].read_forms()
    saving.join()
    with machines[0].reading() as records:
        assert records.cases.get(case.case_id).child_said is True


def test_l7_a_case_that_is_opened_again_while_others_are_dated_anew_does_not_end_as_a_closed_one(
    machines: list[SqlRecordStore],
) -> None:
    case = a_case(state=CaseState.CLOSED, expires_at=NOON)
    with_cases(machines[0], case)

    def reopen() -> None:
        with machines[1].transaction() as records:
            known = records.cases.by_ids([case.case_id])[case.case_id]
            records.cases.save(replace(known, state=CaseState.OPEN))

    reopening = threading.Thread(target=reopen)

    def until(standing: Standing, since: datetime) -> datetime | None:
        if standing[1] is CaseState.OPEN:
            return None
        reopening.start()
        reopening.join(0.5)
        return LATER

    with machines[0].transaction() as records:
        records.expiry.redate([case.case_id], until)
    reopening.join()
    with machines[0].reading() as records:
        assert records.cases.get(case.case_id).expires_at is None
