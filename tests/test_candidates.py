"""The candidates of a case, as far as the person who asks may see them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes import faceless_photo, painted_photo
from tests.house import House
from tests.stories import a_house_with_two_encoders, reindexed, two_encoders
from tracing.access import SYSTEM
from tracing.candidates import PAGE, Candidates
from tracing.domain import Case, CaseKind, Judgement, PairState, PartialDate, Relation, Role, SearchOutcome
from tracing.errors import NotFound
from tracing.evidence import Band, Calibration

__all__ = ["two_encoders"]


def test_without_a_search_there_is_no_list(house: House) -> None:
    case = house.open(CaseKind.MISSING)
    found = house.services.candidates.of_case(house.auditor, case.case_id)
    assert (found.run, found.candidates) == (None, ())


def test_a_case_that_is_not_there_is_not_found(house: House) -> None:
    with pytest.raises(NotFound):
        house.services.candidates.of_case(house.auditor, "f" * 32)


@pytest.mark.parametrize("who", ["auditor", "partner"])
def test_roles_that_do_not_judge_see_rank_score_and_evidence_best_first(house: House, who: str) -> None:
    missing = house.missing(1, age_min=40, age_max=45)
    for number in range(3):
        case = house.sheltered(300 + number, age_min=40, age_max=45)
        house.photograph(case, 1, shot=400 + number)
    found = house.services.candidates.of_case(getattr(house, who), missing.case_id)
    assert [each.rank for each in found.candidates] == [1, 2, 3]
    scores = [each.score for each in found.candidates]
    assert all(score is not None for score in scores)
    assert scores == sorted(scores, reverse=True)  # type: ignore[type-var]
    for each in found.candidates:
        assert each.evidence is not None
        assert each.evidence.score == each.score == each.pair.score
        assert not each.evidence.guarded
    assert found.run is not None
    assert found.expected_false_alarms is not None
    assert found.expected_false_alarms == pytest.approx(found.run.gallery_size * 0.32, rel=0.1)


def test_the_intake_sees_ranks_and_no_scores(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    (each,) = house.services.candidates.of_case(house.intake, missing.case_id).candidates
    assert (each.case.case_id, each.rank, each.score, each.evidence) == (sheltered.case_id, 1, None, None)
    assert each.pair.score != each.pair.score, "not a number"
    found = house.services.candidates.of_case(house.intake, missing.case_id)
    assert found.expected_false_alarms is None
    assert found.run is not None
    assert found.run.list == ()


STRICT = Calibration(10.0, -11.0, 0.0, 100, 10_000, ((-1.0, 1.0), (1.0, 1e-4)))
"""Of no score it says that it speaks for one person."""


def test_a_search_that_found_nobody_says_so_and_one_that_never_ran_does_not(house: House) -> None:
    never = house.open(CaseKind.MISSING)
    assert house.services.candidates.of_case(house.auditor, never.case_id).outcome is None
    alone = house.missing(1)
    for who in (house.auditor, house.intake, house.reviewer):
        found = house.services.candidates.of_case(who, alone.case_id)
        assert (found.outcome, found.candidates) == (SearchOutcome.NOBODY_PLAUSIBLE, ())
    house.sheltered(1)
    for who in (house.auditor, house.intake, house.reviewer):
        found = house.services.candidates.of_case(who, alone.case_id)
        assert (found.outcome, len(found.candidates)) == (SearchOutcome.CANDIDATES, 1)


@pytest.mark.parametrize(("who", "told"), [("auditor", True), ("partner", True), ("intake", False), ("reviewer", False)])
def test_only_those_who_see_scores_learn_that_everybody_listed_is_implausible(house: House, who: str, told: bool) -> None:
    missing, sheltered = house.missing(1, age_min=40), house.sheltered(1, age_min=40)
    actor = getattr(house, who)
    candidates = Candidates(house.services.store, lambda _: STRICT, lambda _: None)
    assert (candidates.of_case(actor, missing.case_id).outcome is SearchOutcome.NOBODY_PLAUSIBLE) is told
    if who == "reviewer":
        house.judge(actor, house.pair(missing, sheltered), Judgement.CANNOT_TELL)
        assert candidates.of_case(actor, missing.case_id).outcome is SearchOutcome.CANDIDATES
    unknown = Candidates(house.services.store, lambda _: None, lambda _: None)
    assert unknown.of_case(actor, missing.case_id).outcome is SearchOutcome.CANDIDATES


def test_the_order_tells_a_reviewer_nothing(house: House) -> None:
    missing = house.missing(1)
    for number in range(6):
        case = house.sheltered(300 + number)
        house.photograph(case, 1, shot=400 + number)
    shown = [each.pair.pair_id for each in house.services.candidates.of_case(house.reviewer, missing.case_id).candidates]
    by_score = [each.pair.pair_id for each in house.services.candidates.of_case(house.auditor, missing.case_id).candidates]
    assert shown == sorted(shown)
    assert sorted(shown) == sorted(by_score)
    assert shown != by_score


def test_the_length_of_the_list_tells_a_reviewer_nothing(house: House) -> None:
    """Were a list of one the best one, lists of one, two, three ... would spell out the ranking."""
    missing = house.missing(1)
    for number in range(6):
        case = house.sheltered(300 + number)
        house.photograph(case, 1, shot=400 + number)
    of_case = house.services.candidates.of_case
    whole = [each.pair.pair_id for each in of_case(house.reviewer, missing.case_id, limit=PAGE).candidates]
    for limit in range(1, 6):
        shown = [each.pair.pair_id for each in of_case(house.reviewer, missing.case_id, limit=limit).candidates]
        assert shown == whole[:limit]


def test_a_limit_keeps_the_best_for_those_who_see_ranks(house: House) -> None:
    missing = house.missing(1)
    for number in range(4):
        case = house.sheltered(300 + number)
        house.photograph(case, 1, shot=400 + number)
    whole = house.services.candidates.of_case(SYSTEM, missing.case_id).candidates
    assert house.services.candidates.of_case(SYSTEM, missing.case_id, limit=2).candidates == whole[:2]


def test_the_list_can_be_narrowed_to_one_relation(house: House) -> None:
    missing, again, sheltered = house.missing(1), house.missing(1, names=("twice",)), house.sheltered(1)
    of_case = house.services.candidates.of_case
    for relation, expected in (
        (Relation.TRACE, [sheltered.case_id]),
        (Relation.DUPLICATE, [again.case_id]),
        (Relation.READMISSION, []),
    ):
        found = of_case(house.auditor, missing.case_id, relation).candidates
        assert [each.case.case_id for each in found] == expected


def test_judged_pairs_stay_on_the_list_and_superseded_ones_leave_it(house: House) -> None:
    missing, one, other, third = (
        house.missing(1),
        house.sheltered(1),
        house.sheltered(1, names=("again",)),
        house.sheltered(1, names=("once more",)),
    )
    house.judge(house.reviewer, house.pair(missing, other), Judgement.EXCLUDED)
    house.confirm(house.pair(missing, one))
    states = {
        each.case.case_id: each.pair.state for each in house.services.candidates.of_case(SYSTEM, missing.case_id).candidates
    }
    assert states == {one.case_id: PairState.CONFIRMED, other.case_id: PairState.EXCLUDED}
    assert third.case_id not in states


@pytest.mark.parametrize(
    ("missing", "sheltered", "guarded"),
    [
        ({"age_min": 40}, {"age_min": 40}, False),
        ({}, {"age_min": 40}, True),
        ({"age_min": 40}, {}, True),
        ({"age_min": 13}, {"age_min": 14}, True),
        ({"age_min": 14}, {"age_min": 14}, False),
        ({"birth_date": PartialDate(2012, 6)}, {"age_min": 14}, True),  # thirteen until June
        ({"age_max": 30}, {"age_min": 40}, True),
    ],
)
def test_a_possible_child_never_gets_the_strongest_words(
    house: House, missing: dict[str, int], sheltered: dict[str, int], guarded: bool
) -> None:
    one = house.missing(1, **missing)
    other = house.sheltered(1, **sheltered)
    house.photograph(other, 1, shot=7)  # the report's own photo: as alike as can be
    (each,) = house.services.candidates.of_case(house.auditor, one.case_id).candidates
    assert each.evidence is not None
    assert each.evidence.guarded is guarded
    assert each.evidence.band is (Band.MODERATE if guarded else Band.STRONG)


def test_what_a_photo_shows_counts_and_not_how_old_the_person_is_today(house: House) -> None:
    """Two reports of long ago, both with a photo of a child who is a grown person by now."""
    born, taken = PartialDate(2000), PartialDate(2008, 6)
    reports = [house.open(CaseKind.MISSING, birth_date=born) for _ in range(2)]
    for report in reports:
        add_photo(house, report, taken)
    (each,) = house.services.candidates.of_case(house.auditor, reports[0].case_id).candidates
    assert each.evidence is not None
    assert (each.evidence.guarded, each.evidence.band) == (True, Band.MODERATE)


@pytest.mark.parametrize(
    ("missing", "guarded"),
    [
        ({"birth_date": PartialDate(1990), "seen_at": PartialDate(1998, 5)}, True),  # eight years old then
        ({"birth_date": PartialDate(1960), "seen_at": PartialDate(1998, 5)}, True),  # grown, and 28 years ago
        ({"birth_date": PartialDate(1960), "seen_at": PartialDate(2025, 5)}, False),
        ({"birth_date": PartialDate(1960), "age_min": 8, "age_max": 9}, True),  # one of the two is wrong
        ({"birth_date": PartialDate(1960), "age_max": 70}, False),
    ],
)
def test_nobody_took_an_undated_photo_after_the_person_was_lost(
    house: House, missing: dict[str, object], guarded: bool
) -> None:
    one, other = house.missing(1, **missing), house.sheltered(1, age_min=30)
    house.photograph(other, 1, shot=7)
    (each,) = house.services.candidates.of_case(house.auditor, one.case_id).candidates
    assert each.evidence is not None
    assert each.evidence.guarded is guarded


def test_a_photo_without_the_face_brings_no_years_nearer(house: House) -> None:
    one, other = house.open(CaseKind.MISSING, age_min=40), house.sheltered(1, age_min=40)
    add_photo(house, one, PartialDate(2016))
    without = house.services.intake.add_photo(house.intake, one.case_id, faceless_photo(), PartialDate(2026, 1))
    house.services.intake.analyse(without.photo_id)
    (each,) = house.services.candidates.of_case(house.auditor, other.case_id).candidates
    assert each.evidence is not None
    assert each.evidence.guarded


def test_whom_the_form_calls_a_child_is_guarded_whatever_the_case_says(house: House) -> None:
    one, other = house.missing(1, age_min=40), house.sheltered(1, age_min=40)
    house.services.filing.write(house.intake, other.case_id, {"categories": ["child"]})
    (each,) = house.services.candidates.of_case(house.auditor, one.case_id).candidates
    assert each.evidence is not None
    assert each.evidence.guarded


def add_photo(house: House, case: Case, taken: PartialDate) -> None:
    photo = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1, shot=7), taken)
    house.services.intake.analyse(photo.photo_id)


def test_without_a_calibration_there_is_a_score_and_no_evidence(house: House) -> None:
    missing, _ = house.missing(1), house.sheltered(1)
    found = Candidates(house.services.store, lambda _: None, lambda _: None).of_case(house.auditor, missing.case_id)
    assert found.expected_false_alarms is None
    assert [(each.score is not None, each.evidence) for each in found.candidates] == [(True, None)]


@pytest.mark.usefixtures("two_encoders")
def test_scores_of_two_generations_never_stand_in_one_ranking(tmp_path: Path) -> None:
    with a_house_with_two_encoders(tmp_path / "var") as house:
        missing, judged, fresh = house.missing(1), house.sheltered(1), house.sheltered(1, names=("again",))
        house.judge(house.reviewer, house.pair(missing, judged), Judgement.CANNOT_TELL)
        reindexed(house)
        house.services.worker.work_off()
        ranked, unranked = house.services.candidates.of_case(SYSTEM, missing.case_id).candidates
        assert (ranked.case.case_id, ranked.rank) == (fresh.case_id, 1)
        assert (unranked.case.case_id, unranked.rank, unranked.evidence) == (judged.case_id, None, None)
        assert ranked.pair.generation_id != unranked.pair.generation_id


def test_another_persons_judgement_opens_nobody_elses_eyes(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    house.judge(house.reviewer, house.pair(missing, sheltered))
    newcomer = house.hire("wu", Role.REVIEWER)
    (each,) = house.services.candidates.of_case(newcomer, missing.case_id).candidates
    assert (each.score, each.rank, each.pair.state) == (None, None, PairState.UNDER_REVIEW)
