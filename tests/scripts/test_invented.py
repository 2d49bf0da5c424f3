"""The invented people and what is said of them: as many distortions as stated, and nothing of the matcher in them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

import scripts.invented
from scripts.invented.accounts import Teller
from scripts.invented.distortion import NAME_RATES, PLACE_RATES, UNFORESEEN, Ear, shift
from scripts.invented.people import World, table
from tracing.clues.lexicon.pronunciation import quick, spoken_syllables
from tracing.clues.sounds import Likeness, folded, likeness

WORLD = World(Random(7))
TELLER = Teller(WORLD)
PEOPLE = [WORLD.person() for _ in range(1500)]
TOLD = [TELLER.sheltered(str(number), person) for number, person in enumerate(PEOPLE)]


def test_the_same_seed_invents_the_same_people() -> None:
    assert [World(Random(7)).person() for _ in range(3)] == [World(Random(7)).person() for _ in range(3)]


@pytest.mark.parametrize("rates", [NAME_RATES, PLACE_RATES])
def test_the_stated_rates_make_one_and_are_met(rates: dict[str, float]) -> None:
    assert sum(rates.values()) == pytest.approx(1.0)
    kinds = Counter(told.name_kind if rates is NAME_RATES else told.place_kind for told in TOLD)
    assert set(kinds) == set(rates)
    assert all(abs(kinds[kind] / len(TOLD) - rate) < 0.05 for kind, rate in rates.items())


def test_surnames_are_as_common_as_in_the_population() -> None:
    shares = table("surnames.tsv")
    borne = Counter(person.surname for person in PEOPLE)
    assert borne["王"] / len(PEOPLE) == pytest.approx(shares["王"] / sum(shares.values()), abs=0.025)


def test_what_an_interviewer_would_mark_is_where_it_is_said_to_be() -> None:
    for told in TOLD:
        for clue in told.clues:
            assert all(clue.said[mention.start : mention.end] == mention.text for mention in clue.mentions)
        assert told.unmarked.clues[0].mentions == ()


def test_homophones_sound_the_same_and_are_written_otherwise() -> None:
    ear = Ear(Random(1), list(table("given_characters.tsv")))
    for name in ("建国", "晓华", "志强"):
        assert quick(ear.homophone(name)) == quick(name)
        assert ear.homophone(name) != name


def test_most_that_is_unforeseen_does_not_fold_to_the_same() -> None:
    shifted = [
        (syllable, heard)
        for syllable in spoken_syllables()
        for old, new, where in UNFORESEEN
        if (heard := shift(syllable, old, new, where)) != syllable and heard in spoken_syllables()
    ]
    alike = sum(folded((one,)) == folded((other,)) for one, other in shifted)
    assert len(shifted) > 100
    assert alike < len(shifted) / 10


def test_a_shift_moves_whole_consonants() -> None:
    assert shift("zhang", "z", "zh", "initial") == "zhang"
    assert shift("nan", "n", "l", "initial") == "lan"
    assert shift("hua", "hu", "f", "start") == "fa"
    assert shift("hu", "hu", "f", "start") == "hu"
    assert shift("ling", "ing", "in", "end") == "lin"
    assert shift("jing", "eng", "en", "end") == "jing"


def test_the_generator_takes_nothing_from_the_tables_of_the_matcher() -> None:
    for module in Path(scripts.invented.__path__[0]).glob("*.py"):
        text = module.read_text("utf-8")
        assert "tracing.clues.sounds" not in text, module
        assert "vocabulary" not in text, module
        assert "tracing.clues.chances" not in text, module


def test_a_name_heard_by_dialect_is_mostly_what_the_matcher_takes_for_alike_and_an_unforeseen_one_is_not() -> None:
    heard: dict[str, list[bool]] = {"dialect": [], "unforeseen dialect": []}
    for person, told in zip(PEOPLE, TOLD, strict=True):
        if told.name_kind in heard and (names := told.case.description.names):
            alike = likeness(quick(names[0]), quick(person.surname + person.given))
            heard[told.name_kind].append(alike in (Likeness.SAME, Likeness.DIALECT))
    assert sum(heard["dialect"]) / len(heard["dialect"]) > 0.6
    assert sum(heard["unforeseen dialect"]) / len(heard["unforeseen dialect"]) < 0.6
