"""What several contracts stand on."""

from __future__ import annotations

import pytest

from tests.factories import a_generation
from tracing.domain import Generation
from tracing.ports import RecordStore


@pytest.fixture
def generation(store: RecordStore) -> Generation:
    """The active one."""
    made = a_generation()
    with store.transaction() as records:
        records.generations.add(made)
    return made
