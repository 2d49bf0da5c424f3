"""The measurement of clues, on few invented people."""

from __future__ import annotations

import json
from random import Random

import pytest
from typer.testing import CliRunner

from scripts.bench import clue_chances
from scripts.bench.clue_lists import FullText, bigrams, face_rank, trigrams
from scripts.bench.clues import CLUES, FACES, MARKED, TRIGRAMS, WORDS, Found, Share, measure
from scripts.invented.people import World
from scripts.main import app


@pytest.fixture(scope="module")
def found() -> Found:
    return measure(missing=300, sheltered=40, mated=0.75, seed=3)


def test_each_way_has_a_rank_for_each_person_in_both(found: Found) -> None:
    assert len(found.mates) == 30
    assert {len(ranks) for ranks in found.ranks.values()} == {30}
    assert len(found.strangers) == 10


def test_clues_find_more_than_plain_full_text(found: Found) -> None:
    clues = found.share(found.ranks[MARKED], 10).value
    assert clues > found.share(found.ranks[WORDS], 10).value
    assert clues > found.share(found.ranks[TRIGRAMS], 10).value
    assert found.share(found.ranks[CLUES], 10).value > 0.5


def test_two_lists_find_what_either_finds(found: Found) -> None:
    either = found.either(10)
    assert either.found >= max(found.share(found.ranks[way], 10).found for way in (MARKED, FACES))
    assert found.interleaved(1) == found.share(found.ranks[MARKED], 1)
    assert found.interleaved(10).found <= either.found


def test_the_kinds_of_distortion_cover_everybody_once(found: Found) -> None:
    for kind in (lambda account: account.name_kind, lambda account: account.place_kind):
        assert sum(first.of for _, first, _, _ in found.by_kind(kind)) == len(found.mates)


def test_chances_are_compared_with_what_was_found(found: Found) -> None:
    rows = clue_chances.rows(found.pairs)
    assert len(found.pairs) == 30
    for outcome in ("name", "home"):
        columns = list(
            zip(*((chance, one, other) for name, chance, one, other in rows if name.startswith(outcome)), strict=True)
        )
        assert [sum(column) for column in columns] == pytest.approx([1.0, 1.0, 1.0])


def test_an_interval_holds_its_share() -> None:
    assert Share(8, 10).interval == pytest.approx((0.490, 0.943), abs=1e-3)
    assert Share(0, 0).interval == (0.0, 1.0)
    assert str(Share(10, 10)) == "100.0% (72.2%-100.0%)"


def test_full_text_finds_the_text_that_shares_the_most() -> None:
    texts = ["老家在安徽阜阳", "老家在四川成都", "I come from Fuyang"]
    for kind in (True, False):
        assert FullText(texts, trigrams=kind).ranked('"四川成都" OR * NEAR(', 2)[0] == 1
        assert FullText(texts, trigrams=kind).ranked("!!", 2) == []
    assert trigrams("安徽阜阳，好") == ["安徽阜", "徽阜阳"]
    assert bigrams("安徽阜 x") == ["安徽", "徽阜", "x"]


def test_faces_of_more_others_are_found_less_often() -> None:
    world = World(Random(5))
    people = [world.person() for _ in range(400)]
    random = Random(9)
    few, many = ([face_rank(random, person, size) for person in people] for size in (10, 2000))
    firsts = [sum(rank == 1 for rank in ranks) for ranks in (few, many)]
    assert firsts[0] > firsts[1] > 0
    assert any(rank is None for rank in few)


def test_the_command_prints_json_for_programs() -> None:
    shown = CliRunner().invoke(app, ["bench", "clues", "--missing", "60", "--sheltered", "12", "--json"])
    assert shown.exit_code == 0, shown.output
    figures = json.loads(shown.stdout)
    assert figures["mated"] == 10
    assert set(figures["ways"][MARKED]) == {"1", "10"}
