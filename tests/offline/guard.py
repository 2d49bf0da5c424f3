"""The plugin that denies the network to every test and to every Python that a test starts."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import pytest

SITE = Path(__file__).with_name("site")
LOG = "TESTS_OFFLINE_LOG"
SILENT = "ORT_DISABLE_TELEMETRY"
"""Tests load ONNX Runtime by themselves, too; that the service silences it without this has a test of its own."""


def _sitecustomize() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tests_offline_site", SITE / "sitecustomize.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


denial = _sitecustomize()


def pytest_configure(config: pytest.Config) -> None:
    """A log of each process that runs tests; an interpreter that has imported our ``sitecustomize`` has its hook already."""
    has_hook = bool(os.environ.get(LOG)) and "sitecustomize" in sys.modules
    handle, name = tempfile.mkstemp(prefix="tracing-offline-", suffix=".log")
    os.close(handle)
    os.environ[LOG] = name
    os.environ.setdefault(SILENT, "1")
    paths = [str(SITE), *(each for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each not in ("", str(SITE)))]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    if not has_hook:
        sys.addaudithook(denial.deny)


def pytest_unconfigure(config: pytest.Config) -> None:
    Path(os.environ.pop(LOG)).unlink(missing_ok=True)


def connected(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for a program that the tests install from outside: it is asked for by name, and is none of ours."""
    return {name: value for name, value in environment.items() if name != LOG}


@pytest.fixture(autouse=True)
def _nothing_reaches_the_network() -> Iterator[None]:
    """Fails the test after which an attempt stands in the log, also one that somebody swallowed, in whatever process."""
    log = Path(os.environ[LOG])
    before = log.stat().st_size
    yield
    with log.open("rb") as attempts:
        attempts.seek(before)
        assert attempts.read().decode() == "", "the network was asked for (docs/hostile-input.md)"
