"""How many people have to agree is a matter of policy, and never fewer than two, whoever the person is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.factories import CountingIds, FixedClock
from tests.house import House, a_house
from tracing.config import Settings
from tracing.domain import CaseState, Judgement, Outcome, Pair, PairState, PartialDate, Role
from tracing.errors import NotAllowed
from tracing.review import Review
from tracing.verdict import Verdict

PEOPLE: dict[str, dict[str, Any]] = {
    "an adult": {"age_min": 40, "age_max": 40},
    "17": {"age_min": 17, "age_max": 17},
    "18": {"age_min": 18, "age_max": 18},
    "13": {"age_min": 13, "age_max": 13},
    "14": {"age_min": 14, "age_max": 14},
    "of an unknown age": {},
    "between 15 and 25": {"age_min": 15, "age_max": 25},
    "older than 17": {"age_min": 17},
    "younger than 18": {"age_max": 18},
    "born in the year of the majority": {"birth_date": PartialDate(2008)},
    "a newborn": {"birth_date": PartialDate(2026, 3, 1)},
    "lost as a child and grown since": {"birth_date": PartialDate(1990), "age_min": 6, "age_max": 6},
}


def as_if_one_were_enough(house: House, required: int = 1) -> Review:
    """A review desk over the records of the house, by a program that asked for fewer than the settings allow."""
    return Review(house.services.store, house.clock, CountingIds(), reviewers_required=required)


@pytest.mark.parametrize("number", ["1", "0", "-2", "6", "two", ""])
def test_l14_no_setting_makes_one_person_enough(number: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TRACING_REVIEWERS_REQUIRED", number)
    with pytest.raises(ValidationError, match="reviewers_required"):
        Settings(data_dir=tmp_path)


@pytest.mark.parametrize("number", [2, 3, 5])
def test_more_are_a_matter_of_policy(number: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).reviewers_required == 2
    monkeypatch.setenv("TRACING_REVIEWERS_REQUIRED", str(number))
    assert Settings(data_dir=tmp_path).reviewers_required == number


@pytest.mark.parametrize("said", PEOPLE.values(), ids=PEOPLE.keys())
@pytest.mark.parametrize("required", [1, 0, -1])
def test_l14_whoever_it_is_one_person_never_confirms(house: House, said: dict[str, Any], required: int) -> None:
    pair = house.pair(house.missing(1, **said), house.sheltered(1))
    review = as_if_one_were_enough(house, required)
    yes = Verdict(Judgement.SAME_VERY_LIKELY, "the same scar", confidence=5)
    assert review.decide(house.reviewer, pair.pair_id, yes).state is PairState.FIRST_POSITIVE
    with pytest.raises(NotAllowed):
        review.decide(house.reviewer, pair.pair_id, yes)
    assert review.decide(house.second, pair.pair_id, yes).state is PairState.CONFIRMED


@pytest.mark.parametrize("said", [PEOPLE["17"], PEOPLE["18"], PEOPLE["of an unknown age"]], ids=["17", "18", "unknown"])
@pytest.mark.parametrize("required", [2, 3, 4])
def test_so_many_as_the_policy_asks_for_have_to_agree(tmp_path: Path, said: dict[str, Any], required: int) -> None:
    with a_house(tmp_path / "var", reviewers_required=required) as house:
        pair = house.pair(house.missing(1, **said), house.sheltered(1))
        people = [house.hire(f"reviewer {number}", Role.REVIEWER) for number in range(required)]
        states = [house.judge(person, pair).state for person in people]
    assert states == [PairState.FIRST_POSITIVE] * (required - 1) + [PairState.CONFIRMED]


def test_a_senior_who_ends_a_dispute_needs_another_who_said_so(house: House) -> None:
    """The first reviewer has taken the positive judgement back: the senior is alone, of a child as of anybody."""
    pair = house.pair(house.missing(1, age_min=8, age_max=8), house.sheltered(1))
    review = as_if_one_were_enough(house)
    house.judge(house.reviewer, pair)
    review.reconsider(house.reviewer, pair.pair_id, Verdict(Judgement.EXCLUDED, "another mole"))
    alone = review.decide(house.manager, pair.pair_id, Verdict(Judgement.SAME_VERY_LIKELY, "the same mole"))
    assert alone.state is PairState.FIRST_POSITIVE
    assert states_of(house, pair) == {CaseState.OPEN}


@pytest.mark.parametrize("required", [2, 5])
@pytest.mark.parametrize("said", [PEOPLE["17"], PEOPLE["an adult"], {}], ids=["17", "adult", "unknown"])
def test_that_somebody_died_takes_two_words_whatever_the_policy(tmp_path: Path, said: dict[str, Any], required: int) -> None:
    with a_house(tmp_path / "var", reviewers_required=required) as house:
        case = house.sheltered(1, **said)
        close = house.services.casework.close
        assert close(house.intake, case.case_id, Outcome.DECEASED, "the hospital called").state is CaseState.OPEN
        with pytest.raises(NotAllowed):
            close(house.intake, case.case_id, Outcome.DECEASED, "they called again")
        assert close(house.manager, case.case_id, Outcome.DECEASED, "saw the certificate").state is CaseState.CLOSED


def test_a_match_of_somebody_who_has_died_is_no_way_around_two_people(house: House) -> None:
    """Whoever was said to have died by one person is open still: the pair needs two reviewers, and the death a second word."""
    missing, sheltered = house.missing(1), house.sheltered(1)
    pair = house.pair(missing, sheltered)
    house.services.casework.close(house.intake, sheltered.case_id, Outcome.DECEASED, "the hospital called")
    assert house.judge(house.reviewer, pair).state is PairState.FIRST_POSITIVE
    assert house.judge(house.second, pair).state is PairState.CONFIRMED
    assert house.services.approvals.waiting(house.manager) == [], "the word was about a case that was open"


def states_of(house: House, pair: Pair) -> set[CaseState]:
    with house.services.store.reading() as records:
        return {case.state for case in records.cases.by_ids(pair.case_ids).values()}


def test_the_clock_of_these_tests_stands_where_the_ages_expect_it() -> None:
    assert FixedClock().now.date().isoformat() == "2026-03-01"
