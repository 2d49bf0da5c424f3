"""What every record store promises of known-answer pairs, of the papers of matches, and of first words, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import NOON
from tests.house import House, a_house
from tests.test_known_answers import excluded_by_two, verified
from tests.test_reunions import WHOLE, whole
from tracing.domain import (
    AgeBand,
    Approval,
    BegunHandOver,
    CaseState,
    Judgement,
    KnownAnswer,
    LegalBasis,
    Outcome,
    Pair,
    PairState,
    ProofRecord,
    Relation,
    Role,
)
from tracing.errors import Conflict, Stale
from tracing.records import CaseFilter, Material, QueueFilter
from tracing.verdict import Proof

LONG_AGO = NOON - timedelta(days=400)


@pytest.fixture
def any_house(store_url: str, tmp_path: Path) -> Iterator[House]:
    """A house on each database."""
    with a_house(tmp_path / "var", database_url=store_url) as found:
        yield found


@pytest.fixture
def two(any_house: House) -> tuple[Pair, Pair]:
    """One verified, one excluded by two people."""
    return verified(any_house, 1), excluded_by_two(any_house, 2)


def a_known(pair: Pair, mated: bool, reviewer: str = "newcomer", **said: object) -> KnownAnswer:
    known = KnownAnswer(f"known-{pair.pair_id[:20]}", reviewer, pair.pair_id, mated, NOON, NOON - timedelta(hours=3))
    return replace(known, **said)  # type: ignore[arg-type]


def test_material_is_what_is_settled_and_unknown_to_the_person(any_house: House, two: tuple[Pair, Pair]) -> None:
    house = any_house
    expected = sorted([Material(two[0].pair_id, True), Material(two[1].pair_id, False)], key=lambda each: each.pair_id)
    with house.services.store.reading() as records:
        assert records.known.material("newcomer", LONG_AGO) == expected
        for actor in (house.reviewer, house.manager, house.intake):
            assert records.known.material(actor.account_id, LONG_AGO) == []
    with house.services.store.transaction() as records:
        records.known.add(a_known(two[0], mated=True))
    with house.services.store.reading() as records:
        assert [each.mated for each in records.known.material("newcomer", LONG_AGO)] == [False]
        assert len(records.known.material("newcomer", NOON)) == 2, "long enough ago"


def test_what_waits_is_told_to_one_person_until_it_is_judged(any_house: House, two: tuple[Pair, Pair]) -> None:
    known = a_known(two[1], mated=False)
    with any_house.services.store.transaction() as records:
        records.known.add(known)
        assert records.known.waiting("newcomer") == [(known, two[1])]
        assert records.known.waiting("somebody else") == []
        assert records.known.get("somebody else", known.known_id) is None
        until = NOON + timedelta(minutes=15)
        records.known.claim(known.known_id, until)
        assert records.known.get("newcomer", known.known_id) == (replace(known, claimed_until=until), two[1])
        judged = replace(
            known,
            claimed_until=until,
            judgement=Judgement.SAME_LIKELY,
            confidence=3,
            features={"ears": "similar"},
            reason="ears",
            judged_at=NOON,
        )
        assert records.known.judge(judged)
        assert not records.known.judge(replace(judged, reason="once more"))
    with any_house.services.store.reading() as records:
        assert records.known.waiting("newcomer") == []
        assert records.known.get("newcomer", known.known_id) == (judged, two[1])
        assert records.known.judged(NOON) == [judged]
        assert records.known.judged(NOON + timedelta(seconds=1)) == []


def test_what_is_no_material_any_more_waits_for_nobody_and_what_was_judged_stays_told(
    any_house: House, two: tuple[Pair, Pair]
) -> None:
    house = any_house
    over = a_known(two[1], mated=False, judgement=Judgement.EXCLUDED, judged_at=NOON)
    with house.services.store.transaction() as records:
        records.known.add(a_known(two[0], mated=True))
        records.known.add(over)
    house.services.review.reunite(house.manager, two[0].pair_id, "to the daughter")
    house.services.casework.suspend(house.manager, two[1].low_case_id, "a check of safety")
    with house.services.store.reading() as records:
        assert records.known.waiting("newcomer") == []
        assert records.known.get("newcomer", a_known(two[0], mated=True).known_id) is None
        assert records.known.get("newcomer", over.known_id) == (over, two[1])
        assert records.known.judged(NOON) == [over]


def test_what_is_over_is_let_go_and_of_a_face_that_was_withdrawn_only_the_result_stays(
    any_house: House, two: tuple[Pair, Pair]
) -> None:
    said: dict[str, object] = {"judgement": Judgement.EXCLUDED, "features": {"ears": "different"}, "reason": "his left ear"}
    known = [
        a_known(two[0], mated=True, known_id="long ago", judged_at=LONG_AGO, **said),
        a_known(two[0], mated=True, known_id="judged", judged_at=NOON, confidence=2, **said),
        a_known(two[1], mated=False, known_id="untouched", judged_at=NOON, **said),
        a_known(two[0], mated=True, known_id="waits"),
        a_known(two[1], mated=False, known_id="waits as well"),
    ]
    store = any_house.services.store
    with store.transaction() as records:
        for each in known:
            records.known.add(each)
        case = records.cases.get(two[0].low_case_id)
        records.cases.save(replace(case, legal_basis=LegalBasis.NONE))
        assert records.known.let_go(NOON - timedelta(days=365)) == 3
        assert records.known.let_go(NOON - timedelta(days=365)) == 0
    kept = {each.known_id: each for each in known}
    with store.reading() as records:
        told = records.known.judged(LONG_AGO)
        assert {each.known_id: each for each in told} == {
            "judged": replace(kept["judged"], features={}, reason="", confidence=None),
            "untouched": kept["untouched"],
        }
        assert [each.known_id for each, _ in records.known.waiting("newcomer")] == ["waits as well"]
    with store.transaction() as records:
        records.cases.save(replace(records.cases.get(case.case_id), legal_basis=LegalBasis.STATUTORY_DUTY))
        assert [each.known_id for each, _ in records.known.waiting("newcomer")] == ["waits as well"], "it is gone, not hidden"


def test_the_filters_look_at_the_cases(any_house: House, two: tuple[Pair, Pair]) -> None:
    ids = [pair.pair_id for pair in two]
    with any_house.services.store.reading() as records:
        for wanted, fit in (
            (QueueFilter(), set(ids)),
            (QueueFilter(relation=Relation.TRACE, station_id="main"), set(ids)),
            (QueueFilter(relation=Relation.DUPLICATE), set()),
            (QueueFilter(ages=AgeBand.CHILD), set()),
        ):
            assert records.known.fitting(ids, wanted, NOON) == fit, wanted


def test_the_queue_leaves_places_free_on_its_first_sheet(any_house: House) -> None:
    house = any_house
    house.missing(1)
    for _ in range(11):
        house.sheltered(1)
    newcomer = house.hire("newcomer", Role.REVIEWER)
    wanted = QueueFilter(relation=Relation.TRACE)
    with house.services.store.reading() as records:
        asked = (newcomer.account_id, {PairState.PROPOSED}, NOON, 100, 0, wanted)
        usual, spared = records.pairs.queue(*asked), records.pairs.queue(*asked, 3)
    first = [pair.pair_id for pair in spared[:7]]
    assert first == sorted(first)
    assert set(first) < {pair.pair_id for pair in usual[:10]}
    assert sorted(pair.pair_id for pair in spared) == sorted(pair.pair_id for pair in usual)


def test_cases_can_be_counted_as_open(any_house: House, two: tuple[Pair, Pair]) -> None:
    matched = frozenset(two[0].case_ids)
    with any_house.services.store.reading() as records:
        for state, plain, counted in ((CaseState.OPEN, 2, 4), (CaseState.MATCHED, 2, 0), (CaseState.CLOSED, 0, 0)):
            assert records.cases.count(CaseFilter(state=state)) == plain
            assert records.cases.count(CaseFilter(state=state, as_open=matched)) == counted
            assert len(records.cases.find(CaseFilter(state=state, as_open=matched), 9)) == counted


def test_papers_come_back_as_they_went_in_and_a_second_record_is_refused(any_house: House, two: tuple[Pair, Pair]) -> None:
    record = WHOLE.record(two[0].pair_id, "sun", NOON, NOON.date())
    with any_house.services.store.transaction() as records:
        verification = records.pairs.decisions(two[0].pair_id)[-1]
        proof = ProofRecord(verification.decision_id, two[0].pair_id, Proof.DNA, whole(Proof.DNA))
        records.reunions.add_proof(proof)
        records.reunions.add_hand_over(record)
        with pytest.raises(Conflict):
            records.reunions.add_hand_over(replace(record, receiver="somebody else"))
    with any_house.services.store.reading() as records:
        assert records.reunions.proofs(two[0].pair_id) == [proof]
        assert records.reunions.hand_over(two[0].pair_id) == record
        assert records.reunions.hand_over(two[1].pair_id) is None
    any_house.services.retention.erase_case(any_house.manager, two[0].low_case_id)
    with any_house.services.store.reading() as records:
        assert records.reunions.proofs(two[0].pair_id) == []
        assert records.reunions.hand_over(two[0].pair_id) is None


def test_first_words_come_oldest_first_and_are_dropped_one_by_one(any_house: House) -> None:
    one, other = any_house.missing(1), any_house.missing(2)
    words = [
        Approval(case.case_id, who, Outcome.DECEASED, "heard", NOON + timedelta(hours=hours))
        for case, who, hours in ((one, "lin", 2), (other, "sun", 1))
    ]
    with any_house.services.store.transaction() as records:
        for word in words:
            records.cases.add_approval(word)
        assert records.cases.all_approvals() == words[::-1]
        assert not records.cases.drop_approval(one.case_id, "sun")
        assert records.cases.drop_approval(one.case_id, "lin")
        assert records.cases.all_approvals() == [words[1]]


def test_a_draft_of_a_hand_over_is_written_over_by_the_next_version_alone(any_house: House, two: tuple[Pair, Pair]) -> None:
    draft = BegunHandOver(two[0].pair_id, {"receiver": "李芳", "wish": "ھەئە"}, 0, NOON, "sun")
    store = any_house.services.store
    with store.transaction() as records:
        assert records.reunions.draft(draft.pair_id) == BegunHandOver(draft.pair_id)
        saved = records.reunions.save_draft(draft)
        assert saved == replace(draft, version=1)
        for earlier in (0, 2):
            with pytest.raises(Stale):
                records.reunions.save_draft(replace(draft, version=earlier))
    with store.transaction() as records:
        assert records.reunions.draft(draft.pair_id) == saved
        assert records.reunions.drop_drafts(NOON) == 0
        assert records.reunions.drop_drafts(NOON + timedelta(seconds=1)) == 1
        records.reunions.save_draft(draft)
        records.reunions.drop_draft(draft.pair_id)
        assert records.reunions.draft(draft.pair_id).version == 0
