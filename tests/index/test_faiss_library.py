"""Rough scores by FAISS are those by numpy."""

from __future__ import annotations

import numpy as np
import pytest

from tracing.index.faiss_library import scores_of_rows
from tracing.index.settling import rough_scores
from tracing.ports import Metric


@pytest.mark.parametrize("metric", Metric)
@pytest.mark.parametrize("dimension", [1, 3, 7, 128])
def test_scores_of_rows_are_those_of_copies_of_them(metric: Metric, dimension: int) -> None:
    numbers = np.random.default_rng(dimension)
    templates, probes = (numbers.normal(size=(count, dimension)).astype(np.float32) for count in (500, 9))
    rows = numbers.integers(-1, 500, size=(9, 40))
    scores = scores_of_rows(templates, probes, rows, metric)
    there = rows >= 0
    assert np.isneginf(scores[~there]).all()
    assert scores[there] == pytest.approx(rough_scores(templates[rows], probes, metric)[there], rel=1e-5, abs=1e-4)


def test_no_row_lies_beyond_the_templates() -> None:
    one = np.ones((1, 2), dtype=np.float32)
    with pytest.raises(IndexError):
        scores_of_rows(one, one, np.array([[1]]), Metric.COSINE)
    assert scores_of_rows(one, one, np.empty((1, 0), dtype=np.int64), Metric.COSINE).shape == (1, 0)
