"""`tracing clocks` and `tracing tasks`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scripts.main import app
from tests.house import a_house
from tracing.domain import CaseKind
from tracing.errors import Invalid, Misconfigured

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments), catch_exceptions=True)

    return invoke


def test_an_intake_before_the_new_year_is_explained_without_any_data(run: Run, tmp_path: Path) -> None:
    told = json.loads(run("clocks", "explain", "--opened", "2026-02-12T10:00+08:00", "--json").stdout)
    assert [(each["rule_id"], each["due_at"], each["provisional"]) for each in told] == [
        ("police_child", "2026-02-12T12:00:00+08:00", False),
        ("notice", "2026-02-13T10:00:00+08:00", False),
        ("stranded", "2026-02-22T23:59:59+08:00", False),
        ("dna_request", "2026-02-28T23:59:59+08:00", False),
        ("settlement", "2026-05-12T23:59:59+08:00", False),
    ]
    words = run("clocks", "explain", "--opened", "2026-02-12T10:00").stdout
    assert "Sat 2026-02-28 23:59:59" in words
    assert "rovisional" not in words
    assert "Provisional: the official calendar" in run("clocks", "explain", "--opened", "2027-02-01T10:00").stdout
    assert isinstance(run("clocks", "explain", "--opened", "soon").exception, Invalid)
    assert not (tmp_path / "var").exists()


def test_rules_are_listed_and_those_of_a_file_that_makes_no_sense_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "7 working days" in run("clocks", "rules").stdout
    assert json.loads(run("clocks", "rules", "--json").stdout)["zone"] == "Asia/Shanghai"
    monkeypatch.setenv("TRACING_CLOCK_RULES", str(tmp_path / "rules.toml"))
    assert isinstance(run("clocks", "rules").exception, Misconfigured)
    (tmp_path / "rules.toml").write_text("name = 1")
    assert isinstance(run("clocks", "rules").exception, Misconfigured)


def test_clocks_and_tasks_of_cases(run: Run, tmp_path: Path) -> None:
    with a_house(tmp_path / "var") as house:
        case = house.open(CaseKind.SHELTERED)
    shown = json.loads(run("clocks", "show", case.reference, "--json").stdout)
    assert [each["rule_id"] for each in shown][:2] == ["notice", "dna_request"]
    assert case.reference in run("clocks", "show", case.case_id).stdout
    told = json.loads(run("tasks", "--overdue", "--json").stdout)
    assert (told["total"], told["overdue"]) == (2, 2), "it is later than March 2026 by now"
    assert "2 of 2 tasks, 2 overdue" in run("tasks", "--station", "main").stdout
    assert json.loads(run("tasks", "--rule", "notice_again", "--json").stdout)["total"] == 0
    assert json.loads(run("clocks", "start", "--json").stdout) == {"cases": 0}
    assert "0 cases" in run("clocks", "start", "--since", "2026-01-01T00:00").stdout
