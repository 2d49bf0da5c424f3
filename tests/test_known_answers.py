"""Known-answer pairs: of which history they are made, who is given one, and that nothing else of the service notices them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.house import House, a_house
from tests.stories import at_once, by_hand, rows_naming
from tracing.domain import Actor, AgeBand, CaseState, Judgement, KnownAnswer, LegalBasis, Pair, PairState, Relation, Role
from tracing.errors import Conflict, Invalid, NotAllowed, NotFound, TracingError
from tracing.known_answers import AGAIN, KnownAnswers
from tracing.records import QueueFilter
from tracing.verdict import Proof, Verdict

OF_TEN = 10.0


class Dice:
    """Numbers that a test puts there; 0 once they are used up."""

    def __init__(self, *numbers: float) -> None:
        self.numbers = list(numbers)

    def __call__(self) -> float:
        return self.numbers.pop(0) if self.numbers else 0.0


class Desk:
    """A house with a verified pair, one that two people excluded, and a reviewer who has seen neither."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.newcomer: Actor = house.hire("newcomer", Role.REVIEWER)
        self.mated = verified(house, 1)
        self.different = excluded_by_two(house, 2)

    def known(self, percent: float = OF_TEN, dice: Dice | None = None) -> KnownAnswers:
        services = self.house.services
        hours = timedelta(hours=24)
        made = KnownAnswers(
            services.store, self.house.clock, services.known_answers._new_id, dice or Dice(), percent, hours / 96, hours
        )
        services.review._known = made
        return made

    def give(self, mated: bool = True, actor: Actor | None = None) -> KnownAnswer | None:
        return self.known(dice=Dice(0.0 if mated else 0.9)).give(actor or self.newcomer)


def verified(house: House, person: int) -> Pair:
    pair = house.pair(house.missing(person), house.sheltered(person))
    house.confirm(pair)
    return house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "the laboratory says so")


def excluded_by_two(house: House, person: int) -> Pair:
    pair = house.pair(house.missing(person), house.sheltered(person))
    house.judge(house.reviewer, pair)
    house.judge(house.second, pair, Judgement.UNLIKELY)
    return house.judge(house.manager, pair, Judgement.EXCLUDED)


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def material(desk: Desk, actor: Actor | None = None) -> set[str]:
    with desk.house.services.store.reading() as records:
        found = records.known.material((actor or desk.newcomer).account_id, desk.house.clock() - AGAIN)
    return {each.pair_id for each in found}


def queue(desk: Desk) -> list[str]:
    return [pair.pair_id for pair in desk.house.services.review.queue(desk.newcomer, 100).pairs]


# What it is made of, and who is given it


def test_verified_pairs_and_those_that_two_people_excluded_are_material(desk: Desk) -> None:
    assert material(desk) == {desk.mated.pair_id, desk.different.pair_id}


@pytest.mark.parametrize("name", ["reviewer", "second", "manager", "intake"])
def test_whoever_judged_the_pair_or_opened_a_case_is_given_neither(desk: Desk, name: str) -> None:
    assert material(desk, getattr(desk.house, name)) == set()


def test_nor_is_whoever_has_looked_at_one_of_the_cases(desk: Desk) -> None:
    desk.house.services.casework.read(desk.newcomer, desk.mated.low_case_id)
    assert material(desk) == {desk.different.pair_id}


def test_one_persons_word_is_no_answer(desk: Desk) -> None:
    house = desk.house
    alone = house.pair(house.missing(3), house.sheltered(3))
    house.judge(house.reviewer, alone, Judgement.EXCLUDED)
    confirmed = house.confirm(house.pair(house.missing(4), house.sheltered(4)))
    assert material(desk).isdisjoint({alone.pair_id, confirmed.pair_id})


def test_a_pair_that_may_not_be_compared_any_more_is_no_material(desk: Desk) -> None:
    house = desk.house
    house.services.casework.amend(house.manager, desk.different.low_case_id, legal_basis=LegalBasis.NONE)
    assert material(desk) == {desk.mated.pair_id}
    house.services.review.reunite(house.manager, desk.mated.pair_id, "handed over to the daughter")
    assert material(desk) == set(), "who is found is compared no more"


def test_a_likeness_that_is_followed_up_is_no_material(house: House) -> None:
    pair = house.pair(house.missing(2), house.sheltered(2))
    house.judge(house.reviewer, pair)
    house.judge(house.second, pair, Judgement.LOOKS_LIKE_RELATIVE)
    ma = house.hire("ma", Role.MANAGER)
    house.judge(house.manager, pair, Judgement.EXCLUDED)
    house.services.review.reconsider(house.second, pair.pair_id, Verdict(Judgement.EXCLUDED, "not even that"))
    newcomer = house.hire("newcomer", Role.REVIEWER)
    with house.services.store.reading() as records:
        assert records.known.material(newcomer.account_id, house.clock() - AGAIN) == []
    (lead,) = house.services.leads.open_ones(house.auditor)
    house.services.leads.close(ma, lead.lead.lead_id, "no relation")
    with house.services.store.reading() as records:
        assert [each.pair_id for each in records.known.material(newcomer.account_id, house.clock() - AGAIN)] == [pair.pair_id]


def test_a_face_that_is_gone_takes_the_pair_with_it(desk: Desk) -> None:
    given = desk.give()
    assert given is not None
    assert queue(desk) == [given.known_id]
    by_hand(
        desk.house,
        "UPDATE faces SET of_interest = 0 WHERE photo_id IN (SELECT photo_id FROM photos WHERE case_id = ?)",
        values=(desk.mated.low_case_id,),
    )
    assert queue(desk) == []
    with pytest.raises(NotFound):
        desk.house.services.review.view(desk.newcomer, given.known_id)


@pytest.mark.parametrize("mated", [True, False])
def test_a_toss_of_the_coin_says_which_of_the_two_it_is(desk: Desk, mated: bool) -> None:
    given = desk.give(mated)
    assert given is not None
    assert (given.pair_id, given.mated) == ((desk.mated if mated else desk.different).pair_id, mated)
    assert desk.house.clock() - timedelta(hours=24) <= given.waiting_since <= desk.house.clock()


def test_where_there_is_but_one_sort_that_one_is_given(desk: Desk) -> None:
    desk.house.services.review.revoke(desk.house.manager, desk.mated.pair_id, "a mistake")
    given = desk.give(mated=True)
    assert given is not None
    assert not given.mated


def test_one_waits_at_a_time_and_none_comes_twice_within_a_year(desk: Desk) -> None:
    first = desk.give()
    assert first is not None
    assert desk.give() is None
    desk.house.services.review.decide(desk.newcomer, first.known_id, Verdict(Judgement.SAME_LIKELY, "ears"))
    second = desk.give()
    assert second is not None
    assert second.pair_id == desk.different.pair_id
    desk.house.services.review.decide(desk.newcomer, second.known_id, Verdict(Judgement.EXCLUDED, "ears"))
    assert desk.give() is None
    desk.house.clock.advance(days=366)
    assert desk.give() is not None


def test_two_that_are_given_at_once_are_one(desk: Desk) -> None:
    results = at_once(*[lambda: desk.house.services.known_answers.give(desk.newcomer)] * 3)
    assert all(each is None or isinstance(each, KnownAnswer | Conflict) for each in results), results
    assert len(queue(desk)) == 1


@pytest.mark.parametrize("name", ["manager", "intake", "auditor", "partner"])
def test_only_those_who_judge_and_do_nothing_else_are_given_any(desk: Desk, name: str) -> None:
    actor: Actor = getattr(desk.house, name)
    desk.known(percent=20, dice=Dice()).after_a_judgement(actor)
    with desk.house.services.store.reading() as records:
        assert records.known.waiting(actor.account_id) == []


@pytest.mark.parametrize(
    ("percent", "dice", "given"), [(0, 0.0, False), (10, 0.11, True), (10, 0.112, False), (20, 0.249, True)]
)
def test_of_a_hundred_pairs_that_are_judged_so_many_are_known(desk: Desk, percent: float, dice: float, given: bool) -> None:
    """Ten known ones to ninety real ones: one after every ninth, by lot."""
    desk.known(percent, Dice(dice))
    house = desk.house
    real = house.pair(house.missing(5), house.sheltered(5))
    house.judge(desk.newcomer, real, Judgement.EXCLUDED)
    assert bool(queue(desk)) == given


def test_no_failure_to_give_one_costs_a_judgement(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    known = desk.known(20)

    def fails(_: Actor) -> None:
        raise TracingError("the disk is full")

    monkeypatch.setattr(known, "give", fails)
    house = desk.house
    real = house.pair(house.missing(5), house.sheltered(5))
    assert house.judge(desk.newcomer, real, Judgement.EXCLUDED).state is PairState.EXCLUDED


def test_without_material_nobody_is_given_anything(house: House) -> None:
    assert house.services.known_answers.give(house.reviewer) is None


def test_the_setting_reaches_the_desk(tmp_path: Path) -> None:
    with a_house(tmp_path / "var", known_answer_percent=20.0) as house:
        assert house.services.known_answers._rate == 0.2


# Judging one


@pytest.fixture
def given(desk: Desk) -> Iterator[KnownAnswer]:
    found = desk.give()
    assert found is not None
    return found


def test_it_is_claimed_and_judged_like_any_other_and_then_told(desk: Desk, given: KnownAnswer) -> None:
    review = desk.house.services.review
    before = review.view(desk.newcomer, given.known_id)
    assert (before.pair.state, before.judged, before.may_judge, before.known) == (PairState.PROPOSED, False, True, None)
    assert {before.low.state, before.high.state} == {CaseState.OPEN}
    held = review.claim(desk.newcomer, given.known_id)
    assert (held.state, held.claimed_by) == (PairState.UNDER_REVIEW, desk.newcomer.account_id)
    assert held.claimed_until == desk.house.clock() + timedelta(minutes=15)
    review.decide(desk.newcomer, given.known_id, Verdict(Judgement.UNLIKELY, " another nose ", 2, {"nose": "different"}))
    after = review.view(desk.newcomer, given.known_id)
    assert after.known is not None
    assert (after.known.mated, after.known.right, after.judged, after.may_judge) == (True, False, True, False)
    assert [(each.judgement, each.reason, each.confidence) for each in after.decisions] == [
        (Judgement.UNLIKELY, "another nose", 2)
    ]
    assert {after.low.state, after.high.state} == {CaseState.MATCHED}
    assert queue(desk) == []


def test_nobody_judges_it_twice_or_has_second_thoughts(desk: Desk, given: KnownAnswer) -> None:
    review = desk.house.services.review
    with pytest.raises(Invalid):
        review.decide(desk.newcomer, given.known_id, Verdict(Judgement.UNLIKELY, ""))
    with pytest.raises(NotAllowed):
        review.reconsider(desk.newcomer, given.known_id, Verdict(Judgement.UNLIKELY, "x"))
    review.decide(desk.newcomer, given.known_id, Verdict(Judgement.UNLIKELY, "x"))
    for again in (review.decide, review.reconsider):
        with pytest.raises(NotAllowed):
            again(desk.newcomer, given.known_id, Verdict(Judgement.SAME_LIKELY, "x"))


def test_nobody_else_knows_of_it(desk: Desk, given: KnownAnswer) -> None:
    house = desk.house
    for other in (house.reviewer, house.manager, house.auditor):
        with pytest.raises(NotFound):
            house.services.review.view(other, given.known_id)
    with pytest.raises(NotFound):
        house.judge(house.reviewer, house.services.review.view(desk.newcomer, given.known_id).pair)


def test_no_pair_case_or_decision_is_touched(desk: Desk, given: KnownAnswer) -> None:
    house = desk.house

    def everything() -> object:
        with house.services.store.reading() as records:
            pairs = [records.pairs.get(pair.pair_id) for pair in (desk.mated, desk.different)]
            cases = records.cases.by_ids({case_id for pair in pairs for case_id in pair.case_ids})
            said = records.pairs.said(house.clock() - timedelta(days=99))
        return pairs, cases, said, house.services.statistics.counts(house.manager), house.services.results.of(house.reviewer)

    before = everything()
    house.services.review.claim(desk.newcomer, given.known_id)
    house.services.review.decide(desk.newcomer, given.known_id, Verdict(Judgement.EXCLUDED, "x"))
    assert everything() == before
    assert house.services.results.of(desk.newcomer).reviewers[0].judged == 0
    assert house.faults() == []


def test_the_filters_of_the_queue_are_those_of_real_pairs(desk: Desk, given: KnownAnswer) -> None:
    review, newcomer = desk.house.services.review, desk.newcomer
    assert review.queue(newcomer, relation=Relation.TRACE).total == 1
    assert review.queue(newcomer, relation=Relation.DUPLICATE).total == 0
    assert review.queue(newcomer, station_id="main").total == 1
    assert review.queue(newcomer, station_id="elsewhere").total == 0
    assert review.queue(newcomer, ages=AgeBand.CHILD).total == 0
    assert review.queue(newcomer, overdue=True).total == 0
    desk.house.clock.advance(hours=25)
    page = review.queue(newcomer, overdue=True)
    assert (page.total, set(page.overdue)) == (1, {given.known_id})


def test_it_lies_on_the_first_sheet_in_an_order_that_says_nothing(desk: Desk, given: KnownAnswer) -> None:
    house = desk.house
    one = house.missing(6)
    for number in range(13):
        house.sheltered(6, names=(f"intake {number}",))
    real = [
        pair.pair_id
        for pair in house.services.review.queue(house.reviewer, 100, relation=Relation.TRACE).pairs
        if one.case_id in pair.case_ids
    ]
    review = house.services.review

    def shown(limit: int, offset: int) -> list[str]:
        return [pair.pair_id for pair in review.queue(desk.newcomer, limit, offset, relation=Relation.TRACE).pairs]

    whole = shown(100, 0)
    assert sorted(whole) == sorted([*real, given.known_id])
    assert whole[:10] == sorted(whole[:10])
    assert given.known_id in whole[:10]
    assert set(whole[:10]) - {given.known_id} <= set(real[:10])
    for limit in (1, 3, 7, 10):
        cut = [pair_id for offset in range(0, len(whole), limit) for pair_id in shown(limit, offset)]
        assert cut == whole, limit


def test_erasing_a_case_takes_it_along_judged_or_not(desk: Desk, given: KnownAnswer) -> None:
    desk.house.services.review.decide(desk.newcomer, given.known_id, Verdict(Judgement.SAME_LIKELY, "x"))
    desk.house.services.retention.erase_case(desk.house.manager, desk.mated.high_case_id)
    assert rows_naming(desk.house, given.known_id).keys() == {"events"}
    with desk.house.services.store.reading() as records:
        assert records.known.judged(desk.house.clock() - AGAIN) == []
        assert records.known.fitting([desk.mated.pair_id], QueueFilter(), desk.house.clock()) == set()


def test_withdrawing_the_basis_takes_what_was_said_of_the_face_and_leaves_the_result(desk: Desk, given: KnownAnswer) -> None:
    house, said = desk.house, Verdict(Judgement.SAME_LIKELY, "a scar that nobody else has", 3, {"scars": "similar"})
    house.services.review.decide(desk.newcomer, given.known_id, said)
    house.services.casework.amend(house.manager, desk.mated.high_case_id, legal_basis=LegalBasis.NONE)
    assert rows_naming(house, "a scar that nobody else has") == {}
    with house.services.store.reading() as records:
        (kept,) = records.known.judged(house.clock() - AGAIN)
    assert (kept.judgement, kept.right, kept.features) == (Judgement.SAME_LIKELY, True, {})


def test_the_worker_lets_go_of_what_waits_in_vain_and_after_a_year_of_everything(desk: Desk, given: KnownAnswer) -> None:
    house = desk.house
    house.services.review.reunite(house.manager, desk.mated.pair_id, "handed over to the daughter")
    assert "known_answers" in rows_naming(house, given.known_id), "hidden, and still there"
    house.services.known_answers.tend()
    assert rows_naming(house, given.known_id).keys() == {"events"}
    second = desk.give(mated=False)
    assert second is not None
    house.services.review.decide(desk.newcomer, second.known_id, Verdict(Judgement.EXCLUDED, "ears"))
    house.clock.advance(days=366)
    house.services.known_answers.tend()
    assert rows_naming(house, second.known_id).keys() == {"events"}


def test_an_answer_that_has_fallen_counts_for_nobody(desk: Desk, given: KnownAnswer) -> None:
    house = desk.house
    house.services.review.decide(desk.newcomer, given.known_id, Verdict(Judgement.EXCLUDED, "x"))
    with house.services.store.reading() as records:
        assert len(records.known.judged(house.clock() - AGAIN)) == 1
    house.services.review.revoke(house.manager, desk.mated.pair_id, "the reviewer was right")
    with house.services.store.reading() as records:
        assert records.known.judged(house.clock() - AGAIN) == []


@pytest.mark.parametrize(
    ("judgement", "mated", "right"),
    [
        (Judgement.SAME_LIKELY, True, True),
        (Judgement.SAME_VERY_LIKELY, False, False),
        (Judgement.UNLIKELY, False, True),
        (Judgement.EXCLUDED, True, False),
        (Judgement.CANNOT_TELL, True, False),
        (Judgement.CANNOT_TELL, False, False),
        (Judgement.LOOKS_LIKE_RELATIVE, False, False),
    ],
)
def test_what_is_right(desk: Desk, judgement: Judgement, mated: bool, right: bool) -> None:
    given = desk.give(mated)
    assert given is not None
    desk.house.services.review.decide(desk.newcomer, given.known_id, Verdict(judgement, "x"))
    known = desk.house.services.review.view(desk.newcomer, given.known_id).known
    assert known is not None
    assert known.right is right
