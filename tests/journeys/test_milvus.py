"""Stories of real processes that share a gallery on a real Milvus server."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from tests.beside import Beside
from tests.relay import Relay
from tracing.chosen import DEFAULT_ENCODER
from tracing.index import make_index
from tracing.ports import Metric

pytestmark = [pytest.mark.long, pytest.mark.milvus]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def settings(request: pytest.FixtureRequest, tmp_path: Path, milvus_uri: str) -> dict[str, str]:
    settings = {"data_dir": str(tmp_path / "var"), "index": f"milvus:{milvus_uri}"}
    if request.param == "postgres":
        settings["database_url"] = request.getfixturevalue("postgres_url")
    return settings


@pytest.fixture
def on_sqlite(tmp_path: Path, milvus_uri: str) -> dict[str, str]:
    return {"data_dir": str(tmp_path / "var"), "index": f"milvus:{milvus_uri}"}


def test_what_one_process_enrols_or_erases_the_other_knows_at_its_next_search(settings: dict[str, str]) -> None:
    with Beside(**settings) as one, Beside(**settings) as other:
        intake = other.tell("enrol", "sheltered", 1, 5)
        assert other.tell("search", intake) == []
        family = one.tell("enrol", "missing", 1, 1)
        assert other.tell("search", intake) == [family]
        assert one.tell("erase", family) == 1
        assert other.tell("search", intake) == []
        assert one.tell("held") == other.tell("held")
        assert len(one.tell("held")) == 1
        assert one.tell("check") == []


def test_a_process_killed_in_the_middle_of_a_filling_is_followed_by_one_that_completes_it(settings: dict[str, str]) -> None:
    with Beside(**(settings | {"index": "exact"})) as one:
        people = [one.tell("enrol", "missing", person, person) for person in range(8)]
        intake = one.tell("enrol", "sheltered", 6, 50)
    with Beside(**settings) as filling, Beside(**settings) as other:
        filling.say("fill_slowly", 3)
        while filling.hear() < 2:
            pass
        assert "Another process" in other.tell("search", intake)["unavailable"]
        filling.kill()
        assert other.tell("search", intake) == [people[6]]
        assert len(other.tell("held")) == 9
        assert other.tell("check") == []


def test_records_from_an_older_backup_are_searched_without_what_came_later(on_sqlite: dict[str, str], tmp_path: Path) -> None:
    with Beside(**on_sqlite) as one:
        early = one.tell("enrol", "missing", 1, 1)
    shutil.copytree(on_sqlite["data_dir"], tmp_path / "backup")
    with Beside(**on_sqlite) as one:
        for person in (2, 3):
            one.tell("enrol", "missing", person, person)
        assert len(one.tell("held")) == 3
    with Beside(**(on_sqlite | {"data_dir": str(tmp_path / "backup")})) as restored:
        assert restored.tell("search", restored.tell("enrol", "sheltered", 2, 9)) == []
        assert restored.tell("search", restored.tell("enrol", "sheltered", 1, 9)) == [early]
        assert len(restored.tell("held")) == 3
        assert restored.tell("check") == []


def test_a_server_that_is_gone_costs_a_moment_and_is_followed_when_it_is_back(
    on_sqlite: dict[str, str], milvus_uri: str
) -> None:
    with Relay(milvus_uri) as line, Beside(**(on_sqlite | {"index": f"milvus:{line.uri}"})) as one:
        family, intake = one.tell("enrol", "missing", 1, 1), one.tell("enrol", "sheltered", 1, 5)
        assert one.tell("search", intake) == [family]
        line.cut()
        began = time.monotonic()
        for _ in range(5):
            assert "Searches wait" in one.tell("search", intake)["unavailable"]
        assert time.monotonic() - began < 25
        later = one.tell("enrol", "missing", 1, 2)
        line.mend()
        until = time.monotonic() + 90
        while isinstance(found := one.tell("search", intake), dict) and time.monotonic() < until:
            time.sleep(1)
        assert sorted(found) == sorted([family, later])
        assert one.tell("check") == []


def test_a_server_that_nobody_runs_is_given_up_at_once() -> None:
    index = make_index("milvus:http://127.0.0.1:9", 8, Metric.COSINE, lambda: DEFAULT_ENCODER)
    began = time.monotonic()
    for _ in range(20):
        with pytest.raises(Exception, match="cannot be reached"):
            len(index)
    assert time.monotonic() - began < 10
