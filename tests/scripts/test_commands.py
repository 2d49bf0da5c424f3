"""The command line as an operator types it: quick commands in this process, over an empty service."""

from __future__ import annotations

import json
import socket
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scripts.main import app, main
from tracing import bootstrap
from tracing.errors import Invalid, Refused, Unavailable
from tracing.evidence import Calibration

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def _empty_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")


def run(*words: str, typed: str = "", status: int = 0) -> Result:
    result = RUNNER.invoke(app, words, input=typed)
    assert result.exit_code == status, f"{result.output}\n{result.exception!r}"
    return result


def refused(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    """As the console command: it ends with the status 1."""
    monkeypatch.setattr("sys.argv", ["tracing", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1


def test_a_program_gets_its_key_as_json() -> None:
    made = json.loads(run("users", "add", "partner", "--role", "service", "--api-key", "--json").stdout)
    assert made.keys() == {"name", "role", "api_key"}
    assert (made["name"], made["role"]) == ("partner", "service")
    assert made["api_key"].startswith("trc_")


def test_a_person_is_asked_for_a_password_twice() -> None:
    run("users", "add", "lin", "--role", "intake", typed="correct horse\ncorrect horse\n")
    listed = json.loads(run("users", "list", "--json").stdout)
    assert [(each["name"], each["password"], each["api_key"]) for each in listed] == [("lin", True, False)]


def test_a_password_that_was_mistyped_is_asked_for_again_in_the_language_of_the_operator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRACING_LOCALE", "zh_CN")
    said = run("users", "add", "lin", "--role", "intake", typed="correct horse\ncorrect house\ncorrect horse\ncorrect horse\n")
    assert "两次输入的密码不一致。" in said.output
    assert "Error" not in said.output
    run("users", "password", "lin", "--password-stdin", typed="another horse\n")


def test_a_password_can_come_from_standard_input() -> None:
    run("users", "add", "lin", "--role", "intake", "--password-stdin", typed="correct horse\n")
    run("users", "password", "lin", "--password-stdin", typed="another horse\n")


def test_accounts_are_disabled_enabled_and_get_new_keys() -> None:
    first = json.loads(run("users", "add", "partner", "--role", "service", "--api-key", "--json").stdout)["api_key"]
    run("users", "disable", "partner")
    assert json.loads(run("users", "list", "--json").stdout)[0]["disabled"] is True
    run("users", "enable", "partner")
    assert json.loads(run("users", "key", "partner", "--json").stdout)["api_key"] != first
    assert "partner" in run("users", "list").stdout


def test_stations_are_set_up_listed_and_closed_and_accounts_move(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run("users", "add", "lin", "--role", "intake", "--password-stdin", typed="correct horse\n")
    said = run("stations", "add", "north", "--name", "North shelter")
    assert "North shelter is set up." in said.output
    assert "Not set up yet, though cases or accounts name them: main." in said.output
    assert "No station is central" in run("stations", "list").output
    run("stations", "add", "city", "--central")
    run("users", "move", "lin", "north")
    assert json.loads(run("users", "list", "--json").stdout)[0]["station_id"] == "north"
    run("stations", "close", "north")
    listed = json.loads(run("stations", "list", "--json").stdout)
    assert [(each["station_id"], each["central"], each["closed_at"] is None) for each in listed] == [
        ("city", True, True),
        ("north", False, False),
    ]
    refused(monkeypatch, "users", "move", "lin", "north")
    assert "There is no open station of this name." in capsys.readouterr().err


def test_what_is_refused_is_one_sentence_and_the_status_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(monkeypatch, "users", "disable", "nobody")
    assert "There is no account named nobody." in capsys.readouterr().err


def test_a_wrong_setting_names_its_variable(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACING_REVIEWERS_REQUIRED", "1")
    refused(monkeypatch, "cases", "list")
    assert "TRACING_REVIEWERS_REQUIRED" in capsys.readouterr().err


def test_an_empty_service_lists_nothing_and_agrees_with_itself() -> None:
    assert json.loads(run("cases", "list", "--json").stdout) == {"total": 0, "cases": []}
    assert json.loads(run("check", "--json").stdout) == {"clean": True, "findings": []}
    assert "agrees" in run("check").stdout


def test_the_worker_ends_when_nothing_is_waiting() -> None:
    assert json.loads(run("worker", "--once", "--json").stdout) == {
        **dict.fromkeys(("photos", "searches", "failed", "clue_searches", "lists"), 0)
    }


def test_clues_are_rechecked_everywhere(tmp_path: Path) -> None:
    assert json.loads(run("clues", "recheck", "--json").stdout) == {"due": 0, "searched": 0, "failed": 0}
    assert "0 open cases are due" in run("clues", "recheck", "--no-wait").stdout


def test_a_recheck_searches_every_open_case(tmp_path: Path) -> None:
    assert json.loads(run("recheck", "--json").stdout) == {"due": 0, "searched": 0, "failed": 0}
    assert "0 open cases are due" in run("recheck", "--no-wait").stdout


def test_the_first_generation_is_there_from_the_start() -> None:
    (only,) = json.loads(run("reindex", "status", "--json").stdout)
    assert (only["encoder_id"], only["state"], only["faces"]) == ("dlib-resnet-v1", "active", 0)
    assert only["outdated_calibration"] is False


def test_another_calibration_is_named_and_taken_over_when_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    (before,) = json.loads(run("reindex", "status", "--json").stdout)
    edited = Calibration(10.0, -5.0, 0.5, 100, 10_000, ((-1.0, 1.0), (1.0, 1e-4)))
    monkeypatch.setattr(bootstrap, "measured", lambda _: edited)
    (between,) = json.loads(run("reindex", "status", "--json").stdout)
    assert between["outdated_calibration"] is True
    assert "tracing reindex recalibrate" in run("reindex", "status").stderr
    changed = json.loads(run("reindex", "recalibrate", before["generation_id"], "--json").stdout)
    assert changed["report"]["calibration"]["floor"] == 0.5
    (after,) = json.loads(run("reindex", "status", "--json").stdout)
    assert after["outdated_calibration"] is False


def test_the_first_generation_verifies_and_there_is_none_to_go_back_to(monkeypatch: pytest.MonkeyPatch) -> None:
    (only,) = json.loads(run("reindex", "status", "--json").stdout)
    assert json.loads(run("reindex", "verify", only["generation_id"], "--json").stdout)["problems"] == []
    assert "0 of 0 faces are encoded" in run("reindex", "verify", only["generation_id"]).stdout
    refused(monkeypatch, "reindex", "rollback")


def test_an_unknown_encoder_is_refused_with_the_known_ones(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(monkeypatch, "reindex", "start", "wishful")
    assert "dlib-resnet-v1" in capsys.readouterr().err


def test_an_encoder_whose_file_is_missing_is_not_started(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(monkeypatch, "reindex", "start", "dlib-taguchi-v1")
    assert "tracing models pull dlib-taguchi-v1" in " ".join(capsys.readouterr().err.split())
    (only,) = json.loads(run("reindex", "status", "--json").stdout)
    assert only["encoder_id"] == "dlib-resnet-v1"


def test_the_models_are_listed_and_what_the_packages_bring_verifies() -> None:
    listed = {each["model_id"]: each for each in json.loads(run("models", "list", "--json").stdout)}
    assert listed["dlib-resnet-v1"]["missing"] == []
    assert (listed["dlib-resnet-v1"]["use"], listed["dlib-resnet-v1"]["calibrated"]) == ("encoder", True)
    assert listed["mobilefacenet-128"]["missing"] == ["mobilefacenet_128d.onnx", "yunet_n_dynamic.onnx"]
    assert (listed["yunet"]["use"], listed["yunet"]["calibrated"]) == ("detector", None)
    words = run("models", "list").stdout
    assert all(each["model_id"] in words and each["consequences"][:30] in words for each in listed.values())
    problems = {each["model_id"]: each["problem"] for each in json.loads(run("models", "verify", "--json").stdout)}
    assert (problems["dlib-resnet-v1"], problems["yunet"]) == ("", "missing")
    run("models", "verify", "dlib-resnet-v1")
    run("models", "verify", "yunet", status=1)


def test_a_model_is_pulled_from_a_folder_with_what_it_needs(weights: Path, tmp_path: Path) -> None:
    pulled = json.loads(run("models", "pull", "mobilefacenet-128", "--from", str(weights), "--json").stdout)
    assert [each["file"] for each in pulled] == ["mobilefacenet_128d.onnx", "yunet_n_dynamic.onnx"]
    assert {Path(each["path"]).parent for each in pulled} == {tmp_path / "var" / "models"}
    assert "here already" in run("models", "pull", "mobilefacenet-128").stdout
    run("models", "verify", "mobilefacenet-128")
    (tmp_path / "var" / "models" / "yunet_n_dynamic.onnx").write_bytes(b"altered")
    run("models", "verify", status=1)


def test_what_has_to_be_fetched_by_hand_says_so() -> None:
    refused = RUNNER.invoke(app, ["models", "pull", "dlib-taguchi-v1"]).exception
    assert isinstance(refused, Invalid)
    assert "fetched by hand" in str(refused)


def test_dlibs_network_is_converted_and_the_agreement_is_told(tmp_path: Path) -> None:
    (made,) = json.loads(run("models", "build", "dlib-resnet-v1", "--json").stdout)
    assert made["faces"] == 16
    assert made["largest_difference"] < 1e-5
    assert len(list((tmp_path / "var" / "models").glob("*.onnx"))) == 1
    assert isinstance(RUNNER.invoke(app, ["models", "build", "mobilefacenet-128"]).exception, Refused | Unavailable)


def test_the_data_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    run("cases", "list")
    for place in ("var", "var/photos", "var/keys"):
        assert stat.S_IMODE((tmp_path / place).stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "var/keys/photo.key").stat().st_mode) == 0o600


def test_a_taken_port_is_told_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr("sys.argv", ["tracing", "serve", "--demo", "--port", str(taken.getsockname()[1])])
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == 1
    assert "--port" in capsys.readouterr().err
    assert not (tmp_path / "var").exists()


def test_a_trial_needs_a_folder_of_people(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refused(monkeypatch, "trial", str(tmp_path))
    assert "no folder with two photos" in capsys.readouterr().err


def test_the_report_on_the_recognition_is_a_table_or_json() -> None:
    run("users", "list")
    told = run("report", "recognition").stdout
    assert "Missed: 0 of 0 that could be found" in told
    assert "fewer than 20: no verdict" in told
    made = json.loads(run("report", "recognition", "--json").stdout)
    assert (made["found"], made["misses"], made["closings"]) == (0, [], {})
    assert (made["low_fit"], made["strangers_fit"], made["strangers_shape"]) == ("too_few",) * 3
    assert made["confirmed"] == {"pairs": 0, "quantiles": [], "cells": []}


def test_the_report_of_a_generation_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    refused(monkeypatch, "report", "recognition", "--generation", "nonsense")


def test_the_report_on_reviewers_names_them_and_tells_nothing_of_few() -> None:
    run("users", "add", "chen", "--role", "reviewer", "--api-key", "--json")
    assert "Pairs whose answer was known" in run("report", "reviewers").stdout
    made = json.loads(run("report", "reviewers", "--json").stdout)
    assert (made["reviewers"], made["known"]) == ([], [])


def test_a_person_who_signs_in_by_a_provider_gets_no_password() -> None:
    run("users", "add", "lin", "--role", "intake", "--by-provider")
    listed = json.loads(run("users", "list", "--json").stdout)
    assert [(each["name"], each["password"], each["api_key"]) for each in listed] == [("lin", False, False)]
