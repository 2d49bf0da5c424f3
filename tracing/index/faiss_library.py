"""The library FAISS, or a sentence that says what to do without it; and full comparison by it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracing.domain import Vector
from tracing.errors import Misconfigured
from tracing.ports import Metric


def load_faiss() -> Any:
    """An import is the only proof that it is there: a wheel for another processor is found and then fails."""
    try:
        import faiss
    except ImportError as error:
        raise Misconfigured(
            "FAISS is not installed (package faiss-cpu); set TRACING_INDEX to exact to do without it."
        ) from error
    return faiss


def faiss_metric(metric: Metric) -> Any:
    """For cosine the inner product, of templates of unit length."""
    faiss = load_faiss()
    return faiss.METRIC_INNER_PRODUCT if metric is Metric.COSINE else faiss.METRIC_L2


def scores_of_rows(templates: Vector, probes: Vector, rows: NDArray[np.int64], metric: Metric) -> NDArray[np.float32]:
    """(m, k) the rough scores of those rows of ``templates``, float32, for each of m probes, without a copy of any template.

    ``rows`` is (m, k); where it is negative the score is minus infinity.
    """
    faiss = load_faiss()
    templates, probes = np.ascontiguousarray(templates, np.float32), np.ascontiguousarray(probes, np.float32)
    rows = np.ascontiguousarray(rows, np.int64)
    if rows.size and int(rows.max()) >= len(templates):
        raise IndexError("a row beyond the templates")
    scores = np.empty(rows.shape, dtype=np.float32)
    compare = faiss.fvec_inner_products_by_idx if metric is Metric.COSINE else faiss.fvec_L2sqr_by_idx
    compare(*map(faiss.swig_ptr, (scores, probes, templates, rows)), probes.shape[1], *rows.shape)
    if metric is Metric.L2:
        np.negative(scores, out=scores)
    scores[rows < 0] = -np.inf
    return scores


def nearest(
    probes: Vector, portions: Iterable[tuple[int, Vector, int]], metric: Metric
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """(m, k) numbers of the templates nearest to each probe, best first, and their rough scores, by comparing all of them.

    A portion is the number of its first template, the templates, and how many of them to find at most. The rough score is
    cosine, or the negative squared distance.
    """
    numbers, scores = [], []
    for first, templates, count in portions:
        found, places = load_faiss().knn(probes, templates, min(count, len(templates)), faiss_metric(metric))
        numbers.append(places + first)
        scores.append(found if metric is Metric.COSINE else -found)
    together, rough = np.concatenate(numbers, axis=1), np.concatenate(scores, axis=1)
    order = np.argsort(-rough, axis=1, kind="stable")
    return np.take_along_axis(together, order, axis=1), np.take_along_axis(rough, order, axis=1)
