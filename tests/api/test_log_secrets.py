"""No secret and nobody's story in the log, at its most talkative, whatever goes right or wrong (L4)."""

from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from api.app import create_app
from scripts import logs
from tests.api.conftest import HERE, add_photo, open_case
from tests.api.staff.conftest import PASSWORD, Browser
from tests.fakes import painted_photo, unreadable_photo
from tests.house import House
from tests.provider import SECRET
from tracing.access import SYSTEM
from tracing.chosen import DEFAULT_ENCODER
from tracing.config import Settings
from tracing.domain import CaseKind

NAME, PHONE, PLACE, NUMBER = "王建国", "138 1234 5678", "north station", "110101195501011234"
TYPED = "typed where the name belongs"
STORY = (NAME, PHONE, PHONE.replace(" ", ""), PLACE, NUMBER, PASSWORD, TYPED, "wrong-but-mine")
Scan = Callable[..., set[str]]


@pytest.fixture
def scan(monkeypatch: pytest.MonkeyPatch) -> Scan:
    """``scan(*secrets)``: which of them stand in the log so far. The log is set up as `tracing serve` does, at debug, as
    JSON, which holds all that a call adds to its line."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    for name in logs.OURS:
        monkeypatch.setattr(logging.getLogger(name), "level", logging.NOTSET)
    log = io.StringIO()
    monkeypatch.setattr("sys.stderr", log)
    logs.set_up(Settings(log_format="json", log_level="debug"))

    def found(*secrets: str, lines: int = 1) -> set[str]:
        told = log.getvalue()
        assert told.count("\n") >= lines, "nothing was logged: the test looks at nothing"
        return {each for each in secrets if any(way in told for way in (each, json.dumps(each)[1:-1], repr(each)[1:-1]))}

    return found


@pytest.fixture
def app(house: House, scan: Scan) -> Iterator[FastAPI]:
    made = create_app(house.services)
    yield made
    made.state.analyses.close()


def spelled(data: bytes) -> set[str]:
    """Pieces of bytes, as somebody might write them."""
    piece = data[64:88]
    return {piece.hex(), base64.b64encode(data[63:87]).decode(), repr(piece)[2:-1], str(list(piece))[1:-1]}


def templates_of(house: House, case_id: str) -> set[str]:
    with house.services.store.reading() as records:
        templates = records.faces.templates(case_id, DEFAULT_ENCODER)
    assert templates
    said: set[str] = set()
    for each in templates:
        said |= spelled(each.vector.tobytes())
        said |= {f"{number:.6f}".lstrip("-") for number in each.vector[:8].tolist()} | {
            repr(x) for x in each.vector[:8].tolist()
        }
    return said


def test_signing_in_leaves_neither_passwords_nor_cookies(app: FastAPI, house: House, scan: Scan) -> None:
    house.services.accounts.set_password(SYSTEM, "lin", PASSWORD)
    browser = Browser(app)
    browser.see("/login")
    browser.send("/login", 401, name=TYPED, password="wrong-but-mine")
    browser.send("/login", 401, name="lin", password="wrong-but-mine")
    browser.send("/login", 403, name="lin", password=PASSWORD, csrf="forged")
    browser.see("/login")
    browser.send("/login", name="lin", password=PASSWORD)
    cookies = dict(browser.client.cookies.items())
    browser.see(f"/cases?text={NAME}")
    browser.see(f"/nowhere/{NAME}", 404)
    browser.send("/logout")
    assert scan(*STORY, *cookies.values(), browser.token) == set()
    browser.client.close()


def test_keys_stay_with_programs(app: FastAPI, house: House, scan: Scan) -> None:
    key = house.services.accounts.new_api_key(SYSTEM, "partner")
    with TestClient(app, base_url=HERE) as client:
        for sent in (key, key + "x", f"trc_{NUMBER}"):
            client.get("/api/v1/cases", headers={"Authorization": f"Bearer {sent}"})
            client.get(f"/api/v1/cases?key={sent}")
            client.get(f"/metrics/{sent}")
    ring = house.services.settings.key_dir / "photo.key"
    assert (
        scan(key, NUMBER, ring.read_text("latin-1").strip(), house.services.secret.hex(), repr(house.services.secret)) == set()
    )


def test_l4_people_their_contacts_photos_and_templates_stay_out(app: FastAPI, house: House, scan: Scan) -> None:
    key = house.services.accounts.new_api_key(SYSTEM, "lin")
    with TestClient(app, base_url=HERE, headers={"Authorization": f"Bearer {key}"}) as lin:
        contact = {"role": "daughter", "name": NAME, "phone": PHONE, "place": PLACE}
        case_id = open_case(lin, names=[NAME], circumstances=PLACE, contact=contact)["case_id"]
        photo = painted_photo(3)
        add_photo(lin, case_id, photo)
        add_photo(lin, case_id, unreadable_photo())
        lin.post(f"/api/v1/cases/{case_id}/photos", files={"photo": (f"{NAME}.png", photo, "image/png")})
        lin.patch(f"/api/v1/cases/{case_id}", json={"names": [NAME], "height_cm": 9999, "accent": PHONE})
        lin.patch(f"/api/v1/cases/{case_id}", json={"nmaes": [NAME], "version": NUMBER})
        lin.patch(f"/api/v1/cases/{case_id}/form", json={"answers": {"id_number": NUMBER, "unheard_of": PHONE}})
        lin.post(f"/api/v1/cases/{case_id}/clues", json={"said": f"{NAME} {PHONE} {PLACE}"})
        lin.post("/api/v1/clues/enquiries", json={"words": PLACE})
        lin.get(f"/api/v1/cases?text={NAME}")
        lin.post("/api/v1/cases", content=f'{{"names": ["{NAME}"'.encode(), headers={"Content-Type": "application/json"})
    house.services.worker.round()
    assert scan(*STORY, *spelled(photo), *templates_of(house, case_id)) == set()


def _fails(error: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise error

    return fail


ERRORS: dict[str, Callable[[], Exception]] = {
    "a fault of ours": lambda: KeyError(f"{NAME} {PHONE}"),
    "a fault of a library": lambda: ValueError(f"cannot parse {NAME!r} {NUMBER}"),
    "a fault of the database": lambda: OperationalError(
        "INSERT ... VALUES (?)", {"name": NAME, "phone": PHONE}, Exception(PLACE)
    ),
    "a fault of the disk": lambda: OSError(5, "Input/output error", f"/photos/{NAME}"),
}


@pytest.mark.parametrize("what", ERRORS)
def test_errors_are_told_by_their_places_alone(
    what: str, app: FastAPI, house: House, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.services.accounts.set_password(SYSTEM, "lin", PASSWORD)
    browser = Browser(app).sign_in("lin")
    quiet = TestClient(app, base_url=HERE, raise_server_exceptions=False, cookies=browser.client.cookies)
    key = house.services.accounts.new_api_key(SYSTEM, "partner")
    case = house.open(CaseKind.MISSING, names=(NAME,))
    monkeypatch.setattr(type(house.services.desk), "waiting", _fails(ERRORS[what]()))
    monkeypatch.setattr(type(house.services.casework), "find", _fails(ERRORS[what]()))
    assert quiet.get("/").status_code >= 500
    assert quiet.get("/api/v1/cases", headers={"Authorization": f"Bearer {key}"}).status_code >= 500
    photo = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1))
    house.examiner.failure = ERRORS[what]()
    house.services.worker.round()
    assert house.services.intake.report(photo.photo_id).photo.attempts > 0
    assert scan(*STORY, key, lines=3) == set()
    quiet.close()
    browser.client.close()


def test_a_secret_that_is_logged_is_found(app: FastAPI, scan: Scan) -> None:
    for secret in STORY:
        logging.getLogger("api.staff.signin").debug("signed in: %s", secret)
    assert scan(*STORY) == set(STORY)


def test_a_line_that_cannot_be_written_tells_nothing_on_the_way(
    scan: Scan, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The library would print the whole call, what was to be said, and the words of the error that was being told."""
    ours = logging.getLogger("tracing.intake")
    (handler,) = (each for each in logging.getLogger().handlers if isinstance(each, logs.Stream))
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    monkeypatch.setattr(handler, "stream", _Full())
    errors = io.StringIO()
    monkeypatch.setattr("sys.stderr", errors)
    try:
        raise KeyError(NAME)
    except KeyError:
        ours.exception("the photo of %s failed", PHONE)
    ours.warning("%d photos", NAME)
    assert "could not be written" in errors.getvalue()
    assert not {each for each in STORY if each in errors.getvalue() + "".join(capsys.readouterr())}


class _Full(io.StringIO):
    """A log on a disk without room."""

    def write(self, _: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_setting_that_is_secret_is_not_told_with_the_others(house: House) -> None:
    settings = house.services.settings.model_copy(update={"sign_on_secret": type(house.services.settings.photo_key)(SECRET)})
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings.model_dump())
