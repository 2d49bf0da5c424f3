"""`tracing reindex backfill` by either engine, with a real encoder."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from scripts.main import app
from tests.house import a_house
from tracing.bootstrap import build
from tracing.config import Settings
from tracing.domain import Vector
from tracing.errors import EncoderUnavailable, Misconfigured

RUNNER = CliRunner()
ENCODER = "mobilefacenet-128"
PEOPLE = 12


@pytest.fixture
def generation(tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A service with painted people, the folder ``var``, and a started generation: its id."""
    with a_house(tmp_path / "var") as house:
        for person in range(PEOPLE):
            house.missing(person)
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("TRACING_MODELS_DIR", str(weights))
    started: dict[str, str] = json.loads(run("start", ENCODER, "--json").stdout)
    return started["generation_id"]


def run(*words: str, status: int = 0) -> Result:
    result = RUNNER.invoke(app, ["reindex", *words])
    assert result.exit_code == status, f"{result.output}\n{result.exception!r}"
    return result


def templates(folder: Path) -> dict[str, Vector]:
    with closing(build(Settings(data_dir=folder))) as services, services.store.reading() as records:
        cases = {each.case_id for each in records.gallery.changes(ENCODER, 0, 1000)}
        found = records.faces.templates_of_cases(cases, ENCODER)
    return {template.face_id: template.vector for of_case in found.values() for template in of_case}


@pytest.mark.long
def test_both_engines_give_the_same_templates(generation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(tmp_path / "var", tmp_path / "other")
    local = json.loads(run("backfill", generation, "--json").stdout)
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "other"))
    spread = json.loads(run("backfill", generation, "--engine", "cluster", "--json").stdout)
    assert local == spread
    assert (spread["encoded"], spread["failed"]) == (PEOPLE, [])
    one, other = templates(tmp_path / "var"), templates(tmp_path / "other")
    assert len(one) == PEOPLE
    assert one.keys() == other.keys()
    assert all(np.allclose(one[face_id], other[face_id], atol=1e-5) for face_id in one)
    assert f"{PEOPLE} of {PEOPLE} faces" in run("backfill", generation, "--engine", "cluster").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--address", "tcp://127.0.0.1:8786"], "for --engine cluster"),
        (["--unencrypted"], "for --engine cluster"),
        (["--engine", "cluster", "--address", "somewhere"], "is not the address"),
        (["--engine", "cluster", "--address", "tcp://10.0.0.5:8786"], "--unencrypted"),
    ],
)
def test_what_makes_no_sense_is_refused_before_a_model_is_loaded(generation: str, words: list[str], said: str) -> None:
    refused = run("backfill", generation, *words, status=1).exception
    assert isinstance(refused, Misconfigured)
    assert said in str(refused)


def test_a_missing_model_is_said_before_anything_starts(generation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRACING_MODELS_DIR")
    refused = run("backfill", generation, "--engine", "cluster", status=1).exception
    assert isinstance(refused, EncoderUnavailable)
    assert f"tracing models pull {ENCODER}" in str(refused)
