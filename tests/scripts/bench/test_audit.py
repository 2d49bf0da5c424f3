"""`tracing bench audit` finds the row that it altered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scripts.bench.audit import measure
from scripts.main import app
from tests.house import House


def test_the_altered_row_is_the_one_that_is_named(house: House) -> None:
    result = measure(house.services, 300)
    assert (result.events, result.altered, result.first_bad) == (300, 200, 200)
    assert result.per_second > 0


def test_it_leaves_the_data_of_the_service_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
    done = CliRunner().invoke(app, ["bench", "audit", "--events", "50", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["first_bad"] == 33
    assert not (tmp_path / "var").exists()
