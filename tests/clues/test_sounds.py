"""Syllables, and what dialects take for one another."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.clues.lexicon.pronunciation import spoken_syllables
from tracing.clues.sounds import CONFUSED_INITIALS, Likeness, cost, folded, likeness, parts, plain, syllable_cost

ALL = sorted(spoken_syllables())
syllables = st.lists(st.sampled_from(ALL), min_size=1, max_size=4).map(tuple)


@pytest.mark.parametrize(("one", "other"), [
    ("nan", "lan"), ("ren", "len"), ("fu", "hu"), ("fan", "huan"), ("fei", "hui"), ("zhang", "zang"), ("chen", "cen"),
    ("shi", "si"), ("ming", "min"), ("feng", "fen"), ("yang", "yan"), ("wang", "huang"), ("yu", "yi"), ("guang", "guan"),
])  # fmt: skip
def test_what_a_dialect_does_not_keep_apart_folds_to_the_same(one: str, other: str) -> None:
    assert folded((one,)) == folded((other,))
    assert 0 < syllable_cost(one, other) < 1


@pytest.mark.parametrize(
    ("one", "other"), [("ba", "pa"), ("gao", "hao"), ("li", "lu"), ("wang", "zhang"), ("zhou", "zhu"), ("ma", "mo")]
)
def test_what_every_speaker_keeps_apart_stays_apart(one: str, other: str) -> None:
    assert folded((one,)) != folded((other,))
    assert syllable_cost(one, other) >= 1


def test_the_words_of_likeness() -> None:
    assert likeness(("fu", "yang"), ("fu", "yang")) is Likeness.SAME
    assert likeness(("fu", "yang"), ("hu", "yan")) is Likeness.DIALECT
    assert likeness(("fu", "yang"), ("pu", "yang")) is Likeness.NEAR
    assert likeness(("li", "jian", "guo"), ("li", "guo")) is Likeness.NEAR
    assert likeness(("fu", "yang"), ("zhou", "kou")) is Likeness.DIFFERENT
    assert likeness((), ("zhou",)) is Likeness.DIFFERENT


def test_no_table_names_a_consonant_that_no_syllable_begins_with() -> None:
    begun = {parts(syllable)[0] for syllable in ALL}
    assert {each for pair in CONFUSED_INITIALS for each in pair} <= begun


@given(st.text(max_size=20))
def test_dropping_tones_twice_changes_nothing(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(("toned", "bare"), [("zhōng", "zhong"), ("lǜ", "lv"), ("Lü3", "lv"), ("Běi", "bei")])
def test_tones_are_dropped(toned: str, bare: str) -> None:
    assert plain(toned) == bare


@given(syllables, syllables)
def test_likeness_and_cost_are_symmetric(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert likeness(one, other) is likeness(other, one)
    assert cost(one, other) == pytest.approx(cost(other, one))
    assert (cost(one, other) == 0) == (one == other)


@given(syllables, syllables, syllables)
def test_no_detour_is_shorter(one: tuple[str, ...], two: tuple[str, ...], three: tuple[str, ...]) -> None:
    assert cost(one, three) <= cost(one, two) + cost(two, three) + 2 * 0.35 * max(map(len, (one, two, three)))


def test_folding_never_raises_and_keeps_the_number_of_syllables() -> None:
    for one, other in product(ALL[::7], ALL[::11]):
        assert folded((one, other)).count(".") == 1
