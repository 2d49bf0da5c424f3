"""What the shaken houses stand on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.nursery import Nursery
from tests.faults.shaken import Shaken


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Loaded once for all tests of this folder."""
    with Nursery() as found:
        yield found


@pytest.fixture
def house(nursery: Nursery, tmp_path: Path) -> Shaken:
    """On SQLite, with the usual settings."""
    return Shaken(nursery, tmp_path / "house")
