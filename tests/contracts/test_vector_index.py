"""Every promise of the port ``VectorIndex``: numpy, FAISS in full and by codes, Milvus in a file and on a server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from tracing.domain import Hit, Vector
from tracing.errors import Invalid
from tracing.index import coded_index, coding, make_index
from tracing.index.coded_index import CodedIndex
from tracing.ports import Metric, VectorIndex

DIMENSION = 4
SERVER = pytest.param("milvus", marks=[pytest.mark.long, pytest.mark.milvus])
SPECS = ("exact", "faiss:Flat", "auto", "codes", "milvus-lite", SERVER)

MakeIndex = Callable[[Metric], VectorIndex]


@pytest.fixture(params=SPECS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make(kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> MakeIndex:
    """Makes an empty index; a former one of the same kind and metric may be emptied by it."""
    match kind:
        case "codes":
            monkeypatch.setattr(coded_index, "TAIL", 1)  # everything has a code at once
            monkeypatch.setattr(coding, "REACHES", (16_384,))  # and all that has one is compared in full then
            return emptied_codes
        case "milvus" | "milvus-lite":
            uri: str = request.getfixturevalue("milvus_uri" if kind == "milvus" else "milvus_lite_uri")
            return lambda metric: emptied(uri, metric)
    return lambda metric: make_index(kind, DIMENSION, metric)


def emptied_codes(metric: Metric) -> VectorIndex:
    """An index whose codes are in use, with nothing in it any more."""
    index = CodedIndex(DIMENSION, metric, half=False, coded_from=500)
    crowd = np.random.default_rng(0).standard_normal((500, DIMENSION)).astype(np.float32)
    index.add(np.arange(500), crowd)
    index.finish()
    index.remove(np.arange(500))
    assert index.tidy()
    assert index.reach == 16_384
    return index


def emptied(uri: str, metric: Metric) -> VectorIndex:
    """The same collection each time: to make one takes Milvus far longer than to empty it."""
    index = make_index(f"milvus:{uri}", DIMENSION, metric, lambda: f"contract_{metric}")
    index.remove(index.ids())
    return index


@pytest.fixture(params=Metric)
def metric(request: pytest.FixtureRequest) -> Metric:
    return Metric(request.param)


@pytest.fixture
def index(make: MakeIndex, metric: Metric) -> VectorIndex:
    return make(metric)


def names(*ids: int) -> NDArray[np.int64]:
    return np.array(ids, dtype=np.int64)


def rows(*vectors: Sequence[float]) -> Vector:
    """Filled up with zeros."""
    filled = np.zeros((len(vectors), DIMENSION), dtype=np.float32)
    for row, vector in zip(filled, vectors, strict=True):
        row[: len(vector)] = vector
    return filled


def found(hits: Sequence[Hit]) -> list[int]:
    return [hit.template_id for hit in hits]


RIGHT, UP, SLANTED, LEFT = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (1.0, 1.0, 0.0), (-1.0, 0.0, 0.0)


def test_the_nearest_comes_first(index: VectorIndex) -> None:
    index.add(names(1, 2, 3, 4), rows(UP, SLANTED, LEFT, RIGHT))
    assert found(index.search(rows(RIGHT), 4)[0]) == [4, 2, 1, 3]


def test_each_probe_has_its_own_list(index: VectorIndex) -> None:
    index.add(names(1, 2), rows(RIGHT, UP))
    assert [found(hits) for hits in index.search(rows(UP, RIGHT), 1)] == [[2], [1]]


def test_a_cosine_score_is_the_cosine_whatever_the_lengths(make: MakeIndex) -> None:
    index = make(Metric.COSINE)
    index.add(names(1, 2, 3), rows((5, 0, 0), (0.1, 0.1, 0), (-300, 0, 0)))
    assert [hit.score for hit in index.search(rows((7, 0, 0)), 3)[0]] == pytest.approx([1, 0.5**0.5, -1], abs=1e-6)


def test_an_l2_score_is_the_negative_distance(make: MakeIndex) -> None:
    index = make(Metric.L2)
    index.add(names(1, 2), rows((3, 4, 0), (0, 0, 0)))
    assert [hit.score for hit in index.search(rows((0, 0, 0)), 2)[0]] == pytest.approx([0, -5], abs=1e-6)


def test_equal_scores_are_ordered_by_id(index: VectorIndex) -> None:
    ids = np.random.default_rng(3).permutation(500)
    index.add(ids, np.tile(rows(SLANTED), (500, 1)))
    assert found(index.search(rows(RIGHT), 7)[0]) == [0, 1, 2, 3, 4, 5, 6]


def test_a_tie_at_the_end_of_the_list_is_cut_by_id(index: VectorIndex) -> None:
    index.add(np.arange(100)[::-1].copy(), np.concatenate([np.tile(rows(UP), (98, 1)), rows(RIGHT, RIGHT)]))
    assert found(index.search(rows(RIGHT), 5)[0]) == [0, 1, 2, 3, 4]


def test_a_list_is_never_padded(index: VectorIndex) -> None:
    index.add(names(1, 2), rows(RIGHT, UP))
    assert found(index.search(rows(RIGHT), 1000)[0]) == [1, 2]


def test_an_empty_index_finds_nothing(index: VectorIndex) -> None:
    assert index.search(rows(RIGHT, UP), 5) == [[], []]
    assert len(index) == 0
    assert index.ids().tolist() == []


def test_what_compares_everything_finds_everything(index: VectorIndex) -> None:
    assert index.recall == 1


def test_no_probes_give_no_lists(index: VectorIndex) -> None:
    index.add(names(1), rows(RIGHT))
    assert index.search(rows(), 5) == []


def test_a_limit_of_nothing_finds_nothing(index: VectorIndex) -> None:
    index.add(names(1), rows(RIGHT))
    assert index.search(rows(RIGHT), 0) == [[]]


def test_a_negative_limit_is_refused(index: VectorIndex) -> None:
    with pytest.raises(Invalid):
        index.search(rows(RIGHT), -1)


def test_adding_an_id_again_replaces_its_template(index: VectorIndex) -> None:
    index.add(names(1, 2), rows(RIGHT, UP))
    for _ in range(3):
        index.add(names(1), rows(RIGHT))
    index.add(names(1), rows(LEFT))
    assert len(index) == 2
    assert found(index.search(rows(RIGHT), 5)[0]) == [2, 1]


def test_adding_nothing_changes_nothing(index: VectorIndex) -> None:
    index.add(names(), rows())
    assert len(index) == 0


def test_removing_counts_only_what_was_there(index: VectorIndex) -> None:
    index.add(names(1, 2, 3), rows(RIGHT, UP, LEFT))
    assert index.remove(names(2, 9, 3, 3)) == 2
    assert index.remove(names(2)) == 0
    assert index.remove(names()) == 0
    assert index.ids().tolist() == [1]
    assert found(index.search(rows(UP), 5)[0]) == [1]


def test_ids_ascend_whatever_the_order_of_adding(index: VectorIndex) -> None:
    largest = 2**63 - 1
    index.add(names(7, largest, 0), rows(RIGHT, UP, LEFT))
    assert index.ids().tolist() == [0, 7, largest]
    assert index.ids().dtype == np.int64
    assert found(index.search(rows(UP), 1)[0]) == [largest]


def test_only_allowed_ids_are_found(index: VectorIndex) -> None:
    index.add(names(1, 2, 3), rows(RIGHT, SLANTED, UP))
    assert found(index.search(rows(RIGHT), 5, allow=names(3, 2, 77))[0]) == [2, 3]


def test_allowing_nobody_finds_nobody(index: VectorIndex) -> None:
    index.add(names(1), rows(RIGHT))
    assert index.search(rows(RIGHT), 5, allow=names()) == [[]]


BAD_TEMPLATES: dict[str, NDArray[Any]] = {
    "NaN": rows((np.nan, 0, 0), RIGHT),
    "infinity": rows(RIGHT, (0, -np.inf, 0)),
    "so large that its square overflows": rows(RIGHT, (1e30, 0, 0)),
    "too short": np.ones((2, DIMENSION - 1), dtype=np.float32),
    "one row without a batch": np.ones(DIMENSION, dtype=np.float32),
    "float64": np.ones((2, DIMENSION), dtype=np.float64),
}


@pytest.mark.parametrize("vectors", BAD_TEMPLATES.values(), ids=BAD_TEMPLATES.keys())
def test_a_bad_template_is_refused_and_nothing_is_added(index: VectorIndex, metric: Metric, vectors: NDArray[Any]) -> None:
    index.add(names(1), rows(UP))
    with pytest.raises(Invalid):
        index.add(names(1, 2), vectors)
    assert index.ids().tolist() == [1]
    assert index.search(rows(UP), 5)[0] == [Hit(1, 1.0 if metric is Metric.COSINE else 0.0)]


@pytest.mark.parametrize("vectors", BAD_TEMPLATES.values(), ids=BAD_TEMPLATES.keys())
def test_a_bad_probe_is_refused(index: VectorIndex, vectors: NDArray[Any]) -> None:
    index.add(names(1), rows(UP))
    with pytest.raises(Invalid):
        index.search(vectors, 1)


def test_a_zero_template_has_no_cosine(make: MakeIndex) -> None:
    index = make(Metric.COSINE)
    with pytest.raises(Invalid, match="template 8 "):
        index.add(names(7, 8), rows(RIGHT, (0, 0, 0)))
    with pytest.raises(Invalid):
        index.search(rows((0, 0, 0)), 1)
    assert len(index) == 0


def test_the_smallest_template_still_has_a_direction(make: MakeIndex) -> None:
    index = make(Metric.COSINE)
    index.add(names(1), rows((1e-45, 0, 0)))
    assert index.search(rows(RIGHT), 1)[0][0].score == pytest.approx(1)


@pytest.mark.parametrize(
    "ids",
    [
        names(1),
        names(1, 1),
        names(-1, 2),
        np.array([1.0, 2.0]),
        names(1, 2).reshape(2, 1),
        np.array([1, 2**64 - 1], dtype=np.uint64),
    ],
    ids=["too few", "twice", "negative", "no whole numbers", "not a row", "too large"],
)
def test_bad_ids_are_refused_and_nothing_is_added(index: VectorIndex, ids: NDArray[Any]) -> None:
    with pytest.raises(Invalid):
        index.add(ids, rows(RIGHT, UP))
    assert len(index) == 0


def test_what_the_caller_does_to_its_arrays_later_changes_nothing(index: VectorIndex) -> None:
    ids, vectors = names(1, 2), rows(RIGHT, UP)
    index.add(ids, vectors)
    ids[:], vectors[:] = 9, 0.5
    assert found(index.search(rows(UP), 5)[0]) == [2, 1]


# Few different values, so that ties, replacements and equal templates are frequent.
coarse = st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 3.0])
some_vectors = arrays(np.float32, st.tuples(st.integers(1, 6), st.just(DIMENSION)), elements=coarse)
some_ids = st.lists(st.integers(0, 12), unique=True, max_size=8)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), some_ids, some_vectors),
        st.tuples(st.just("remove"), some_ids, st.none()),
    ),
    max_size=12,
)


EXAMPLES = {"milvus": 8}


@pytest.mark.parametrize("metric", Metric)
def test_after_any_changes_a_search_equals_brute_force(make: MakeIndex, kind: str, metric: Metric) -> None:
    @settings(max_examples=EXAMPLES.get(kind, 60))
    @given(steps=steps, probes=some_vectors, limit=st.integers(1, 15), allow=st.none() | some_ids)
    def equals(steps: list[Any], probes: Vector, limit: int, allow: list[int] | None) -> None:
        _equals_brute_force(make(metric), metric, steps, probes, limit, allow)

    equals()


def _equals_brute_force(
    index: VectorIndex, metric: Metric, steps: list[Any], probes: Vector, limit: int, allow: list[int] | None
) -> None:
    model: dict[int, Vector] = {}
    for step, ids, vectors in steps:
        if step == "add":
            usable = _usable(vectors, metric)[: len(ids)]
            index.add(names(*ids[: len(usable)]), usable)
            model.update(zip(ids, usable, strict=False))
        else:
            assert index.remove(names(*ids)) == sum(model.pop(name, None) is not None for name in ids)
    assert index.ids().tolist() == sorted(model)
    assert len(index) == len(model)
    probes = _usable(probes, metric)
    lists = index.search(probes, limit, None if allow is None else names(*allow))
    for probe, hits in zip(probes, lists, strict=True):
        _same(hits, _brute_force(model, probe, metric, allow), model, limit)


@pytest.mark.parametrize("metric", Metric)
@pytest.mark.parametrize("dimension", [8, 128, 512])
def test_faiss_and_numpy_agree_on_many_near_templates(metric: Metric, dimension: int) -> None:
    """Also with probes enough for FAISS to use matrix products, whose distances lose digits."""
    random = np.random.default_rng(dimension)
    centre = random.standard_normal(dimension)
    vectors = (centre + 0.05 * random.standard_normal((3000, dimension))).astype(np.float32)
    vectors[1000:1200] = vectors[0]
    ids = random.permutation(3000)
    exact, faiss = make_index("exact", dimension, metric), make_index("faiss:Flat", dimension, metric)
    for index in (exact, faiss):
        index.add(ids, vectors)
        index.remove(ids[2000:2200])
    for allow in (None, ids[500:1500]):
        expected, given_ = exact.search(vectors[::100], 40, allow), faiss.search(vectors[::100], 40, allow)
        for one, other in zip(expected, given_, strict=True):
            assert found(one) == found(other)
            assert [hit.score for hit in one] == pytest.approx([hit.score for hit in other], abs=1e-5)


def _usable(vectors: Vector, metric: Metric) -> Vector:
    return vectors[np.any(vectors != 0, axis=1)] if metric is Metric.COSINE else vectors


def _brute_force(model: dict[int, Vector], probe: Vector, metric: Metric, allow: list[int] | None) -> dict[int, float]:
    def score(vector: Vector) -> float:
        one, other = vector.astype(float), probe.astype(float)
        if metric is Metric.COSINE:
            return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))
        return -float(np.linalg.norm(one - other))

    return {name: score(vector) for name, vector in model.items() if allow is None or name in allow}


def _same(hits: list[Hit], scores: dict[int, float], model: dict[int, Vector], limit: int) -> None:
    """The right scores, best first; ids ascend where scores are equal, and the cut goes through equal templates by id."""
    assert len(hits) == min(limit, len(scores))
    assert [hit.score for hit in hits] == pytest.approx(sorted(scores.values(), reverse=True)[:limit], abs=1e-5)
    for hit in hits:
        assert hit.score == pytest.approx(scores[hit.template_id], abs=1e-5)
    order = [(-hit.score, hit.template_id) for hit in hits]
    assert order == sorted(order)
    inside = set(found(hits))
    for left_out in scores.keys() - inside:
        equal = [name for name in inside if np.array_equal(model[name], model[left_out])]
        assert all(name < left_out for name in equal)
