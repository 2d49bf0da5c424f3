"""`tracing purge`, `tracing suppressions` and `tracing cases export` as an operator types them."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import zipfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from scripts.main import app, main
from scripts.output import write_private
from tests.house import a_house
from tests.store.backup.machines import files_no_longer_than
from tracing.access import SYSTEM
from tracing.domain import Case, CaseKind, Channel, Description, LegalBasis, Outcome, Source
from tracing.intake import ContactDraft
from tracing.store.backup.ledger import steps_in

RUNNER = CliRunner()
RULES = "closed_missing = 10\nclosed_sheltered = 60\nsearch_runs = 5\naccounts = 5\nkeepouts = 60\n"
NAME, PHONE = "王建国", "+86 138 0000 0000"


@dataclass(frozen=True)
class Files:
    over: Case
    kept: Case
    erased_reference: str


@pytest.fixture(autouse=True)
def _service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rules.toml").write_text(RULES, "utf-8")
    for name, value in {"DATA_DIR": tmp_path / "var", "RETENTION_RULES": tmp_path / "rules.toml"}.items():
        monkeypatch.setenv(f"TRACING_{name}", str(value))
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Closed twenty days ago, open, and erased with a keep-out; a photo of the last one has come again and is held."""
    with a_house(tmp_path / "var", retention_rules=tmp_path / "rules.toml") as house:
        house.clock.now = datetime.now(UTC) - timedelta(days=20)
        over = house.missing(1, names=("李四",))
        contact, source = ContactDraft("daughter", "王芳", PHONE), Source("Police of Sichuan", "1")
        kept = house.services.intake.open_case(
            house.intake, CaseKind.SHELTERED, Description(names=(NAME,)), LegalBasis.STATUTORY_DUTY, contact, source=source
        )
        house.photograph(kept, 40)
        house.services.casework.close(house.intake, over.case_id, Outcome.WITHDRAWN, "he came home", Channel.OTHER)
        gone = house.missing(80)
        house.services.retention.erase_case(house.manager, gone.case_id, suppress=True)
        again = house.missing(80)
        house.services.accounts.disable(SYSTEM, "zhao")
        assert house.services.suppressing.held(house.manager)[0].case.case_id == again.case_id
    return Files(over, kept, gone.reference)


def run(*words: str, status: int = 0) -> str:
    result = RUNNER.invoke(app, words)
    assert result.exit_code == status, f"{result.output}\n{result.exception!r}"
    return result.stdout


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """As the console command: one sentence, and the status 1."""
    monkeypatch.setattr("sys.argv", ["tracing", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    return capsys.readouterr().err


def references() -> set[str]:
    return {each["reference"] for each in json.loads(run("cases", "list", "--json"))["cases"]}


def over(told: dict[str, Any]) -> dict[str, int]:
    return {each["kind"]: each["over"] for each in told["kinds"] if each["over"]}


def rows_of_audit(tmp_path: Path, case: Case) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(tmp_path / "var" / "tracing.sqlite")) as rows:
        return rows.execute("SELECT action, actor FROM events WHERE subject = ? ORDER BY seq", (case.case_id,)).fetchall()


def test_a_dry_run_says_by_kind_what_would_go_and_changes_nothing(files: Files, tmp_path: Path) -> None:
    before = (tmp_path / "var" / "tracing.sqlite").read_bytes()
    told = json.loads(run("purge", "--dry-run", "--json"))
    assert told["dry_run"] is True
    assert {each["kind"]: each["days"] for each in told["kinds"]}["closed_missing"] == 10
    assert over(told) == {"closed_missing": 1, "search_runs": 1, "accounts": 1}
    said = run("purge", "--dry-run")
    assert "3 would go; nothing was changed." in said
    assert "would go" in said.splitlines()[1] + said.splitlines()[0]
    assert (tmp_path / "var" / "tracing.sqlite").read_bytes() == before


def test_what_is_over_goes_and_the_second_time_there_is_nothing(files: Files, tmp_path: Path) -> None:
    assert over(json.loads(run("purge", "--json"))) == {"closed_missing": 1, "search_runs": 1, "accounts": 1}
    left = references()
    assert files.over.reference not in left
    assert files.kept.reference in left
    assert json.loads(run("check", "--photos", "--json"))["clean"] is True
    with closing(sqlite3.connect(tmp_path / "var" / "tracing.sqlite")) as rows:
        (photos,) = rows.execute("SELECT count(*) FROM photos WHERE case_id = ?", (files.over.case_id,)).fetchone()
    assert photos == 0
    assert over(json.loads(run("purge", "--json"))) == {}
    assert "0 are gone." in run("purge")


def test_keep_outs_are_listed_without_a_name_and_lifted_with_a_reason(
    files: Files, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.loads(run("suppressions", "list", "--json"))
    (view,) = told["keepouts"]
    assert (view["keepout"]["purpose"], view["keepout"]["by_source"]) == ("objection", False)
    assert len(told["held_photos"]) == 1
    keepout_id = view["keepout"]["keepout_id"]
    said = run("suppressions", "list")
    assert keepout_id in said
    assert "1 photos are held until a person has decided." in said
    assert files.erased_reference not in said + json.dumps(told)
    assert "Say why" in refused(monkeypatch, capsys, "suppressions", "lift", keepout_id, "--reason", " ")
    assert "There is no such keep-out" in refused(monkeypatch, capsys, "suppressions", "lift", "f" * 32, "--reason", "a call")
    assert f"{keepout_id} is lifted." in run("suppressions", "lift", keepout_id, "--reason", "they asked for it")
    assert json.loads(run("suppressions", "list", "--json")) == {"keepouts": [], "held_photos": []}


def test_all_that_is_kept_of_a_person_is_written_to_a_file_that_nobody_else_reads(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "person.zip"
    said = run("cases", "export", files.kept.reference, "--to", str(out))
    assert f"{files.kept.reference} is in {out}" in said.replace("\n", "")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with zipfile.ZipFile(io.BytesIO(out.read_bytes())) as archive:
        document = json.loads(archive.read("person.json"))
        assert set(archive.namelist()) == {"person.json", "photos/01"}
    assert document["sections"]["case"]["data"]["description"]["names"] == [NAME]
    assert PHONE not in json.dumps(document, ensure_ascii=False)
    assert rows_of_audit(tmp_path, files.kept)[-1] == ("export_case", SYSTEM.account_id)
    written = out.read_bytes()
    assert "Name a file that is not there yet" in refused(
        monkeypatch, capsys, "cases", "export", files.kept.case_id, "--to", str(out)
    )
    assert out.read_bytes() == written
    other = str(tmp_path / "other.zip")
    assert "There is no case M-2026-99999." in refused(monkeypatch, capsys, "cases", "export", "M-2026-99999", "--to", other)
    assert not Path(other).exists()


def test_l15_an_export_for_which_the_disk_has_no_room_leaves_no_part_of_it(tmp_path: Path) -> None:
    """What is left would be somebody's data, lying open."""
    with files_no_longer_than(1000), pytest.raises(OSError, match="too large"):
        write_private(tmp_path / "person.zip", bytes(2000))
    assert list(tmp_path.glob("*.zip")) == []


def test_no_backup_brings_a_face_back_that_was_withdrawn_by_a_command(files: Files, tmp_path: Path) -> None:
    ledger = tmp_path / "var" / "erased.jsonl"
    run("cases", "withdraw-face", files.kept.reference, "--reason", "he asked us to")
    assert [step.action for step in steps_in(ledger)][-1:] == ["withdraw_face"]
    run("cases", "give-face-back", files.kept.reference, "--reason", "he agreed")
    assert [step.action for step in steps_in(ledger)][-1:] == ["give_face_back"]


def test_an_erasure_that_the_list_for_restores_does_not_take_is_said(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").touch()
    monkeypatch.setenv("TRACING_ERASURE_LEDGER", str(tmp_path / "taken" / "erased.jsonl"))
    said = refused(monkeypatch, capsys, "cases", "erase", files.kept.reference, "--yes")
    assert "would come back with a backup" in " ".join(said.split())
    assert files.kept.reference not in references()
