"""What to ask next."""

from __future__ import annotations

from dataclasses import replace
from math import log2
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.clues.next_questions import Possible, answered, entropy, pointed, pointing, questions, shares
from tracing.domain.regions import ancestry

COUNTIES = ("341202", "341203", "341225", "411602", "510104", "510105", "429004")


def at(number: int, code: str, weight: float = 0.0, **more: float) -> Possible:
    keys = {f"place:{each}": 1.0 for each in ancestry(code)}
    return Possible(str(number), weight, keys | {f"word:{key}": chance for key, chance in more.items()})


MANY = [at(number, code) for number, code in enumerate(COUNTIES)]
possibles = st.lists(
    st.builds(at, st.integers(), st.sampled_from(COUNTIES), st.floats(-5, 5), scar=st.floats(0, 1)), min_size=1, max_size=12
)


def test_the_question_that_halves_what_is_left_comes_first() -> None:
    assert questions(MANY)[0].key in ("place:340000", "place:341200")
    assert questions(MANY, asked=("place:340000", "place:341200"))[0].key in ("place:510000", "place:510100")


def test_what_is_so_of_everybody_is_not_asked() -> None:
    assert [question.key for question in questions([at(1, "341202"), at(2, "341203")])] == ["place:341202", "place:341203"]
    assert questions([at(1, "341202")]) == []
    assert questions([]) == []


def test_a_case_that_fits_better_already_decides_what_is_worth_asking() -> None:
    likely = [at(0, "341202", 8.0), at(1, "411602", 8.0), *MANY]
    assert questions(likely)[0].key[:8] in ("place:34", "place:41")


def after(cases: list[Possible], key: str, yes: bool) -> list[Possible]:
    """The same cases once the question was answered: each weighs by how well the answer fits it."""
    return [replace(each, weight=each.weight + log2(answered(each.keys.get(key, 0.0), yes))) for each in cases]


@given(possibles)
def test_the_gain_is_what_the_answer_takes_off_the_uncertainty_on_the_whole(cases: list[Possible]) -> None:
    for question in questions(cases, limit=3):
        said, denied = (entropy(shares(after(cases, question.key, yes))) for yes in (True, False))
        expected = question.yes * said + (1 - question.yes) * denied
        assert entropy(shares(cases)) - expected == pytest.approx(question.gain, abs=1e-6)


@given(possibles)
def test_no_question_says_more_than_one_bit_and_none_less_than_nothing(cases: list[Possible]) -> None:
    assert all(0 < question.gain <= 1 for question in questions(cases))
    assert sum(shares(cases)) == pytest.approx(1.0)


def test_more_places_to_point_at_say_more() -> None:
    places = [f"place:{code}" for code in COUNTIES]
    gains = [pointing(places[:count], MANY, shares(MANY)) for count in (1, 2, 4)]
    assert gains == sorted(gains)
    assert gains[-1] > gains[0]


def test_pointing_at_one_place_says_as_much_as_asking_for_it() -> None:
    (question,) = [each for each in questions(MANY, limit=99) if each.key == "place:510104"]
    assert pointing(["place:510104"], MANY, shares(MANY)) == pytest.approx(question.gain)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_somebody_points_at_one_of_the_choices_or_at_none(chances: list[float]) -> None:
    told = pointed(chances)
    assert len(told) == len(chances) + 1
    assert sum(told) == pytest.approx(1.0)
    assert min(told) >= 0


def test_thousands_of_cases_are_asked_about_at_once() -> None:
    cases = [at(number, COUNTIES[number % 7]) for number in range(5_000)]
    started = perf_counter()
    assert questions(cases)
    assert pointing([f"place:{code}" for code in COUNTIES], cases, shares(cases)) > 1
    assert perf_counter() - started < 60
