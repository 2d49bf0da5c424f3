"""`tracing keys` as an operator types it."""

from __future__ import annotations

import errno
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scripts.main import app, main
from tracing.store import data_keys

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def _empty_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")


def run(*words: str) -> str:
    result = RUNNER.invoke(app, words)
    assert result.exit_code == 0, f"{result.output}\n{result.exception!r}"
    return result.stdout


def test_keys_are_listed_rotated_and_destroyed_from_the_command_line() -> None:
    (first, master) = json.loads(run("keys", "list", "--json"))
    assert (first["current"], first["master"], master["master"]) == (True, False, True)
    salt = {"rows": 1, "photos": 0, "damaged": []}  # of the digests, which a service has from its first start on
    assert json.loads(run("keys", "rotate", "--json")) == salt
    old, new, _ = json.loads(run("keys", "list", "--json"))
    assert (old["key_id"], old["current"], new["current"]) == (first["key_id"], False, True)
    assert old["retired_at"] is not None
    assert json.loads(run("keys", "destroy", "--json"))["kept"].keys() == {first["key_id"]}
    assert f"{first['key_id']} is kept: it may be destroyed from" in run("keys", "destroy")
    assert "in use" in run("keys", "list")


def test_a_master_key_is_changed_from_the_command_line(tmp_path: Path) -> None:
    *_, before = json.loads(run("keys", "list", "--json"))
    told = json.loads(run("keys", "rotate", "--master", "--json"))
    *_, after = json.loads(run("keys", "list", "--json"))
    assert after["key_id"] == told["master"] != before["key_id"]
    assert "Keep a copy of it" in run("keys", "rotate", "--master")


def test_what_there_is_no_need_to_do_is_said() -> None:
    assert "No key is retired." in run("keys", "destroy")
    assert "sealed with the new key" in run("keys", "rotate")


def test_a_command_that_meets_a_full_disk_says_so_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(path: Path, _: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(data_keys, "replace_file", full)
    monkeypatch.setattr("sys.argv", ["tracing", "keys", "rotate"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = " ".join(capsys.readouterr().err.split())
    assert re.fullmatch(r"tracing: No space left on device: .*data\.keys\. It was broken off; mend this and repeat it\.", said)
