"""What every record store promises about pairs, decisions, matches and searches, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.factories import (
    ENCODER,
    NOON,
    a_candidate,
    a_case,
    a_decision,
    a_face,
    a_generation,
    a_lead,
    a_photo,
    a_run,
    a_sheltered_case,
    a_suggestion,
    a_vector,
    an_id,
    some_grounds,
)
from tracing.domain import (
    AgeBand,
    Analysis,
    Case,
    CaseState,
    Generation,
    GenerationState,
    Judgement,
    LegalBasis,
    Pair,
    PairState,
    PartialDate,
    Relation,
    Stage,
)
from tracing.errors import Conflict, NotFound, Stale, WrongState
from tracing.lifecycle import REJECTED, WAITING_FOR_REVIEW
from tracing.ports import RecordStore
from tracing.records import QueueFilter, Records

LATER = NOON + timedelta(minutes=15)


@pytest.fixture
def cases(store: RecordStore) -> tuple[Case, ...]:
    """A missing one, and three sheltered ones."""
    made = (a_case(), a_sheltered_case(), a_sheltered_case(), a_sheltered_case())
    with store.transaction() as records:
        for case in made:
            records.cases.add(case)
    return made


def suggested(records: Records, one: Case, other: Case, generation: Generation, at: datetime = NOON, **changes: object) -> Pair:
    records.pairs.suggest([a_suggestion(one, other, generation.generation_id, **changes)], at)
    pair = records.pairs.between(one.case_id, other.case_id)
    assert pair is not None
    return pair


def test_a_suggested_pair_is_proposed(store: RecordStore, cases: tuple[Case, ...], generation: Generation) -> None:
    missing, sheltered, *_ = cases
    with store.transaction() as records:
        said = a_suggestion(missing, sheltered, generation.generation_id, score=0.75, rank=3)
        assert len(records.pairs.suggest([said], NOON)) == 1
        pair = records.pairs.between(sheltered.case_id, missing.case_id)
        assert pair == Pair(
            pair_id=pair.pair_id,
            low_case_id=missing.case_id,
            high_case_id=sheltered.case_id,
            relation=Relation.TRACE,
            state=PairState.PROPOSED,
            score=0.75,
            rank=3,
            generation_id=generation.generation_id,
            list_id=said.list_id,
            suggested_at=NOON,
        )
        assert records.pairs.get(pair.pair_id) == pair
        assert records.pairs.of_case(missing.case_id) == records.pairs.of_case(sheltered.case_id) == [pair]
        assert records.pairs.count(PairState.PROPOSED) == 1
        assert len(records.pairs.suggest([], NOON)) == 0
        assert records.pairs.between(missing.case_id, an_id()) is None
        with pytest.raises(NotFound):
            records.pairs.get(an_id())


def test_a_pair_suggested_again_takes_the_new_score_and_stays_one_pair(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, sheltered, other, _ = cases
    with store.transaction() as records:
        first = suggested(records, missing, sheltered, generation, score=0.5)
        again = a_suggestion(sheltered, missing, generation.generation_id, score=0.75, rank=2)
        new = a_suggestion(missing, other, generation.generation_id)
        assert len(records.pairs.suggest([again, new, replace(new, score=0.25)], LATER)) == 1
        pair = records.pairs.get(first.pair_id)
        assert (pair.score, pair.rank, pair.list_id) == (0.75, 2, again.list_id)
        assert (pair.suggested_at, pair.version, pair.state) == (NOON, 1, PairState.PROPOSED)
        assert records.pairs.between(missing.case_id, other.case_id).score == new.score, "the better of two in one list"


def test_a_claimed_pair_that_nobody_has_judged_takes_the_new_score_too(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, sheltered, *_ = cases
    with store.transaction() as records:
        pair = suggested(records, missing, sheltered, generation, score=0.5)
        records.pairs.claim(pair.pair_id, "reviewer", NOON, LATER)
        again = suggested(records, missing, sheltered, generation, score=0.75)
        assert (again.score, again.state, again.claimed_by) == (0.75, PairState.UNDER_REVIEW, "reviewer")


def test_scores_of_the_wrong_face_are_forgotten_but_those_that_somebody_has_judged_by(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, sheltered, claimed, judged = cases
    with store.transaction() as records:
        for other in (sheltered, claimed, judged):
            pair = suggested(records, missing, other, generation, score=0.5)
            if other is not sheltered:
                records.pairs.claim(pair.pair_id, "reviewer", NOON, LATER)
        records.pairs.add_decision(a_decision(pair.pair_id, "reviewer", judgement=Judgement.CANNOT_TELL))
        apart = suggested(records, sheltered, claimed, generation, score=0.75)
    with store.transaction() as records:
        assert records.pairs.forget_scores(missing.case_id) == {sheltered.case_id, claimed.case_id}
        left = [records.pairs.between(missing.case_id, other.case_id) for other in (sheltered, claimed, judged)]
        assert [pair.score for pair in left if pair is not None] == [None, None, 0.5]
        assert records.pairs.get(apart.pair_id) == apart
        records.cases.want_searches([sheltered.case_id, an_id()])
        assert records.cases.get(sheltered.case_id).search_wanted == sheltered.search_wanted + 1


@pytest.mark.parametrize("state", sorted(set(PairState) - {PairState.PROPOSED, PairState.UNDER_REVIEW}))
def test_a_judged_pair_stays_as_it_is(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation, state: PairState
) -> None:
    missing, sheltered, *_ = cases
    with store.transaction() as records:
        pair = records.pairs.save(replace(suggested(records, missing, sheltered, generation, score=0.5), state=state))
        assert len(records.pairs.suggest([a_suggestion(missing, sheltered, generation.generation_id, score=0.75)], LATER)) == 0
        assert records.pairs.get(pair.pair_id) == pair


def test_a_pair_with_a_decision_stays_as_it_is_even_under_review(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, sheltered, *_ = cases
    with store.transaction() as records:
        pair = suggested(records, missing, sheltered, generation, score=0.5)
        records.pairs.claim(pair.pair_id, "reviewer", NOON, LATER)
        records.pairs.add_decision(a_decision(pair.pair_id, "reviewer", judgement=Judgement.CANNOT_TELL))
        assert suggested(records, missing, sheltered, generation, score=0.75).score == 0.5


def test_a_pair_needs_two_cases_in_order(store: RecordStore, cases: tuple[Case, ...], generation: Generation) -> None:
    missing, sheltered, *_ = cases
    said = a_suggestion(missing, sheltered, generation.generation_id)
    swapped = replace(said, low_case_id=said.high_case_id, high_case_id=said.low_case_id)
    for impossible in (swapped, replace(said, high_case_id=said.low_case_id), replace(said, high_case_id="f" * 32)):
        with pytest.raises(Conflict), store.transaction() as records:
            records.pairs.suggest([impossible], NOON)
    with store.reading() as records:
        assert records.pairs.of_case(missing.case_id) == []


def test_saving_a_pair_needs_the_version_that_was_read(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, sheltered, *_ = cases
    with store.transaction() as records:
        pair = suggested(records, missing, sheltered, generation)
        assert records.pairs.lock(pair.pair_id) == pair
        saved = records.pairs.save(replace(pair, state=PairState.UNDER_REVIEW, claimed_by="x", claimed_until=LATER))
        assert saved.version == 2
        assert records.pairs.get(pair.pair_id) == saved
        with pytest.raises(Stale):
            records.pairs.save(replace(pair, state=PairState.EXCLUDED))
        with pytest.raises(NotFound):
            records.pairs.save(replace(pair, pair_id=an_id()))
        with pytest.raises(NotFound):
            records.pairs.lock(an_id())


def test_a_person_cannot_change_what_the_search_found(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, sheltered, *_ = cases
    with store.transaction() as records:
        pair = suggested(records, missing, sheltered, generation, score=0.5)
        records.pairs.save(replace(pair, score=1.0, rank=99))
        assert (records.pairs.get(pair.pair_id).score, records.pairs.get(pair.pair_id).rank) == (0.5, pair.rank)


# Claims and the queue


def test_a_claim_is_exclusive_until_it_runs_out_and_can_be_prolonged(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, sheltered, *_ = cases
    with store.transaction() as records:
        pair_id = suggested(records, missing, sheltered, generation).pair_id
        assert records.pairs.claim(pair_id, "one", NOON, LATER)
        assert records.pairs.get(pair_id).state is PairState.UNDER_REVIEW
        assert not records.pairs.claim(pair_id, "two", NOON, LATER)
        assert records.pairs.claim(pair_id, "one", NOON + timedelta(minutes=5), LATER + timedelta(minutes=5))
        assert not records.pairs.claim(pair_id, "two", LATER, LATER + timedelta(minutes=15))
        late = LATER + timedelta(minutes=5)
        assert records.pairs.claim(pair_id, "two", late, late + timedelta(minutes=15))
        assert records.pairs.get(pair_id).claimed_by == "two"
        assert not records.pairs.claim(an_id(), "one", NOON, LATER)


@pytest.mark.parametrize("state", sorted(PairState))
def test_only_pairs_that_wait_for_review_can_be_claimed(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation, state: PairState
) -> None:
    missing, sheltered, *_ = cases
    with store.transaction() as records:
        pair = records.pairs.save(replace(suggested(records, missing, sheltered, generation), state=state))
        assert records.pairs.claim(pair.pair_id, "one", NOON, LATER) == (state in WAITING_FOR_REVIEW)
        after = records.pairs.get(pair.pair_id).state
        assert after == (PairState.UNDER_REVIEW if state is PairState.PROPOSED else state)


def queue(records: Records, reviewer: str = "reviewer", now: datetime = NOON, **more: object) -> list[str]:
    options = {"states": WAITING_FOR_REVIEW, "limit": 10} | more
    pairs = records.pairs.queue(reviewer, now=now, **options)  # type: ignore[arg-type] -- the tests spell the options
    if more.keys() <= {"states", "wanted"}:
        wanted = [options["wanted"]] if "wanted" in options else []
        size = records.pairs.queue_size(reviewer, options["states"], now, *wanted)  # type: ignore[arg-type] -- as above
        assert size == len(pairs)
    return [pair.pair_id for pair in pairs]


def many(records: Records, generation: Generation, count: int) -> list[str]:
    """So many pairs of the same missing person with somebody in care: ids, the most alike first, and the newest first."""
    missing = a_case()
    records.cases.add(missing)
    found = []
    for place in range(count):
        other = a_sheltered_case()
        records.cases.add(other)
        at, score = NOON - timedelta(hours=place), 1 - place / 100
        found.append(suggested(records, missing, other, generation, at=at, score=score).pair_id)
    return found


def test_a_sheet_of_the_queue_is_the_seven_most_alike_and_the_three_that_wait_longest(
    store: RecordStore, generation: Generation
) -> None:
    with store.transaction() as records:
        ids = many(records, generation, 25)
        sheets = [queue(records, limit=10, offset=offset) for offset in (0, 10, 20)]
        assert set(sheets[0]) == {*ids[:7], *ids[-3:]}
        assert set(sheets[1]) == {*ids[7:14], *ids[-6:-3]}
        assert set(sheets[2]) == set(ids[14:19])


def test_inside_a_sheet_the_order_says_nothing_however_few_are_asked_for(store: RecordStore, generation: Generation) -> None:
    with store.transaction() as records:
        many(records, generation, 25)
        first = queue(records, limit=10)
        assert first == sorted(first), "the ids, which are drawn by lot"
        assert [queue(records, limit=1, offset=offset)[0] for offset in range(10)] == first


def test_a_pair_that_is_alike_and_waits_long_leaves_its_place_to_the_next(store: RecordStore, generation: Generation) -> None:
    missing, others = a_case(), [a_sheltered_case() for _ in range(12)]
    with store.transaction() as records:
        for case in (missing, *others):
            records.cases.add(case)
        ids = [
            suggested(records, missing, other, generation, at=NOON + timedelta(hours=place), score=1 - place / 100).pair_id
            for place, other in enumerate(others)
        ]
        assert set(queue(records, limit=10)) == set(ids[:10])


def test_what_the_person_holds_is_on_the_first_sheet(store: RecordStore, generation: Generation) -> None:
    with store.transaction() as records:
        middle = many(records, generation, 25)[16]
        assert middle not in queue(records, limit=10)
        records.pairs.claim(middle, "reviewer", NOON, LATER)
        assert middle in queue(records, limit=10)
        assert middle not in queue(records, limit=10, now=LATER), "the claim has run out"


def test_scores_of_another_generation_count_for_nothing(store: RecordStore, generation: Generation) -> None:
    older = a_generation(encoder_id="old/encoder", state=GenerationState.RETIRED)
    with store.transaction() as records:
        records.generations.add(older)
        many(records, generation, 12)
        missing, other = a_case(), a_sheltered_case()
        records.cases.add(missing)
        records.cases.add(other)
        assert suggested(records, missing, other, older, score=99.0).pair_id not in queue(records, limit=10)


def dealt(evidence: list[str], waiting: list[str], first: list[str]) -> list[set[str]]:
    """Sheets dealt by hand from two whole lists: seven of one, three of the other, nobody twice."""
    order = dict.fromkeys(first)
    for turn in range(len(evidence)):
        order.update(dict.fromkeys(evidence[7 * turn : 7 * turn + 7] + waiting[3 * turn : 3 * turn + 3]))
    return [set(list(order)[start : start + 10]) for start in range(0, len(order), 10)]


@pytest.mark.parametrize("seed", range(3))
def test_every_sheet_is_what_would_be_dealt_from_the_whole_lists(store: RecordStore, generation: Generation, seed: int) -> None:
    drawn = random.Random(seed)
    older = a_generation(encoder_id="old/encoder", state=GenerationState.RETIRED)
    missing, others = a_case(), [a_sheltered_case() for _ in range(47)]
    with store.transaction() as records:
        records.generations.add(older)
        for case in (missing, *others):
            records.cases.add(case)
        waiting = []
        for other in others:
            at, of = NOON - timedelta(hours=drawn.randrange(40)), drawn.choice([generation, generation, older])
            pair = suggested(records, missing, other, of, at=at, score=drawn.randrange(12) / 12)
            state = drawn.choice([*sorted(WAITING_FOR_REVIEW), PairState.EXCLUDED])
            waiting.append(records.pairs.save(replace(pair, state=state)))
        waiting = [pair for pair in waiting if pair.state in WAITING_FOR_REVIEW]
        held = drawn.choice(waiting)
        assert records.pairs.claim(held.pair_id, "reviewer", NOON, LATER)

        def alike(pair: Pair) -> tuple[object, ...]:
            current = pair.generation_id == generation.generation_id
            return not current, -pair.score * current, pair.suggested_at, pair.pair_id

        evidence = [pair.pair_id for pair in sorted(waiting, key=alike)]
        longest = [pair.pair_id for pair in sorted(waiting, key=lambda pair: (pair.suggested_at, pair.pair_id))]
        sheets = dealt(evidence, longest, [held.pair_id])
        assert [set(queue(records, offset=10 * number)) for number in range(len(sheets))] == sheets
        assert queue(records, offset=10 * len(sheets)) == []


def test_the_queue_is_asked_for_by_relation_station_age_and_waiting_time(store: RecordStore, generation: Generation) -> None:
    child = a_case(birth_date=PartialDate(NOON.year - 9), station_id="station-2")
    adult, unknown = a_sheltered_case(age_min=30, age_max=40), a_sheltered_case()
    guessed = a_sheltered_case(age_min=55, station_id="station-3")
    with store.transaction() as records:
        for case in (child, adult, unknown, guessed):
            records.cases.add(case)
        with_child = suggested(records, child, unknown, generation, at=NOON - timedelta(days=2)).pair_id
        of_adults = suggested(records, adult, guessed, generation).pair_id

        def asked(**wanted: object) -> list[str]:
            return queue(records, wanted=QueueFilter(**wanted))  # type: ignore[arg-type] -- the test spells the fields

        assert asked(relation=Relation.TRACE) == asked(station_id="station-2") == [with_child]
        assert asked(relation=Relation.READMISSION) == asked(station_id="station-3") == [of_adults]
        assert asked(station_id="nowhere") == []
        assert asked(ages=AgeBand.CHILD) == [with_child]
        assert asked(ages=AgeBand.ADULT) == asked(ages=AgeBand.ELDER) == [of_adults]
        assert asked(ages=AgeBand.YOUTH) == []
        assert asked(suggested_before=NOON) == [with_child]
        assert asked(suggested_before=NOON, ages=AgeBand.ADULT) == []
        assert queue(records, states=[PairState.DISPUTED]) == queue(records, states=[]) == []


@pytest.mark.parametrize(
    ("said", "bands"),
    [
        ({"age_max": 13}, {AgeBand.CHILD}),
        ({"age_min": 13, "age_max": 14}, {AgeBand.CHILD, AgeBand.YOUTH}),
        ({"age_min": 18, "age_max": 59}, {AgeBand.ADULT}),
        ({"age_min": 60}, {AgeBand.ELDER}),
        # Born some time in that year: thirteen or fourteen now.
        ({"birth_date": PartialDate(NOON.year - 14), "age_min": 70}, {AgeBand.CHILD, AgeBand.YOUTH}),
        ({"birth_date": PartialDate(NOON.year - 40, 5, 6)}, {AgeBand.ADULT}),
        ({}, set()),
    ],
)
def test_a_person_is_of_every_age_that_may_be_theirs(
    store: RecordStore, generation: Generation, said: dict[str, object], bands: set[AgeBand]
) -> None:
    one, other = a_case(**said), a_sheltered_case()
    with store.transaction() as records:
        records.cases.add(one)
        records.cases.add(other)
        suggested(records, one, other, generation)
        assert {band for band in AgeBand if queue(records, wanted=QueueFilter(ages=band))} == bands
        assert set(records.cases.stations()) == {one.station_id}


def test_the_queue_works_before_any_generation_is_active(store: RecordStore, cases: tuple[Case, ...]) -> None:
    missing, one, *_ = cases
    building = a_generation(state=GenerationState.BUILDING)
    with store.transaction() as records:
        records.generations.add(building)
        pair = suggested(records, missing, one, building)
        assert queue(records) == [pair.pair_id]


def test_nobody_is_shown_pairs_of_cases_they_opened_themselves(store: RecordStore, generation: Generation) -> None:
    mine, other = a_case(opened_by="me"), a_sheltered_case(opened_by="somebody")
    with store.transaction() as records:
        records.cases.add(mine)
        records.cases.add(other)
        pair = suggested(records, mine, other, generation)
        assert queue(records, "me") == queue(records, "somebody") == []
        assert queue(records, "third") == [pair.pair_id]


def test_nobody_is_shown_a_pair_they_have_judged(store: RecordStore, cases: tuple[Case, ...], generation: Generation) -> None:
    missing, sheltered, *_ = cases
    with store.transaction() as records:
        pair_id = suggested(records, missing, sheltered, generation).pair_id
        records.pairs.add_decision(a_decision(pair_id, "judge"))
        records.pairs.add_decision(a_decision(pair_id, "before the new photo", superseded_at=LATER))
        records.pairs.add_decision(a_decision(pair_id, "verifier", judgement=None, stage=Stage.VERIFICATION))
        assert queue(records, "judge") == []
        for other in ("verifier", "before the new photo", "other"):
            assert queue(records, other) == [pair_id]


def test_a_claimed_pair_comes_back_to_the_others_when_the_claim_runs_out(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, sheltered, *_ = cases
    with store.transaction() as records:
        pair_id = suggested(records, missing, sheltered, generation).pair_id
        records.pairs.claim(pair_id, "holder", NOON, LATER)
        assert queue(records, "holder") == [pair_id]
        assert queue(records, "other") == []
        assert queue(records, "other", now=LATER) == [pair_id]


# Decisions


def test_decisions_are_kept_in_order_and_never_lost(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, sheltered, *_ = cases
    with store.transaction() as records:
        pair_id = suggested(records, missing, sheltered, generation).pair_id
        first = a_decision(pair_id, "one", decision_id="b" * 32, score_seen=0.5)
        second = a_decision(pair_id, "two", decision_id="a" * 32, features={"ears": "similar"}, reason="疤痕")
        records.pairs.add_decision(first)
        records.pairs.add_decision(second)
        records.pairs.supersede_decision(first.decision_id, LATER)
        records.pairs.supersede_decision(first.decision_id, LATER + timedelta(days=1))
        assert records.pairs.decisions(pair_id) == [replace(first, superseded_at=LATER), second]
        assert records.pairs.decisions_of([pair_id, an_id()]) == {pair_id: records.pairs.decisions(pair_id)}
        assert records.pairs.judged_by("two", [pair_id, an_id()]) == {pair_id}
        assert records.pairs.judged_by("one", [pair_id]) == set(), "superseded"
        assert records.pairs.judged_by("three", [pair_id]) == set()
        with pytest.raises(NotFound):
            records.pairs.supersede_decision(an_id(), LATER)
        with pytest.raises(Conflict):
            records.pairs.add_decision(first)


@pytest.mark.parametrize("state", list(PairState))
def test_a_photo_is_new_when_it_came_after_the_judgement_that_rejected_the_pair(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation, state: PairState
) -> None:
    missing, sheltered, other, _ = cases
    enrolled = {"analysis": Analysis.ENROLLED}
    with store.transaction() as records:
        pair = suggested(records, missing, sheltered, generation)
        beside = suggested(records, missing, other, generation)
        for each in (pair, beside):
            records.pairs.save(replace(records.pairs.get(each.pair_id), state=state))
            records.pairs.add_decision(a_decision(each.pair_id, "one"))
        asked = {pair.case_ids}
        records.photos.add(a_photo(sheltered.case_id, received_at=NOON, **enrolled))
        records.photos.add(a_photo(sheltered.case_id, received_at=LATER, analysis=Analysis.NO_FACE))
        assert records.pairs.with_new_photo(asked) == [], "none of these shows more than the reviewer saw"
        records.photos.add(a_photo(sheltered.case_id, received_at=LATER, **enrolled))
        assert [each.pair_id for each in records.pairs.with_new_photo(asked)] == [pair.pair_id] * (state in REJECTED)
        records.pairs.add_decision(a_decision(pair.pair_id, "two", decided_at=LATER))
        assert records.pairs.with_new_photo(asked) == [], "judged with the photo"


def test_a_superseded_judgement_does_not_keep_a_search_from_refreshing_the_score(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, sheltered, *_ = cases
    with store.transaction() as records:
        pair = suggested(records, missing, sheltered, generation, score=0.4)
        decision = a_decision(pair.pair_id, "one")
        records.pairs.add_decision(decision)
        assert suggested(records, missing, sheltered, generation, score=0.8).score == 0.4
        records.pairs.supersede_decision(decision.decision_id, LATER)
        assert suggested(records, missing, sheltered, generation, score=0.8).score == 0.8


def test_what_a_decision_rested_on_is_kept_to_the_last_digit(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, sheltered, *_ = cases
    with store.transaction() as records:
        pair = suggested(records, missing, sheltered, generation, score=0.1 + 0.2)
        kept = [a_decision(pair.pair_id, "one", grounds=some_grounds(pair)), a_decision(pair.pair_id, "two")]
        for each in kept:
            records.pairs.add_decision(each)
        assert records.pairs.decisions(pair.pair_id) == kept
        assert records.pairs.decision(kept[0].decision_id) == kept[0]
        with pytest.raises(NotFound):
            records.pairs.decision(an_id())


# Leads


def test_a_pair_has_one_open_lead_which_is_closed_once(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, sheltered, *_ = cases
    with store.transaction() as records:
        pair_id = suggested(records, missing, sheltered, generation).pair_id
        first, again = a_lead(pair_id), a_lead(pair_id, opened_at=LATER)
        assert records.pairs.open_lead(first)
        assert not records.pairs.open_lead(again)
        assert records.pairs.open_leads() == [first]
        closed = records.pairs.close_lead(first.lead_id, "somebody", LATER, "his nephew")
        assert closed == replace(first, closed_by="somebody", closed_at=LATER, finding="his nephew")
        assert records.pairs.lead(first.lead_id) == closed
        with pytest.raises(WrongState):
            records.pairs.close_lead(first.lead_id, "somebody else", LATER, "nothing")
        with pytest.raises(NotFound):
            records.pairs.close_lead(an_id(), "somebody", LATER, "nothing")
        assert records.pairs.open_lead(again), "a new likeness after the first was looked into"
        records.cases.erase(missing.case_id)
        assert records.pairs.open_leads() == []


# Matches


def test_a_case_is_in_at_most_one_match(store: RecordStore, cases: tuple[Case, ...], generation: Generation) -> None:
    missing, one, two, _ = cases
    with store.transaction() as records:
        first, second = suggested(records, missing, one, generation), suggested(records, missing, two, generation)
        records.pairs.register_match(first)
        with pytest.raises(Conflict, match="matched already"):
            records.pairs.register_match(second)
        records.pairs.release_match(first.pair_id)
        records.pairs.register_match(second)
    with pytest.raises(Conflict), store.transaction() as records:
        records.pairs.register_match(first)


def test_erasing_a_matched_case_frees_the_other_one_and_brings_superseded_pairs_back(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, sheltered, other, _ = cases
    with store.transaction() as records:
        match = suggested(records, missing, sheltered, generation)
        waiting = suggested(records, sheltered, other, generation)
        lost = suggested(records, missing, other, generation)
        for pair in (waiting, lost):
            aside = replace(
                pair, state=PairState.SUPERSEDED, state_before=PairState.FIRST_POSITIVE, superseded_by=match.pair_id
            )
            records.pairs.save(aside)
        records.pairs.add_decision(a_decision(match.pair_id, "one"))
        records.pairs.add_decision(a_decision(waiting.pair_id, "one"))
        records.pairs.register_match(match)
    with store.transaction() as records:
        records.cases.erase(missing.case_id)
    with store.transaction() as records:
        assert [pair.pair_id for pair in records.pairs.of_case(other.case_id)] == [waiting.pair_id]
        back = records.pairs.get(waiting.pair_id)
        assert (back.state, back.state_before, back.superseded_by) == (PairState.FIRST_POSITIVE, None, None)
        assert len(records.pairs.decisions(waiting.pair_id)) == 1
        assert records.pairs.decisions(match.pair_id) == []
        records.pairs.register_match(back)


# Searches


def test_a_search_comes_back_with_its_list_as_it_was_shown(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, sheltered, *_ = cases
    shown = [a_candidate(sheltered.case_id, score=0.1 + 0.2, veto="too young"), a_candidate(sheltered.case_id, rank=2)]
    first, second = (a_run(missing.case_id, generation.generation_id, shown) for _ in range(2))
    with store.transaction() as records:
        records.pairs.add_runs([first])
        assert records.pairs.run(first.run_id) == first
        records.pairs.add_runs([second])
        assert records.pairs.latest_run(missing.case_id) == second
        assert records.pairs.latest_run(sheltered.case_id) is None
        with pytest.raises(NotFound):
            records.pairs.run(an_id())


def test_the_last_search_of_every_case_is_found_by_generation(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, sheltered, *_ = cases
    other = a_generation(encoder_id="other/encoder", state=GenerationState.BUILDING)
    late = NOON + timedelta(hours=1)
    old, last = (
        a_run(missing.case_id, generation.generation_id, finished_at=late),
        a_run(sheltered.case_id, other.generation_id),
    )
    with store.transaction() as records:
        records.generations.add(other)
        for run in (old, last, a_run(missing.case_id, generation.generation_id)):
            records.pairs.add_runs([run])
        assert records.pairs.latest_runs(generation.generation_id) == [old]
        assert records.pairs.latest_runs(other.generation_id) == [last]


def test_pairs_are_known_to_exist_between_cases(store: RecordStore, cases: tuple[Case, ...], generation: Generation) -> None:
    missing, one, two, _ = cases
    with store.transaction() as records:
        there = suggested(records, missing, one, generation).case_ids
        suggested(records, one, two, generation)
        asked = {there, (missing.case_id, two.case_id), (an_id(), an_id())}
        assert records.pairs.exist_between(asked) == {there}
        assert records.pairs.exist_between([]) == set()


# What the check asks


def test_nothing_contradicts_anything_in_an_ordinary_store(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, sheltered, other, _ = cases
    with store.transaction() as records:
        photo = a_photo(missing.case_id, analysis=Analysis.ENROLLED)
        face = a_face(photo.photo_id)
        records.photos.add(photo)
        records.faces.add([face, a_face(photo.photo_id, of_interest=False)])
        records.faces.add_templates([(face.face_id, ENCODER, a_vector())])
        records.pairs.add_runs([a_run(missing.case_id, generation.generation_id)])
        match = suggested(records, missing, sheltered, generation)
        suggested(records, missing, other, generation)
        records.pairs.register_match(match)
        records.pairs.save(replace(match, state=PairState.CONFIRMED))
    with store.reading() as records:
        integrity = records.integrity
        assert integrity.orphans() == integrity.photos_without_their_faces() == integrity.templates_of_bystanders() == []
        assert integrity.faces_without_template(ENCODER) == integrity.unsearched(generation.generation_id) == []
        assert integrity.matches_out_of_step() == []


def test_photos_whose_faces_do_not_fit_are_named(store: RecordStore, cases: tuple[Case, ...]) -> None:
    expected = {
        (Analysis.PENDING, ()): True,
        (Analysis.PENDING, (False,)): False,
        (Analysis.NO_FACE, ()): True,
        (Analysis.NO_FACE, (True,)): False,
        (Analysis.UNREADABLE, ()): True,
        (Analysis.ENROLLED, ()): False,
        (Analysis.ENROLLED, (True,)): True,
        (Analysis.ENROLLED, (True, False)): True,
        (Analysis.ENROLLED, (True, True)): False,
        (Analysis.ENROLLED, (False,)): False,
        (Analysis.CHOOSE_FACE, (False, False)): True,
        (Analysis.CHOOSE_FACE, (False, True)): False,
        (Analysis.CHOOSE_FACE, (False,)): False,
    }
    misfits = []
    with store.transaction() as records:
        for (analysis, chosen), fits in expected.items():
            photo = a_photo(cases[0].case_id, analysis=analysis)
            records.photos.add(photo)
            records.faces.add([a_face(photo.photo_id, of_interest=of_interest) for of_interest in chosen])
            misfits += [] if fits else [photo.photo_id]
        assert records.integrity.photos_without_their_faces() == sorted(misfits)


def test_faces_and_cases_that_the_work_has_missed_are_named(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, sheltered, *_ = cases
    other = a_generation(encoder_id="other/encoder", state=GenerationState.BUILDING)
    with store.transaction() as records:
        records.generations.add(other)
        faces = []
        for case in (missing, sheltered):
            photo = a_photo(case.case_id)
            faces.append(a_face(photo.photo_id))
            records.photos.add(photo)
            records.faces.add([faces[-1]])
        records.faces.add_templates([(faces[0].face_id, ENCODER, a_vector())])
        integrity = records.integrity
        assert integrity.faces_without_template(ENCODER) == [faces[1].face_id]
        assert integrity.unsearched(generation.generation_id) == [missing.case_id]
        records.pairs.add_runs([a_run(missing.case_id, generation.generation_id)])
        assert integrity.unsearched(generation.generation_id) == []
        assert integrity.unsearched(other.generation_id) == [missing.case_id]
        records.cases.want_search(missing.case_id)
        assert integrity.unsearched(other.generation_id) == []
        records.cases.searches_done({missing.case_id: 1})
        saved = records.cases.save(replace(missing, state=CaseState.SUSPENDED))
        assert integrity.unsearched(other.generation_id) == []
        records.cases.save(replace(saved, state=CaseState.OPEN, legal_basis=LegalBasis.NONE))
        assert integrity.unsearched(other.generation_id) == []


def test_matches_that_contradict_their_pairs_are_named(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, one, two, three = cases
    with store.transaction() as records:
        unregistered = suggested(records, missing, one, generation)
        records.pairs.save(replace(unregistered, state=PairState.VERIFIED))
        registered = suggested(records, missing, two, generation)
        records.pairs.register_match(registered)
        not_a_trace = suggested(records, one, three, generation)
        records.pairs.save(replace(not_a_trace, state=PairState.CONFIRMED))
        assert records.integrity.matches_out_of_step() == sorted([unregistered.pair_id, registered.pair_id])


def test_ids_without_a_row_are_told_apart(store: RecordStore, cases: tuple[Case, ...], generation: Generation) -> None:
    known, unknown = cases[0].case_id, an_id()
    with store.transaction() as records:
        pair = suggested(records, cases[0], cases[1], generation)
        decision = a_decision(pair.pair_id, "one")
        records.pairs.add_decision(decision)
        assert records.integrity.missing("cases", [known, unknown]) == {unknown}
        assert records.integrity.missing("pairs", {pair.pair_id}) == set()
        assert records.integrity.missing("decisions", [decision.decision_id, unknown]) == {unknown}
        for table in ("photos", "accounts"):
            assert records.integrity.missing(table, [unknown]) == {unknown}


def test_the_scores_of_a_state_are_those_of_one_generation(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, one, two, three = cases
    older = a_generation(state=GenerationState.RETIRED)
    with store.transaction() as records:
        records.generations.add(older)
        pairs = [
            suggested(records, missing, one, generation, score=0.75),
            suggested(records, missing, two, generation, score=0.5),
            suggested(records, missing, three, older, score=0.25),
        ]
        for pair in pairs:
            records.pairs.save(replace(pair, state=PairState.EXCLUDED))
        records.pairs.save(replace(suggested(records, one, two, generation, score=0.9), state=PairState.CONFIRMED))
    with store.reading() as records:
        assert records.pairs.scores(PairState.EXCLUDED, generation.generation_id) == [0.5, 0.75]
        assert records.pairs.scores(PairState.EXCLUDED, older.generation_id) == [0.25]
        assert records.pairs.scores(PairState.VERIFIED, generation.generation_id) == []


def test_the_newest_searches_come_first_and_only_those_of_the_generation(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, sheltered, *_ = cases
    older = a_generation(state=GenerationState.RETIRED)
    with store.transaction() as records:
        records.generations.add(older)
        runs = [a_run(case.case_id, generation.generation_id, []) for case in (missing, sheltered, missing)]
        records.pairs.add_runs([a_run(missing.case_id, older.generation_id, []), *runs])
    with store.reading() as records:
        assert records.pairs.newest_runs(generation.generation_id, 10) == runs[::-1]
        assert records.pairs.newest_runs(generation.generation_id, 2) == runs[:0:-1]


def test_what_was_said_comes_with_the_state_of_its_pair(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    missing, sheltered, *_ = cases
    with store.transaction() as records:
        pair = suggested(records, missing, sheltered, generation)
        for reviewer, at, more in (
            ("one", NOON, {"superseded_at": LATER}),
            ("other", LATER, {}),
            ("other", LATER, {"judgement": None, "stage": Stage.VERIFICATION}),
        ):
            records.pairs.add_decision(a_decision(pair.pair_id, reviewer, decided_at=at, **more))
        first, second = records.pairs.said(NOON)
        assert (first.pair_id, first.reviewer, first.stage, first.decided_at) == (pair.pair_id, "one", Stage.FIRST, NOON)
        assert (first.standing, second.standing) == (False, True)
        assert first.pair_state is PairState.PROPOSED
        assert records.pairs.said(LATER) == records.pairs.said(NOON, "other") == [second]
