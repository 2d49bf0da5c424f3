"""From the setting TRACING_INDEX to an index."""

from __future__ import annotations

from tracing.errors import Misconfigured
from tracing.index.exact import ExactIndex
from tracing.index.faiss_index import FaissIndex
from tracing.ports import Metric, VectorIndex


def make_index(spec: str, dimension: int, metric: Metric) -> VectorIndex:
    """A new, empty index.

    ``auto`` is flat FAISS, or numpy alone where FAISS cannot be imported; ``exact`` is numpy alone; ``faiss:<factory>``
    is what ``faiss.index_factory`` makes of the rest, such as ``faiss:Flat``. Anything else is ``Misconfigured``, and so
    is a factory that FAISS does not know or that cannot do what the port promises.
    """
    kind, _, rest = spec.partition(":")
    match kind:
        case "auto" if not rest:
            return FaissIndex(dimension, metric) if _faiss_installed() else ExactIndex(dimension, metric)
        case "exact" if not rest:
            return ExactIndex(dimension, metric)
        case "faiss" if rest:
            return FaissIndex(dimension, metric, rest)
        case "milvus":
            raise Misconfigured("This version cannot use Milvus yet; set TRACING_INDEX to auto.")
    raise Misconfigured(f"TRACING_INDEX is {spec!r}, but it has to be auto, exact or faiss:<factory>, such as faiss:Flat.")


def _faiss_installed() -> bool:
    try:
        import faiss  # noqa: F401 - an import is the only proof: a wheel for another processor is found and then fails
    except ImportError:
        return False
    return True
