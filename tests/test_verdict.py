"""What a reviewer may say, and where each judgement takes a pair."""

from __future__ import annotations

import pytest

from tracing.domain import Judgement, PairState, Stage
from tracing.errors import Invalid
from tracing.verdict import (
    FEATURES,
    LONGEST_REASON,
    STAGES,
    Look,
    Proof,
    Verdict,
    checked_reason,
    state_after,
    state_after_change,
)

J, P = Judgement, PairState
REASON = "the same scar above the left eye"


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
@pytest.mark.parametrize("required", [2, 3, 5])
def test_where_the_first_judgement_leads(judgement: Judgement, then: PairState, required: int) -> None:
    assert state_after(Stage.FIRST, judgement, positives=0, required=required) is then


@pytest.mark.parametrize("judgement", [J.CANNOT_TELL, J.UNLIKELY, J.EXCLUDED, J.LOOKS_LIKE_RELATIVE])
@pytest.mark.parametrize(("positives", "required"), [(1, 2), (1, 3), (2, 3)])
def test_a_second_person_who_does_not_agree_makes_a_dispute(judgement: Judgement, positives: int, required: int) -> None:
    assert state_after(Stage.SECOND, judgement, positives, required) is P.DISPUTED


@pytest.mark.parametrize("judgement", [J.SAME_LIKELY, J.SAME_VERY_LIKELY])
@pytest.mark.parametrize(
    ("positives", "required", "then"),
    [
        (1, 2, P.CONFIRMED),
        (1, 3, P.FIRST_POSITIVE),
        (2, 3, P.CONFIRMED),
        (3, 5, P.FIRST_POSITIVE),
        (4, 5, P.CONFIRMED),
        (0, 2, P.FIRST_POSITIVE),
    ],
)
def test_a_pair_is_confirmed_by_as_many_people_as_required_and_not_before(
    judgement: Judgement, positives: int, required: int, then: PairState
) -> None:
    assert state_after(Stage.SECOND, judgement, positives, required) is then


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
def test_the_senior_reviewer_ends_the_dispute_one_way_or_the_other(judgement: Judgement, then: PairState | None) -> None:
    if then is None:
        with pytest.raises(Invalid) as refused:
            state_after(Stage.SENIOR, judgement, positives=1, required=2)
        assert refused.value.field == "judgement"
    else:
        assert state_after(Stage.SENIOR, judgement, positives=1, required=2) is then


def test_a_senior_reviewer_alone_makes_no_match() -> None:
    assert state_after(Stage.SENIOR, J.SAME_VERY_LIKELY, positives=0, required=2) is P.FIRST_POSITIVE
    assert state_after(Stage.SENIOR, J.EXCLUDED, positives=0, required=2) is P.EXCLUDED


POSITIVE, NEGATIVE = (J.SAME_LIKELY, J.SAME_VERY_LIKELY), (J.CANNOT_TELL, J.UNLIKELY, J.EXCLUDED, J.LOOKS_LIKE_RELATIVE)


@pytest.mark.parametrize("state", list(P))
@pytest.mark.parametrize("was_last", [True, False])
def test_a_change_of_mind_makes_at_most_a_dispute(state: PairState, was_last: bool) -> None:
    for before in J:
        for now in J:
            withdrawn = state is P.FIRST_POSITIVE and before in POSITIVE and now in NEGATIVE
            rejected = state in (P.EXCLUDED, P.INCONCLUSIVE, P.LOOKS_LIKE_RELATIVE)
            expected = P.DISPUTED if withdrawn or (rejected and was_last and now in POSITIVE) else state
            assert state_after_change(state, before, now, was_last) is expected, (before, now)


def test_only_two_of_six_judgements_are_positive() -> None:
    assert {each for each in Judgement if each.positive} == {J.SAME_VERY_LIKELY, J.SAME_LIKELY}


def test_only_pairs_that_wait_for_review_have_a_stage() -> None:
    assert STAGES == {
        P.PROPOSED: Stage.FIRST,
        P.UNDER_REVIEW: Stage.FIRST,
        P.FIRST_POSITIVE: Stage.SECOND,
        P.DISPUTED: Stage.SENIOR,
    }


@pytest.mark.parametrize("confidence", [None, 1, 5])
def test_a_confidence_from_one_to_five_or_none_is_taken(confidence: int | None) -> None:
    Verdict(J.SAME_LIKELY, REASON, confidence, {"ears": "similar", "scars": "different", "nose": "not_visible"}).check()


@pytest.mark.parametrize(
    ("verdict", "field"),
    [
        (Verdict(J.SAME_LIKELY, ""), "reason"),
        (Verdict(J.SAME_LIKELY, " \n\t　"), "reason"),
        (Verdict(J.SAME_LIKELY, "x" * (LONGEST_REASON + 1)), "reason"),
        (Verdict(J.SAME_LIKELY, REASON, 0), "confidence"),
        (Verdict(J.SAME_LIKELY, REASON, 6), "confidence"),
        (Verdict(J.SAME_LIKELY, REASON, features={"aura": "similar"}), "features"),
        (Verdict(J.SAME_LIKELY, REASON, features={"ears": "nice"}), "features"),
    ],
)
def test_what_the_form_does_not_offer_is_refused_with_its_field(verdict: Verdict, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        verdict.check()
    assert refused.value.field == field


def test_a_reason_is_kept_without_the_blanks_around_it() -> None:
    assert checked_reason(f"  {REASON}\n") == REASON


def test_the_checklist_has_the_nineteen_components_of_the_standard() -> None:
    assert len(FEATURES) == len(set(FEATURES)) == 19
    assert {str(look) for look in Look} == {"similar", "different", "not_visible"}


def test_a_face_is_no_proof() -> None:
    assert {str(proof) for proof in Proof} == {"control_question", "document", "dna", "police_reply"}
