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
