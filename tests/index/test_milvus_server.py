"""How Milvus is reached, and what is said where it is not."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import numpy as np
import pytest

from tracing.config import Settings
from tracing.errors import Unavailable
from tracing.index import make_index
from tracing.index.milvus_server import Missing, parsed
from tracing.ports import Metric, VectorIndex

SECRET = "http://wu:geheim@127.0.0.1:9/tracing"


def an_index(uri: str, name: str = "shown") -> VectorIndex:
    return make_index(f"milvus:{uri}", 4, Metric.COSINE, lambda: name)


def test_a_server_that_nobody_runs_is_given_up_quickly_and_named_without_its_password(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    index, began = an_index(SECRET), time.monotonic()
    with caplog.at_level(logging.DEBUG, logger="tracing"):
        for _ in range(5):
            with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9/tracing cannot be reached") as refused:
                len(index)
            assert "geheim" not in str(refused.value)
    assert time.monotonic() - began < 8
    assert "geheim" not in caplog.text + "".join(capfd.readouterr())


def test_what_milvus_says_is_repeated_without_what_it_was_told() -> None:
    assert parsed(SECRET).safe("user wu with geheim is not known") == "user *** with *** is not known"


def test_a_password_in_the_setting_is_not_shown_with_the_settings() -> None:
    assert "geheim" not in repr(Settings(index=f"milvus:{SECRET}"))


def test_a_folder_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    file = tmp_path / "no.db"
    file.write_text("this is no database")
    with pytest.raises(Unavailable, match="cannot open the file"):
        len(an_index(str(file)))


def test_a_collection_that_somebody_removes_is_missed_and_not_taken_for_an_empty_one(milvus_lite_uri: str) -> None:
    index = an_index(milvus_lite_uri, "removed")
    vectors = np.eye(4, dtype=np.float32)
    index.add(np.arange(4), vectors)
    index._server.ask("drop_collection", "removed")  # type: ignore[attr-defined]
    for step in (lambda: index.search(vectors, 1), lambda: index.add(np.arange(4), vectors), lambda: len(index), index.ids):
        with pytest.raises(Missing):
            step()
    assert index.position() is None  # type: ignore[attr-defined]
    assert index.search(vectors, 1) == [[]] * 4


def test_what_milvus_refuses_is_unavailable_and_says_why(milvus_lite_uri: str) -> None:
    """A collection of this name is there, and of another length."""
    assert len(an_index(milvus_lite_uri, "other")) == 0
    longer = make_index(f"milvus:{milvus_lite_uri}", 5, Metric.COSINE, lambda: "other")
    with pytest.raises(Unavailable, match=r"refused what was asked of it: .+"):
        longer.add(np.arange(1), np.ones((1, 5), dtype=np.float32))


def test_a_list_is_cut_where_milvus_ends_it(milvus_lite_uri: str) -> None:
    index = an_index(milvus_lite_uri, "long")
    vectors = np.random.default_rng(0).standard_normal((16_400, 4)).astype(np.float32)
    index.add(np.arange(16_400), vectors)
    assert len(index) == 16_400
    (hits,) = index.search(vectors[:1], 20_000)
    assert len(hits) == 16_384
    assert hits[0].template_id == 0
    allowed = np.arange(0, 16_400, 2)
    (hits,) = index.search(vectors[:1], 20_000, allow=allowed)
    assert sorted(hit.template_id for hit in hits) == allowed.tolist()
    index.remove(index.ids())
    assert len(index) == 0
