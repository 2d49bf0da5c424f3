"""No secret, name or template reaches the log or an answer (L4), whatever is done and whatever fails, down to debug."""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.v1.openapi import described
from scripts import logs
from tests.api.conftest import add_photo, open_case
from tests.api.staff.conftest import Browser
from tests.fakes import painted_photo
from tests.house import House
from tracing.access import SYSTEM
from tracing.bootstrap import DEFAULT_ENCODER
from tracing.config import Settings
from tracing.domain import CaseKind

NAME, STORY, PHONE, PLACE = "王建国", "he was seen by the river bridge", "13812345678", "阜阳市颍州区"
PASSWORD, WRONG, NEW = "a very secret passphrase", "a wrong secret guess", "another secret passphrase"
BIOMETRIC = re.compile(r"vector|embedding|template|descriptor|sealed|photo_key", re.IGNORECASE)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Begins the log at the last level, by the service's own formatter, when it is first asked; afterwards what is in it."""
    stream = StringIO()

    def log() -> str:
        if logging.getLogger("api").level != logging.DEBUG:
            # The handlers of pytest are another log.
            monkeypatch.setattr(logging.getLogger(), "handlers", [])
            for name in logs.OURS:
                monkeypatch.setattr(logging.getLogger(name), "level", logging.NOTSET)
            with monkeypatch.context() as patched:
                patched.setattr("sys.stderr", stream)
                logs.set_up(Settings(log_level="debug", log_format="json"))
        return stream.getvalue()

    return log


def everything_that_is_done(app: FastAPI, house: House, program: TestClient, key: str) -> Iterator[str]:
    """A day with all that goes wrong in it; the secrets that it had."""
    yield key
    house.services.accounts.add(SYSTEM, "hu", house.intake.role, PASSWORD)
    browser = Browser(app)
    browser.see("/login")
    browser.send("/login", 401, name=PASSWORD, password=WRONG)
    browser.send("/login", 401, name="hu", password=WRONG)
    browser.sign_in("hu", PASSWORD)
    yield browser.client.cookies["tracing_session"]
    browser.see("/account")
    browser.send("/account/password", 422, password=WRONG, new_password=NEW, new_password_again=NEW)
    browser.send("/account/password", password=PASSWORD, new_password=NEW, new_password_again=NEW)
    yield browser.client.cookies["tracing_session"]
    yield browser.token
    said = {"names": [NAME], "circumstances": STORY, "seen_place": PLACE}
    contact = {"role": "reporter", "name": NAME, "phone": PHONE, "place": PLACE}
    case_id = open_case(program, **said, contact=contact)["case_id"]
    add_photo(program, case_id)
    add_photo(program, case_id, b"no photo at all")
    add_photo(program, case_id, painted_photo(3)[:200])
    program.post("/api/v1/cases", json={"kind": NAME})
    program.post("/api/v1/cases", json={"kind": "missing", NAME: STORY})
    program.post("/api/v1/cases", content=f'{{"names": ["{NAME}"'.encode())
    program.get("/api/v1/cases", params={"text": NAME})
    program.get(f"/api/v1/cases/{NAME}")
    program.get("/api/v1/cases", headers={"Authorization": f"Bearer {key}x"})
    browser.see(f"/cases?text={NAME}")
    browser.send("/cases/new", 422, kind="missing", names=NAME, age_min="-3", circumstances=STORY)
    browser.see(f"/nothing/{NAME}", 404)

    async def fails() -> None:
        raise ValueError(f"{NAME} {PHONE} {key}")

    app.add_api_route("/api/v1/fails", fails)
    app.add_api_route("/fails", fails)
    program.get("/api/v1/fails", params={"name": NAME})
    browser.see("/fails", 500)
    browser.send("/logout")
    browser.client.close()


def test_the_log_of_a_whole_day_names_nobody_and_holds_no_secret(
    app: FastAPI, house: House, written: Callable[[], str]
) -> None:
    assert written() == ""
    key = house.services.accounts.new_api_key(SYSTEM, "lin")
    with TestClient(app, base_url="http://127.0.0.1", headers={"Authorization": f"Bearer {key}"}) as program:
        secrets = list(everything_that_is_done(app, house, program, key))
    log = written()
    assert log.count("\n") > 20, "the log says something"
    assert '"ValueError' in log or "ValueError" in log, "and tells of what failed"
    photo_key = (house.services.settings.key_dir / "photo.key").read_bytes()
    with house.services.store.reading() as records:
        hashed = [account.password_hash for account in records.accounts.all() if account.password_hash]
    kept = [base64.b64encode(photo_key).decode(), photo_key.decode(errors="ignore").strip() or "-" * 9, *hashed]
    for secret in (NAME, STORY, PHONE, PLACE, PASSWORD, WRONG, NEW, *secrets, *kept):
        assert secret not in log, f"{secret[:12]}..."
        assert json.dumps(secret)[1:-1] not in log, f"{secret[:12]}... escaped"
    assert not re.search(r"(?:-?\d+\.\d+,? ?){8,}", log), "a row of numbers, as templates are"


def test_what_is_written_would_be_found(written: Callable[[], str]) -> None:
    assert written() == ""
    logging.getLogger("api.somewhere").debug("%s", STORY)
    assert STORY in written()


def test_no_answer_of_the_api_has_a_place_for_a_template(app: FastAPI) -> None:
    document = described(app)
    names = {name for schema in document["components"]["schemas"].values() for name in schema.get("properties", {})}
    assert len(names) > 100
    assert {name for name in names if BIOMETRIC.search(name)} == set()
    rows = {
        name
        for schema in document["components"]["schemas"].values()
        for name, each in schema.get("properties", {}).items()
        if '"items": {"type": "number"' in json.dumps(each)
    }
    assert rows == {"quantiles", "edges"}, "a row of numbers, as templates are: these two are of distributions"


def test_no_answer_holds_a_row_of_numbers_as_long_as_a_template(house: House, auditor: TestClient, sun: Browser) -> None:
    one, other = house.missing(1), house.sheltered(1)
    pair = house.pair(one, other)
    with house.services.store.reading() as records:
        (photo,) = records.photos.of_case(one.case_id)
        (template,) = records.faces.templates_of_cases([one.case_id], DEFAULT_ENCODER)[one.case_id]
    numbers = [f"{each:.6f}"[:7] for each in template.vector[:4]]
    paths = [
        "/api/v1/cases",
        f"/api/v1/cases/{one.case_id}",
        f"/api/v1/cases/{one.case_id}/candidates",
        f"/api/v1/cases/{one.case_id}/photos",
        f"/api/v1/photos/{photo.photo_id}",
        f"/api/v1/pairs/{pair.pair_id}",
        "/api/v1/statistics",
    ]
    answers = [auditor.get(path).text for path in paths]
    answers += [sun.see(path) for path in (f"/cases/{one.case_id}", f"/pairs/{pair.pair_id}", "/cases", "/review")]
    for answer in answers:
        assert not re.search(r"(?:-?\d+\.\d+,\s*){12,}", answer)
        assert photo.photo_key not in answer
        assert not all(number in answer for number in numbers)
    assert house.case(one).kind is CaseKind.MISSING
