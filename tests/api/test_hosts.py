"""Under which name the service is reached, and whom it believes about that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from pydantic import ValidationError
from starlette.testclient import TestClient

from api.app import create_app
from api.security import address_of
from tests.house import a_house
from tracing.access import SYSTEM
from tracing.config import Settings

PASSWORD = "long enough for this"


@pytest.fixture
def behind(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[FastAPI]:
    with a_house(tmp_path, **request.param) as house:
        house.services.accounts.set_password(SYSTEM, "lin", PASSWORD)
        app = create_app(house.services)
        yield app
        app.state.analyses.close()


def client(app: FastAPI, url: str, peer: str = "192.0.2.1") -> TestClient:
    return TestClient(app, base_url=url, client=(peer, 5000), headers={"Accept": "text/html"})


PUBLIC = {"public_url": "https://tracing.example"}


@pytest.mark.parametrize("behind", [PUBLIC], indirect=True)
def test_no_other_host_is_answered_but_the_machine_itself(behind: FastAPI) -> None:
    told = {
        url: client(behind, url).get("/login").status_code
        for url in (
            "https://tracing.example",
            "http://tracing.example",
            "http://127.0.0.1:8000",
            "http://localhost",
            "http://[::1]:8000",
            "http://evil.example",
            "http://tracing.example.evil.example",
            "http://127.0.0.1.evil.example",
            "http://tracing.example:8443",
        )
    }
    assert list(told.values()) == [200] * 5 + [421] * 4, told
    refused = client(behind, "http://evil.example").get("/login")
    assert "evil" not in refused.text
    assert refused.headers["content-security-policy"]
    assert client(behind, "http://10.0.0.7").get("/health/live").status_code == 200


@pytest.mark.parametrize("behind", [PUBLIC], indirect=True)
def test_what_comes_by_the_public_address_counts_as_https_though_the_proxy_does_not_say_so(behind: FastAPI) -> None:
    browser = client(behind, "http://tracing.example")
    page = browser.get("/login")
    assert page.headers["strict-transport-security"]
    assert "secure" in page.headers["set-cookie"].lower()
    token = page.text.split('name="csrf" value="')[1].split('"')[0]
    cookie = page.headers["set-cookie"].split(";")[0]  # the jar keeps it from plain http, as a browser's from other sites
    form = {"csrf": token, "name": "lin", "password": PASSWORD}
    sent: dict[str, Any] = {"data": form, "follow_redirects": False}
    theirs = browser.post("/login", headers={"Cookie": cookie, "Origin": "http://evil.example"}, **sent)
    assert theirs.status_code == 403
    ours = browser.post("/login", headers={"Cookie": cookie, "Origin": "https://tracing.example"}, **sent)
    assert ours.status_code == 303
    assert "secure" in ours.headers["set-cookie"].lower()


@pytest.mark.parametrize("behind", [{}], indirect=True)
def test_nobody_is_led_to_a_host_that_a_request_names(behind: FastAPI) -> None:
    browser = client(behind, "http://evil.example")
    for path in ("/login/", "/cases/", "/cases", "/static", "/api/v1/cases/", "/health/live/"):
        answer = browser.get(path, follow_redirects=False)
        assert "evil" not in answer.headers.get("location", "") + answer.text, path


def seen(app: FastAPI, peer: str, **headers: str) -> tuple[str, str]:
    """Which address and scheme the application sees."""

    @app.get("/api/v1/who")
    def who(request: Request) -> list[str]:
        return [address_of(request), request.url.scheme]

    address, scheme = client(app, "http://127.0.0.1", peer).get("/api/v1/who", headers=headers).json()
    return address, scheme


@pytest.mark.parametrize("behind", [{"trusted_proxies": "10.0.0.0/24"}], indirect=True)
def test_only_named_proxies_are_believed_about_who_is_asking(behind: FastAPI) -> None:
    said = {"X-Forwarded-For": "203.0.113.9, 10.0.0.3", "X-Forwarded-Proto": "https"}
    assert seen(behind, "10.0.0.2", **said) == ("203.0.113.9", "https")
    assert seen(behind, "192.0.2.1", **said) == ("192.0.2.1", "http")
    assert seen(behind, "127.0.0.1", **said) == ("127.0.0.1", "http")


@pytest.mark.parametrize("behind", [{"trusted_proxies": "-"}], indirect=True)
def test_where_no_proxy_is_named_nobody_is_believed(behind: FastAPI) -> None:
    assert seen(behind, "127.0.0.1", **{"X-Forwarded-For": "203.0.113.9"}) == ("127.0.0.1", "http")


@pytest.mark.parametrize("behind", [{"trusted_proxies": "10.0.0.2"}], indirect=True)
def test_what_a_client_writes_itself_before_the_proxy_is_not_believed(behind: FastAPI) -> None:
    """Else whoever guesses passwords would come from another address each time."""
    assert seen(behind, "10.0.0.2", **{"X-Forwarded-For": "1.2.3.4, 203.0.113.9"})[0] == "203.0.113.9"


@pytest.mark.parametrize("behind", [{}], indirect=True)
def test_all_addresses_of_one_house_are_one(behind: FastAPI) -> None:
    assert seen(behind, "2001:db8:1:2:3:4:5:6")[0] == seen(behind, "2001:db8:1:2::9")[0] == "2001:db8:1:2::/64"
    assert seen(behind, "2001:db8:1:3::9")[0] != "2001:db8:1:2::/64"


@pytest.mark.parametrize("behind", [{"trusted_proxies": "10.0.0.2"}], indirect=True)
def test_an_address_that_is_written_the_other_way_is_the_same_and_nobody_elses(behind: FastAPI) -> None:
    """A proxy that listens for both kinds writes every IPv4 address so: one guesser would shut everybody out."""
    assert seen(behind, "10.0.0.2", **{"X-Forwarded-For": "::ffff:203.0.113.9"})[0] == "203.0.113.9"
    assert seen(behind, "::ffff:198.51.100.7")[0] == "198.51.100.7"


@pytest.mark.parametrize("behind", [{"trusted_proxies": "10.0.0.2"}], indirect=True)
def test_a_port_that_the_proxy_writes_behind_the_address_makes_nobody_somebody_else(behind: FastAPI) -> None:
    for written, address in (
        ("203.0.113.9:50123", "203.0.113.9"),
        ("[2001:db8:1:2::9]:50123", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
    ):
        assert seen(behind, "10.0.0.2", **{"X-Forwarded-For": written})[0] == address


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("public_url", "tracing.example"),
        ("public_url", "https://tracing.example/path"),
        ("public_url", "ftp://tracing.example"),
        ("trusted_proxies", "proxy.example"),
        ("trusted_proxies", "*"),
        ("trusted_proxies", "10.0.0.1/8"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings(**{name: value})  # type: ignore[arg-type]
