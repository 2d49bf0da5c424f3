"""What proves a match and who took the person home: every field of every kind, sealed, and gone with the case."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime

import pytest

from tests.factories import NOON
from tests.house import House
from tests.stories import rows_naming
from tracing.clocks.clockwork import Task
from tracing.domain import ActionKind, ActionOutcome, CaseKind, HandOver, Judgement, Pair, PairState
from tracing.errors import Incomplete, Invalid, NotAllowed, NotFound, WrongState
from tracing.reunions import (
    DAY,
    FUTURE,
    LONGEST,
    NEEDED,
    NO_SUCH,
    OPTIONAL,
    PROOF_FIELDS,
    TIME,
    TOO_EARLY,
    TOO_LONG,
    HandOverDraft,
    checked_details,
    masked,
)
from tracing.verdict import Proof

TODAY = date(2026, 3, 1)
WHOLE = HandOverDraft(
    receiver="Li Fang",
    relation="daughter",
    document_type="identity card",
    document_number="5101041980",
    relation_proof="household register",
    handed_over_by="Zhang Min",
    witness="Wu Qiang",
    handed_over_on="2026-03-01",
    place="the station",
    wish="wants to go",
    follow_up_on="2026-04-01",
)


def whole(proof: Proof) -> dict[str, str]:
    return {name: "2026-02-28" if name.endswith("_date") else f"the {name}" for name in PROOF_FIELDS[proof]}


def mistakes(draft: HandOverDraft) -> dict[str, str]:
    with pytest.raises(Incomplete) as refused:
        draft.record("pair", "sun", NOON, TODAY)
    return refused.value.mistakes


@pytest.mark.parametrize("proof", list(Proof))
def test_every_kind_of_evidence_has_its_fields_and_needs_all_of_them(proof: Proof) -> None:
    assert checked_details(proof, whole(proof), TODAY).keys() == set(PROOF_FIELDS[proof])
    with pytest.raises(Incomplete) as refused:
        checked_details(proof, {}, TODAY)
    assert refused.value.mistakes == dict.fromkeys(PROOF_FIELDS[proof], NEEDED)
    assert refused.value.field == PROOF_FIELDS[proof][0]


@pytest.mark.parametrize(
    ("field", "value", "mistake"),
    [
        ("report_date", "2026-03", DAY),
        ("report_date", "in March", DAY),
        ("report_date", "2026-03-02", FUTURE),
        ("laboratory", "x" * (LONGEST + 1), TOO_LONG),
        ("laboratory", "  ", NEEDED),
        ("question", "of another kind", NO_SUCH),
    ],
)
def test_what_makes_no_sense_is_named(field: str, value: str, mistake: str) -> None:
    with pytest.raises(Incomplete) as refused:
        checked_details(Proof.DNA, whole(Proof.DNA) | {field: value}, TODAY)
    assert refused.value.mistakes == {field: mistake}


@pytest.mark.parametrize(
    ("number", "kept"), [("510104198001011234", "•" * 14 + "1234"), ("A123", "••23"), ("7", "•"), ("12", "•2"), ("", "")]
)
def test_of_a_documents_number_the_end_is_kept(number: str, kept: str) -> None:
    assert masked(number) == kept


def test_a_whole_record_is_taken_as_it_was_typed() -> None:
    record = replace(WHOLE, belongings=" a coat ", handed_over_time="9:05").record("pair", "sun", NOON, TODAY)
    assert (record.belongings, record.handed_over_time, str(record.follow_up_on)) == ("a coat", "9:05", "2026-04-01")
    assert (record.pair_id, record.recorded_by, record.recorded_at) == ("pair", "sun", NOON)


def test_all_that_is_missing_is_named_at_once() -> None:
    names = {each.name for each in fields(HandOverDraft)}
    assert mistakes(HandOverDraft()) == dict.fromkeys(names - OPTIONAL, NEEDED)


@pytest.mark.parametrize(
    ("field", "value", "mistake"),
    [
        ("handed_over_on", "2026-03", DAY),
        ("handed_over_on", "2026-03-02", FUTURE),
        ("handed_over_on", "2026-02-30", DAY),
        ("follow_up_on", "2026-03-01", TOO_EARLY),
        ("follow_up_on", "soon", DAY),
        ("handed_over_time", "25:00", TIME),
        ("handed_over_time", "noon", TIME),
        ("wish", "\n", NEEDED),
        ("belongings", "x" * (LONGEST + 1), TOO_LONG),
    ],
)
def test_each_mistake_of_a_record_is_named_with_its_field(field: str, value: str, mistake: str) -> None:
    assert mistakes(replace(WHOLE, **{field: value})) == {field: mistake}


# Through the review


@pytest.fixture
def confirmed(house: House) -> Pair:
    return house.confirm(house.pair(house.missing(1), house.sheltered(1)))


def test_a_verification_keeps_its_evidence_sealed_beside_the_decision(house: House, confirmed: Pair) -> None:
    review = house.services.review
    details = whole(Proof.DOCUMENT) | {"document_number": "510104198001011234"}
    assert review.verify(house.manager, confirmed.pair_id, Proof.DOCUMENT, "", details).state is PairState.VERIFIED
    with house.services.store.reading() as records:
        decision = records.pairs.decisions(confirmed.pair_id)[-1]
    (kept,) = house.services.hand_overs.proofs(house.manager, confirmed.pair_id).values()
    assert (kept.decision_id, kept.proof, decision.reason) == (decision.decision_id, "document", "document")
    assert kept.details["document_number"] == "•" * 14 + "1234"
    assert rows_naming(house, "the seen_by") == rows_naming(house, "510104198001011234") == {}
    assert house.services.hand_overs.proofs(house.reviewer, confirmed.pair_id) == {}


def test_without_fields_the_reason_has_to_say_it_all(house: House, confirmed: Pair) -> None:
    with pytest.raises(Invalid):
        house.services.review.verify(house.manager, confirmed.pair_id, Proof.DNA, " ")
    assert house.services.review.verify(house.manager, confirmed.pair_id, Proof.DNA, "L-7").state is PairState.VERIFIED
    with pytest.raises(Invalid):
        house.services.review.reunite(house.manager, confirmed.pair_id, "")


def test_a_record_that_is_not_whole_leaves_nothing_behind(house: House, confirmed: Pair) -> None:
    review = house.services.review
    with pytest.raises(Incomplete):
        review.verify(house.manager, confirmed.pair_id, Proof.DNA, "", {"laboratory": "x"})
    with pytest.raises(WrongState):
        review.reunite(house.manager, confirmed.pair_id, "", WHOLE)
    review.verify(house.manager, confirmed.pair_id, Proof.DNA, "L-7")
    with pytest.raises(Incomplete):
        review.reunite(house.manager, confirmed.pair_id, "", HandOverDraft())
    with house.services.store.reading() as records:
        assert records.pairs.get(confirmed.pair_id).state is PairState.VERIFIED
        assert records.reunions.hand_over(confirmed.pair_id) is None
    with pytest.raises(NotAllowed):
        review.reunite(house.reviewer, confirmed.pair_id, "", HandOverDraft())


def handed_over(house: House, pair: Pair) -> HandOver:
    house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "", whole(Proof.DNA))
    house.services.review.reunite(house.manager, pair.pair_id, "", WHOLE)
    return house.services.hand_overs.read(house.intake, pair.pair_id).hand_over


def test_the_record_is_for_those_who_may_read_contacts(house: House, confirmed: Pair) -> None:
    with pytest.raises(NotFound):
        house.services.hand_overs.read(house.manager, confirmed.pair_id)
    assert handed_over(house, confirmed).receiver == "Li Fang"
    for actor in (house.reviewer, house.auditor, house.partner):
        with pytest.raises(NotAllowed):
            house.services.hand_overs.read(actor, confirmed.pair_id)
        assert not house.services.hand_overs.is_recorded(actor, confirmed.pair_id)
    assert house.services.hand_overs.is_recorded(house.intake, confirmed.pair_id)


def test_erasing_either_case_takes_evidence_and_record_along(house: House, confirmed: Pair) -> None:
    handed_over(house, confirmed)
    assert {"proofs", "hand_overs"} <= rows_naming(house, confirmed.pair_id).keys()
    house.services.retention.erase_case(house.manager, confirmed.high_case_id)
    assert rows_naming(house, confirmed.pair_id).keys() == {"events"}
    assert house.faults() == []


def test_the_follow_up_is_due_on_the_day_that_was_agreed(house: House, confirmed: Pair) -> None:
    handed_over(house, confirmed)
    by_kind = {house.services.casework.read(house.intake, each).kind: each for each in confirmed.case_ids}
    (task,) = _running(house, by_kind[CaseKind.SHELTERED])
    assert (task.clock.rule.rule_id, task.clock.due_at) == ("follow_up", datetime(2026, 4, 1, 15, 59, 59, tzinfo=UTC))
    assert _running(house, by_kind[CaseKind.MISSING]) == []
    house.clock.advance(days=30)
    house.services.actions.record(
        house.intake, by_kind[CaseKind.SHELTERED], ActionKind.FOLLOW_UP, ActionOutcome.DONE, note="At home, and well."
    )
    assert _running(house, by_kind[CaseKind.SHELTERED]) == []


def test_without_a_record_the_follow_up_is_due_after_the_limit_of_the_rule(house: House, confirmed: Pair) -> None:
    house.services.review.verify(house.manager, confirmed.pair_id, Proof.DNA, "L-7")
    house.services.review.reunite(house.manager, confirmed.pair_id, "His sister, identity card seen.")
    due = [task.clock.due_at for each in confirmed.case_ids for task in _running(house, each)]
    assert due == [datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC)]


def _running(house: House, case_id: str) -> list[Task]:
    return [task for task in house.services.clockwork.of_case(house.intake, case_id) if task.clock.running]


def test_two_files_of_one_kind_may_be_one_person_and_are_never_reunited(house: House) -> None:
    pair = house.confirm(house.pair(house.missing(1), house.missing(1)))
    house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "L-7")
    for refused in (
        lambda: house.services.review.reunite(house.manager, pair.pair_id, "to the brother"),
        lambda: house.services.review.reunite(house.manager, pair.pair_id, "", WHOLE),
        lambda: house.services.hand_over_drafts.read(house.manager, pair.pair_id),
    ):
        with pytest.raises(WrongState, match="two files of one kind"):
            refused()
    with house.services.store.reading() as records:
        assert records.pairs.get(pair.pair_id).state is PairState.VERIFIED


@pytest.mark.parametrize("said", [Judgement.SAME_LIKELY, None])
def test_no_refusal_tells_somebody_who_has_yet_to_judge_how_far_the_review_has_come(
    house: House, said: Judgement | None
) -> None:
    pair = house.pair(house.missing(1), house.sheltered(1))
    house.services.review.claim(house.reviewer, pair.pair_id)
    if said is not None:
        house.judge(house.reviewer, pair, said)
        house.judge(house.second, pair, Judgement.EXCLUDED)
    review, drafts, manager, pair_id = house.services.review, house.services.hand_over_drafts, house.manager, pair.pair_id
    for step, words in (
        (lambda: review.verify(manager, pair_id, Proof.DNA, "L-7"), "A pair that is under review cannot become verified."),
        (lambda: review.reunite(manager, pair_id, "to her"), "A pair that is under review cannot become reunited."),
        (lambda: review.revoke(manager, pair_id, "a mistake"), "A pair that is under review cannot become revoked."),
        (lambda: drafts.read(manager, pair_id), "Only a verified pair leads to a reunion."),
        (lambda: drafts.write(manager, pair_id, {"receiver": "Wang"}), "Only a verified pair leads to a reunion."),
    ):
        with pytest.raises(WrongState) as refused:
            step()
        assert str(refused.value) == words
