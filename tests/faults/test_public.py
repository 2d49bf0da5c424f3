"""The pages for everybody as a process of their own, without its database or its photos, and what is cut off on its way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from tests.api.public.families import WHO, YOU, answer_to, begin, challenge_of, reported
from tests.fakes import painted_photo
from tests.house import a_house
from tests.noticing import a_notice, told_of
from tests.server import Server, Service

pytestmark = pytest.mark.long

NOT_NOW = 503
EASY = {"public_proof_bits": "4", "public_writes_per_hour": "10000"}


@pytest.fixture
def notice(tmp_path: Path) -> str:
    """The path of one that is published, of a house that nobody is at work in."""
    with a_house(tmp_path / "var") as house:
        house.clock.now = datetime.now(UTC)
        return f"/n/{a_notice(house, told_of(house)).token}"


@pytest.fixture
def service(tmp_path: Path, notice: str) -> Iterator[Service]:
    assert notice
    found = Service(tmp_path / "var", **EASY)
    yield found
    assert found.findings() == []


def family(server: Server) -> httpx2.Client:
    said = {"Accept-Language": "en"}
    return httpx2.Client(base_url=server.url, timeout=60, trust_env=False, headers=said, follow_redirects=True)


def test_without_its_database_or_its_photos_it_says_so_and_goes_on_by_itself(service: Service, notice: str) -> None:
    data = service.folder
    with service.public() as server, family(server) as phone:
        reference, secret = reported(phone, photos=0)  # type: ignore[arg-type]
        draft = begin(phone)  # type: ignore[arg-type]
        reading = ("/", notice, f"{notice}/photo.jpg", f"{notice}/seen", "/feed.atom", f"{draft}/who", "/health/ready")

        def read() -> set[int]:
            return {phone.get(path).status_code for path in reading}

        def write() -> list[int]:
            photo = {"photo": ("a.png", painted_photo(3), "image/png")}
            return [
                phone.post(f"{draft}/who", data=WHO).status_code,
                phone.post("/follow", data={"reference": reference, "secret": secret}).status_code,
                phone.post(f"{draft}/photos", files=photo).status_code,
            ]

        assert (read(), write()) == ({200}, [200, 200, 200])
        shutil.move(data / "tracing.sqlite", data / "away")
        assert (read(), write()) == ({NOT_NOW}, [NOT_NOW] * 3)
        assert phone.get("/report").status_code == phone.get("/health/live").status_code == 200
        shutil.move(data / "away", data / "tracing.sqlite")
        assert (read(), write()) == ({200}, [200, 200, 200])
        shutil.move(data / "photos", data / "away")
        assert write() == [200, 200, NOT_NOW]
        shutil.move(data / "away", data / "photos")
        assert (read(), write()) == ({200}, [200, 200, 200])
        phone.post(f"{draft}/you", data=YOU)
        assert phone.post(f"{draft}/send").status_code == 200


def test_what_is_cut_off_on_its_way_has_not_been_sent_and_its_work_is_not_used_up(service: Service, notice: str) -> None:
    with service.public() as server, family(server) as phone:
        challenge = challenge_of(phone.get(f"{notice}/seen").text)
        typed = {"said": "at the station", "challenge": challenge, "answer": answer_to(challenge)}
        whole = phone.build_request("POST", f"{notice}/seen", data=typed, files={"photo": ("a.png", painted_photo(3))})
        body = whole.read()
        kind = {"Content-Type": whole.headers["content-type"]}
        for end in (len(body) // 2, len(body) - 40, len(body) - 3):
            assert phone.post(f"{notice}/seen", content=body[:end], headers=kind).status_code == 400
        assert phone.post(f"{notice}/seen", content=body, headers=kind).status_code == 200
        assert phone.post(f"{notice}/seen", content=body, headers=kind).status_code == 422, "once"
