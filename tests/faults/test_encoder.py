"""The processes that look at photos die: the service stays, the photo is tried again, a deadly one three times at most."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.faults.ledger import Evidence
from tests.faults.nursery import Nursery
from tests.faults.painted import DEADLY, SLOW
from tests.faults.shaken import Shaken, eventually, readiness
from tests.faults.test_disks import upload
from tracing.photo_reports import MAX_ATTEMPTS

pytestmark = pytest.mark.long


@pytest.fixture
def house(nursery: Nursery, tmp_path: Path) -> Shaken:
    return Shaken(nursery, tmp_path / "house", FAULTS_POOL="1", ENCODER_PROCESSES="1", ANSWER_SECONDS="0")


def children(pid: int) -> list[int]:
    """The processes of the pool; the tracker of resources that Python starts beside them looks at nothing."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((each / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid and b"spawn_main" in (each / "cmdline").read_bytes():
                found.append(int(each.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def test_a_killed_encoder_process_costs_one_try_and_nothing_else(house: Shaken) -> None:
    evidence = Evidence(f"sqlite:///{house.data / 'tracing.sqlite'}", house.data / "photos")
    with house.running() as server, house.client(server, "program") as client:
        first = upload(client, 1).json()["photo_id"]
        eventually(lambda: evidence.analysis(first) == "enrolled", 60, "the models are loaded")
        photo = upload(client, SLOW).json()["photo_id"]
        eventually(lambda: evidence.claims() == 1, why="the photo is being looked at")
        (examiner,) = children(server.process.pid)
        os.kill(examiner, signal.SIGKILL)
        other = upload(client, 2).json()["photo_id"]
        eventually(lambda: evidence.analysis(other) == "enrolled", 60, "another process takes over")
        eventually(lambda: evidence.analysis(photo) == "enrolled", 60, "the photo is tried again")
        assert evidence.attempts(photo) == 2
        assert readiness(server) == 200
        assert server.process.poll() is None
    house.check()
    evidence.close()


def test_a_photo_that_kills_whoever_looks_at_it_is_left_to_a_person_after_three_tries(house: Shaken) -> None:
    evidence = Evidence(f"sqlite:///{house.data / 'tracing.sqlite'}", house.data / "photos")
    with house.running() as server, house.client(server, "program") as client:
        deadly = upload(client, DEADLY).json()["photo_id"]
        others = [upload(client, person).json()["photo_id"] for person in range(1, 4)]
        for photo in others:
            eventually(lambda photo=photo: evidence.analysis(photo) == "enrolled", 90, "the others are looked at")  # type: ignore[misc]
        eventually(lambda: evidence.attempts(deadly) == MAX_ATTEMPTS and evidence.claims() == 0, 90, "it has had its tries")
        after = upload(client, 9).json()["photo_id"]
        eventually(lambda: evidence.analysis(after) == "enrolled", 60, "and holds up nobody")
        assert (evidence.analysis(deadly), evidence.attempts(deadly)) == ("pending", MAX_ATTEMPTS)
        assert client.get(f"/api/v1/photos/{deadly}/image", params={"variant": "original"}).status_code == 200
    house.check()
    evidence.close()
