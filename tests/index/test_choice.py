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
from tracing.index.milvus_index import MilvusIndex
from tracing.index.milvus_server import load_pymilvus
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
        ("milvus", "milvus:http"),
        ("milvus:", "milvus:http"),
        ("milvus:localhost:19530", "milvus:http"),
        ("milvus:ftp://localhost:19530", "milvus:http"),
        ("milvus:http://:19530", "milvus:http"),
        ("milvus:http://localhost:nineteen", "milvus:http"),
        ("milvus:http://localhost:19530/one/two", "milvus:http"),
        ("milvus:./no-such-folder/file.db", "folder that exists"),
        ("milvus:./file.sqlite", "folder that exists"),
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


def test_a_milvus_server_is_not_asked_before_the_first_call() -> None:
    assert type(make_index("milvus:http://localhost:1/database", 128, Metric.COSINE)) is MilvusIndex


def test_asking_for_milvus_where_its_client_is_not_installed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    load_pymilvus.cache_clear()
    with pytest.raises(Misconfigured, match=r"family-tracing\[milvus\]"):
        make_index("milvus:http://host-of-nobody:1", 128, Metric.COSINE)


@pytest.mark.parametrize("uri", ["https://user:geheim@host:1:2", "ftp://user:geheim@host", "http://user:geheim@host/a/b"])
def test_a_password_in_an_address_that_is_none_is_not_repeated(uri: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        make_index(f"milvus:{uri}", 128, Metric.COSINE)
    assert "geheim" not in str(refused.value)


def test_faiss_and_milvus_are_loaded_only_when_they_are_chosen() -> None:
    code = (
        "import sys; from tracing.index import make_index; from tracing.ports import Metric; "
        "make_index('exact', 8, Metric.L2); print([name for name in ('faiss', 'pymilvus') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip() == "[]"
