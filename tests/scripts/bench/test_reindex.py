"""What the bench of a reindex is made of: encoders that look up, photos with a number, and what is said of searches."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from scripts.bench.known import KnownExaminer, KnownModels, key_of
from scripts.bench.reindex import _parts
from scripts.bench.searching import Search, latency
from scripts.bench.templates import Crowd
from tracing.embeddings.workplace import Task, carry_out, standard_of

CROWD = Crowd(20)


def test_a_photo_with_a_number_has_the_template_of_that_number() -> None:
    ((_, vectors),) = CROWD.templates()
    (made,) = KnownExaminer(CROWD).encode((7).to_bytes(8) + b"noise", [None], ["any"])  # type: ignore[list-item]
    assert np.array_equal(made["any"], vectors[7])
    assert int(key_of(7), 16) == 7


def test_a_worker_of_dask_gives_it_too() -> None:
    models = KnownModels(CROWD)
    task = pickle.loads(pickle.dumps(Task(models, standard_of(models(), "any"), (7).to_bytes(8), (None,))))  # type: ignore[arg-type]  # noqa: S301
    succeeded, (made,) = carry_out(task)
    assert succeeded
    assert made["any"].shape == (128,)


def test_searches_are_told_apart_by_when_they_began_and_failed_ones_have_no_latency() -> None:
    searches = [Search(1.0, 0.01, False), Search(3.0, 0.02, False), Search(3.5, 9.0, True), Search(5.0, 0.03, False)]
    assert [len(part) for part in _parts(searches, [2.0, 4.0])] == [1, 2, 1]
    assert latency(searches).median == pytest.approx(20)
    assert latency(searches).searches == 3
