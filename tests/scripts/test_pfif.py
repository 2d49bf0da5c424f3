"""`tracing pfif`: a case is shared, listed, written as a file, and ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scripts.main import app
from tests.house import a_house
from tracing.domain import CaseKind
from tracing.errors import WrongState
from tracing.exchange.pfif.reading import read

Run = Callable[..., Result]
DOMAIN = "shelter.example.org"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    with a_house(tmp_path / "var") as house:
        house.open(CaseKind.MISSING, names=("王建国",), age_min=60)
        house.open(CaseKind.MISSING, names=("child",), age_min=6)
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("TRACING_PFIF_DOMAIN", DOMAIN)
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, ["pfif", *(str(word) for word in words)])


def test_a_case_is_shared_and_written_and_ended(run: Run, tmp_path: Path) -> None:
    said = run("share", "M-2026-00001", "--reason", "the daughter agreed")
    assert said.exit_code == 0, said.output
    (listed,) = json.loads(run("list", "--json").stdout)
    assert listed["record_id"] in " ".join(said.output.split())
    assert "M-2026-00001" in run("list").output
    assert run("export", "--to", "out.xml").exit_code == 0
    (person,) = read((tmp_path / "out.xml").read_bytes(), DOMAIN).persons
    assert (person.person_record_id, person.full_name) == (listed["record_id"], "王建国")
    assert run("export", "--to", "out.xml").exit_code == 1, "no file is written over"
    assert run("unshare", "M-2026-00001", "--reason", "asked for").exit_code == 0
    assert run("list", "--json").stdout.strip() == "[]"
    assert run("export", "--to", "later.xml").exit_code == 0
    (left,) = read((tmp_path / "later.xml").read_bytes(), DOMAIN).persons
    assert left.placeholder
    assert "unshare_case" in (tmp_path / "var" / "erased.jsonl").read_text()


def test_a_child_is_not_shared(run: Run) -> None:
    said = run("share", "M-2026-00002", "--reason", "the father agreed")
    assert isinstance(said.exception, WrongState)
    assert "under 14" in str(said.exception)


def test_where_it_is_off_it_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRACING_PFIF_DOMAIN")
    assert "TRACING_PFIF_DOMAIN" in str(run("share", "M-2026-00001", "--reason", "why").exception)
    assert "TRACING_PFIF_DOMAIN" in str(run("export", "--to", "out.xml").exception)


@pytest.mark.parametrize(
    "domain", ["Shelter.example.org", "https://shelter.example.org", "shelter", "a/b.org", "-a.org", "a..org"]
)
def test_a_domain_that_is_none_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch, domain: str) -> None:
    monkeypatch.setenv("TRACING_PFIF_DOMAIN", domain)
    assert run("list").exit_code != 0
