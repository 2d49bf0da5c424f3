"""What every record store promises about clues, keys and searches by clues, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import (
    NOON,
    a_case,
    a_clue,
    a_clue_version,
    a_decision,
    a_sheltered_case,
    a_suggestion,
    an_id,
)
from tracing.domain import (
    Case,
    CaseKind,
    CaseState,
    ClueHit,
    Generation,
    LegalBasis,
    Mention,
    MentionKind,
    Pair,
    PairState,
    Relation,
    Reply,
    Sex,
)
from tracing.errors import NotFound, Stale
from tracing.ports import RecordStore
from tracing.records import Opening, Records, Sought

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def cases(store: RecordStore) -> tuple[Case, Case, Case]:
    """A missing one, and two sheltered ones."""
    made = (a_case(), a_sheltered_case(), a_sheltered_case())
    with store.transaction() as records:
        for case in made:
            records.cases.add(case)
    return made


def opened(records: Records, one: Case, other: Case, generation: Generation) -> Pair:
    low, high = sorted((one.case_id, other.case_id))
    records.pairs.open([Opening(low, high, Relation.between(one.kind, other.kind), generation.generation_id)], NOON)
    pair = records.pairs.between(low, high)
    assert pair is not None
    return pair


def a_hit(pair: Pair) -> ClueHit:
    return ClueHit(pair.pair_id, 9.5, {"lines": []}, NOON)


def test_a_clue_comes_back_word_for_word_with_its_mentions(store: RecordStore, cases: tuple[Case, ...]) -> None:
    said = "他讲：屋里在富阳\n老爹叫国强 😀"
    mentions = (Mention(MentionKind.PLACE, 6, 8, "富阳", "330111"), Mention(MentionKind.PERSON, 12, 14, "国强"))
    version = a_clue_version(a_clue(cases[0].case_id, said=said, mentions=mentions, language="zh", dialect="吴语"))
    with store.transaction() as records:
        records.clues.add(version)
    with store.reading() as records:
        assert records.clues.get(version.clue.clue_id) == version
        assert records.clues.of_cases([cases[0].case_id, cases[1].case_id]) == {cases[0].case_id: [version]}


def test_clues_come_in_the_order_in_which_they_were_said(store: RecordStore, cases: tuple[Case, ...]) -> None:
    case_id = cases[0].case_id
    late, early = a_clue_version(a_clue(case_id, said_at=LATER)), a_clue_version(a_clue(case_id))
    with store.transaction() as records:
        records.clues.add(late)
        records.clues.add(early)
        assert records.clues.of_cases([case_id])[case_id] == [early, late]


def test_a_revision_supersedes_and_loses_nothing(store: RecordStore, cases: tuple[Case, ...]) -> None:
    first = a_clue_version(a_clue(cases[0].case_id, said="阜阳"))
    second = replace(
        first, clue=replace(first.clue, said="富阳"), version=2, recorded_at=LATER, recorded_by=an_id(), reason="misheard"
    )
    with store.transaction() as records:
        records.clues.add(first)
        records.clues.add(second)
        assert records.clues.get(first.clue.clue_id) == second
        assert records.clues.of_cases([cases[0].case_id]) == {cases[0].case_id: [second]}
        assert records.clues.history(first.clue.clue_id) == [replace(first, superseded_at=LATER), second]


def test_of_two_revisions_at_once_the_second_is_told(store: RecordStore, cases: tuple[Case, ...]) -> None:
    first = a_clue_version(a_clue(cases[0].case_id))
    with store.transaction() as records:
        records.clues.add(first)
        records.clues.add(replace(first, version=2, recorded_at=LATER))
    with store.transaction() as records:
        with pytest.raises(Stale):
            records.clues.add(replace(first, version=2, recorded_at=LATER))
        with pytest.raises(Stale):
            records.clues.add(first)
        assert records.clues.get(first.clue.clue_id).version == 2, "and the transaction goes on"


def test_what_was_withdrawn_counts_no_more_and_is_kept(store: RecordStore, cases: tuple[Case, ...]) -> None:
    first = a_clue_version(a_clue(cases[0].case_id))
    withdrawn = replace(first, version=2, recorded_at=LATER, reason="of another person", withdrawn=True)
    with store.transaction() as records:
        records.clues.add(first)
        records.clues.add(withdrawn)
        assert records.clues.of_cases([cases[0].case_id]) == {}
        assert records.clues.get(first.clue.clue_id) == withdrawn
        with pytest.raises(NotFound):
            records.clues.get(an_id())


def test_keys_are_replaced_and_found_by(store: RecordStore, cases: tuple[Case, ...]) -> None:
    one, other, third = (case.case_id for case in cases)
    with store.transaction() as records:
        records.clues.put_keys(one, {"place:fuyang", "person:guoqiang"})
        records.clues.put_keys(other, {"place:fuyang", "place:hangzhou"})
        records.clues.put_keys(third, {"place:fuyang"})
        records.clues.put_keys(third, {"place:hefei", "place:hangzhou"})
    with store.reading() as records:
        assert records.clues.keys(third) == {"place:hefei", "place:hangzhou"}
        assert records.clues.frequencies({"place:fuyang", "place:hefei", "nobody"}) == {"place:fuyang": 2, "place:hefei": 1}
        worth = {"place:fuyang": 2.5, "place:hangzhou": 1.0, "nobody": 9.0}
        assert records.clues.nearest(worth, but=one, limit=10) == {other: 3.5, third: 1.0}
        assert list(records.clues.nearest(worth, but=third, limit=1)) == [other]
        assert records.clues.nearest({}, but=one, limit=10) == {}


def test_of_two_that_are_equally_near_the_same_one_comes_first(store: RecordStore, cases: tuple[Case, ...]) -> None:
    with store.transaction() as records:
        for case in cases:
            records.clues.put_keys(case.case_id, {"key"})
        others = sorted(case.case_id for case in cases[1:])
        assert list(records.clues.nearest({"key": 1.0}, but=cases[0].case_id, limit=1)) == others[:1]


@pytest.mark.parametrize("changes", [{"state": CaseState.SUSPENDED}, {"legal_basis": LegalBasis.NONE}])
def test_a_case_that_is_not_searched_is_neither_found_nor_due(
    store: RecordStore, cases: tuple[Case, ...], changes: dict[str, object]
) -> None:
    one, other, _ = cases
    with store.transaction() as records:
        records.clues.put_keys(other.case_id, {"key"})
        records.cases.save(replace(other, **changes))  # type: ignore[arg-type]
        assert records.clues.nearest({"key": 1.0}, but=one.case_id, limit=9) == {}
        records.clues.put_keys(other.case_id, {"key"})
        assert records.clues.keys(other.case_id) == set(), "a case that is not searched has none"
        assert other.case_id not in records.clues.due(10)
        assert records.clues.wanted([other.case_id]) == {}
        assert records.clues.coverage() == (0, 2)


def test_a_case_is_due_until_a_search_that_knew_all_of_it_has_ended(store: RecordStore, cases: tuple[Case, ...]) -> None:
    case = cases[0]
    with store.transaction() as records:
        started = records.clues.wanted([case.case_id])
        records.clues.add(a_clue_version(a_clue(case.case_id)))
        records.clues.searched(started, LATER)
        assert case.case_id in records.clues.due(10), "a clue came while the search ran"
        records.clues.searched(records.clues.wanted([case.case_id]), LATER)
        records.clues.searched(started, LATER)
        assert case.case_id not in records.clues.due(10)
        assert records.clues.coverage() == (1, 3)
        assert records.clues.want_everywhere() == 3
        assert records.clues.coverage() == (0, 3)


def test_what_changes_a_person_makes_the_case_due_and_nothing_else_does(store: RecordStore, cases: tuple[Case, ...]) -> None:
    with store.transaction() as records:
        records.clues.searched(records.clues.wanted([case.case_id for case in cases]), NOON)
        assert records.clues.due(10) == []
        same = records.cases.save(cases[0])
        assert records.clues.due(10) == []
        changed = records.cases.save(replace(same, description=replace(same.description, accent="Wu")))
        assert records.clues.due(10) == [same.case_id]
        records.clues.searched(records.clues.wanted([same.case_id]), NOON)
        suspended = records.cases.save(replace(changed, state=CaseState.SUSPENDED))
        records.cases.save(replace(suspended, state=CaseState.OPEN))
        assert records.clues.due(10) == [same.case_id]


def test_a_pair_that_clues_open_has_no_score_and_leaves_one_that_is_there_alone(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    one, other, third = cases
    with store.transaction() as records:
        records.pairs.suggest([a_suggestion(one, other, generation.generation_id)], NOON)
        known = records.pairs.between(one.case_id, other.case_id)
        openings = [
            Opening(*sorted((one.case_id, each.case_id)), Relation.TRACE, generation.generation_id) for each in (other, third)
        ]
        assert records.pairs.open(openings, LATER) == {tuple(sorted((one.case_id, third.case_id)))}
        assert records.pairs.between(one.case_id, other.case_id) == known
        new = records.pairs.between(one.case_id, third.case_id)
        assert new is not None
        assert (new.score, new.rank, new.list_id, new.state) == (None, 0, "", PairState.PROPOSED)
        assert records.pairs.open(openings, LATER) == set()


def test_a_pair_that_nothing_speaks_for_is_named_once_both_cases_are_searched_and_nobody_holds_it(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    with store.transaction() as records:
        pair = opened(records, cases[0], cases[1], generation)
        assert records.clues.unsupported(NOON, 9) == [], "a search may still find something"
        records.clues.searched(records.clues.wanted([cases[0].case_id]), NOON)
        assert records.clues.unsupported(NOON, 9) == []
        records.clues.searched(records.clues.wanted([cases[1].case_id]), NOON)
        assert records.clues.unsupported(NOON, 9) == records.clues.unsupported(NOON, 9, cases[1].case_id) == [pair.pair_id]
        assert records.clues.unsupported(NOON, 9, cases[2].case_id) == []
        assert records.integrity.unsupported() == [pair.pair_id]
        records.clues.put_hits([a_hit(pair)])
        assert records.clues.unsupported(NOON, 9) == records.integrity.unsupported() == []
        records.clues.drop_hits([pair.pair_id])
        assert records.pairs.claim(pair.pair_id, an_id(), NOON, LATER)
        assert records.clues.unsupported(NOON, 9) == []
        assert records.clues.unsupported(LATER, 9) == [pair.pair_id]
        records.pairs.add_decision(a_decision(pair.pair_id, an_id()))
        assert records.clues.unsupported(LATER, 9) == []


def test_a_pair_that_was_set_aside_for_want_of_support_is_told_from_one_matched_elsewhere(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    one, other, third = cases
    with store.transaction() as records:
        bare, matched = opened(records, one, other, generation), opened(records, one, third, generation)
        aside = {"state": PairState.SUPERSEDED, "state_before": PairState.PROPOSED}
        kept = records.pairs.save(replace(bare, **aside))
        records.pairs.save(replace(matched, **aside, superseded_by=bare.pair_id))
        assert records.pairs.set_aside_among({bare.case_ids, matched.case_ids}) == [kept]
        assert records.pairs.set_aside_among({matched.case_ids}) == []


def test_a_case_that_leaves_the_search_leaves_no_keys_and_no_hits_that_wait(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    one, other, third = cases
    with store.transaction() as records:
        waits, judged = opened(records, one, other, generation), opened(records, one, third, generation)
        records.clues.put_keys(one.case_id, {"place:fuyang"})
        records.clues.put_keys(other.case_id, {"place:fuyang"})
        records.clues.put_hits([a_hit(waits), a_hit(judged)])
        records.pairs.add_decision(a_decision(judged.pair_id, an_id()))
        assert records.integrity.clue_keys_left() == records.integrity.clue_hits_left() == []
        records.cases.save(replace(one, state=CaseState.SUSPENDED))
        assert (records.clues.keys(one.case_id), records.clues.keys(other.case_id)) == (set(), {"place:fuyang"})
        assert records.clues.hits([waits.pair_id, judged.pair_id]).keys() == {judged.pair_id}, "what a decision rested on"
        records.clues.put_keys(one.case_id, {"place:hefei"})  # as by a search that had begun before
        records.clues.put_hits([a_hit(waits)])
        assert records.integrity.clue_keys_left() == []
        assert records.integrity.clue_hits_left() == [waits.pair_id]
        records.clues.drop_leftovers()
        assert records.integrity.clue_keys_left() == records.integrity.clue_hits_left() == []
        assert records.clues.keys(other.case_id) == {"place:fuyang"}


def test_cases_searched_as_they_are_come_in_pages(store: RecordStore, cases: tuple[Case, ...]) -> None:
    first, second, third = sorted(case.case_id for case in cases)
    with store.transaction() as records:
        records.clues.searched(records.clues.wanted([first, third]), NOON)
        assert records.clues.settled("", 1) == [first]
        assert records.clues.settled(first, 9) == [third]
        assert records.clues.settled(third, 9) == []
        assert second in records.clues.due(9)


def test_a_search_by_faces_gives_such_a_pair_its_score(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    with store.transaction() as records:
        pair = opened(records, cases[0], cases[1], generation)
        assert records.pairs.scores(PairState.PROPOSED, generation.generation_id) == []
        records.pairs.suggest([a_suggestion(cases[0], cases[1], generation.generation_id, score=0.8)], LATER)
        assert records.pairs.get(pair.pair_id).score == 0.8


def test_the_queue_brings_what_clues_speak_for_to_the_first_sheet(store: RecordStore, generation: Generation) -> None:
    missing, others = a_case(), [a_sheltered_case() for _ in range(30)]
    with store.transaction() as records:
        for case in (missing, *others):
            records.cases.add(case)
        records.pairs.suggest(
            [
                a_suggestion(missing, other, generation.generation_id, score=0.5 + n / 100)
                for n, other in enumerate(others[:28])
            ],
            NOON,
        )
        told, untold = (opened(records, missing, other, generation) for other in others[28:])
        records.clues.put_hits([ClueHit(told.pair_id, 3.5, {"lines": []}, NOON)])
        records.pairs.open([], NOON)
        first = {pair.pair_id for pair in records.pairs.queue("somebody", [PairState.PROPOSED], LATER, 10)}
        everything = [pair.pair_id for pair in records.pairs.queue("somebody", [PairState.PROPOSED], LATER, 40)]
    assert told.pair_id in first
    assert untold.pair_id in everything[20:], "without a score it comes after those that have one"
    assert len(everything) == len(set(everything)) == 30


def test_hits_are_kept_by_pair_and_replaced(store: RecordStore, cases: tuple[Case, ...], generation: Generation) -> None:
    with store.transaction() as records:
        pair = opened(records, cases[0], cases[1], generation)
        hit = ClueHit(pair.pair_id, 2.5, {"lines": [{"said": "富阳"}]}, NOON)
        assert records.clues.put_hits([hit]) == {pair.pair_id}
        assert records.clues.put_hits([replace(hit, weight=3.0, found_at=LATER)]) == {pair.pair_id}
        assert records.clues.hits([pair.pair_id, an_id()]) == {pair.pair_id: replace(hit, weight=3.0, found_at=LATER)}
        records.clues.drop_hits([pair.pair_id])
        assert records.clues.hits([pair.pair_id]) == {}


def test_what_people_have_judged_keeps_the_hit_with_which_they_judged_it(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    with store.transaction() as records:
        pair = opened(records, cases[0], cases[1], generation)
        hit = ClueHit(pair.pair_id, 2.5, {}, NOON)
        records.clues.put_hits([hit])
        records.pairs.add_decision(a_decision(pair.pair_id, "somebody"))
        records.pairs.save(replace(pair, state=PairState.EXCLUDED))
        assert records.clues.put_hits([replace(hit, weight=9.0)]) == set()
        records.clues.drop_hits([pair.pair_id])
        assert records.clues.hits([pair.pair_id]) == {pair.pair_id: hit}
        assert records.pairs.open([Opening(*pair.case_ids, pair.relation, generation.generation_id)], LATER) == set()
        assert records.pairs.get(pair.pair_id).state is PairState.EXCLUDED


def test_erasure_takes_clues_keys_marks_and_hits_along(
    store: RecordStore, cases: tuple[Case, ...], generation: Generation
) -> None:
    one, other, _ = cases
    with store.transaction() as records:
        first = a_clue_version(a_clue(one.case_id))
        records.clues.add(first)
        records.clues.add(replace(first, version=2, recorded_at=LATER))
        for case in (one, other):
            records.clues.put_keys(case.case_id, {"key"})
        pair = opened(records, one, other, generation)
        records.clues.put_hits([ClueHit(pair.pair_id, 2.5, {}, NOON)])
    with store.transaction() as records:
        records.cases.erase(one.case_id)
        assert records.clues.history(first.clue.clue_id) == []
        assert records.clues.frequencies({"key"}) == {"key": 1}
        assert records.clues.hits([pair.pair_id]) == {}
        assert one.case_id not in records.clues.due(10)
        assert records.clues.coverage() == (0, 2)


def test_cases_are_drawn_in_the_order_of_their_ids_and_round_the_end(store: RecordStore) -> None:
    made = [a_case(sex=sex) for sex in (Sex.MALE, Sex.FEMALE, None, Sex.MALE)]
    closed, unused = a_case(state=CaseState.CLOSED), a_case(legal_basis=LegalBasis.NONE)
    with store.transaction() as records:
        for case in (*made, closed, unused, a_sheltered_case()):
            records.cases.add(case)
    ids = [case.case_id for case in made]
    men, everybody = Sought(CaseKind.MISSING, Sex.MALE), Sought(CaseKind.MISSING)
    with store.reading() as records:
        assert records.clues.draw(everybody, ids[1], 9) == [*ids[1:], ids[0]]
        assert records.clues.draw(everybody, ids[3], 2) == [ids[3], ids[0]]
        assert records.clues.draw(everybody, ids[0], 0) == []
        assert records.clues.draw(men, ids[0], 9) == [ids[0], ids[2], ids[3]]
        assert (records.clues.count(everybody), records.clues.count(men)) == (4, 3)


def test_cases_are_drawn_by_a_key_and_their_keys_are_read(store: RecordStore, cases: tuple[Case, ...]) -> None:
    other = a_case()
    with store.transaction() as records:
        records.cases.add(other)
        records.clues.put_keys(cases[0].case_id, {"place:340000", "word:work.cook"})
        records.clues.put_keys(cases[1].case_id, {"place:340000"})
    missing = Sought(CaseKind.MISSING)
    with store.reading() as records:
        assert records.clues.draw(missing, "", 9, "place:340000") == [cases[0].case_id]
        assert (records.clues.count(missing, "place:340000"), records.clues.count(missing)) == (1, 2)
        assert records.clues.draw(missing, "", 9, "word:work.spy") == []
        held = records.clues.held([cases[0].case_id, cases[1].case_id, other.case_id])
    assert held == {cases[0].case_id: {"place:340000", "word:work.cook"}, cases[1].case_id: {"place:340000"}}


def test_what_was_shown_comes_back_with_its_replies(store: RecordStore, cases: tuple[Case, ...]) -> None:
    mentions = tuple(
        Mention(MentionKind.WORD, at, at + 2, "海边", reply=reply) for at, reply in zip((0, 2, 4), Reply, strict=True)
    )
    version = a_clue_version(a_clue(cases[0].case_id, said="海边海边海边", mentions=mentions))
    with store.transaction() as records:
        records.clues.add(version)
    with store.reading() as records:
        assert records.clues.get(version.clue.clue_id) == version
        assert version.clue.shown
