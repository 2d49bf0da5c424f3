"""What reviewers learn of their own work, what a senior one learns of everybody's, and when somebody should rest."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.house import House
from tests.neighbours import Neighbours
from tests.test_known_answers import Desk
from tests.test_known_results import judged as known
from tracing.agreement import LEAST
from tracing.domain import Judgement, Pair
from tracing.errors import NotAllowed
from tracing.results import LONG, LOOKED_BACK, Opinion, ReviewerResults
from tracing.verdict import Verdict


def a_pair(house: House, person: int) -> Pair:
    return house.pair(house.missing(person), house.sheltered(person))


def own(house: House) -> ReviewerResults:
    (results,) = house.services.results.of(house.reviewer).reviewers
    return results


@pytest.mark.parametrize("judgement", list(Judgement))
def test_every_judgement_is_one_of_three_opinions(judgement: Judgement) -> None:
    expected = {
        Judgement.SAME_VERY_LIKELY: Opinion.SAME,
        Judgement.SAME_LIKELY: Opinion.SAME,
        Judgement.CANNOT_TELL: Opinion.UNDECIDED,
        Judgement.UNLIKELY: Opinion.DIFFERENT,
        Judgement.EXCLUDED: Opinion.DIFFERENT,
        Judgement.LOOKS_LIKE_RELATIVE: Opinion.UNDECIDED,
    }
    assert Opinion.of(judgement) is expected[judgement]


def test_judgements_agreement_and_changes_of_mind_are_counted_by_pair(house: House) -> None:
    agreed, disputed, alone = (a_pair(house, person) for person in (1, 2, 3))
    house.confirm(agreed)
    house.judge(house.reviewer, disputed)
    house.judge(house.second, disputed, Judgement.UNLIKELY)
    house.judge(house.reviewer, alone)
    for judgement in (Judgement.CANNOT_TELL, Judgement.UNLIKELY):
        house.services.review.reconsider(house.reviewer, alone.pair_id, Verdict(judgement, "the ears, after all"))
    assert own(house) == ReviewerResults(house.reviewer.account_id, judged=3, shared=2, agreed=1, changed=1)


def test_a_change_of_mind_changes_no_blind_opinion(house: House) -> None:
    pair = a_pair(house, 1)
    house.confirm(pair)
    house.services.review.reconsider(house.reviewer, pair.pair_id, Verdict(Judgement.UNLIKELY, "the ears, after all"))
    assert (own(house).shared, own(house).agreed) == (1, 1)


def test_a_reviewer_sees_the_own_results_and_a_senior_everybody_s(house: House) -> None:
    house.confirm(a_pair(house, 1))
    results = house.services.results
    assert [each.reviewer for each in results.of(house.reviewer).reviewers] == [house.reviewer.account_id]
    everybody = {each.reviewer for each in results.of(house.manager).reviewers}
    assert everybody == {house.reviewer.account_id, house.second.account_id}
    (two,) = results.of(house.manager).together
    assert (two.count, two.kappa) == (1, None), "one pair is too little for a verdict"
    third = house.hire("wei", house.reviewer.role)
    assert results.of(third).together == ()
    assert own(house).judged == 1


def test_numbers_do_not_tell_what_was_said_of_a_pair_that_one_has_still_to_judge(house: House) -> None:
    house.judge(house.reviewer, a_pair(house, 1))
    results = house.services.results
    assert results.of(house.manager).reviewers == ()
    assert results.of(house.second).reviewers[0].judged == 0
    assert own(house).judged == 1


def test_after_enough_pairs_there_is_a_kappa(house: House) -> None:
    for person in range(LEAST):
        pair = a_pair(house, person)
        first, then = (house.reviewer, house.second) if person % 2 else (house.second, house.reviewer)
        house.judge(first, pair)
        house.judge(then, pair, Judgement.UNLIKELY if person == 0 else Judgement.SAME_LIKELY)
        if person == 0:
            house.judge(house.manager, pair, Judgement.EXCLUDED)
    (two,) = house.services.results.of(house.reviewer).together
    assert two.count == LEAST
    assert two.kappa is not None
    assert two.kappa.value == 0, "one of the two always said the same"


def test_what_is_long_ago_counts_no_more(house: House) -> None:
    house.confirm(a_pair(house, 1))
    house.clock.now += LOOKED_BACK + timedelta(seconds=1)
    assert own(house).judged == 0


def test_only_reviewers_have_results(house: House) -> None:
    for actor in (house.intake, house.auditor, house.partner):
        with pytest.raises(NotAllowed):
            house.services.results.of(actor)
        with pytest.raises(NotAllowed):
            house.services.results.at_it_for(actor)


def test_who_judges_long_without_a_rest_is_told_so_until_they_rest(house: House) -> None:
    results = house.services.results
    for person in range(6):
        assert results.at_it_for(house.reviewer) is None
        house.judge(house.reviewer, a_pair(house, person))
        house.clock.advance(minutes=8)
    assert results.at_it_for(house.reviewer) == timedelta(minutes=48) >= LONG
    assert results.at_it_for(house.second) is None
    house.clock.advance(minutes=3)
    assert results.at_it_for(house.reviewer) is None


def test_a_senior_sees_the_reviewers_of_the_own_station_and_a_central_one_everybody(house: House) -> None:
    north = Neighbours(house)
    pair = house.pair(house.missing(1, age_min=40), house.sheltered(1, age_min=40))
    house.judge(house.reviewer, pair)
    house.judge(north.central, pair)
    here, there = house.reviewer.account_id, north.central.account_id
    for actor, reviewers, together in (
        (house.manager, {here}, 0),
        (north.manager, set(), 0),
        (north.supervisor, {here, there}, 1),
    ):
        found = house.services.results.of(actor)
        assert {each.reviewer for each in found.reviewers} == reviewers
        assert len(found.together) == together
    own = house.services.results.of(house.manager)
    assert (own.station_id, own.reviewers[0].shared, own.reviewers[0].agreed) == ("main", 1, 1)
    (only,) = house.services.results.of(house.reviewer).reviewers
    assert only.reviewer == here


def test_known_answers_of_another_stations_reviewers_are_not_told(house: House) -> None:
    desk = Desk(house)
    known(desk, desk.newcomer, True, Judgement.SAME_LIKELY, 6)
    north = Neighbours(house)
    assert [each.reviewer for each in house.services.results.of(house.manager).known] == [desk.newcomer.account_id]
    assert house.services.results.of(north.manager).known == ()
    assert len(house.services.results.of(north.supervisor).known) == 1
