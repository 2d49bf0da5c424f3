"""Time travel: when the time of a thing is over it is read by nobody, and when the worker has looked it is gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from api.pictures import Pictures, Variant
from tests.factories import NOON, CountingIds, FixedClock, a_case, a_generation, a_hit, an_id
from tests.families.sent import a_sighting
from tests.fixtures_postgres import KEYRING
from tests.house import House, a_house
from tests.stories import a_neighbour, found_by, latest_run, rows_naming
from tracing.access import SYSTEM
from tracing.bootstrap import build
from tracing.domain import BegunHandOver, Case, CaseState, Channel, Clone, HitState, ImportRun, Judgement, Outcome, RefusedRow
from tracing.errors import NotAllowed, NotFound
from tracing.expiry.policy import Kept
from tracing.records import CaseFilter
from tracing.store.database import SqlRecordStore

RULES = """
closed_missing = 10
closed_sheltered = 20
search_runs = 5
rejected_pairs = 5
accounts = 5
keepouts = 15
list_hits = 10
"""
SECOND = timedelta(seconds=1)
MANY_PAIRS = """
    INSERT INTO pairs
        (pair_id, low_case_id, high_case_id, relation, state, rank, generation_id, list_id, suggested_at, version)
    SELECT md5(low.case_id || high.case_id), low.case_id, high.case_id,
        'duplicate', 'proposed', 1, :generation, md5(high.case_id || low.case_id), :at, 1
    FROM cases AS low JOIN cases AS high ON low.case_id < high.case_id
"""
MANY_LISTS = """
    INSERT INTO search_runs (run_id, case_id, purpose, generation_id, gallery_size, started_at, finished_at, list)
    SELECT md5(number::text), :case, 'deduplicate', :generation, 1, :at, :at, '[]' FROM generate_series(1, :lists) AS number
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    (tmp_path / "rules.toml").write_text(RULES, "utf-8")
    with a_house(tmp_path / "var", retention_rules=tmp_path / "rules.toml") as found:
        yield found


def closed(house: House, case: Case) -> Case:
    outcome = Outcome.SETTLED if case.kind == "sheltered" else Outcome.WITHDRAWN
    return house.services.casework.close(house.intake, case.case_id, outcome, "it is over", Channel.OTHER)


def over(house: House, kind: Kept) -> int:
    return next(each.over for each in house.services.purging.overview(SYSTEM) if each.kind is kind)


def test_l7_to_the_last_second_a_case_is_read_and_from_then_on_by_nobody_though_no_worker_has_run(house: House) -> None:
    """DOMAIN.md, L7."""
    case, asking = house.sheltered(1, names=("王建国",)), house.missing(1)
    pair = house.pair(case, asking)
    with house.services.store.reading() as records:
        photo = records.photos.of_case(case.case_id)[0]
    pictures = Pictures(house.services)
    closed(house, case)
    house.clock.advance(days=20)
    house.clock.now -= SECOND
    assert house.case(case).state is CaseState.CLOSED
    # Small ones are kept in memory from now on: they are not to be shown from there either.
    assert all(pictures.jpeg(house.intake, photo.photo_id, variant) for variant in Variant)
    assert found_by(house.services, asking) == {case.case_id}
    assert rows_naming(house, case.case_id).keys() >= {"cases", "photos", "pairs"}
    house.clock.now += SECOND
    for read in (
        lambda: house.case(case),
        lambda: house.services.casework.read(house.manager, case.case_id),
        lambda: house.services.timeline.of_case(house.intake, case.case_id),
        lambda: house.services.filing.view(house.intake, case.case_id),
        lambda: house.services.desk.photos(house.intake, case.case_id),
        *(partial(pictures.jpeg, house.intake, photo.photo_id, variant) for variant in Variant),
        lambda: house.services.candidates.of_case(house.auditor, case.case_id),
        lambda: house.services.review.view(house.reviewer, pair.pair_id),
        lambda: house.services.casework.reopen(house.manager, case.case_id, "no"),
    ):
        with pytest.raises(NotFound):
            read()
    assert house.services.casework.contacts(house.manager, case.case_id) == []
    assert case.case_id not in {each.case_id for each in house.services.casework.find(house.manager, CaseFilter(), 99).cases}
    assert house.services.casework.find(house.manager, CaseFilter(text="王建国"), 9).total == 0
    assert found_by(house.services, asking) == set()
    assert house.services.review.queue(house.reviewer).pairs == ()
    shown = [view.case for view in house.services.candidates.of_case(house.auditor, asking.case_id).candidates]
    assert "王建国" not in str(shown)


def test_l7_the_worker_lets_go_of_all_of_it_in_every_process(house: House) -> None:
    case, asking = house.sheltered(1, names=("王建国",)), house.missing(1)
    closed(house, case)
    with a_neighbour(house) as other:
        assert found_by(other, asking) == {case.case_id}
        house.services.purging.tend()
        house.clock.advance(days=20)
        house.services.purging.tend()
        assert found_by(other, asking) == set()
        assert other.consistency.check(read_photos=True) == []
    assert rows_naming(house, case.case_id).keys() == {"events"}
    assert rows_naming(house, "王建国") == {}
    assert house.done(case)[-1].detail["kept_as"] == "closed_sheltered"
    assert len(list(house.services.photos.keys())) == 1


def test_a_case_that_is_open_again_begins_anew_and_one_that_nothing_ends_stays(house: House) -> None:
    case, open_one = house.missing(1), house.missing(2)
    closed(house, case)
    house.clock.advance(days=9)
    house.services.casework.reopen(house.intake, case.case_id, "he is missing again")
    house.clock.advance(days=9_000)
    house.services.purging.tend()
    assert house.case(case).state is CaseState.OPEN
    assert house.case(open_one)
    closed(house, case)
    house.clock.advance(days=9)
    assert house.case(case).state is CaseState.CLOSED


def test_a_matched_case_never_goes(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    house.confirm(house.pair(missing, sheltered))
    house.clock.advance(days=30_000)
    house.services.purging.tend()
    assert house.case(missing).state is CaseState.MATCHED


def test_other_rules_hold_for_the_cases_that_are_there(tmp_path: Path) -> None:
    with a_house(tmp_path / "var") as before:
        case = closed(before, before.missing(1))
    (tmp_path / "rules.toml").write_text("closed_missing = 1\n", "utf-8")
    settings = before.services.settings.model_copy(update={"retention_rules": tmp_path / "rules.toml"})
    again = build(settings, clock=before.clock, examiner=before.examiner)
    try:
        before.clock.advance(days=2)
        assert [each.over for each in again.purging.purge(SYSTEM) if each.kind is Kept.CLOSED_MISSING] == [1]
        with again.store.reading() as records, pytest.raises(NotFound):
            records.cases.get(case.case_id)
    finally:
        again.close()


def test_a_dry_run_says_what_would_go_and_changes_nothing(house: House) -> None:
    case = closed(house, house.missing(1))
    house.clock.advance(days=10)
    assert over(house, Kept.CLOSED_MISSING) == 1
    assert over(house, Kept.CLOSED_MISSING) == 1
    assert rows_naming(house, case.case_id).keys() >= {"cases"}
    assert {each.kind: each.over for each in house.services.purging.purge(SYSTEM)}[Kept.CLOSED_MISSING] == 1
    assert over(house, Kept.CLOSED_MISSING) == 0


def test_a_dry_run_tells_to_the_row_what_the_purge_then_leaves(tmp_path: Path, store_url: str) -> None:
    """Also what goes with a case, what rested on it alone, a partner's record in a match, and rules that are new."""
    (tmp_path / "rules.toml").write_text(RULES, "utf-8")
    with a_house(tmp_path / "var", database_url=store_url) as before:
        going, stays, theirs, ours = before.missing(1), before.sheltered(1), before.missing(2), before.sheltered(2)
        before.judge(before.reviewer, before.pair(going, stays), Judgement.EXCLUDED)
        matched = before.confirm(before.pair(theirs, ours))
        with before.services.store.transaction() as records:
            ends = before.clock() + timedelta(days=9)
            records.partners.put_clones([Clone(theirs.case_id, before.clock(), ends)])
            records.hits.put([a_hit(stays, opened_case_id=going.case_id, found_at=ends)], {})
            for pair in (before.pair(going, stays), matched):
                records.reunions.save_draft(BegunHandOver(pair.pair_id, {}, 0, ends, "sun"))
        a_sighting(before, going)
        for _ in range(3):
            before.clock.advance(hours=1)
            for each in (going, stays, theirs, ours):
                before.services.matching.search(each.case_id)
        closed(before, going)
    settings = before.services.settings.model_copy(update={"retention_rules": tmp_path / "rules.toml"})
    with closing(build(settings, clock=before.clock, examiner=before.examiner)) as services:
        before.clock.advance(days=10)
        told = services.purging.overview(SYSTEM)
        assert services.purging.purge(SYSTEM) == told
        left = services.purging.overview(SYSTEM)
        expected = {each.kind: each.kept - each.over for each in told}
        expected[Kept.OPEN_SHELTERED] += 1  # whoever was matched with the partner's record
        assert expected == {each.kind: each.kept for each in left}
        assert [each.over for each in left] == [0] * len(Kept)
        gone = {each.kind: each.over for each in told}
        assert (gone[Kept.CLOSED_MISSING], gone[Kept.OPEN_MISSING]) == (1, 1)
        assert (gone[Kept.REJECTED_PAIRS], gone[Kept.HAND_OVER_DRAFTS]) == (1, 2)
        assert (gone[Kept.LIST_HITS], gone[Kept.SIGHTINGS]) == (1, 1)
        with services.store.reading() as records:
            assert len(records.integrity.missing("cases", [going.case_id, theirs.case_id])) == 2


def test_l22_lists_that_nothing_rests_on_go_and_the_last_one_and_those_of_pairs_and_decisions_stay(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    house.judge(house.reviewer, house.pair(missing, sheltered))
    for _ in range(3):
        house.clock.advance(hours=1)
        house.services.matching.search(missing.case_id)
    last = latest_run(house, missing)
    house.clock.advance(days=5)
    assert over(house, Kept.SEARCH_RUNS) >= 2
    house.services.purging.purge(SYSTEM)
    assert over(house, Kept.SEARCH_RUNS) == 0
    assert latest_run(house, missing) == last
    with house.services.store.reading() as records:
        (decision,) = records.pairs.decisions(house.pair(missing, sheltered).pair_id)
        assert decision.grounds is not None
        assert records.pairs.run(decision.grounds.list_id)
    assert house.faults() == []


@pytest.mark.long
@pytest.mark.postgres
def test_a_year_of_lists_of_searches_is_looked_through_in_seconds(postgres_url: str) -> None:
    """Each list that is old was held against all that pairs rest on, one after the other: for minutes, or hours."""
    store = SqlRecordStore(f"{postgres_url}&options=-c%20statement_timeout%3D20000", KEYRING, FixedClock(), CountingIds())
    generation, people = a_generation(), [a_case() for _ in range(300)]
    with store.transaction() as records:
        records.generations.add(generation)
        records.cases.add_all(people)
    filled = {"generation": generation.generation_id, "case": people[0].case_id, "at": NOON, "lists": 40_000}
    engine = create_engine(postgres_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        for statement in (MANY_PAIRS, MANY_LISTS, "ANALYZE"):
            connection.execute(text(statement), filled)
    engine.dispose()
    with store.reading() as records:
        assert records.expiry.runs(NOON) == (40_000, 39_999)
    store.close()


def test_what_was_written_of_a_rejected_pair_goes_and_the_rejection_stays(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    house.judge(house.reviewer, house.pair(missing, sheltered), Judgement.EXCLUDED)
    pair = house.pair(missing, sheltered)
    house.clock.advance(days=5)
    assert over(house, Kept.REJECTED_PAIRS) == 1
    house.services.purging.purge(SYSTEM)
    assert rows_naming(house, "the same scar above the left eye") == {}
    assert house.pair(missing, sheltered) == pair
    assert house.faults() == []


def test_a_disabled_account_loses_its_name_and_what_it_did_stays(house: House) -> None:
    case = house.missing(1)
    house.services.accounts.disable(SYSTEM, "lin")
    house.clock.advance(days=5)
    assert over(house, Kept.ACCOUNTS) == 1
    house.services.purging.purge(SYSTEM)
    assert over(house, Kept.ACCOUNTS) == 0
    assert rows_naming(house, "lin").keys().isdisjoint({"accounts"})
    assert house.done(case)[0].actor == house.intake.account_id


def test_a_hit_of_a_list_goes_when_nobody_has_touched_it_for_long(house: House) -> None:
    case = house.sheltered(1)
    hit = a_hit(case, found_at=house.clock())
    with house.services.store.transaction() as records:
        records.hits.put([hit], {hit.hit_id: b"a face"})
    house.clock.advance(days=5)
    house.services.list_hits.decide(house.intake, hit.hit_id, HitState.LOOKED_AT, "asked the police", hit.version)
    house.clock.advance(days=5)
    house.services.purging.tend()
    assert house.services.list_hits.view(house.intake, hit.hit_id)
    house.clock.advance(days=5)
    assert over(house, Kept.LIST_HITS) == 1
    house.services.purging.tend()
    with pytest.raises(NotFound):
        house.services.list_hits.view(house.intake, hit.hit_id)
    assert rows_naming(house, hit.hit_id).keys() <= {"events"}
    assert house.case(case)


def test_what_became_of_a_list_goes_after_its_time_but_for_the_last_of_each_sender(house: House) -> None:
    begun = [house.clock() + timedelta(days=day) for day in (0, 1, 0)]
    senders = ("police", "police", "hospital")
    runs = [
        ImportRun(an_id(), sender, "王建国.csv", "d" * 64, "main", "sun", at) for sender, at in zip(senders, begun, strict=True)
    ]
    with house.services.store.transaction() as records:
        for run in runs:
            records.imports.begin(run)
        records.imports.refuse([RefusedRow(runs[0].run_id, 1, "age", "no number")])
    house.clock.advance(days=1094)
    assert over(house, Kept.LIST_RUNS) == 0
    house.clock.advance(days=2)
    assert over(house, Kept.LIST_RUNS) == 1
    house.services.purging.purge(SYSTEM)
    with house.services.store.reading() as records:
        assert {each.run_id for each in records.imports.runs(9)} == {runs[1].run_id, runs[2].run_id}
        assert records.imports.count_refused(runs[0].run_id) == 0


def test_only_managers_look_and_the_rules_of_others_do_not_change(house: House) -> None:
    for actor in (house.intake, house.reviewer, house.auditor, house.partner):
        with pytest.raises(NotAllowed):
            house.services.purging.overview(actor)
        with pytest.raises(NotAllowed):
            house.services.purging.purge(actor)
    assert {each.kind for each in house.services.purging.overview(house.manager)} == set(Kept)
