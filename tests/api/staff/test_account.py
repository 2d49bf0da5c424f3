"""The page of one's own account, and a login page that does not help to guess."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.api.staff.conftest import PASSWORD, Browser, text_of
from tests.house import House
from tracing.access import SYSTEM

Browsers = Callable[..., Browser]
NEW = "another long password"


def test_somebody_changes_their_password_and_stays_signed_in_here_alone(browsers: Browsers) -> None:
    phone = browsers("lin")
    desk = Browser(phone.client.app).sign_in("lin")  # type: ignore[arg-type]
    before = desk.client.cookies["tracing_session"]
    desk.see("/account")
    desk.send("/account/password", password=PASSWORD, new_password=NEW, new_password_again=NEW)
    assert desk.url == "/account"
    assert desk.client.cookies["tracing_session"] != before
    phone.see("/account")
    assert phone.url.startswith("/login")
    phone.sign_in("lin", NEW)
    phone.see("/account")
    desk.client.close()


def test_a_password_is_changed_by_who_knows_the_old_one_and_types_the_new_one_twice(lin: Browser) -> None:
    lin.see("/account")
    wrong = lin.send("/account/password", 422, password="not this one", new_password=NEW, new_password_again=NEW)
    assert "The password you have now is wrong." in wrong
    wrong = lin.send("/account/password", 422, password=PASSWORD, new_password=NEW, new_password_again=NEW + "x")
    assert "The two new passwords are not the same." in wrong
    wrong = lin.send("/account/password", 422, password=PASSWORD, new_password="short", new_password_again="short")
    assert "A password has between 10 and 200 characters." in wrong
    assert NEW not in wrong
    assert PASSWORD not in wrong


def test_a_phone_that_was_left_somewhere_is_signed_out_from_the_desk(browsers: Browsers) -> None:
    phone = browsers("lin")
    desk = Browser(phone.client.app).sign_in("lin")  # type: ignore[arg-type]
    shown = desk.see("/account")
    assert text_of(shown).count("this browser") == 1
    (path,) = re.findall(r'action="(/account/sessions/\w+/end)"', shown)
    desk.send(path)
    phone.see("/")
    assert phone.url.startswith("/login")
    assert "/account/sessions/" not in desk.see("/account")
    desk.client.close()


def test_who_guesses_is_told_to_wait_whether_the_name_is_known_or_not(browsers: Browsers, house: House) -> None:
    house.services.accounts.set_password(SYSTEM, "lin", PASSWORD)
    told = {}
    for name in ("lin", "nobody"):
        browser = browsers()
        browser.see("/login")
        for _ in range(5):
            house.services.throttle.admit(name)
        browser.send("/login", 401, name=name, password="a wrong password")
        told[name] = text_of(browser.send("/login", 429, name=name, password=PASSWORD)).replace(name, "")
        answer = browser.client.post("/login", data={"csrf": browser.token, "name": name, "password": PASSWORD})
        assert answer.headers["retry-after"] == "2"
        assert "tracing_session" not in browser.client.cookies
    assert told["lin"] == told["nobody"]
    assert "too many wrong passwords" in told["lin"]


def test_signing_in_again_ends_the_session_that_the_browser_held(lin: Browser, browsers: Browsers) -> None:
    before = lin.client.cookies["tracing_session"]
    page = lin.client.get("/account").text
    lin.token = page.split('name="csrf" value="')[1].split('"')[0]
    lin.send("/login", name="lin", password=PASSWORD)
    assert lin.client.cookies["tracing_session"] != before
    thief = browsers()
    thief.client.cookies.set("tracing_session", before)
    thief.see("/")
    assert thief.url.startswith("/login")
