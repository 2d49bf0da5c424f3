"""`tracing keys rotate` is killed at random moments, again and again, while another process reads; nothing is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.house import a_house, keyring_of
from tests.sealed import fill, opened
from tests.server import ROOT, TRACING, Service
from tracing.bootstrap import Services
from tracing.store.keys import sealed_by
from tracing.store.resealing import Resealing

pytestmark = pytest.mark.long

COMMAND = [*TRACING, "keys", "rotate"]
KILLS = 4
PHOTOS = 1500
"""So many that a rotation takes longer than the waits before the kills."""


def listed_current(services: Services) -> str:
    """The id of the key that seals now."""
    return sealed_by(keyring_of(services).mark())


def sealed_anew(services: Services, first: str) -> int:
    """How many photos another key than the first one seals."""
    by_key = Resealing(services.store, services.photos).photos_by_key()  # type: ignore[arg-type]
    return sum(count for key, count in by_key.items() if key != first)


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_rotation_that_is_killed_loses_nothing_and_is_finished_by_the_next(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    draw = random.Random(7)
    url = {} if database == "sqlite" else {"database_url": request.getfixturevalue("postgres_url")}
    service = Service(tmp_path / "var", **url)
    with a_house(tmp_path / "var", **url) as house:
        cases = fill(house)
        before = opened(house.services, cases)
        kept = {house.services.photos.put(str(number).encode()): str(number).encode() for number in range(PHOTOS)}
        services = house.services
        first, resealed = listed_current(services), 0
        for kill in range(KILLS):
            # Every time a little further, at a point that nobody has chosen; the first time before anything is sealed anew.
            goal = 0 if kill == 0 else resealed + draw.randrange(1, PHOTOS // KILLS)
            with subprocess.Popen(COMMAND, env=service.environment, cwd=ROOT, start_new_session=True) as process:
                while process.poll() is None and (listed_current(services) == first or sealed_anew(services, first) < goal):
                    time.sleep(0.002)
                os.killpg(process.pid, signal.SIGKILL)
            resealed = sealed_anew(services, first)
            assert resealed < PHOTOS, "the kill came too late to interrupt anything"
            assert opened(services, cases) == before
            some = draw.sample(sorted(kept), 200)
            assert [services.photos.get(key) for key in some] == [kept[key] for key in some]
        service.command("keys", "rotate")
        assert len({each.key_id for each in house.services.rotation.listed() if each.photos or each.rows}) == 1
        assert opened(house.services, cases) == before
        for key, content in kept.items():
            assert house.services.photos.get(key) == content
            house.services.photos.erase(key)
        assert list(house.services.settings.photo_dir.glob("*/*/.*")) == [], "no draft is left"
        assert house.faults() == []
