"""Whatever bytes our readers are given, they read them or refuse them with an error of ours."""

from __future__ import annotations

import importlib.util
from contextlib import suppress
from pathlib import Path

import pytest

from tests.figures import TellFigures
from tests.hostile import fuzzing
from tests.hostile.fuzzing import SECONDS, fuzz
from tests.hostile.readers import READERS
from tracing.errors import TracingError

ODD = (
    b"",
    b"\0",
    b"\xff" * 99,
    b"PK\3\4",
    b"PK\5\6" + bytes(18),
    b"<",
    b"{",
    b"[[",
    "\ud800".encode("utf-8", "surrogatepass"),
    b"\xef\xbb\xbf",
)


@pytest.mark.parametrize("name", READERS)
def test_each_reader_takes_its_own_seeds(name: str) -> None:
    reader = READERS[name]
    assert reader.seeds()
    for seed in reader.seeds():
        reader.read(seed)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("data", ODD, ids=range(len(ODD)))
def test_odd_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    with suppress(TracingError):
        READERS[name].read(data)


needs_atheris = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="Atheris is made for Linux, and for Pythons that it knows"
)


@needs_atheris
@pytest.mark.long
def test_a_reader_that_breaks_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fuzzing, "KEPT", tmp_path)
    found = fuzzing.fuzz("planted", 7)
    assert "ValueError: Invalid isoformat string" in found.fault
    assert list(tmp_path.glob("planted-crash-*")), "what broke it is kept"


@needs_atheris
@pytest.mark.long
@pytest.mark.parametrize("name", READERS)
def test_a_reader_stands_a_fuzzer(name: str, tell_figures: TellFigures) -> None:
    """For half as long as ``python -m tests.hostile fuzzing`` gives it."""
    found = fuzz(name, 7, SECONDS // 2)
    tell_figures(f"fuzzing of {name}", {"inputs": found.runs, "branches": found.reached})
    assert found.fault == ""
    assert found.runs > 100
    assert found.reached > 0, "no branch was watched"
