"""`tracing import`: a list from the command line, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner, Result

from scripts.main import app
from tests.fakes import painted_photo

LIST = "编号,姓名,性别,大概年龄,血型\n1,王建国,男,约60岁,A\n2,李梅,女,岁数很大,\n,无号,,,\n"
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
    (tmp_path / "list.csv").write_text(LIST, "gb18030")
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def test_a_list_comes_in_once_and_its_run_can_be_looked_at(run: Run, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "photos.zip", "w") as packed:
        packed.writestr("1.png", painted_photo(1))
    first = run("import", "list.csv", "--source", "Police", "--photos", "photos.zip")
    assert first.exit_code == 0, first.output
    told = " ".join(first.output.split())
    assert "3 records of Police: 2 new, 0 changed, 0 unchanged, 1 refused; 1 new photos; 0 pairs so far." in told
    again = json.loads(run("import", "list.csv", "--source", "Police", "--json").stdout)
    assert (again["run"]["new"], again["run"]["unchanged"], again["run"]["refused"]) == (0, 2, 1)
    listed = run("imports")
    assert listed.output.count("Police") == 2
    assert "import: 2 new, 0 changed, 0 unchanged, 1 refused, 1 photos\n" in listed.output, "on one line of a terminal"
    shown: dict[str, Any] = json.loads(run("imports", again["run"]["run_id"], "--json").stdout)
    assert [(each["row"], each["column"]) for each in shown["refused_rows"]] == [(4, "编号")]


def test_a_preview_changes_nothing(run: Run) -> None:
    seen = run("import", "list.csv", "--source", "Police", "--preview")
    assert seen.exit_code == 0, seen.output
    assert "2 new, 0 changed, 0 unchanged, 1 refused; nothing was changed." in seen.output
    assert "left out" in seen.output
    assert "岁数很大" in seen.output
    told = json.loads(run("import", "list.csv", "--source", "Police", "--preview", "--json").stdout)
    assert told["columns"] == {"编号": "source_id", "姓名": "names", "性别": "sex", "大概年龄": "age", "血型": None}
    assert run("imports", "--json").stdout.strip() == "[]"


def test_what_a_column_is_can_be_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("Nr;姓名;Weiteres\n7;王;x\n")
    refused = run("import", "other.csv", "--source", "A")
    assert refused.exit_code != 0
    assert "Nr, 姓名, Weiteres" in str(refused.exception)
    said = ("--column", "Nr=source_id", "--column", "Weiteres=-", "--column", "姓名=names")
    assert "1 new" in run("import", "other.csv", "--source", "A", *said).output
    (tmp_path / "next.csv").write_text("Nr;姓名;年龄\n8;李;60\n")
    assert "1 new" in run("import", "next.csv", "--source", "A", "--preview").output
    assert "1 without one" in run("recheck", "--source", "A", "--table", "next.csv").output
    assert "1 new" in run("import", "next.csv", "--source", " A").output
    wrong = run("import", "other.csv", "--source", "A", "--column", "Nr=number")
    assert wrong.exit_code == 2
    assert "source_id" in wrong.output


def test_a_list_is_compared_from_the_command_line_and_nothing_of_it_becomes_a_case(run: Run, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    compared = run("recheck", "--source", "Police", "--table", "list.csv")
    assert compared.exit_code == 0, compared.output
    told = " ".join(compared.output.split())
    assert "3 records of Police compared with everybody here: 0 by a face, 2 without one" in told
    assert "1 refused; 0 new hits, 0 known ones." in told
    again = json.loads(run("recheck", "--source", "Police", "--table", "list.csv", "--json").stdout)
    assert (again["run"]["purpose"], again["run"]["without_face"], again["rows"], again["hits"]) == ("compare", 2, 3, 0)
    assert [(each["row"], each["column"]) for each in again["refused_rows"]] == [(4, "编号")]
    listed = run("imports")
    assert listed.output.count("compare:") == 2
    assert json.loads(run("recheck", "--json").stdout)["due"] == 0  # there is no case


def test_a_dry_run_searches_nobody(run: Run) -> None:
    seen = run("recheck", "--source", "Police", "--table", "list.csv", "--dry-run")
    assert seen.exit_code == 0, seen.output
    assert "2 new, 0 changed, 0 unchanged, 1 refused; nothing was changed." in seen.output
    assert run("imports", "--json").stdout.strip() == "[]"


def test_a_comparison_needs_a_source_and_a_table(run: Run) -> None:
    for words in (("--source", "Police"), ("--table", "list.csv")):
        refused = run("recheck", *words)
        assert refused.exit_code == 2
        assert "needs both" in refused.output
