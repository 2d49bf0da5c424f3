"""The service is killed again and again, and loses nothing; with a fault in it, it is found out."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.faults.__main__ import kill_all, told
from tests.faults.kills import Figures, ShakenHouse, shake
from tests.faults.lost import Lost
from tests.faults.nursery import Nursery
from tests.faults.plants import FOUND_AS
from tests.figures import TellFigures
from tests.postgres import server_programs

pytestmark = [pytest.mark.long, pytest.mark.timeout(2400)]

ON_SQLITE, ON_POSTGRESQL, SEED = 150, 50, 7
WAYS = {
    *("uploads", "judgements", "worker", "erasure", "reindex", "migration"),
    *("keys", "backup", "restore", "purge", "import"),
}
ENOUGH = 30
"""Kills within which a planted fault has to be found."""


@pytest.mark.postgres
def test_two_hundred_kills_lose_nothing_and_leave_nothing_by_half(tell_figures: TellFigures) -> None:
    if server_programs() is None:
        missing("postgres", "the server programs of PostgreSQL (initdb, pg_ctl) are not installed")
    begun = time.monotonic()
    figures = kill_all(ON_SQLITE, ON_POSTGRESQL, SEED)
    tell_figures("kills", told(figures, time.monotonic() - begun))
    assert figures.kills.total() == ON_SQLITE + ON_POSTGRESQL
    assert set(figures.kills) == WAYS
    assert min(figures.acknowledged.values()) > 0
    assert figures.cut_off.total() > 0


@pytest.mark.parametrize("plant", FOUND_AS)
def test_a_planted_fault_is_found(plant: str, tmp_path: Path) -> None:
    ways, found = FOUND_AS[plant]
    with Nursery() as nursery:
        house = ShakenHouse(nursery, tmp_path, "", SEED, Figures(), FAULTS_PLANT=plant)
        try:
            with pytest.raises(Lost, match=found):
                shake(house, ENOUGH, ways=ways)
        finally:
            house.close()
