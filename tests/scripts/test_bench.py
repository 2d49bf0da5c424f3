"""`tracing bench`: what is measured of a folder of labelled photos, over painted faces."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from scripts.bench import quality
from scripts.main import app
from tests.fakes import ENCODER, FakeExaminer, faceless_photo, painted_photo, unreadable_photo
from tracing.evaluation.discard import DISCARDED
from tracing.quality import SEVERITY

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """The encoders that were asked for; painted faces are understood by each."""
    names: list[list[str]] = []

    def make_examiner(encoder_ids: list[str], *_: object) -> FakeExaminer:
        names.append(encoder_ids)
        return FakeExaminer(*encoder_ids)

    monkeypatch.setattr(quality, "make_examiner", make_examiner)
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")
    return names


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six people with four photos each, of whom one also has a photo without a face and one that is broken."""
    home = tmp_path / "people"
    for person in range(6):
        (home / f"person {person}").mkdir(parents=True)
        for shot in range(4):
            (home / f"person {person}" / f"{shot}.png").write_bytes(painted_photo(10 * person, shot=100 * person + shot))
    (home / "person 0" / "nobody.png").write_bytes(faceless_photo())
    (home / "person 0" / "broken.png").write_bytes(unreadable_photo())
    return home


def run(*words: str, status: int = 0) -> Result:
    result = RUNNER.invoke(app, ["bench", "quality", *words])
    assert result.exit_code == status, f"{result.output}\n{result.exception!r}"
    return result


def report(*words: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(run(*words, "--json").stdout)
    return found


def test_every_photo_is_compared_and_failures_to_enrol_are_listed(folder: Path) -> None:
    found = report(str(folder), "--encoder", ENCODER)
    assert (found["people"], found["photos"], found["encoder"]) == (6, 24, ENCODER)
    assert (found["mated"], found["non_mated"]) == (6 * 6, 15 * 16)
    assert found["failures_to_enrol"] == ["person 0/broken.png", "person 0/nobody.png"]


def test_the_score_every_component_chance_and_an_oracle_have_their_curve(folder: Path) -> None:
    found = report(str(folder), "--encoder", ENCODER)
    curves = found["curves"]
    assert isinstance(curves, dict)
    assert set(curves) == {"score", *SEVERITY, "chance", "ideal"}
    assert found["discarded"] == list(DISCARDED)
    for curve in curves.values():
        assert len(curve["rates"]) == len(DISCARDED)
        assert curve["rates"][0] == pytest.approx(found["false_non_match_rate"])
    assert np.ptp(curves["chance"]["rates"]) == pytest.approx(0)


def test_the_threshold_is_at_the_rate_asked_for_or_at_one_that_so_few_can_support(folder: Path) -> None:
    assert report(str(folder))["false_match_rate"] <= 0.01
    strict, loose = (report(str(folder), "--fmr", rate) for rate in ("0.01", "0.2"))
    assert strict["threshold"] > loose["threshold"]
    assert loose["false_match_rate"] == pytest.approx(0.2, abs=0.005)


def test_only_the_people_asked_for_are_looked_at(folder: Path) -> None:
    assert report(str(folder), "--people", "*[12]")["people"] == 2
    assert isinstance(run(str(folder), "--people", "nobody*", status=1).exception, Exception)


def test_the_encoder_is_that_of_the_settings_unless_one_is_named(
    folder: Path, asked: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACING_ENCODER", "fake-of-the-settings")
    run(str(folder))
    run(str(folder), "--encoder", "fake-named")
    assert asked == [["fake-of-the-settings"], ["fake-named"]]


def test_people_read_a_table_with_a_row_for_each_measure(folder: Path) -> None:
    shown = run(str(folder)).stdout
    assert "24 photos of 6 people" in shown
    assert "2 more without a face" in shown
    for measure in ("score", *SEVERITY, "chance", "ideal"):
        assert f"│ {measure} " in shown


def test_a_folder_without_anybody_to_compare_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    assert "no such folder" in str(run(str(tmp_path), status=1).exception)
    for name in ("1.png", "2.png"):
        (tmp_path / "ann" / name).write_bytes(faceless_photo())
    assert "two people" in str(run(str(tmp_path), status=1).exception)
