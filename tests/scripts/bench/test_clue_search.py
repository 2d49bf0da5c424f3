"""The bench of the search by clues: it searches what it has invented, and finds."""

from __future__ import annotations

from pathlib import Path

from scripts.bench.clue_search import measure
from tests.house import a_house


def test_invented_cases_are_searched_and_timed(tmp_path: Path) -> None:
    with a_house(tmp_path / "var") as house:
        result = measure(house.services, 60, 20, "sqlite")
        assert (result.cases, result.searches, result.database) == (60, 20, "sqlite")
        assert result.keys > 60 * 5
        assert 0 < result.found <= result.mated <= 20
        assert 0 < result.look_median <= result.look_p95
        assert 0 < result.ask_median <= result.ask_p95
        assert 0 < result.search_median <= result.search_p95
        with house.services.store.reading() as records:
            assert records.clues.coverage() == (20, 60)
