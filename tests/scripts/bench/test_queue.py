"""`tracing bench queue` fills two queues of its own and looks at them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scripts.bench.queue import fill
from scripts.main import app
from tests.house import House


def test_as_many_pairs_wait_as_were_asked_for(house: House) -> None:
    fill(house.services, 150)
    page = house.services.review.queue(house.reviewer)
    assert (len(page.pairs), page.total) == (10, 150)
    assert {case.station_id for case in page.cases.values()} <= {f"station {number}" for number in range(10)}


def test_it_leaves_the_data_of_the_service_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
    done = CliRunner().invoke(app, ["bench", "queue", "--few", "100", "--pairs", "300", "--turns", "1", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["few"]["pairs"], told["many"]["pairs"]) == (100, 300)
    assert min(told["many"][name] for name in ("first_sheet", "tenth_sheet", "by_station")) > 0
    assert not (tmp_path / "var").exists()
