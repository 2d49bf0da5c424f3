"""A disk that is full or write-protected: nothing is saved by half, people and machines are told, and all goes on later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from scripts.trial import free_port
from tests.fakes import painted_photo
from tests.faults.disks import Disk, a_small_disk
from tests.faults.nursery import Nursery
from tests.faults.shaken import Shaken, await_answer, eventually, readiness

pytestmark = pytest.mark.long


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Of the whole data folder."""
    with a_small_disk(tmp_path / "house" / "var", 24) as found:
        yield found


@pytest.fixture
def photo_disk(tmp_path: Path) -> Iterator[Disk]:
    """Of the photos alone."""
    (tmp_path / "house" / "var").mkdir(mode=0o700, parents=True)
    with a_small_disk(tmp_path / "house" / "var" / "photos", 8) as found:
        yield found


@pytest.fixture
def house(nursery: Nursery, tmp_path: Path) -> Shaken:
    return Shaken(nursery, tmp_path / "house")


def upload(client: httpx2.Client, person: int) -> httpx2.Response:
    case = client.post("/api/v1/cases", json={"kind": "missing", "legal_basis": "statutory_duty"})
    if case.status_code != 201:
        return case
    files = {"photo": ("face.png", painted_photo(person), "image/png")}
    return client.post(f"/api/v1/cases/{case.json()['case_id']}/photos", files=files)


def said(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    return body


def files(house: Shaken) -> set[str]:
    return {path.name for path in (house.data / "photos").glob("??/??/*") if path.is_file()}


def test_a_full_disk_of_photos_is_said_and_nothing_is_saved_by_half(photo_disk: Disk, house: Shaken) -> None:
    with house.running() as server, house.client(server, "program") as client:
        assert upload(client, 1).status_code == 201
        kept = files(house)
        photo_disk.fill()
        refused = upload(client, 2)
        assert (refused.status_code, said(refused)["type"]) == (507, "urn:tracing:problem:disk-full")
        assert "disk for photos is full" in said(refused)["detail"]
        assert "not saved: The disk for photos is full" in server.process.said()
        assert readiness(server) == 503
        assert files(house) == kept
        photo_disk.make_room()
        assert await_answer(server, 200)
        assert upload(client, 2).status_code == 201
    house.check()


def test_a_full_disk_of_the_database_is_said_and_the_house_goes_on_when_there_is_room(disk: Disk, house: Shaken) -> None:
    with house.running() as server, house.client(server, "program") as client:
        first = upload(client, 1)
        assert first.status_code == 201
        disk.fill()
        answers = [upload(client, person) for person in range(2, 40)]
        statuses = [each.status_code for each in answers]
        assert set(statuses) <= {201, 202, 507}
        assert statuses[-1] == 507, "where nothing more fits, nothing is acknowledged"
        assert {said(each)["type"] for each in answers if each.status_code == 507} == {"urn:tracing:problem:disk-full"}
        assert readiness(server) == 503
        assert client.get(f"/api/v1/photos/{first.json()['photo_id']}").status_code == 200, "what is there can be read"
        disk.make_room()
        assert await_answer(server, 200)
        assert upload(client, 50).status_code == 201
        kept = [each.json()["photo_id"] for each in answers if each.status_code in (201, 202)]
        eventually(lambda: all(client.get(f"/api/v1/photos/{each}").json()["analysis"] == "enrolled" for each in kept))
        eventually(lambda: len(files(house)) == 2 + len(kept), why="the files of refused photos are cleared away")
    house.check()


def test_a_write_protected_disk_of_photos_is_said_and_the_house_goes_on_afterwards(photo_disk: Disk, house: Shaken) -> None:
    with house.running() as server, house.client(server, "program") as client:
        photo = upload(client, 1).json()["photo_id"]
        photo_disk.write_protect()
        refused = upload(client, 2)
        assert (refused.status_code, said(refused)["type"]) == (503, "urn:tracing:problem:not-writable")
        assert "Nothing may be written" in said(refused)["detail"]
        assert readiness(server) == 503
        assert client.get(f"/api/v1/photos/{photo}/image", params={"variant": "original"}).status_code == 200
        photo_disk.write_protect(False)
        assert await_answer(server, 200)
        assert upload(client, 2).status_code == 201
    house.check()


def test_on_a_write_protected_disk_the_service_does_not_start_and_says_why_in_one_sentence(disk: Disk, house: Shaken) -> None:
    house.check()
    disk.write_protect()
    said = house.done("serve", "--port", str(free_port()), status=1)
    assert "Traceback" not in said
    assert "Read-only file system" in said
    disk.write_protect(False)
    house.check()


def test_a_disk_of_photos_that_is_not_mounted_any_more_is_said_and_no_photo_is_written_beside_it(
    photo_disk: Disk, house: Shaken
) -> None:
    with house.running() as server, house.client(server, "program") as client:
        photo = upload(client, 1).json()
        aside = house.folder / "aside"
        photo_disk.move(aside)
        refused = upload(client, 2)
        assert (refused.status_code, said(refused)["type"]) == (503, "urn:tracing:problem:unavailable")
        assert "disk for photos is gone" in said(refused)["detail"]
        assert readiness(server) == 503
        gone = client.get(f"/api/v1/photos/{photo['photo_id']}/image", params={"variant": "original"})
        assert gone.status_code == 503, "it is not lost"
        said_to_operator = house.done("cases", "erase", photo["case_id"], "--yes", status=1)
        assert "Is the disk of the photos mounted?" in said_to_operator
        assert list((house.data / "photos").iterdir()) == []
        photo_disk.move(house.data / "photos")
        assert await_answer(server, 200)
        assert upload(client, 2).status_code == 201
    house.check()
