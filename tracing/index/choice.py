"""From the setting TRACING_INDEX to an index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tracing.errors import Misconfigured
from tracing.index.coded_index import CodedIndex
from tracing.index.exact import ExactIndex
from tracing.index.faiss_index import FaissIndex
from tracing.index.faiss_library import load_faiss
from tracing.index.milvus_index import MilvusIndex
from tracing.ports import Metric, VectorIndex

CODED: Final = {"PQ64x4fs,RFlat": False, "PQ64x4fs,Refine(SQfp16)": True}
"""Factories that FAISS itself cannot remove from or restrict by id: whether templates are kept in half precision."""


def make_index(spec: str, dimension: int, metric: Metric, name: Callable[[], str] = lambda: "templates") -> VectorIndex:
    """A new index, empty but for ``milvus``.

    ``auto`` compares everything in full while that is quick, and by codes beyond (``CodedIndex``); where FAISS cannot be
    imported it is numpy alone, as ``exact`` is. ``faiss:PQ64x4fs,RFlat`` and ``faiss:PQ64x4fs,Refine(SQfp16)`` are the same
    with templates in full and in half precision, however much memory there is. ``faiss:<factory>`` is what
    ``faiss.index_factory`` makes of the rest, such as ``faiss:Flat``. ``milvus:<uri>`` is the collection ``name()``
    of a Milvus server, or of the file that the uri names, with whatever is in it; it is connected later. Anything else is
    ``Misconfigured``, and so is a factory that FAISS does not know or that cannot do what the port promises.
    """
    kind, _, rest = spec.partition(":")
    match kind:
        case "auto" if not rest:
            return CodedIndex(dimension, metric) if _faiss_installed() else ExactIndex(dimension, metric)
        case "exact" if not rest:
            return ExactIndex(dimension, metric)
        case "faiss" if rest in CODED:
            return CodedIndex(dimension, metric, half=CODED[rest])
        case "faiss" if rest:
            return FaissIndex(dimension, metric, rest)
        case "milvus":
            return MilvusIndex(rest, dimension, metric, name)
    raise Misconfigured(
        f"TRACING_INDEX is {spec!r}, but it has to be auto, exact, faiss:<factory>, such as faiss:Flat, or milvus:<uri>."
    )


def _faiss_installed() -> bool:
    try:
        load_faiss()
    except Misconfigured:
        return False
    return True
