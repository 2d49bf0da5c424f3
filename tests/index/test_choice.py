"""From the setting TRACING_INDEX to an index."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tracing.errors import Misconfigured
from tracing.index import make_index
from tracing.index.coded_index import CodedIndex
from tracing.index.exact import ExactIndex
from tracing.index.faiss_index import FaissIndex
from tracing.ports import Metric


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ("auto", CodedIndex),
        ("exact", ExactIndex),
        ("faiss:Flat", FaissIndex),
        ("faiss:SQfp16", FaissIndex),
        ("faiss:PQ64x4fs,RFlat", CodedIndex),
        ("faiss:PQ64x4fs,Refine(SQfp16)", CodedIndex),
    ],
)
def test_the_setting_says_which_index(spec: str, kind: type) -> None:
    index = make_index(spec, 128, Metric.COSINE)
    assert type(index) is kind
    assert len(index) == 0


def test_auto_does_without_faiss_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    assert type(make_index("auto", 128, Metric.COSINE)) is ExactIndex


def test_asking_for_faiss_where_it_is_not_installed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(Misconfigured, match="faiss-cpu"):
        make_index("faiss:Flat", 128, Metric.COSINE)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("", "has to be auto"),
        ("Auto", "has to be auto"),
        ("auto:Flat", "has to be auto"),
        ("exact:here", "has to be auto"),
        ("faiss", "has to be auto"),
        ("faiss:", "has to be auto"),
        ("pgvector:x", "has to be auto"),
        ("milvus:http://localhost:19530", "Milvus"),
        ("faiss:Nonsense", "does not know"),
        ("faiss:IVF16,Flat", "trained"),
        ("faiss:SQ8", "trained"),
        ("faiss:HNSW32", "cannot remove"),  # an erased person would stay findable
        ("faiss:IDMap,Flat", "id map"),
        ("faiss:IDMap2,Flat", "id map"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_at_start(spec: str, reason: str) -> None:
    with pytest.raises(Misconfigured, match=reason):
        make_index(spec, 128, Metric.COSINE)


def test_a_factory_that_forgets_lengths_is_refused_for_distances() -> None:
    with pytest.raises(Misconfigured, match="by itself"):
        make_index("faiss:L2norm,Flat", 128, Metric.L2)


def test_faiss_is_loaded_only_when_it_is_chosen() -> None:
    code = (
        "import sys; from tracing.index import make_index; from tracing.ports import Metric; "
        "make_index('exact', 8, Metric.L2); print('faiss' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip() == "False"
