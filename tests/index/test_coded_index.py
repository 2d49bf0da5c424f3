"""From comparing everything to comparing the best by code, without a gap and without losing anybody."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scripts.bench.templates import Crowd
from tracing.domain import Vector
from tracing.errors import Damaged, Unavailable
from tracing.index import coded_index as module
from tracing.index import rows as rows_module
from tracing.index.coded_index import CodedIndex
from tracing.index.coding import REACHES, Coder
from tracing.index.exact import ExactIndex
from tracing.keeping import Shelved
from tracing.ports import Metric, VectorIndex

CROWD = Crowd(people=1500, photos=2, dimension=32)
MANY = 3000


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes are made of the first two thousand, and of the rest by the hundred."""
    monkeypatch.setattr(module, "TAIL", 100)
    monkeypatch.setattr(module, "MOST_GONE", 50)


def filled(index: VectorIndex) -> VectorIndex:
    for ids, vectors in CROWD.templates():
        index.add(ids, vectors)
    return index


def coded(metric: Metric = Metric.COSINE, half: bool | None = False) -> CodedIndex:
    index = CodedIndex(CROWD.dimension, metric, half, coded_from=2000)
    filled(index)
    index.finish()
    assert index.coded > MANY - 2 * module.TAIL
    return index


def exact(metric: Metric = Metric.COSINE) -> VectorIndex:
    return filled(ExactIndex(CROWD.dimension, metric))


def agreement(one: VectorIndex, other: VectorIndex, probes: Vector, limit: int = 20) -> float:
    """The share of the lists that both have in common; the first places have to be the same."""
    pairs = list(zip(one.search(probes, limit), other.search(probes, limit), strict=True))
    assert [ours[0] for ours, _ in pairs] == [true[0] for _, true in pairs]
    assert all(hits == sorted(hits, key=lambda hit: (-hit.score, hit.template_id)) for hits, _ in pairs)
    return float(np.mean([len(set(ours) & set(true)) / len(true) for ours, true in pairs]))


@pytest.mark.parametrize("metric", Metric)
def test_by_code_nearly_everything_is_found_and_scored_as_exactly(metric: Metric) -> None:
    assert agreement(coded(metric), exact(metric), CROWD.probes(200)) > 0.999


def test_while_codes_are_made_every_list_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    index, reference, measure = CodedIndex(CROWD.dimension, Metric.COSINE, False, 2000), exact(), Coder.measured
    seen: list[float] = []

    def measured(self: Coder, codes: object) -> tuple[int, float]:
        seen.append(agreement(index, reference, CROWD.probes(20)))
        assert index.coded == 0
        return measure(self, codes)

    monkeypatch.setattr(Coder, "measured", measured)
    filled(index)
    index.finish()
    assert seen == [1.0]
    assert index.coded


def test_the_recall_is_measured_and_kept() -> None:
    index = coded()
    assert 0.999 < index.recall <= 1
    assert index.reach in REACHES
    assert CodedIndex(32, Metric.COSINE).recall == 1


changes = st.lists(
    st.tuples(st.sampled_from(["add", "replace", "remove"]), st.integers(0, MANY), st.integers(1, 250)), max_size=8
)


@pytest.mark.long
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=changes, allow=st.none() | st.integers(0, MANY - 500))
def test_after_any_changes_nobody_is_lost_and_nobody_comes_back(changes: list[tuple[str, int, int]], allow: int | None) -> None:
    index, reference = coded(), exact()
    for number, (change, start, count) in enumerate(changes):
        ids = np.arange(start, start + count) + (10_000 * (number + 1) if change == "add" else 0)
        for each in (index, reference):
            if change == "remove":
                each.remove(ids)
            else:
                each.add(ids, Crowd(count, 1, CROWD.dimension, seed=number + 1).probes(count))
    index.finish()
    assert index.ids().tolist() == reference.ids().tolist()
    assert len(index) == len(reference)
    probes = CROWD.probes(30)
    if allow is None:
        assert agreement(index, reference, probes) > 0.995
    else:
        allowed = np.arange(allow, allow + 500)
        assert index.search(probes, 20, allowed) == reference.search(probes, 20, allowed)


def test_the_gaps_of_removed_templates_are_closed() -> None:
    index, reference = coded(), exact()
    gone = np.arange(0, MANY, 2)
    assert index.remove(gone) == reference.remove(gone) == len(gone)
    index.remove(gone)
    assert index.coded == len(index) == MANY // 2
    assert agreement(index, reference, CROWD.probes(100)) > 0.999


def test_what_came_last_is_found_before_it_has_a_code() -> None:
    index = coded()
    probe = CROWD.probes(1)
    index.add(np.array([77_777]), probe)
    assert index.coded < index.ids().size
    assert index.search(probe, 1)[0][0].template_id == 77_777


def test_a_list_longer_than_codes_reach_is_compared_in_full() -> None:
    index, reference, probes = coded(), exact(), CROWD.probes(3)
    limit = REACHES[-1]
    assert index.search(probes, limit) == reference.search(probes, limit)


def test_in_half_precision_scores_are_near_and_memory_is_half() -> None:
    index, full, probes = coded(half=True), coded(), CROWD.probes(50)
    assert index.memory < 0.65 * full.memory
    for ours, true in zip(index.search(probes, 5), full.search(probes, 5), strict=True):
        assert ours[0].template_id == true[0].template_id
        assert [hit.score for hit in ours] == pytest.approx([hit.score for hit in true], abs=1e-3)


def test_where_memory_is_short_half_precision_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "memory_at_hand", lambda: 500_000)
    assert coded(half=None).memory < 0.65 * coded(half=False).memory


def broken(self: Coder) -> object:
    raise MemoryError


def useless(self: Coder, codes: object) -> tuple[int, float]:
    return REACHES[-1], 0.5


@pytest.mark.parametrize(("method", "instead", "said"), [("learnt", broken, "could not"), ("measured", useless, "0.5000")])
def test_codes_that_fail_or_are_no_good_leave_everything_exact(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, method: str, instead: Callable[..., object], said: str
) -> None:
    monkeypatch.setattr(Coder, method, instead)
    index = CodedIndex(CROWD.dimension, Metric.COSINE, False, 2000)
    with caplog.at_level(logging.WARNING):
        filled(index)
        index.finish()
    assert index.coded == 0
    assert said in caplog.text
    assert agreement(index, exact(), CROWD.probes(20)) == 1


def test_tidied_up_nothing_is_left_of_removed_templates() -> None:
    index, reference = coded(), exact()
    for each in (index, reference):
        each.remove(np.arange(10, 30))
    assert index.tidy()
    assert index._rows.count == len(index) == MANY - 20
    assert index.coded <= MANY - 20
    assert agreement(index, reference, CROWD.probes(100)) > 0.999


@pytest.mark.parametrize("half", [False, True])
def test_kept_and_taken_back_it_is_the_same_index(half: bool) -> None:
    index = coded(half=half)
    index.remove(np.arange(40, 60))
    facts, arrays = index.shelved()
    kept = Shelved(facts, {key: list(portions) for key, portions in arrays.items()})
    again = CodedIndex(CROWD.dimension, Metric.COSINE, half, coded_from=2000)
    again.take_back(kept)
    probes = CROWD.probes(50)
    assert again.search(probes, 20) == index.search(probes, 20)
    assert (again.coded, again.reach, again.recall, len(again)) == (index.coded, index.reach, index.recall, len(index))
    for other in (
        CodedIndex(CROWD.dimension, Metric.L2, half),
        CodedIndex(16, Metric.COSINE),
        CodedIndex(32, Metric.COSINE, not half),
    ):
        with pytest.raises(Damaged):
            other.take_back(kept)


def test_codes_that_another_version_of_faiss_wrote_are_not_taken_back() -> None:
    facts, arrays = coded().shelved()
    kept = Shelved(
        facts, {key: list(portions) for key, portions in arrays.items()} | {"codes": [np.frombuffer(b"newer", np.uint8)]}
    )
    with pytest.raises(Damaged, match="codes"):
        CodedIndex(CROWD.dimension, Metric.COSINE, coded_from=2000).take_back(kept)


def test_what_is_tidied_up_while_it_is_kept_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "PORTION", 500)
    index = coded()
    _, arrays = index.shelved()
    vectors = iter(arrays["vectors"])
    next(vectors)
    index.remove(np.arange(0, 100))
    index.tidy()
    with pytest.raises(Unavailable):
        next(vectors)
