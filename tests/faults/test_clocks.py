"""A clock that is a day ahead and then set right holds nobody up for a day, and loses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes import painted_photo
from tests.faults.ledger import Evidence, Ledger
from tests.faults.nursery import Nursery
from tests.faults.painted import ENDLESS
from tests.faults.shaken import Shaken, eventually
from tests.faults.shelter import Shelter
from tests.faults.test_disks import upload

pytestmark = pytest.mark.long

DAY = 86_400


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    file = tmp_path / "ahead"
    file.write_text("0")
    return file


@pytest.fixture
def house(nursery: Nursery, tmp_path: Path, clock: Path) -> Shaken:
    return Shaken(nursery, tmp_path / "house", FAULTS_CLOCK=str(clock))


def step(clock: Path, seconds: int) -> None:
    """At once, as a clock is set: nobody reads half a number."""
    new = clock.with_suffix(".new")
    new.write_text(str(seconds))
    new.rename(clock)


def test_people_go_on_working_while_the_clock_is_set_forward_and_back(house: Shaken, clock: Path) -> None:
    ledger = Ledger()
    evidence = Evidence(f"sqlite:///{house.data / 'tracing.sqlite'}", house.data / "photos")
    with house.running() as server:
        with Shelter(house, ledger, 3).at_work(server, uploaders=2):
            for ahead in (0, DAY, 0, -DAY, 0):
                step(clock, ahead)
                photos, judgements = len(ledger.photos), len(ledger.judgements)
                eventually(lambda photos=photos: len(ledger.photos) > photos + 3, why=f"photos are taken at {ahead}")  # type: ignore[misc]
                eventually(
                    lambda judgements=judgements: len(ledger.judgements) > judgements + 1,  # type: ignore[misc]
                    why=f"pairs are judged at {ahead}",
                )
        assert evidence.losses(ledger) == []
        with house.client(server, "program") as client:
            for photo_id in ledger.photos:
                path = f"/api/v1/photos/{photo_id}"
                eventually(lambda path=path: client.get(path).json()["analysis"] == "enrolled")  # type: ignore[misc]
        eventually(lambda: evidence.stray_files(ledger) == [])
    house.check()
    evidence.close()


def test_a_pair_that_was_claimed_a_day_ahead_is_free_once_the_clock_is_set_right(house: Shaken, clock: Path) -> None:
    with house.running() as server, house.client(server, "program") as program:
        for shot, kind in enumerate(("missing", "sheltered")):
            case = program.post("/api/v1/cases", json={"kind": kind, "legal_basis": "statutory_duty"}).json()["case_id"]
            files = {"photo": ("face.png", painted_photo(1, shot=shot), "image/png")}
            assert program.post(f"/api/v1/cases/{case}/photos", files=files).status_code == 201
        with house.client(server, "hua") as hua, house.client(server, "ning") as ning:
            pair = hua.get("/api/v1/review/queue").json()["pairs"][0]["pair_id"]
            step(clock, DAY)
            assert hua.post(f"/api/v1/pairs/{pair}/claim").status_code == 200
            step(clock, 0)
            claim = f"/api/v1/pairs/{pair}/claim"
            eventually(lambda: ning.post(claim).status_code == 200, 90, "the claim ends by itself, within a minute")
    house.check()


def test_a_photo_whose_analysis_was_killed_a_day_ahead_is_analysed_once_the_clock_is_set_right(
    house: Shaken, clock: Path
) -> None:
    step(clock, DAY)
    with house.running(TRACING_ANSWER_SECONDS="0") as server, house.client(server, "program") as client:
        photo = upload(client, ENDLESS)
        assert photo.status_code == 202
        evidence = Evidence(f"sqlite:///{house.data / 'tracing.sqlite'}", house.data / "photos")
        eventually(lambda: evidence.claims() == 1, why="the photo is being looked at")
    step(clock, 0)
    with house.running():
        eventually(lambda: evidence.attempts(photo.json()["photo_id"]) == 2, 90, "it is looked at again, within a minute")
    evidence.close()
