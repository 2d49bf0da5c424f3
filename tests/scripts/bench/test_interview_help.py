"""The bench of the help with an interview: the boards that are chosen bring up the right case sooner than any others."""

from __future__ import annotations

from pathlib import Path

from scripts.bench.interview_help import TEN, measure
from tests.house import a_house


def test_boards_that_are_chosen_find_the_true_case_sooner_than_boards_at_random(tmp_path: Path) -> None:
    with a_house(tmp_path / "var") as house:
        result = measure(house.services, missing=300, people=4, boards=5, seed=7)
    assert (result.missing, len(result.chosen), len(result.at_random)) == (300, 4, 4)
    assert result.found(result.chosen, 5) > result.found(result.at_random, 5)
    assert result.found(result.chosen, 0) <= result.found(result.chosen, 5)
    assert all(len(each.ranks) == 6 for each in (*result.chosen, *result.at_random))
    for each in result.chosen:
        number = each.boards_until_found()
        assert number is None or (each.ranks[number] or TEN + 1) <= TEN
    assert 0 < result.median <= result.p95
