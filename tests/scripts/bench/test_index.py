"""The bench of the index measures what it says, and invented templates are spread as they are said to be."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from scripts.bench.index import measure
from scripts.bench.templates import COMMON, Crowd
from scripts.main import app
from scripts.output import progress_bar


def everything(crowd: Crowd) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.concatenate([vectors for _, vectors in crowd.templates()])


def test_the_same_seed_gives_the_same_crowd_and_another_one_another() -> None:
    assert np.array_equal(everything(Crowd(50)), everything(Crowd(50)))
    assert not np.array_equal(everything(Crowd(50)), everything(Crowd(50, seed=1)))


def test_photos_of_one_person_are_nearer_than_people_are() -> None:
    vectors = everything(Crowd(500))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    one, other = unit[0::2], unit[1::2]
    same, different = (one * other).sum(axis=1), (one[:-1] * other[1:]).sum(axis=1)
    assert same.mean() > 0.93 > 0.89 > different.mean() > 0.8
    assert np.linalg.norm(vectors.mean(axis=0)) == pytest.approx(COMMON, rel=0.02)


def test_a_probe_is_another_photo_of_somebody_in_the_crowd() -> None:
    crowd = Crowd(300)
    vectors, probes = everything(crowd), crowd.probes(100)
    assert probes.shape == (100, 128)
    nearest = np.linalg.norm(vectors[np.newaxis] - probes[:, np.newaxis], axis=2).argmin(axis=1)
    assert len(set((nearest // 2).tolist())) > 90


def test_the_report_has_every_side_and_finds_everything() -> None:
    with progress_bar() as bar:
        report = measure(Crowd(1000), False, bar)
    assert (report.templates, report.people, report.reach) == (2000, 1000, 0)
    assert set(report.recall.values()) == {1.0}
    assert report.mate_first == 1
    assert report.flat is not None
    assert report.plain is not None
    assert report.memory_ratio < 1.15


def test_the_command_prints_words_and_json() -> None:
    said = CliRunner().invoke(app, ["bench", "index", "--size", "2000"])
    assert said.exit_code == 0
    assert "recall against exact" in said.stdout
    printed = json.loads(CliRunner().invoke(app, ["bench", "index", "--size", "2000", "--half", "--json"]).stdout)
    assert printed["half"] is True
    assert printed["ours"]["one"] > 0


@pytest.mark.long
def test_the_gallery_bench_measures_starts_refreshes_and_searches() -> None:
    printed = json.loads(CliRunner().invoke(app, ["bench", "gallery", "--size", "4000", "--json"]).stdout)
    assert printed["templates"] == 4000
    assert min(printed[name] for name in ("from_records", "from_disk", "refresh", "one_by_one", "together")) > 0
