"""What many tests stand on: the labelled photos, a private PostgreSQL, and a plain word where one of them is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def missing(what: str, why: str) -> None:
    """Skip, saying so; or fail where CI demanded it (``TRACING_TESTS_REQUIRE=photos,browser,postgres``)."""
    if what in os.environ.get("TRACING_TESTS_REQUIRE", "").split(","):
        pytest.fail(f"{why} (demanded by TRACING_TESTS_REQUIRE)")
    pytest.skip(why)


@pytest.fixture(scope="session")
def dev_set() -> Path:
    """The folder of labelled photos for tests, see ``../shared/data/README.md``."""
    folder = SHARED / "data" / "dev_set"
    if not folder.is_dir():
        missing("photos", f"the labelled photos are not at {folder}")
    return folder
