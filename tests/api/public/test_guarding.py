"""What stands between strangers and the pages for everybody: headers, rates, hosts, an empty log, and records only read."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.public.app import POLICY, create_app
from api.rates import MOST_HELD, Rates
from tests.api.public.conftest import HERE
from tests.house import House, a_house
from tests.noticing import a_notice, told_of
from tracing.bootstrap import public_of
from tracing.config import Settings
from tracing.domain import Notice
from tracing.errors import Misconfigured, Unavailable


@pytest.fixture
def notice(house: House) -> Notice:
    return a_notice(house, told_of(house))


PATHS = (
    "/",
    "/n/{token}",
    "/n/{token}/photo.jpg",
    "/feed.atom",
    "/n/nothing",
    "/nowhere",
    "/static/public.css",
    "/health/live",
)


def test_every_answer_carries_the_headers_and_no_cookie(reader: TestClient, notice: Notice) -> None:
    for path in PATHS:
        answer = reader.get(path.format(token=notice.token))
        assert answer.headers["content-security-policy"] == POLICY, path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert "set-cookie" not in answer.headers
        assert path.startswith("/static/") or answer.headers["cache-control"] == "no-store", path
    assert reader.cookies == {}


def test_who_asks_for_the_head_alone_is_told_the_same_without_the_body(reader: TestClient, notice: Notice) -> None:
    for path in (
        "/",
        f"/n/{notice.token}",
        f"/n/{notice.token}/share.png",
        "/feed.atom",
        "/static/public.css",
        "/report",
        "/nowhere",
    ):
        whole, head = reader.get(path), reader.head(path)
        assert (head.status_code, head.content) == (whole.status_code, b""), path
        assert head.headers.get("content-length") == whole.headers.get("content-length"), path
        assert head.headers["content-type"] == whole.headers["content-type"], path
        assert head.headers["content-security-policy"] == whole.headers["content-security-policy"], path


def test_no_page_has_a_script_a_style_of_its_own_or_anything_from_elsewhere(reader: TestClient, notice: Notice) -> None:
    for path in ("/", f"/n/{notice.token}", "/n/nothing"):
        source = reader.get(path).text.lower()
        assert "<script" not in source
        assert "<style" not in source
        assert " style=" not in source
        assert "<form" not in source
        assert re.findall(r'(?:src|href)="https?://', source) == []


def test_reading_leaves_no_word_of_a_notice_and_no_address_in_the_log(
    reader: TestClient, notice: Notice, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for path in PATHS:
            reader.get(path.format(token=notice.token))
        reader.get("/?q=王建国")
    told = "\n".join(each.getMessage() for each in caplog.records if not each.name.startswith("httpx2"))  # the reader's own log
    assert "GET /n/{token} 200" in told
    for secret in ("王建国", notice.token, notice.case_id, "合肥", "203.0.113.9"):
        assert secret not in told


@pytest.fixture
def strict(tmp_path: Path) -> FastAPI:
    with a_house(tmp_path / "var", public_requests_per_minute=5, families_url="https://find.example") as house:
        services = public_of(house.services.settings, house.clock)
        yield create_app(services)
        services.close()


def test_l18_one_address_asks_so_often_and_no_oftener(strict: FastAPI) -> None:
    with TestClient(strict, base_url="https://find.example", client=("203.0.113.9", 1)) as one:
        statuses = [one.get(f"/n/{'guess' * 4}{number}").status_code for number in range(8)]
        assert statuses == [404] * 5 + [429] * 3
        refused = one.get("/")
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) >= 1
        assert refused.headers["content-security-policy"] == POLICY
        assert "<h1>" in refused.text
        assert one.get("/static/public.css").status_code == one.get("/health/live").status_code == 200
    with TestClient(strict, base_url="https://find.example", client=("203.0.113.10", 1)) as other:
        assert other.get("/").status_code == 200


def test_only_so_many_addresses_are_remembered_and_the_last_ones_stay_counted() -> None:
    seconds = 0.0
    rates = Rates(2, lambda: seconds)
    for number in range(3 * MOST_HELD):
        rates.take(f"address {number}")
    assert len(rates._left) <= MOST_HELD
    last = f"address {3 * MOST_HELD - 1}"
    rates.take(last)
    with pytest.raises(Unavailable):
        rates.take(last)


def test_no_other_host_is_answered_than_the_one_that_is_set(strict: FastAPI) -> None:
    with TestClient(strict, base_url="https://evil.example") as client:
        assert client.get("/").status_code == 421
    with TestClient(strict, base_url=HERE) as client:
        assert client.get("/health/live").status_code == 200


def test_links_of_the_feed_lead_to_the_address_that_is_set(strict: FastAPI) -> None:
    with TestClient(strict, base_url="https://find.example") as client:
        assert "https://find.example/feed.atom" in client.get("/feed.atom").text


def test_a_fault_of_ours_says_nothing_of_its_inside(
    readers: Callable[..., TestClient], public_app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error, status in ((KeyError("secret"), 500), (Misconfigured("secret path"), 500), (Unavailable("secret"), 503)):

        def fail(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr(type(public_app.state.public.published), "page", fail)
        quiet = TestClient(public_app, base_url=HERE, raise_server_exceptions=False)
        answer = quiet.get("/")
        assert (answer.status_code, "secret" in answer.text) == (status, False)
        assert answer.headers["content-security-policy"] == POLICY
        assert ("retry-after" in answer.headers) == (status == 503)


@pytest.mark.parametrize("half", [b"\\ud800", b"+2AA-"])
def test_halves_of_characters_in_a_form_of_another_alphabet_are_no_form(reader: TestClient, half: bytes) -> None:
    charset = "utf-7" if half.startswith(b"+") else "raw_unicode_escape"
    body = b'--b\r\nContent-Disposition: form-data; name="reference"\r\n\r\n' + half + b"\r\n--b--\r\n"
    answer = reader.post(
        "/follow", content=body, headers={"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
    )
    assert answer.status_code == 400
    assert "<h1>This did not arrive whole</h1>" in answer.text


def test_it_is_ready_while_the_records_can_be_read(
    reader: TestClient, public_app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reader.get("/health/ready").json() == {"status": "ok"}
    monkeypatch.setattr(type(public_app.state.public.store), "is_current", lambda _: False)
    assert reader.get("/health/ready").status_code == 503
    assert reader.get("/health/live").status_code == 200


def test_looking_writes_nothing(house: House, reader: TestClient, notice: Notice) -> None:
    with house.services.store.reading() as records:
        before = records.audit.head()
    for path in PATHS:
        reader.get(path.format(token=notice.token))
    with house.services.store.reading() as records:
        assert records.audit.head() == before


def test_it_opens_the_records_of_a_service_that_is_there_and_makes_none(tmp_path: Path, house: House) -> None:
    with pytest.raises(Misconfigured, match="tracing serve"):
        public_of(Settings(data_dir=tmp_path / "nothing"))
    assert not (tmp_path / "nothing").exists()
    from sqlalchemy import create_engine, text

    engine = create_engine(house.services.settings.store_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
    with pytest.raises(Misconfigured, match="this version"):
        public_of(house.services.settings)


def test_a_key_that_others_can_read_stops_it(house: House) -> None:
    house.services.settings.key_dir.chmod(0o755)
    with pytest.raises(Misconfigured, match="chmod"):
        public_of(house.services.settings)


def test_it_has_no_hand_in_anything_but_what_is_published(house: House) -> None:
    """A fault in the pages for everybody reaches no use case of the staff."""
    services = public_of(house.services.settings)
    assert {name for name in dir(services) if not name.startswith("_")} == {
        *("settings", "store", "photos", "reader", "published", "close"),
        *("reporting", "following", "sightings", "challenges"),
    }
    services.close()
