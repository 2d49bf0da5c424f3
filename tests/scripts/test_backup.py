"""`tracing backup` and `tracing restore` as an operator types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scripts.main import app
from tests.house import a_house
from tests.sealed import fill

RUNNER = CliRunner()


def run(*words: str, status: int = 0) -> str:
    result = RUNNER.invoke(app, words)
    assert result.exit_code == status, f"{result.output}\n{result.exception!r}"
    return result.stdout


def test_a_backup_is_made_verified_brought_back_and_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk, safe = str(tmp_path / "disk"), str(tmp_path / "safe")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
    with a_house(tmp_path / "var") as house:
        cases = fill(house)
    said = run("backup", disk, "--keys", safe)
    assert "Point of recovery: " in said
    (listed,) = json.loads(run("backup", "list", disk, "--json"))
    assert listed["photos"] == 4
    assert listed["backup_id"] in run("backup", "list", disk)
    with monkeypatch.context() as narrow:
        narrow.setenv("COLUMNS", "60")
        assert listed["backup_id"] in run("backup", "list", disk), "whole, to be typed into the next command"
    assert "is whole" in run("backup", "verify", disk)
    erased = run("cases", "erase", cases[3].reference, "--yes")
    assert f"Backups that still hold this person, until `tracing backup forget`: {listed['backup_id']}" in erased.replace(
        "\n", " "
    )
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "new"))
    back = json.loads(run("restore", disk, "--keys", safe, "--json"))
    assert (back["photos"], back["erased"]) == (4, 1)
    assert back["rows"] == sum(each["rows"] for each in listed["tables"].values())
    assert json.loads(run("check", "--photos", "--json")) == {"clean": True, "findings": []}
    assert "is deleted, with 4 photos" in run("backup", "forget", disk, listed["backup_id"])


def test_a_backup_that_lacks_a_photo_is_not_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
    with a_house(tmp_path / "var") as house:
        house.missing(1)
    run("backup", str(tmp_path / "disk"))
    next((tmp_path / "disk").glob("photos/*/*/*")).unlink()
    found = json.loads(run("backup", "verify", str(tmp_path / "disk"), "--json", status=1))
    assert (found["whole"], found["faults"][0]["what"]) == (False, "missing")
