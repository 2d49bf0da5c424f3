"""People judge pairs: who may, in which order, how blind, and what becomes of the cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from math import isnan
from pathlib import Path

import pytest

from tests.factories import an_id
from tests.fakes import painted_photo
from tests.house import House, a_house
from tests.stories import SECOND_ENCODER, a_house_with_two_encoders, at_once, pairs_of, reindexed, two_encoders
from tracing.access import SYSTEM
from tracing.domain import (
    Actor,
    Case,
    CaseKind,
    CaseState,
    Decision,
    Judgement,
    LegalBasis,
    Outcome,
    Pair,
    PairState,
    Purpose,
    Relation,
    Role,
    Stage,
)
from tracing.errors import Claimed, Conflict, Invalid, NotAllowed, NotFound, WrongState
from tracing.verdict import Proof, Verdict

__all__ = ["two_encoders"]

J, P = Judgement, PairState


@pytest.fixture
def any_house(store_url: str, tmp_path: Path) -> Iterator[House]:
    """A house on each database."""
    with a_house(tmp_path / "var", database_url=store_url) as found:
        yield found


@pytest.fixture
def trace(house: House) -> Pair:
    """A missing and a sheltered case of one person."""
    return house.pair(house.missing(1), house.sheltered(1))


def state_of(house: House, pair: Pair) -> PairState:
    with house.services.store.reading() as records:
        return records.pairs.get(pair.pair_id).state


def decisions(house: House, pair: Pair) -> list[Decision]:
    with house.services.store.reading() as records:
        return records.pairs.decisions(pair.pair_id)


def house_shot(case: Case) -> int:
    """The shot of person 1 that the house took of the case: the same bytes again are no new photo."""
    return 7 if case.kind is CaseKind.MISSING else 8


def sides(house: House, pair: Pair) -> list[Case]:
    with house.services.store.reading() as records:
        return [records.cases.get(case_id) for case_id in pair.case_ids]


def disputed(house: House, pair: Pair) -> None:
    house.judge(house.reviewer, pair, J.SAME_LIKELY)
    house.judge(house.second, pair, J.EXCLUDED)


# --- judgements ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("judgement", "then"),
    [
        (J.SAME_VERY_LIKELY, P.FIRST_POSITIVE),
        (J.SAME_LIKELY, P.FIRST_POSITIVE),
        (J.CANNOT_TELL, P.INCONCLUSIVE),
        (J.UNLIKELY, P.EXCLUDED),
        (J.EXCLUDED, P.EXCLUDED),
        (J.LOOKS_LIKE_RELATIVE, P.LOOKS_LIKE_RELATIVE),
    ],
)
def test_the_first_judgement_moves_the_pair_and_leaves_the_cases_open(
    house: House, trace: Pair, judgement: Judgement, then: PairState
) -> None:
    assert house.judge(house.reviewer, trace, judgement).state is then
    assert {case.state for case in sides(house, trace)} == {CaseState.OPEN}
    (decision,) = decisions(house, trace)
    assert (decision.stage, decision.judgement, decision.reviewer) == (Stage.FIRST, judgement, house.reviewer.account_id)
    assert house.faults() == []


@pytest.mark.parametrize("judgement", list(Judgement))
def test_the_second_judgement_confirms_or_disputes(house: House, trace: Pair, judgement: Judgement) -> None:
    house.judge(house.reviewer, trace)
    then = house.judge(house.second, trace, judgement).state
    assert then is (P.CONFIRMED if judgement in (J.SAME_LIKELY, J.SAME_VERY_LIKELY) else P.DISPUTED)
    assert [each.stage for each in decisions(house, trace)] == [Stage.FIRST, Stage.SECOND]
    assert {case.state for case in sides(house, trace)} == {CaseState.MATCHED if then is P.CONFIRMED else CaseState.OPEN}
    assert house.faults() == []


@pytest.mark.parametrize(
    ("judgement", "then"),
    [
        (J.SAME_VERY_LIKELY, P.CONFIRMED),
        (J.SAME_LIKELY, P.CONFIRMED),
        (J.UNLIKELY, P.EXCLUDED),
        (J.EXCLUDED, P.EXCLUDED),
        (J.CANNOT_TELL, None),
        (J.LOOKS_LIKE_RELATIVE, None),
    ],
)
def test_a_senior_reviewer_ends_a_dispute(house: House, trace: Pair, judgement: Judgement, then: PairState | None) -> None:
    disputed(house, trace)
    if then is None:
        with pytest.raises(Invalid):
            house.judge(house.manager, trace, judgement)
        assert state_of(house, trace) is P.DISPUTED
        assert len(decisions(house, trace)) == 2, "what was refused leaves nothing behind"
    else:
        assert house.judge(house.manager, trace, judgement).state is then
        assert decisions(house, trace)[-1].stage is Stage.SENIOR
    assert house.faults() == []


def test_only_a_senior_ends_a_dispute(house: House, trace: Pair) -> None:
    disputed(house, trace)
    third = house.hire("wu", Role.REVIEWER)
    with pytest.raises(NotAllowed, match="does not wait for your judgement now"):
        house.judge(third, trace)
    assert house.services.review.queue(third).total == 0
    assert house.services.review.queue(house.manager).total == 1


def test_a_senior_who_was_one_of_the_two_does_not_end_the_dispute(house: House, trace: Pair) -> None:
    house.judge(house.manager, trace, J.SAME_LIKELY)
    house.judge(house.second, trace, J.EXCLUDED)
    with pytest.raises(NotAllowed, match="already"):
        house.judge(house.manager, trace, J.SAME_VERY_LIKELY)
    assert state_of(house, trace) is P.DISPUTED


@pytest.mark.parametrize("again", list(Judgement))
def test_nobody_judges_a_pair_twice(house: House, trace: Pair, again: Judgement) -> None:
    house.judge(house.reviewer, trace)
    with pytest.raises(NotAllowed, match="already"):
        house.judge(house.reviewer, trace, again)
    assert state_of(house, trace) is P.FIRST_POSITIVE
    assert len(decisions(house, trace)) == 1


def test_the_same_person_at_the_same_moment_counts_once(any_house: House) -> None:
    house = any_house
    pair = house.pair(house.missing(1), house.sheltered(1))
    results = at_once(*[lambda: house.judge(house.reviewer, pair)] * 3)
    assert sum(isinstance(result, Pair) for result in results) == 1
    assert state_of(house, pair) is P.FIRST_POSITIVE
    assert len(decisions(house, pair)) == 1


@pytest.mark.parametrize("side", [CaseKind.MISSING, CaseKind.SHELTERED])
def test_whoever_opened_one_of_the_cases_never_judges_the_pair(house: House, side: CaseKind) -> None:
    author = house.hire("shen", Role.MANAGER)
    missing, sheltered = (house.open(kind, actor=author if kind is side else house.intake) for kind in CaseKind)
    house.photograph(missing, 1)
    house.photograph(sheltered, 1, shot=2)
    pair = house.pair(missing, sheltered)
    for step in (house.services.review.claim, lambda actor, _: house.judge(actor, pair)):
        with pytest.raises(NotAllowed, match="opened"):
            step(author, pair.pair_id)
    assert house.services.review.queue(author).total == 0
    assert not house.services.review.view(author, pair.pair_id).may_judge
    assert house.services.review.view(house.reviewer, pair.pair_id).may_judge


@pytest.mark.parametrize("who", ["intake", "auditor", "partner"])
def test_roles_without_review_neither_queue_claim_nor_judge(house: House, trace: Pair, who: str) -> None:
    actor: Actor = getattr(house, who)
    for step in (
        lambda: house.services.review.queue(actor),
        lambda: house.services.review.claim(actor, trace.pair_id),
        lambda: house.judge(actor, trace),
    ):
        with pytest.raises(NotAllowed):
            step()
    assert not house.services.review.view(actor, trace.pair_id).may_judge


def test_no_number_of_positive_judgements_of_one_person_confirms(house: House, trace: Pair) -> None:
    house.judge(house.manager, trace)
    for step in (
        lambda: house.judge(house.manager, trace),
        lambda: house.services.review.verify(house.manager, trace.pair_id, Proof.DNA, "the laboratory's letter"),
        lambda: house.services.review.reunite(house.manager, trace.pair_id, "to the brother"),
    ):
        with pytest.raises((NotAllowed, WrongState)):
            step()
    assert state_of(house, trace) is P.FIRST_POSITIVE


def test_three_people_have_to_agree_where_three_are_required(tmp_path: Path) -> None:
    with a_house(tmp_path / "var", reviewers_required=3) as house:
        pair = house.pair(house.missing(1), house.sheltered(1))
        assert house.judge(house.reviewer, pair).state is P.FIRST_POSITIVE
        assert house.judge(house.second, pair).state is P.FIRST_POSITIVE
        assert {case.state for case in sides(house, pair)} == {CaseState.OPEN}
        with pytest.raises(NotAllowed):
            house.judge(house.second, pair)
        assert house.judge(house.manager, pair).state is P.CONFIRMED
        assert house.faults() == []


def test_a_third_person_who_disagrees_makes_a_dispute_where_three_are_required(tmp_path: Path) -> None:
    with a_house(tmp_path / "var", reviewers_required=3) as house:
        pair = house.pair(house.missing(1), house.sheltered(1))
        house.judge(house.reviewer, pair)
        house.judge(house.second, pair)
        assert house.judge(house.hire("wu", Role.REVIEWER), pair, J.UNLIKELY).state is P.DISPUTED
        assert house.faults() == []


@pytest.mark.parametrize("end", [J.CANNOT_TELL, J.EXCLUDED, J.LOOKS_LIKE_RELATIVE])
def test_an_ended_pair_takes_no_further_judgement(house: House, trace: Pair, end: Judgement) -> None:
    house.judge(house.reviewer, trace, end)
    for actor in (house.second, house.manager):
        with pytest.raises(WrongState):
            house.judge(actor, trace)
    assert house.services.review.queue(house.second).total == 0


def test_a_judgement_needs_a_reason_and_leaves_nothing_behind_without(house: House, trace: Pair) -> None:
    with pytest.raises(Invalid) as refused:
        house.services.review.decide(house.reviewer, trace.pair_id, Verdict(J.EXCLUDED, "  "))
    assert refused.value.field == "reason"
    assert state_of(house, trace) is P.PROPOSED


def test_a_decision_keeps_all_that_was_said(house: House, trace: Pair) -> None:
    said = Verdict(J.SAME_LIKELY, "  the ears  ", confidence=4, features={"ears": "similar", "scars": "not_visible"})
    house.services.review.decide(house.reviewer, trace.pair_id, said)
    (kept,) = decisions(house, trace)
    assert (kept.reason, kept.confidence, dict(kept.features)) == ("the ears", 4, dict(said.features))
    assert kept.decided_at == house.clock()


def test_a_pair_that_does_not_exist_is_not_found(house: House) -> None:
    for step in (house.services.review.view, house.services.review.claim):
        with pytest.raises(NotFound):
            step(house.reviewer, an_id())


# --- changes of mind -----------------------------------------------------------------------------------------------


def change(house: House, actor: Actor, pair: Pair, judgement: Judgement) -> Pair:
    return house.services.review.reconsider(actor, pair.pair_id, Verdict(judgement, "looked again", confidence=2))


def test_a_change_of_mind_is_a_second_row_marked_as_such_with_the_score_that_was_seen(house: House, trace: Pair) -> None:
    house.judge(house.reviewer, trace, J.SAME_VERY_LIKELY)
    later = house.clock.advance(minutes=5)
    assert change(house, house.reviewer, trace, J.SAME_LIKELY).state is P.FIRST_POSITIVE
    first, second = decisions(house, trace)
    assert (first.judgement, first.superseded_at, first.score_seen) == (J.SAME_VERY_LIKELY, later, None)
    assert (second.judgement, second.stage, second.reviewer) == (J.SAME_LIKELY, Stage.CHANGE_OF_MIND, first.reviewer)
    assert (second.score_seen, second.superseded_at, second.reason) == (trace.score, None, "looked again")
    view = house.services.review.view(house.reviewer, trace.pair_id)
    assert (len(view.decisions), view.judged, view.may_judge) == (2, True, False)
    assert house.judge(house.second, trace).state is P.CONFIRMED, "still one positive judgement of each"


def test_a_positive_judgement_that_is_taken_back_goes_to_a_senior_who_alone_confirms_nothing(house: House, trace: Pair) -> None:
    house.judge(house.reviewer, trace, J.SAME_LIKELY)
    assert change(house, house.reviewer, trace, J.EXCLUDED).state is P.DISPUTED
    assert house.judge(house.manager, trace, J.SAME_LIKELY).state is P.FIRST_POSITIVE
    assert {case.state for case in sides(house, trace)} == {CaseState.OPEN}
    assert house.judge(house.second, trace).state is P.CONFIRMED
    assert house.faults() == []


@pytest.mark.parametrize("rejection", [J.EXCLUDED, J.UNLIKELY, J.CANNOT_TELL, J.LOOKS_LIKE_RELATIVE])
def test_a_rejection_that_its_author_doubts_goes_to_a_senior(house: House, trace: Pair, rejection: Judgement) -> None:
    house.judge(house.reviewer, trace, rejection)
    assert change(house, house.reviewer, trace, J.SAME_LIKELY).state is P.DISPUTED
    assert house.services.review.queue(house.second).total == 0
    assert not house.services.review.view(house.manager, trace.pair_id).decisions, "the senior is blind to all of it"
    assert house.judge(house.manager, trace, J.EXCLUDED).state is P.EXCLUDED


def test_second_thoughts_do_not_overrule_the_senior(house: House, trace: Pair) -> None:
    disputed(house, trace)
    house.judge(house.manager, trace, J.EXCLUDED)
    assert change(house, house.second, trace, J.SAME_VERY_LIKELY).state is P.EXCLUDED
    assert decisions(house, trace)[-1].stage is Stage.CHANGE_OF_MIND


def test_second_thoughts_about_a_match_are_kept_and_leave_it_to_the_manager(house: House, trace: Pair) -> None:
    house.confirm(trace)
    assert change(house, house.second, trace, J.EXCLUDED).state is P.CONFIRMED
    assert {case.state for case in sides(house, trace)} == {CaseState.MATCHED}
    assert house.services.review.revoke(house.manager, trace.pair_id, "a reviewer doubts it").state is P.REVOKED


def test_doubts_about_a_pair_whose_person_is_matched_elsewhere_disturb_no_match(house: House) -> None:
    missing, rival, sheltered = house.missing(1), house.missing(1, names=("alike",)), house.sheltered(1)
    rejected = house.judge(house.reviewer, house.pair(rival, sheltered), J.EXCLUDED)
    house.confirm(house.pair(missing, sheltered))
    assert change(house, house.reviewer, rejected, J.SAME_LIKELY).state is P.EXCLUDED
    assert house.faults() == []


def test_who_has_not_judged_a_pair_cannot_change_their_mind(house: House, trace: Pair) -> None:
    for actor in (house.reviewer, house.manager, house.auditor, house.intake):
        with pytest.raises(NotAllowed):
            change(house, actor, trace, J.SAME_LIKELY)
    house.judge(house.reviewer, trace)
    with pytest.raises(NotAllowed):
        change(house, house.second, trace, J.SAME_LIKELY)
    with pytest.raises(Invalid) as refused:
        change(house, house.reviewer, trace, J.SAME_LIKELY)
    assert refused.value.field == "judgement", "that is no change"
    assert len(decisions(house, trace)) == 1


@pytest.mark.parametrize("end", ["revoked", "reunited"])
def test_nobody_changes_their_mind_about_what_has_ended(house: House, trace: Pair, end: str) -> None:
    house.confirm(trace)
    if end == "reunited":
        house.services.review.verify(house.manager, trace.pair_id, Proof.DNA, "file 7")
        house.services.review.reunite(house.manager, trace.pair_id, "to the brother")
    else:
        house.services.review.revoke(house.manager, trace.pair_id, "a mistake")
    with pytest.raises(WrongState):
        change(house, house.second, trace, J.EXCLUDED)


@pytest.mark.parametrize("meanwhile", ["closed", "suspended", "no basis"])
@pytest.mark.parametrize("first", [False, True])
def test_nobody_judges_a_pair_of_which_a_case_may_not_be_compared_any_more(
    house: House, trace: Pair, meanwhile: str, first: bool
) -> None:
    """The queue never shows such a pair; somebody may have it open all the same, and a second yes would match a closed file."""
    if first:
        house.judge(house.reviewer, trace)
    review, casework = house.services.review, house.services.casework
    missing = next(
        case.case_id
        for case in (casework.get(house.intake, case_id) for case_id in trace.case_ids)
        if case.kind is CaseKind.MISSING
    )
    review.claim(house.second, trace.pair_id)
    if meanwhile == "closed":
        casework.close(house.manager, missing, Outcome.FOUND_ELSEWHERE, "at his aunt's")
    elif meanwhile == "suspended":
        casework.suspend(house.manager, missing, "a check")
    else:
        casework.amend(house.manager, missing, legal_basis=LegalBasis.NONE)
    assert not review.view(house.second, trace.pair_id).may_judge
    for step in (review.claim, lambda actor, _: house.judge(actor, trace)):
        with pytest.raises(WrongState, match="nobody judges it now"):
            step(house.second, trace.pair_id)
    assert len(decisions(house, trace)) == first
    if meanwhile == "no basis":
        casework.amend(house.manager, missing, legal_basis=LegalBasis.STATUTORY_DUTY)
    else:
        casework.reopen(house.manager, missing, "after all")
    expected = P.CONFIRMED if first else P.FIRST_POSITIVE
    assert house.judge(house.second, trace).state is expected


# --- the queue and claims ------------------------------------------------------------------------------------------


def test_a_claim_keeps_others_away_until_it_expires(house: House, trace: Pair) -> None:
    review = house.services.review
    claimed = review.claim(house.reviewer, trace.pair_id)
    assert (claimed.state, claimed.claimed_by) == (P.UNDER_REVIEW, house.reviewer.account_id)
    for step in (review.claim, lambda actor, _: house.judge(actor, trace)):
        with pytest.raises(Claimed):
            step(house.second, trace.pair_id)
    assert review.queue(house.second).total == 0
    assert review.queue(house.reviewer).total == 1
    house.clock.advance(minutes=15)
    assert review.queue(house.second).total == 1
    assert review.claim(house.second, trace.pair_id).claimed_by == house.second.account_id
    with pytest.raises(Claimed):
        house.judge(house.reviewer, trace)


def test_the_own_claim_is_prolonged(house: House, trace: Pair) -> None:
    house.services.review.claim(house.reviewer, trace.pair_id)
    house.clock.advance(minutes=14)
    again = house.services.review.claim(house.reviewer, trace.pair_id)
    assert again.claimed_until == house.clock.now.replace(minute=29)
    house.clock.advance(minutes=14)
    with pytest.raises(Claimed):
        house.services.review.claim(house.second, trace.pair_id)


def test_two_people_who_claim_at_once_do_not_both_get_the_pair(any_house: House) -> None:
    house = any_house
    pair = house.pair(house.missing(1), house.sheltered(1))
    people = (house.reviewer, house.second, house.manager)
    results = at_once(*[lambda who=who: house.services.review.claim(who, pair.pair_id) for who in people])
    assert sorted(type(result).__name__ for result in results) == ["Claimed", "Claimed", "Pair"]


def test_a_judgement_gives_the_claim_back(house: House, trace: Pair) -> None:
    house.services.review.claim(house.reviewer, trace.pair_id)
    house.judge(house.reviewer, trace)
    assert house.services.review.queue(house.second).total == 1
    house.judge(house.second, trace)
    assert state_of(house, trace) is P.CONFIRMED


def test_the_queue_shows_nobody_what_they_judged_already(house: House, trace: Pair) -> None:
    house.judge(house.reviewer, trace)
    assert house.services.review.queue(house.reviewer).total == 0
    assert [pair.pair_id for pair in house.services.review.queue(house.second).pairs] == [trace.pair_id]


def test_the_queue_can_be_read_page_by_page_and_by_relation(house: House) -> None:
    house.missing(1)
    for shot in range(3):
        case = house.sheltered(9 + shot)
        house.photograph(case, 1, shot=50 + shot)
    review = house.services.review
    everything = review.queue(house.reviewer, limit=50)
    assert everything.total == len(everything.pairs) == 6  # three traces and three readmissions
    paged = [pair for offset in range(0, 6, 4) for pair in review.queue(house.reviewer, limit=4, offset=offset).pairs]
    assert paged == list(everything.pairs)
    assert review.queue(house.reviewer, relation=Relation.READMISSION).total == 3
    assert review.queue(house.reviewer, relation=Relation.DUPLICATE).pairs == ()
    assert set(everything.cases) == {case_id for pair in everything.pairs for case_id in pair.case_ids}


def test_looking_at_a_pair_changes_nothing(house: House, trace: Pair) -> None:
    for actor in (house.reviewer, house.manager, house.auditor, house.intake):
        house.services.review.view(actor, trace.pair_id)
    assert house.pair(*sides(house, trace)) == trace


# --- matches -------------------------------------------------------------------------------------------------------


def test_a_confirmed_match_takes_both_out_of_the_galleries(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    house.confirm(house.pair(missing, sheltered))
    late = house.sheltered(1, names=("another intake of the same person",))
    house.services.worker.work_off()
    assert not house.paired(missing, late)
    assert house.case(missing).collection is house.case(sheltered).collection is None
    assert house.faults() == []


def test_confirming_supersedes_the_other_open_trace_pairs_of_both_and_revoking_brings_them_back(house: House) -> None:
    missing, rival = house.missing(1), house.missing(1, names=("the same face",))
    sheltered, other = house.sheltered(1), house.sheltered(1, names=("another intake",))
    match = house.pair(missing, sheltered)
    begun, fresh = house.pair(rival, sheltered), house.pair(missing, other)
    house.judge(house.reviewer, begun)
    confirmed = house.confirm(match)
    assert {state_of(house, pair) for pair in (begun, fresh)} == {P.SUPERSEDED}
    assert state_of(house, house.pair(rival, other)) is P.PROPOSED, "it belongs to neither"
    assert state_of(house, house.pair(missing, rival)) is P.PROPOSED, "a duplicate is no rival"
    with pytest.raises(WrongState):
        house.judge(house.second, begun)
    house.services.review.revoke(house.manager, confirmed.pair_id, "the brother does not know him")
    assert state_of(house, begun) is P.FIRST_POSITIVE
    assert state_of(house, fresh) is P.PROPOSED
    assert state_of(house, match) is P.REVOKED
    assert [case.state for case in sides(house, match)] == [CaseState.OPEN, CaseState.OPEN]
    assert len(decisions(house, begun)) == 1, "what people said outlives it"
    assert house.judge(house.second, begun).state is P.CONFIRMED
    assert house.faults() == []


def test_a_pair_whose_other_case_was_matched_meanwhile_stays_aside_when_its_match_is_revoked(house: House) -> None:
    missing, rival = house.missing(1), house.missing(1, names=("the same face",))
    sheltered, other = house.sheltered(1), house.sheltered(1, names=("another intake",))
    aside = house.pair(missing, other)
    first = house.confirm(house.pair(missing, sheltered))
    later = house.confirm(house.pair(rival, other))
    house.services.review.revoke(house.manager, first.pair_id, "a mistake")
    assert state_of(house, aside) is P.SUPERSEDED, "its sheltered person is matched with somebody else now"
    assert house.pair(missing, other).superseded_by == later.pair_id
    house.services.review.revoke(house.manager, later.pair_id, "another mistake")
    assert state_of(house, aside) is P.PROPOSED
    assert house.faults() == []


@pytest.mark.parametrize("verified", [False, True])
def test_a_revoked_match_opens_both_cases_and_they_are_found_again(house: House, verified: bool) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    pair = house.confirm(house.pair(missing, sheltered))
    if verified:
        house.services.review.verify(house.manager, pair.pair_id, Proof.CONTROL_QUESTION, "the dog's name")
    house.services.review.revoke(house.manager, pair.pair_id, "the laboratory excludes it")
    assert sorted(house.services.matching.due(9)) == sorted([missing.case_id, sheltered.case_id])
    house.services.worker.work_off()
    assert state_of(house, pair) is P.REVOKED, "a search does not undo what people decided"
    assert house.paired(house.missing(1, names=("the real one",)), sheltered)
    assert house.faults() == []


def test_two_confirmations_for_one_sheltered_person_at_once_have_one_winner(any_house: House) -> None:
    house = any_house
    for round_ in range(3):
        person = 100 + round_
        one, other = house.missing(person), house.missing(person, names=("the same face",))
        sheltered = house.sheltered(person)
        pairs = [house.pair(one, sheltered), house.pair(other, sheltered)]
        for pair in pairs:
            house.judge(house.reviewer, pair)
        results = at_once(
            lambda pairs=pairs: house.judge(house.second, pairs[0]), lambda pairs=pairs: house.judge(house.manager, pairs[1])
        )
        winners = [result for result in results if isinstance(result, Pair)]
        losers = [result for result in results if not isinstance(result, Pair)]
        assert [pair.state for pair in winners] == [P.CONFIRMED]
        assert [isinstance(error, Conflict) for error in losers] == [True], losers
        assert sorted(str(state_of(house, pair)) for pair in pairs) == ["confirmed", "superseded"]
        assert sorted(str(house.case(case).state) for case in (one, other, sheltered)) == ["matched", "matched", "open"]
    assert house.faults() == []


@pytest.mark.parametrize("proof", list(Proof))
def test_a_manager_verifies_with_proof_beyond_the_face(house: House, trace: Pair, proof: Proof) -> None:
    confirmed = house.confirm(trace)
    verified = house.services.review.verify(house.manager, confirmed.pair_id, proof, "file 7")
    assert verified.state is P.VERIFIED
    last = decisions(house, trace)[-1]
    assert (last.stage, last.judgement, last.reason) == (Stage.VERIFICATION, None, f"{proof}: file 7")
    assert {case.state for case in sides(house, trace)} == {CaseState.MATCHED}


def test_verification_needs_a_manager_a_reason_and_a_confirmed_pair(house: House, trace: Pair) -> None:
    review = house.services.review
    with pytest.raises(WrongState):
        review.verify(house.manager, trace.pair_id, Proof.DNA, "file 7")
    house.confirm(trace)
    for actor in (house.reviewer, house.second, house.intake, house.auditor, house.partner):
        with pytest.raises(NotAllowed):
            review.verify(actor, trace.pair_id, Proof.DNA, "file 7")
    with pytest.raises(Invalid):
        review.verify(house.manager, trace.pair_id, Proof.DNA, "   ")
    with pytest.raises(WrongState):
        review.reunite(house.manager, trace.pair_id, "to the brother")
    assert state_of(house, trace) is P.CONFIRMED


def test_l10_a_reunion_closes_both_cases_and_nobody_finds_them_any_more(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    pair = house.confirm(house.pair(missing, sheltered))
    house.services.review.verify(house.manager, pair.pair_id, Proof.DOCUMENT, "the household booklet")
    assert house.services.review.reunite(house.manager, pair.pair_id, "to the brother").state is P.REUNITED
    for case in (missing, sheltered):
        now = house.case(case)
        assert (now.state, now.outcome, now.collection) == (CaseState.CLOSED, Outcome.REUNITED, None)
    late = house.missing(1, names=("somebody alike",))
    assert pairs_of(house, late) == []
    with pytest.raises(WrongState):
        house.services.review.revoke(house.manager, pair.pair_id, "too late")
    assert house.faults() == []


@pytest.mark.parametrize("relation", [Relation.READMISSION, Relation.DUPLICATE])
def test_two_files_of_one_person_are_confirmed_without_matching_the_cases(house: House, relation: Relation) -> None:
    make = house.sheltered if relation is Relation.READMISSION else house.missing
    one, other = make(1), make(1, names=("again",))
    pair = house.pair(one, other)
    assert pair.relation is relation
    house.confirm(pair)
    assert [house.case(case).state for case in (one, other)] == [CaseState.OPEN, CaseState.OPEN]
    family = (house.missing if relation is Relation.READMISSION else house.sheltered)(1)
    for case in (one, other):
        assert house.paired(family, case), "both are still searched and found"
    match = house.confirm(house.pair(family, one))
    assert match.state is P.CONFIRMED
    assert state_of(house, pair) is P.CONFIRMED, "a match does not supersede it"
    house.services.review.revoke(house.manager, pair.pair_id, "twins")
    assert house.case(one).state is CaseState.MATCHED, "it never touched the cases"
    assert house.faults() == []


def test_a_past_intake_tells_where_the_person_was_and_stays_closed(house: House) -> None:
    past = house.sheltered(1)
    house.services.casework.close(house.intake, past.case_id, Outcome.SELF_LEFT, "left in the morning")
    missing, rival = house.missing(1), house.missing(1, names=("the same face",))
    pair, other = house.pair(missing, past), house.pair(rival, past)
    assert pair.relation is Relation.TRACE
    confirmed = house.confirm(pair)
    assert (house.case(past).state, house.case(missing).state) == (CaseState.CLOSED, CaseState.MATCHED)
    assert state_of(house, other) is P.SUPERSEDED, "one intake is one person"
    house.services.review.verify(house.manager, confirmed.pair_id, Proof.POLICE_REPLY, "letter 12")
    house.services.review.reunite(house.manager, confirmed.pair_id, "met at the station")
    assert (house.case(past).outcome, house.case(missing).outcome) == (Outcome.SELF_LEFT, Outcome.REUNITED)
    assert house.faults() == []


def test_revoking_a_match_with_a_past_intake_leaves_the_intake_closed(house: House) -> None:
    past = house.sheltered(1)
    house.services.casework.close(house.intake, past.case_id, Outcome.SELF_LEFT, "left in the morning")
    missing = house.missing(1)
    pair = house.confirm(house.pair(missing, past))
    house.services.review.revoke(house.manager, pair.pair_id, "a mistake")
    assert (house.case(past).state, house.case(missing).state) == (CaseState.CLOSED, CaseState.OPEN)
    assert house.faults() == []


def test_a_suspended_case_is_not_matched(house: House, trace: Pair) -> None:
    house.judge(house.reviewer, trace)
    house.services.casework.suspend(house.manager, trace.low_case_id, "abuse is suspected")
    with pytest.raises(WrongState):
        house.judge(house.second, trace)
    assert state_of(house, trace) is P.FIRST_POSITIVE
    assert len(decisions(house, trace)) == 1
    assert house.faults() == []


def test_every_step_is_audited_with_the_person_who_took_it(house: House, trace: Pair) -> None:
    review = house.services.review
    review.claim(house.reviewer, trace.pair_id)
    house.confirm(trace)
    review.verify(house.manager, trace.pair_id, Proof.DNA, "file 7")
    review.revoke(house.manager, trace.pair_id, "the wrong file")
    with house.services.store.reading() as records:
        told = [(event.action, event.actor, event.detail.get("stage")) for event in records.audit.of_subject(trace.pair_id)]
        moves = [event.detail["to"] for case_id in trace.case_ids for event in records.audit.of_subject(case_id)
                 if event.action == "change_case"]  # fmt: skip
    chen, zhao, sun = (actor.account_id for actor in (house.reviewer, house.second, house.manager))
    assert told == [
        ("claim_pair", chen, None),
        ("judge_pair", chen, "first"),
        ("judge_pair", zhao, "second"),
        ("judge_pair", sun, "verification"),
        ("judge_pair", sun, "revocation"),
    ]
    assert moves == ["matched", "open"] * 2


# --- what is rejected stays rejected -------------------------------------------------------------------------------


@pytest.mark.parametrize("judgement", [J.EXCLUDED, J.UNLIKELY, J.CANNOT_TELL, J.LOOKS_LIKE_RELATIVE])
def test_a_rejected_pair_stays_rejected_whatever_is_done_with_the_cases(house: House, judgement: Judgement) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    pair = house.judge(house.reviewer, house.pair(missing, sheltered), judgement)
    house.clock.advance(hours=1)
    for case in (missing, sheltered):
        house.services.matching.search(case.case_id)
        house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1, shot=house_shot(case)))
        house.photograph(case, 1, faces=0)
        house.services.casework.amend(house.intake, case.case_id, description=case.description)
    house.services.casework.close(house.intake, missing.case_id, Outcome.FOUND_ELSEWHERE, "a call")
    house.services.casework.reopen(house.intake, missing.case_id, "it was somebody else")
    house.services.matching.recheck(SYSTEM)
    house.services.worker.work_off()
    now = house.pair(missing, sheltered)
    assert (now.state, now.score, now.rank, now.list_id) == (pair.state, pair.score, pair.rank, pair.list_id)
    assert house.services.review.queue(house.second).total == 0


@pytest.mark.parametrize("judgement", [J.EXCLUDED, J.UNLIKELY, J.CANNOT_TELL, J.LOOKS_LIKE_RELATIVE])
@pytest.mark.parametrize("side", list(CaseKind))
def test_a_new_photo_of_either_opens_a_rejected_pair_again(house: House, side: CaseKind, judgement: Judgement) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    rejected = house.judge(house.reviewer, house.pair(missing, sheltered), judgement)
    later = house.clock.advance(hours=1)
    house.photograph(missing if side is CaseKind.MISSING else sheltered, 1, shot=900)
    now = house.pair(missing, sheltered)
    assert (now.state, now.suggested_at, now.claimed_by) == (P.PROPOSED, later, None)
    assert now.list_id != rejected.list_id, "with the score that it has now"
    (kept,) = decisions(house, now)
    assert (kept.judgement, kept.superseded_at) == (judgement, later)
    with house.services.store.reading() as records:
        last = records.audit.of_subject(now.pair_id)[-1]
    assert (last.action, last.actor, last.detail["from"]) == ("reopen_pair", SYSTEM.account_id, rejected.state)
    assert house.faults() == []


def test_whoever_rejected_a_pair_judges_it_anew_and_as_blind_as_everybody_else(house: House, trace: Pair) -> None:
    house.judge(house.reviewer, trace, J.EXCLUDED)
    house.clock.advance(hours=1)
    house.photograph(sides(house, trace)[0], 1, shot=900)
    for actor in (house.reviewer, house.second):
        view = house.services.review.view(actor, trace.pair_id)
        assert (view.decisions, view.judged, view.may_judge, isnan(view.pair.score)) == ((), False, True, True)
        assert [pair.pair_id for pair in house.services.review.queue(actor).pairs] == [trace.pair_id]
    house.judge(house.reviewer, trace, J.SAME_LIKELY)
    assert house.judge(house.second, trace).state is P.CONFIRMED
    told = house.services.review.view(house.second, trace.pair_id).decisions
    assert [(each.judgement, each.superseded_at is not None) for each in told] == [
        (J.EXCLUDED, True),
        (J.SAME_LIKELY, False),
        (J.SAME_LIKELY, False),
    ], "the earlier judgement is shown after the own one"


def test_an_earlier_positive_judgement_does_not_count_after_a_new_photo(house: House, trace: Pair) -> None:
    disputed(house, trace)
    house.judge(house.manager, trace, J.EXCLUDED)
    house.clock.advance(hours=1)
    house.photograph(sides(house, trace)[0], 1, shot=900)
    assert house.judge(house.second, trace, J.SAME_LIKELY).state is P.FIRST_POSITIVE, "the first one of this round"
    house.clock.advance(hours=1)
    house.photograph(sides(house, trace)[1], 1, shot=901)
    assert state_of(house, trace) is P.FIRST_POSITIVE, "a new photo disturbs no pair that waits"


def test_a_pair_rejected_with_the_new_photo_stays_rejected(house: House, trace: Pair) -> None:
    house.judge(house.reviewer, trace, J.EXCLUDED)
    house.clock.advance(hours=1)
    house.photograph(sides(house, trace)[0], 1, shot=900)
    house.judge(house.second, trace, J.EXCLUDED)
    house.services.matching.recheck(SYSTEM)
    house.services.worker.work_off()
    assert state_of(house, trace) is P.EXCLUDED


@pytest.mark.parametrize("ended", ["revoked", "reunited"])
def test_a_new_photo_opens_no_pair_that_a_manager_has_ended(house: House, trace: Pair, ended: str) -> None:
    pair = house.confirm(trace)
    if ended == "revoked":
        house.services.review.revoke(house.manager, pair.pair_id, "the laboratory excludes it")
    else:
        house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "file 7")
        house.services.review.reunite(house.manager, pair.pair_id, "to the brother")
        for case in sides(house, pair):
            house.services.casework.reopen(house.manager, case.case_id, "lost again")
    house.clock.advance(hours=1)
    house.photograph(sides(house, pair)[0], 1, shot=900)
    assert state_of(house, pair) is P(ended)


def test_a_new_photo_and_a_judgement_at_once_leave_a_whole_pair(any_house: House) -> None:
    house = any_house
    for round_ in range(3):
        person = 300 + round_
        missing, sheltered = house.missing(person), house.sheltered(person)
        pair = house.pair(missing, sheltered)
        house.judge(house.reviewer, pair, J.EXCLUDED)
        house.clock.advance(hours=1)
        results = at_once(
            lambda missing=missing, person=person: house.photograph(missing, person, shot=900),
            lambda sheltered=sheltered, person=person: house.photograph(sheltered, person, shot=901),
            lambda pair=pair: house.judge(house.second, pair),
        )
        assert not [each for each in results[:2] if isinstance(each, Exception)], results
        house.services.worker.work_off()
        assert state_of(house, pair) in (P.PROPOSED, P.FIRST_POSITIVE)
        assert [each.judgement for each in decisions(house, pair) if each.superseded_at] == [J.EXCLUDED]
    assert house.faults() == []


@pytest.mark.usefixtures("two_encoders")
def test_a_rejected_pair_stays_rejected_through_a_reindex_to_another_encoder(tmp_path: Path) -> None:
    with a_house_with_two_encoders(tmp_path / "var") as house:
        missing, sheltered = house.missing(1), house.sheltered(1)
        rejected = house.judge(house.reviewer, house.pair(missing, sheltered), J.EXCLUDED)
        begun = house.pair(house.missing(2), house.sheltered(2))
        house.judge(house.reviewer, begun)
        reindexed(house)
        house.services.worker.work_off()
        now = house.pair(missing, sheltered)
        assert (now.state, now.generation_id, now.score) == (P.EXCLUDED, rejected.generation_id, rejected.score)
        assert state_of(house, begun) is P.FIRST_POSITIVE
        assert house.judge(house.second, begun).state is P.CONFIRMED
        with house.services.store.reading() as records:
            assert records.generations.active().encoder_id == SECOND_ENCODER
        assert house.faults() == []


# --- blindness -----------------------------------------------------------------------------------------------------


def telling(pair: Pair) -> dict[str, object]:
    """What a pair would tell of the machine's or a colleague's opinion, if it were shown."""
    shown = {name: value for name, value in asdict(pair).items() if name in ("score", "rank", "state", "state_before")}
    return {
        name: value
        for name, value in shown.items()
        if not (name == "score" and isnan(pair.score)) and (name, value) not in (("rank", 0), ("state_before", None))
    }


@pytest.mark.parametrize("who", ["reviewer", "second", "manager"])
@pytest.mark.parametrize("stage", ["fresh", "first_positive", "disputed"])
def test_before_the_own_judgement_nothing_shows_what_machine_or_colleagues_think(house: House, stage: str, who: str) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    pair = house.pair(missing, sheltered)
    earlier = [house.hire(f"before {number}", Role.REVIEWER) for number in range(2)]
    if stage != "fresh":
        house.judge(earlier[0], pair, J.SAME_LIKELY)
    if stage == "disputed":
        house.judge(earlier[1], pair, J.EXCLUDED)
    actor: Actor = getattr(house, who)
    blank = {"state": P.PROPOSED if stage == "fresh" else P.UNDER_REVIEW}

    view = house.services.review.view(actor, pair.pair_id)
    assert telling(view.pair) == blank
    assert view.decisions == ()
    assert not view.judged
    assert view.stage is not Stage.SECOND

    candidates = house.services.candidates.of_case(actor, missing.case_id)
    (candidate,) = candidates.candidates
    assert telling(candidate.pair) == blank
    assert (candidate.rank, candidate.score, candidate.evidence, candidates.expected_false_alarms) == (None,) * 4
    assert candidates.run is not None
    assert candidates.run.list == ()

    queue = house.services.review.queue(actor)
    assert [telling(each) for each in queue.pairs] == ([] if stage == "disputed" and who != "manager" else [blank])

    if queue.pairs:
        assert telling(house.services.review.claim(actor, pair.pair_id)) == {"state": P.UNDER_REVIEW}


def test_a_superseded_pair_does_not_tell_a_blind_person_how_far_it_was(house: House) -> None:
    missing, rival, sheltered = house.missing(1), house.missing(1, names=("alike",)), house.sheltered(1)
    begun = house.pair(rival, sheltered)
    house.judge(house.hire("wu", Role.REVIEWER), begun)
    house.confirm(house.pair(missing, sheltered))
    view = house.services.review.view(house.hire("zhou", Role.REVIEWER), begun.pair_id)
    assert telling(view.pair) == {"state": P.SUPERSEDED}
    assert view.decisions == ()


def test_after_the_own_judgement_score_and_decisions_are_shown(house: House, trace: Pair) -> None:
    house.judge(house.second, trace)
    own = house.judge(house.reviewer, trace, J.EXCLUDED)
    assert own.state is P.DISPUTED
    view = house.services.review.view(house.reviewer, trace.pair_id)
    assert (view.pair.state, view.pair.score, len(view.decisions)) == (P.DISPUTED, trace.score, 2)
    (candidate,) = house.services.candidates.of_case(house.reviewer, trace.low_case_id).candidates
    assert (candidate.score, candidate.rank) == (trace.score, 1)
    assert candidate.evidence is not None


def test_a_judgement_does_not_make_its_author_see_other_pairs(house: House) -> None:
    missing, one, other = house.missing(1), house.sheltered(1), house.sheltered(1, names=("again",))
    house.judge(house.reviewer, house.pair(missing, one))
    shown = {view.case.case_id: view for view in house.services.candidates.of_case(house.reviewer, missing.case_id).candidates}
    assert shown[one.case_id].score is not None
    assert (shown[other.case_id].score, shown[other.case_id].rank) == (None, None)


def test_l1_l14_a_search_has_a_purpose_and_never_confirms(house: House) -> None:
    missing = house.missing(1)
    for shot in range(5):
        house.photograph(missing, 1, shot=shot)
    sheltered = house.sheltered(1)
    for shot in range(5):
        house.photograph(sheltered, 1, shot=shot)  # the very same photos: the score is 1
    pair = house.pair(missing, sheltered)
    assert pair.score > 0.999
    assert pair.state is P.PROPOSED
    with house.services.store.reading() as records:
        run = records.pairs.run(pair.list_id)
    assert run.purpose is Purpose.IDENTIFY_INTAKE
    assert {house.case(case).state for case in (missing, sheltered)} == {CaseState.OPEN}
