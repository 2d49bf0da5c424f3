"""For what an agreement between two networks holds, and for what it does not."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from tracing.embeddings import agreement as module
from tracing.embeddings.agreement import Agreement
from tracing.embeddings.kept_models import KeptModel
from tracing.embeddings.weights import digest_of
from tracing.errors import EncoderUnavailable


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"a network")
    return path


def kept_as(path: Path) -> Callable[[], KeptModel]:
    return lambda: KeptModel(path, digest_of(path))


@pytest.fixture
def kept(model: Path) -> Agreement:
    agreement = Agreement(kept_as(model), model.parent)
    agreement.keep(1e-7)
    return agreement


def test_it_is_known_to_the_next_process(kept: Agreement, model: Path) -> None:
    assert Agreement(kept_as(model), model.parent).is_known()


def test_before_anything_is_kept_nothing_is_known(model: Path) -> None:
    assert not Agreement(kept_as(model), model.parent).is_known()


def test_another_model_under_the_same_name_is_another_matter(kept: Agreement, model: Path) -> None:
    model.write_bytes(b"another network")
    assert not kept.is_known()


def test_so_is_another_version_of_the_runtime(kept: Agreement, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "runtime_version", lambda: "0.0")
    assert not kept.is_known()


def test_so_is_another_processor(kept: Agreement, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text("model name : another one\nflags : sse2\n")
    monkeypatch.setattr(module, "CPU", told)
    assert not kept.is_known()
    kept.keep(0)
    assert kept.is_known()
    told.write_text("model name : another one\nflags : sse2 avx512f\n")
    assert not kept.is_known()


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"terms": 1}', "\ufeff{"])
def test_what_cannot_be_read_is_not_known(kept: Agreement, model: Path, text: str) -> None:
    model.with_name("model.agreed.json").write_text(text, "utf-8")
    assert not kept.is_known()


def test_without_a_folder_or_a_model_nothing_is_known_and_nothing_fails(model: Path) -> None:
    def missing() -> Path:
        raise EncoderUnavailable("There is no converted model.")

    nowhere = Agreement(kept_as(model), None)
    nowhere.keep(0)
    assert not nowhere.is_known()
    assert not Agreement(missing, model.parent).is_known()


def test_where_it_cannot_be_kept_the_log_says_so(model: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        Agreement(kept_as(model), model.parent / "gone").keep(0)
    assert "No such file" in caplog.text
