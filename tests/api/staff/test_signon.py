"""Signing in by a provider, as a browser sees it: there and back, the first time, out again, and what opens nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from tests.api.staff.conftest import HERE, PASSWORD, Browser, text_of
from tests.house import House, a_house
from tests.provider import CLIENT, SECRET, Provider, a_provider
from tracing.access import SYSTEM
from tracing.domain import Actor, Role

CODE = re.compile(r"<code>([A-Z2-9]{5}-[A-Z2-9]{5})</code>")


@dataclass
class Town:
    """A house, the provider that its people sign in by, and browsers."""

    house: House
    provider: Provider
    browser: Callable[..., Browser]

    def away(self, browser: Browser, wanted: str = "/") -> str:
        """Go to the provider and let it send the browser back; the place it sends it to."""
        answer = browser.client.get("/sign-on", params={"next": wanted}, follow_redirects=False)
        assert answer.status_code == 303, answer.text
        sent = httpx2.get(answer.headers["location"], trust_env=False)
        assert sent.status_code == 302, sent.text
        return sent.headers["location"].removeprefix(HERE)

    def signed_in(self, browser: Browser, wanted: str = "/", status: int = 200) -> str:
        return browser.see(self.away(browser, wanted), status)

    def code(self, subject: str) -> str:
        """What somebody is shown who comes for the first time."""
        self.provider.subject = subject
        found = CODE.search(self.signed_in(self.browser()))
        assert found is not None
        return found[1]

    def link(self, name: str, subject: str, actor: Actor | None = None) -> None:
        signing = self.house.services.sign_on
        assert signing is not None
        signing.link(actor or self.house.manager, name, self.code(subject))

    def audited(self, account_id: str) -> list[str]:
        with self.house.services.store.reading() as records:
            return [event.action for event in records.audit.of_subject(account_id)]


def a_town(folder: Path, **settings: object) -> Iterator[Town]:
    made: list[TestClient] = []
    with a_provider(f"{HERE}/sign-on/back", f"{HERE}/login") as provider:
        given = {"public_url": HERE, "sign_on_issuer": provider.url, "sign_on_client": CLIENT, "sign_on_secret": SECRET}
        with a_house(folder, **given | settings) as house:
            provider.now = lambda: house.clock().timestamp()
            app = create_app(house.services)

            def browser(language: str = "en") -> Browser:
                found = Browser(app, language)
                made.append(found.client)
                return found

            yield Town(house, provider, browser)
            for each in made:
                each.close()
            app.state.analyses.close()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from a_town(tmp_path / "var")


@pytest.fixture
def strict_town(tmp_path: Path) -> Iterator[Town]:
    """Where passwords open nothing but the accounts of managers."""
    yield from a_town(tmp_path / "var", sign_on_only=True)


def test_who_is_linked_comes_in_as_the_account_and_lands_where_they_wanted(town: Town) -> None:
    town.link("lin", "subject-of-lin")
    browser = town.browser()
    assert "/sign-on?next=" in browser.see("/cases?text=wang")
    page = town.signed_in(browser, "/cases?text=wang")
    assert browser.url == "/cases?text=wang"
    assert "lin" in page
    assert "tracing_sign_on" not in browser.client.cookies
    assert town.audited(town.house.intake.account_id)[-2:] == ["link_sign_on", "sign_in"]


def test_without_a_provider_there_is_no_way_to_one(app: object, browsers: Callable[..., Browser]) -> None:
    browser = browsers()
    assert "/sign-on" not in browser.see("/login")
    browser.see("/sign-on", 404)
    browser.see("/sign-on/back?code=x&state=y", 404)
    sun = browsers("sun")
    sun.see("/sign-on/links", 404)
    assert "/sign-on/links" not in sun.see("/")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_first_time_one_is_shown_a_code_and_no_page_of_the_service(language: str, town: Town) -> None:
    browser = town.browser(language)
    page = town.signed_in(browser)
    assert CODE.search(page)
    assert ("哪个账号是您的" if language == "zh-CN" else "Which account is yours?") in page
    assert "tracing_session" not in browser.client.cookies
    browser.see("/cases")
    assert browser.url.startswith("/login")


def test_the_code_stays_the_same_as_long_as_it_is_good(town: Town) -> None:
    assert town.code("subject-of-lin") == town.code("subject-of-lin") != town.code("subject-of-chen")
    before = town.code("subject-of-lin")
    town.house.clock.advance(days=3, minutes=1)
    assert town.code("subject-of-lin") != before


def test_a_manager_links_the_code_to_an_account_that_has_no_password(town: Town) -> None:
    town.house.services.accounts.set_password(SYSTEM, "sun", PASSWORD)
    code = town.code("subject-of-lin")
    sun = town.browser().sign_in("sun")
    assert "/sign-on/links" in sun.see("/")
    sun.see("/sign-on/links")
    sun.send("/sign-on/links", 422, name="lin", code="AAAAA-AAAAA")
    assert "signs in by the provider" in text_of(sun.send("/sign-on/links", name="lin", code=code.lower()))
    assert "lin" in town.signed_in(town.browser())
    assert "Nobody waits with this code" in sun.send("/sign-on/links", 422, name="chen", code=code)
    sun.send("/sign-on/links", unlink="lin")
    assert CODE.search(town.signed_in(town.browser())), "the next time there is a new code"


def test_no_manager_makes_themselves_a_second_reviewer(town: Town) -> None:
    """Who could link an account that has a password could judge as its owner, beside their own judgement."""
    town.house.services.accounts.set_password(SYSTEM, "chen", PASSWORD)
    town.house.services.accounts.set_password(SYSTEM, "sun", PASSWORD)
    code = town.code("subject-of-sun")
    sun = town.browser().sign_in("sun")
    sun.see("/sign-on/links")
    assert "its owner links it" in sun.send("/sign-on/links", 403, name="chen", code=code)
    town.link("sun", "subject-of-sun", SYSTEM)
    town.provider.subject = "subject-of-sun"
    assert "sun" in town.signed_in(town.browser()), "who is known as one is nobody else"


def test_the_owner_links_the_account_by_its_password_once(town: Town) -> None:
    town.house.services.accounts.set_password(SYSTEM, "lin", PASSWORD)
    browser = town.browser()
    town.signed_in(browser, "/tasks")
    assert "password is wrong" in text_of(browser.send("/sign-on/link", 401, name="lin", password="wrong"))
    browser.send("/sign-on/link", name="lin", password=PASSWORD)
    assert browser.url == "/tasks"
    assert "link_sign_on" in town.audited(town.house.intake.account_id)
    again = town.browser()
    town.signed_in(again, "/tasks")
    assert again.url == "/tasks"


def test_two_people_never_share_an_account(town: Town) -> None:
    town.house.services.accounts.set_password(SYSTEM, "lin", PASSWORD)
    town.link("lin", "subject-of-lin", SYSTEM)
    town.provider.subject = "subject-of-chen"
    browser = town.browser()
    town.signed_in(browser)
    assert "already" in browser.send("/sign-on/link", 409, name="lin", password=PASSWORD)


@pytest.mark.parametrize("lie", [{"state": "guessed"}, {"state": ""}, {"iss": "https://evil.example"}, {"code": ""}])
def test_an_answer_that_was_not_asked_for_opens_nothing(lie: dict[str, str], town: Town) -> None:
    town.link("lin", "subject-of-lin")
    browser = town.browser()
    told = {name: values[0] for name, values in parse_qs(urlsplit(town.away(browser)).query).items()}
    before = town.provider.asked.count("/token")
    page = browser.client.get("/sign-on/back", params=told | lie)
    assert page.status_code == 401
    assert "Sign in" in page.text
    assert "tracing_session" not in browser.client.cookies
    assert town.provider.asked.count("/token") == before, "the provider is not even asked"


def test_an_answer_opens_nothing_in_another_browser(town: Town) -> None:
    """Else somebody could be made to work, and to write down contacts, in the account of another."""
    town.link("lin", "subject-of-lin")
    attacker, victim = town.browser(), town.browser()
    place = town.away(attacker)
    victim.see(place, 401)
    town.away(victim)
    victim.see(place, 401)
    assert "tracing_session" not in victim.client.cookies


def test_an_answer_that_comes_late_or_twice_opens_nothing(town: Town) -> None:
    town.link("lin", "subject-of-lin")
    browser = town.browser()
    place = town.away(browser)
    kept = browser.client.cookies["tracing_sign_on"]
    browser.see(place)
    browser.send("/logout")
    browser.client.cookies.set("tracing_sign_on", kept)
    browser.see(place, 401)


def test_who_stops_at_the_provider_may_try_again(town: Town) -> None:
    browser = town.browser("zh-CN")
    state = parse_qs(urlsplit(town.away(browser)).query)["state"][0]
    page = browser.see(f"/sign-on/back?error=access_denied&error_description=<script>&state={state}", 401)
    assert "可以再试一次" in page
    assert "<script>" not in page
    assert "/sign-on?next=" in page


@pytest.mark.parametrize(("language", "sentence"), [("en", "does not answer"), ("zh-CN", "没有响应")])
def test_a_provider_that_does_not_answer_leaves_the_password(language: str, sentence: str, town: Town) -> None:
    town.house.services.accounts.set_password(SYSTEM, "lin", PASSWORD)
    town.provider.answers = lambda path: (500, b"{}")
    browser = town.browser(language)
    assert sentence in browser.see("/sign-on", 503)
    browser.send("/login", name="lin", password=PASSWORD)
    assert browser.url == "/"


def test_an_account_that_is_disabled_is_closed_to_the_provider_too(town: Town) -> None:
    town.link("lin", "subject-of-lin")
    town.house.services.accounts.disable(SYSTEM, "lin")
    browser = town.browser()
    assert "disabled" in town.signed_in(browser, status=401)
    assert "tracing_session" not in browser.client.cookies


def test_no_role_and_no_station_is_taken_from_the_provider(town: Town) -> None:
    town.link("lin", "subject-of-lin")
    town.provider.told = {"roles": ["manager"], "groups": ["manager"], "role": "manager", "station": "north", "name": "sun"}
    browser = town.browser()
    town.signed_in(browser)
    browser.see("/approvals")
    browser.see("/sign-on/links", 403)
    assert town.house.services.accounts.by_session(browser.client.cookies["tracing_session"]) == town.house.intake


def test_no_program_is_linked_and_nobody_of_another_station(town: Town) -> None:
    town.house.services.accounts.add(SYSTEM, "far", Role.REVIEWER, station_id="north")
    town.house.services.accounts.set_password(SYSTEM, "sun", PASSWORD)
    sun = town.browser().sign_in("sun")
    page = sun.see("/sign-on/links")
    for name in ("partner", "far", "nobody"):
        assert f'value="{name}"' not in page
        assert "no such account" in sun.send("/sign-on/links", 422, name=name, code="AAAAA-AAAAA")


def test_passwords_are_switched_off_for_staff_and_never_for_managers(strict_town: Town) -> None:
    for name in ("lin", "sun"):
        strict_town.house.services.accounts.set_password(SYSTEM, name, PASSWORD)
    browser = strict_town.browser()
    browser.see("/login")
    wrong = text_of(browser.send("/login", 401, name="lin", password="not the password"))
    assert "The name or the password is wrong." in wrong, "who does not know the password learns nothing"
    assert "sign in by the provider" in text_of(browser.send("/login", 401, name="lin", password=PASSWORD))
    strict_town.provider.answers = lambda path: (500, b"{}")
    strict_town.browser().sign_in("sun").see("/sign-on/links")


def test_where_passwords_are_off_their_owner_still_links_the_account_by_it(strict_town: Town) -> None:
    strict_town.house.services.accounts.set_password(SYSTEM, "lin", PASSWORD)
    browser = strict_town.browser()
    strict_town.signed_in(browser, "/tasks")
    browser.send("/sign-on/link", name="lin", password=PASSWORD)
    assert browser.url == "/tasks"


def test_signing_out_leads_to_the_providers_own_sign_out(town: Town) -> None:
    town.link("lin", "subject-of-lin")
    browser = town.browser()
    town.signed_in(browser)
    page = browser.send("/logout")
    assert browser.url == "/signed-out"
    assert f'content="1; url={town.provider.url}/end?client_id={CLIENT}&amp;post_logout_redirect_uri=' in page
    assert "tracing_session" not in browser.client.cookies
    town.provider.says = {"end_session_endpoint": None}
    town.house.clock.advance(hours=2)
    town.signed_in(browser)
    browser.send("/logout")
    assert browser.url == "/login"


def test_who_came_by_password_is_not_sent_to_the_provider(town: Town) -> None:
    town.house.services.accounts.set_password(SYSTEM, "lin", PASSWORD)
    lin = town.browser().sign_in("lin")
    lin.send("/logout")
    assert lin.url == "/login"


def test_what_was_typed_when_a_session_ended_outlives_a_sign_in_by_the_provider(town: Town) -> None:
    town.link("lin", "subject-of-lin")
    lin = town.browser()
    town.signed_in(lin)
    lin.see("/cases/new?kind=missing")
    town.house.clock.advance(hours=13)
    page = lin.send("/cases/new", 401, kind="missing", legal_basis="statutory_duty", names="王小明")
    assert 'formaction="/sign-on/resume"' in page
    carried = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    token = lin.token
    town.signed_in(lin)  # in another window
    lin.token = token
    assert "王小明" in lin.send("/sign-on/resume", **{name: value for name, value in carried.items() if name != "csrf"})


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "/" + "a" * 5000])
def test_the_way_back_stays_inside(elsewhere: str, town: Town) -> None:
    town.link("lin", "subject-of-lin")
    browser = town.browser()
    town.signed_in(browser, elsewhere, 404 if elsewhere.startswith("/a") else 200)
    assert browser.url == "/" or browser.url.startswith("/aaa")
