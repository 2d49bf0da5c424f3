"""`tracing coverage`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scripts.main import app
from tests.house import a_house
from tracing.domain import CaseKind


def test_who_was_not_searched_is_told_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")
    with a_house(tmp_path / "var") as house:
        house.sheltered(1, names=("王建国",))
        house.services.worker.work_off()
        run = CliRunner()
        whole = run.invoke(app, ["coverage", "--strict"])
        assert whole.exit_code == 0, whole.output
        assert "100 % (1)" in whole.stdout
        assert "Everyone in the open cases was searched by face and by clues." in whole.stdout
        case = house.open(CaseKind.SHELTERED)
        house.services.worker.work_off()
    told = json.loads(run.invoke(app, ["coverage", "--json"]).stdout)
    assert told["faces"]["stations"] == [{"station_id": "main", "open": 2, "searched": 1, "share": 0.5}]
    assert told["faces"]["not_searched"][0]["reason"] == "no_photo"
    assert told["clues"]["not_searched"] == [
        {"case_id": case.case_id, "reference": case.reference, "station_id": "main", "reason": "nothing_known"}
    ]
    printed = run.invoke(app, ["coverage", "--strict"])
    assert printed.exit_code == 1
    assert "no photo" in printed.stdout
    assert "王建国" not in printed.stdout
