"""`tracing audit` as an operator types it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scripts.main import app, main
from tests.factories import FixedClock
from tests.fakes import FakeExaminer, painted_photo
from tests.house import a_house
from tracing.access import SYSTEM
from tracing.bootstrap import build
from tracing.chosen import DEFAULT_ENCODER
from tracing.config import Settings
from tracing.domain import CaseKind, Decision, Description, LegalBasis

RUNNER = CliRunner()


def run(*words: str, status: int = 0) -> Result:
    result = RUNNER.invoke(app, words)
    assert result.exit_code == status, f"{result.output}\n{result.exception!r}"
    return result


@pytest.fixture
def decision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Decision:
    """A judgement of a pair, in the service that the commands open."""
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")
    with a_house(tmp_path / "var") as house:
        pair = house.pair(house.missing(1), house.sheltered(1))
        house.judge(house.reviewer, pair)
        with house.services.store.reading() as records:
            return records.pairs.decisions(pair.pair_id)[0]


def add_somebody_alike() -> None:
    with closing(build(Settings(), FixedClock(), examiner=FakeExaminer(DEFAULT_ENCODER))) as services:
        case = services.intake.open_case(SYSTEM, CaseKind.MISSING, Description(), LegalBasis.STATUTORY_DUTY)
        services.intake.analyse(services.intake.add_photo(SYSTEM, case.case_id, painted_photo(1, shot=50)).photo_id)


def test_a_decision_is_replayed(decision: Decision) -> None:
    assert "comes out the same today" in run("audit", "replay", decision.decision_id).stdout
    told = json.loads(run("audit", "replay", decision.decision_id, "--json").stdout)
    assert (told["same_list"], told["changes"], told["decision"]["judgement"]) == (True, [], "same_likely")
    assert told["decision"]["grounds"]["photos"].keys() == {line["case_id"] for line in told["today"]["list"]} | {
        told["shown"]["case_id"]
    }


def test_what_changed_is_told_in_a_table(decision: Decision) -> None:
    add_somebody_alike()
    told = run("audit", "replay", decision.decision_id).stdout
    assert "comes out differently today" in told
    assert "not listed" in told


def test_a_decision_that_is_not_there_is_one_sentence_and_the_status_1(
    decision: Decision, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["tracing", "audit", "replay", "f" * 32])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "There is no such decision." in capsys.readouterr().err


def test_the_audit_is_verified_and_an_altered_row_named(decision: Decision, tmp_path: Path) -> None:
    assert "The audit is whole" in run("audit", "verify").stdout
    whole = json.loads(run("audit", "verify", "--json").stdout)
    assert (whole["whole"], whole["first_bad"], whole["events"] > 10) == (True, None, True)
    with closing(sqlite3.connect(tmp_path / "var" / "tracing.sqlite")) as connection, connection:
        connection.execute("UPDATE events SET action = 'nothing' WHERE seq = 7")
    assert "From row 7 on" in run("audit", "verify", status=1).stdout
    assert json.loads(run("audit", "verify", "--json", status=1).stdout)["first_bad"] == 7
