"""`tracing keys rotate` is killed at random moments, again and again, while another process reads; nothing is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.house import a_house
from tests.sealed import fill, opened
from tests.server import ROOT, TRACING, Service

pytestmark = pytest.mark.long

KILLS = 4
PHOTOS = 1500
"""So many that a rotation takes longer than the waits before the kills."""


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
        key_file = house.services.settings.photo_dir / "data.keys"
        amid = 0
        for _ in range(KILLS):
            unchanged = key_file.stat().st_ino
            began = {each.key_id for each in house.services.rotation.listed() if each.photos}
            with subprocess.Popen(
                [*TRACING, "keys", "rotate"], env=service.environment, cwd=ROOT, start_new_session=True
            ) as process:
                while len(began) == 1 and key_file.stat().st_ino == unchanged and process.poll() is None:
                    time.sleep(0.005)
                time.sleep(draw.uniform(0, 0.6))
                os.killpg(process.pid, signal.SIGKILL)
            amid += len({each.key_id for each in house.services.rotation.listed() if each.photos}) > 1
            assert opened(house.services, cases) == before
            some = draw.sample(sorted(kept), 200)
            assert [house.services.photos.get(key) for key in some] == [kept[key] for key in some]
        assert amid >= 2, "the kills came too late to interrupt anything"
        service.command("keys", "rotate")
        assert len({each.key_id for each in house.services.rotation.listed() if each.photos or each.rows}) == 1
        assert opened(house.services, cases) == before
        for key, content in kept.items():
            assert house.services.photos.get(key) == content
            house.services.photos.erase(key)
        assert list(house.services.settings.photo_dir.glob("*/*/.*")) == [], "no draft is left"
        assert house.faults() == []
