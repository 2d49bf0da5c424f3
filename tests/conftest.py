"""What many tests stand on: the labelled photos, a private PostgreSQL, and a plain word where one of them is missing."""

from __future__ import annotations

import gc
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from scripts import output
from tests.house import House, a_house

pytest_plugins = ["tests.offline.guard", "tests.figures", "tests.fixtures_postgres", "tests.fixtures_milvus"]

SHARED = Path(__file__).resolve().parents[2] / "shared"
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""How long an example takes, or its drawing, says more of the machine than of the code."""
settings.load_profile("unhurried")
SEED = os.environ.get("TRACING_TESTS_SEED", "0")


def missing(what: str, why: str) -> None:
    """Skip, saying so; or fail where CI demanded it (``TRACING_TESTS_REQUIRE=photos,browser,postgres,milvus``)."""
    if what in os.environ.get("TRACING_TESTS_REQUIRE", "").split(","):
        pytest.fail(f"{why} (demanded by TRACING_TESTS_REQUIRE)")
    pytest.skip(why)


def pytest_collection_finish() -> None:
    """What importing and collecting has made stays to the end: a tenth of the time went by looking through it for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def _statements_compiled_once() -> Iterator[None]:
    """SQLAlchemy keeps what it compiled for one engine, and each test has an engine of its own: a third of many tests' time.

    Here the engines of a process share it, and take their dialects for one where they are of one class, as in a service
    all statements have one engine.
    """
    compiled: LRUCache[Any, Any] = LRUCache(5000)
    with pytest.MonkeyPatch.context() as patch:
        shared = property(lambda engine: compiled, lambda engine, its_own: None)
        patch.setattr(Engine, "_compiled_cache", shared, raising=False)
        patch.setattr(DefaultDialect, "__eq__", lambda self, other: type(self) is type(other))
        patch.setattr(DefaultDialect, "__hash__", lambda self: hash(type(self)))
        yield


@pytest.fixture(scope="session")
def dev_set() -> Path:
    """The folder of labelled photos for tests, see ``../shared/data/README.md``."""
    folder = SHARED / "data" / "dev_set"
    if not folder.is_dir():
        missing("photos", f"the labelled photos are not at {folder}")
    return folder


@pytest.fixture(scope="session")
def weights() -> Path:
    """The folder of model files for tests, see ``../shared/weights/README.md``."""
    folder = SHARED / "weights"
    if not folder.is_dir():
        missing("photos", f"the model files are not at {folder}")
    return folder


@pytest.fixture(scope="session")
def own_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a service's own for converted models, so that the whole run converts once."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A whole service over SQLite, with painted faces."""
    with a_house(tmp_path / "var") as found:
        yield found


@pytest.fixture
def any_house(store_url: str, tmp_path: Path) -> Iterator[House]:
    """A house on each database."""
    with a_house(tmp_path / "var", database_url=store_url) as found:
        yield found


@pytest.fixture(autouse=True)
def _settings_of_this_test_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own TRACING_ variables do not leak into the tests."""
    for name in list(os.environ):
        if name.startswith("TRACING_") and name != "TRACING_TESTS_REQUIRE":
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _ids_of_this_test(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids are drawn anew for each test and alike in each run, so that what fails fails again.

    What sorts by an id may come out one way in a hundred only: ``TRACING_TESTS_SEED=1`` draws others.
    """
    drawn = Random(f"{SEED} {request.node.nodeid}")
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=drawn.getrandbits(128), version=4))


@pytest.fixture(autouse=True)
def _as_wide_as_the_test_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests in several processes are told to be 80 columns wide, and a console keeps what it was told when it was made."""
    for each in (output.console, output.notes):
        monkeypatch.setattr(each, "_width", None)
