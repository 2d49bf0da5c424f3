"""Signing in and out, forged forms, and where one lands."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

import pytest

from api.assets import FOLDER
from api.staff.visit import own_path
from tests.api.staff.conftest import PASSWORD, Browser, text_of
from tests.api.test_routes import PAGES, filled, names
from tests.house import House
from tracing.access import SYSTEM
from tracing.passwords import IN_LINE

__all__ = ["names"]

Browsers = Callable[..., Browser]
ENDED: Final[dict[str, Callable[[House, Browser], object]]] = {
    "nobody used it for an hour": lambda house, _: house.clock.advance(minutes=60),
    "the account has a new password": lambda house, _: house.services.accounts.set_password(SYSTEM, "sun", PASSWORD + "!"),
    "the account is disabled": lambda house, _: house.services.accounts.disable(SYSTEM, "sun"),
    "signed out": lambda _, browser: browser.client.post("/logout", data={"csrf": browser.token}, follow_redirects=False),
}


def test_a_stranger_is_led_to_the_login_and_then_to_the_page_that_was_asked_for(browsers: Browsers, house: House) -> None:
    house.services.accounts.set_password(SYSTEM, "lin", PASSWORD)
    browser = browsers()
    browser.see("/cases?text=wang&kind=missing")
    assert browser.url.startswith("/login?next=")
    browser.send("/login", name="lin", password=PASSWORD, next="/cases?text=wang&kind=missing")
    assert browser.url == "/cases?text=wang&kind=missing"


def test_a_wrong_password_keeps_the_name_and_says_no_more_than_that(browsers: Browsers) -> None:
    browser = browsers()
    browser.see("/login")
    wrong = browser.send("/login", 401, name="lin", password="not the password")
    assert "The name or the password is wrong." in wrong
    assert 'value="lin"' in wrong
    assert text_of(browser.send("/login", 401, name="nobody", password="x")).replace("nobody", "lin") == text_of(wrong)


def test_where_very_many_sign_in_at_once_the_others_are_told_and_keep_their_name(browsers: Browsers, house: House) -> None:
    browser = browsers()
    browser.see("/login")
    with ExitStack() as line:
        for _ in range(IN_LINE):
            line.enter_context(house.services.accounts._passwords.in_line())
        page = browser.send("/login", 503, name="lin", password=PASSWORD)
    assert "Very many people are signing in" in page
    assert 'value="lin"' in page


def test_signing_out_ends_the_session_on_the_server(browsers: Browsers) -> None:
    lin = browsers("lin")
    cookie = lin.client.cookies["tracing_session"]
    lin.send("/logout")
    assert lin.url == "/login"
    lin.client.cookies.set("tracing_session", cookie)
    lin.see("/")
    assert lin.url.startswith("/login")


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/%0d\n/evil", "\\\\evil", "/a\\b", "", "javascript:x", "/ü"],
)
def test_the_way_back_never_leads_to_another_site(elsewhere: str, browsers: Browsers, house: House) -> None:
    house.services.accounts.set_password(SYSTEM, "lin", PASSWORD)
    browser = browsers()
    browser.see("/login")
    browser.send("/login", name="lin", password=PASSWORD, next=elsewhere)
    assert browser.url == "/"
    assert own_path(elsewhere) == "/"


def test_a_way_back_inside_is_kept() -> None:
    assert own_path("/cases/1?text=%E7%8E%8B&sheet=2") == "/cases/1?text=%E7%8E%8B&sheet=2"


def test_no_form_is_taken_without_its_token(lin: Browser) -> None:
    for path in ("/logout", "/cases/new", "/cases/x/edit", "/cases/x/photos", "/cases/x/close", "/faces", "/pairs/x/claim"):
        lin.token = ""
        assert "This form" in lin.send(path, 403), path
    lin.see("/")
    assert lin.url == "/", "still signed in"


def test_a_token_of_another_session_is_refused(browsers: Browsers) -> None:
    lin, chen = browsers("lin"), browsers("chen")
    lin.token = chen.token
    assert "another session" in lin.send("/logout", 403)


def test_a_form_sent_from_another_site_is_refused(lin: Browser) -> None:
    lin.client.headers["Origin"] = "http://evil.example"
    assert "another site" in lin.send("/logout", 403)


def test_nobody_can_be_signed_in_by_a_form_of_another_site(browsers: Browsers, house: House) -> None:
    house.services.accounts.set_password(SYSTEM, "lin", PASSWORD)
    attacker, victim = browsers(), browsers()
    attacker.see("/login")
    victim.token = attacker.token
    victim.send("/login", 403, name="lin", password=PASSWORD)
    assert "tracing_session" not in victim.client.cookies


def test_the_cookies_are_out_of_reach_of_scripts_and_other_sites(browsers: Browsers, house: House) -> None:
    house.services.accounts.set_password(SYSTEM, "lin", PASSWORD)
    browser = browsers()
    browser.see("/login")
    answer = browser.client.post(
        "/login", data={"csrf": browser.token, "name": "lin", "password": PASSWORD}, follow_redirects=False
    )
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


@pytest.mark.parametrize("how", ENDED)
def test_no_page_answers_a_session_that_has_ended(house: House, browsers: Browsers, names: dict[str, str], how: str) -> None:
    """The cookie is sent all the same, as whoever has copied it would."""
    sun = browsers("sun")
    sun.see("/")
    kept = sun.client.cookies["tracing_session"]
    ENDED[how](house, sun)
    for row in PAGES:
        sun.client.cookies.set("tracing_session", kept)
        request = dict(row.request or {})
        data = {**request.get("data", {}), "csrf": sun.token}
        sent = {} if row.method == "GET" else {"data": data, "files": request.get("files")}
        answer = sun.client.request(row.method, filled(row.path, names), follow_redirects=False, **sent)
        kept_for_later = row.method == "POST" and answer.status_code == 401  # what was typed, to be sent after signing in
        to_the_login = answer.status_code == 303 and answer.headers["location"].startswith("/login")
        assert kept_for_later or to_the_login, f"{row.method} {row.path}: {answer.status_code}"


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(house: House, browsers: Browsers) -> None:
    """A case whose photo is still looked at asks every quarter of a minute, also on a screen that somebody has left."""
    assert '"X-By-Itself"' in (FOLDER / "poll.js").read_text("utf-8")
    left, used = browsers("lin").client, browsers("sun").client
    for _ in range(6):
        house.clock.advance(minutes=11)
        asking = left.get("/cases", headers={"X-By-Itself": "1"}, follow_redirects=False).status_code
        reading = used.get("/cases", follow_redirects=False).status_code
    assert (asking, reading) == (303, 200)


def test_each_sign_in_has_another_token_and_the_one_before_opens_nothing(browsers: Browsers) -> None:
    sun = browsers("sun")
    before = sun.client.cookies["tracing_session"]
    sun.sign_in("sun")
    after = sun.client.cookies["tracing_session"]
    assert after != before
    sun.client.cookies.clear()
    sun.client.cookies.set("tracing_session", before)
    assert sun.client.get("/", follow_redirects=False).status_code == 303
