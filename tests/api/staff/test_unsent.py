"""What somebody typed is never lost, whatever happened to their session, to the service or to the pair meanwhile."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest

from tests.api.staff.conftest import PASSWORD, Browser, text_of
from tests.fakes import painted_photo
from tests.house import House
from tracing.domain import Judgement, Pair, Role
from tracing.errors import Busy

REASON = 'the left ear: "attached", <b>both</b> photos 👂\r\nئوڭ قۇلاق — 右耳有缺口'
VERDICT = {"judgement": "same_likely", "confidence": "4", "reason": REASON, "feature_ears": "similar"}


@pytest.fixture
def pair(house: House) -> Pair:
    return house.pair(house.missing(1), house.sheltered(1))


def fields_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that leads there."""
    form = page.split(f'action="{action}"')[1].split("</form>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
    return {html.unescape(name): html.unescape(value) for name, value in found}


def reasons(house: House, pair: Pair) -> list[str]:
    with house.services.store.reading() as records:
        return [each.reason for each in records.pairs.decisions(pair.pair_id)]


def test_a_session_that_ends_in_the_middle_of_a_judgement_costs_nothing(house: House, chen: Browser, pair: Pair) -> None:
    path = f"/pairs/{pair.pair_id}"
    chen.see(path)
    house.clock.advance(hours=24)
    page = chen.send(f"{path}/decisions", 401, **VERDICT)
    assert "Your session has ended, and nothing is lost." in page
    page = chen.send("/login", 401, **fields_of(page, "/login") | {"name": "chen", "password": "wrong"})
    assert "The name or the password is wrong." in page
    page = chen.send("/login", **fields_of(page, "/login") | {"name": "chen", "password": PASSWORD})
    assert "Your judgement Same person, likely" in text_of(page)
    assert 'the left ear: "attached", <b>both</b> photos 👂' in text_of(page)
    assert "<b>" not in page.split("What you had typed")[-1]
    assert "And 1 other field." in page
    assert reasons(house, pair) == [], "nothing is sent by itself"
    page = chen.send(f"{path}/decisions", **fields_of(page, f"{path}/decisions"))
    assert "Your judgement is saved." in page
    assert reasons(house, pair) == [REASON]


def test_a_form_of_an_earlier_session_is_shown_and_sent_anew(house: House, chen: Browser, pair: Pair) -> None:
    """As in a second window, in which somebody has signed in again meanwhile."""
    path = f"/pairs/{pair.pair_id}"
    chen.see(path)
    old = chen.token
    chen.client.cookies.clear()
    chen.sign_in("chen")
    chen.token = old
    page = chen.send(f"{path}/decisions", 403, **VERDICT)
    assert "another session" in page
    assert reasons(house, pair) == []
    chen.send(f"{path}/decisions", **fields_of(page, f"{path}/decisions"))
    assert reasons(house, pair) == [REASON]


def test_a_service_that_is_busy_gives_it_back(house: House, chen: Browser, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/pairs/{pair.pair_id}"
    chen.see(path)
    with monkeypatch.context() as patched:

        def busy(*_: object) -> None:
            raise Busy("later")

        patched.setattr(house.services.review, "decide", busy)
        page = chen.send(f"{path}/decisions", 503, **VERDICT)
    chen.send(f"{path}/decisions", **fields_of(page, f"{path}/decisions"))
    assert reasons(house, pair) == [REASON]


def test_of_a_pair_that_is_gone_the_text_is_left_to_copy(house: House, chen: Browser, pair: Pair) -> None:
    chen.see(f"/pairs/{pair.pair_id}")
    house.services.retention.erase_case(house.manager, pair.low_case_id)
    page = chen.send(f"/pairs/{pair.pair_id}/decisions", 404, **VERDICT)
    assert "右耳有缺口" in page
    assert "Copy what you want to keep" in page
    assert "Send it now" not in page


def test_what_another_site_sends_is_not_carried_through_the_login(house: House, chen: Browser, pair: Pair) -> None:
    chen.see(f"/pairs/{pair.pair_id}")
    house.clock.advance(hours=24)
    chen.client.headers["Origin"] = "http://evil.example"
    page = chen.send(f"/pairs/{pair.pair_id}/decisions", **VERDICT)
    assert chen.url.startswith("/login")
    assert "attached" not in page
    del chen.client.headers["Origin"]
    chen.token = "made up"
    assert "attached" not in chen.send(f"/pairs/{pair.pair_id}/decisions", **VERDICT)


def test_the_carried_form_leads_to_a_page_of_this_site_alone(house: House, chen: Browser) -> None:
    house.clock.advance(hours=24)
    chen.see("/login")
    carried = {"unsent_path": "https://evil.example/", "unsent:reason": "x"}
    page = chen.send("/login", name="chen", password=PASSWORD, **carried)
    assert 'action="/"' in page
    assert "evil" not in page


def test_what_is_saved_by_itself_says_that_the_session_has_ended(house: House, lin: Browser) -> None:
    case = house.sheltered(1)
    lin.see(f"/cases/{case.case_id}/form/body")
    house.clock.advance(hours=24)
    sent = {"csrf": lin.token, "by_itself": "yes", "version": "0", "hair": "grey"}
    told = lin.client.post(f"/cases/{case.case_id}/form/body", data=sent)
    assert (told.status_code, "Your session has ended" in told.json()["mistake"]) == (401, True)


def test_the_same_judgement_sent_twice_is_no_mistake(house: House, chen: Browser, pair: Pair) -> None:
    """Two taps on a slow line, in a browser without JavaScript."""
    path = f"/pairs/{pair.pair_id}"
    chen.see(path)
    for _ in range(2):
        assert "Your judgement is saved." in chen.send(f"{path}/decisions", **VERDICT)
    assert reasons(house, pair) == [REASON]
    page = chen.send(f"{path}/decisions", 403, **VERDICT | {"judgement": "excluded"})
    assert "You have judged this pair already" in page
    assert "右耳有缺口" in page
    assert reasons(house, pair) == [REASON]


def test_what_was_typed_about_a_pair_that_is_not_judged_any_more_is_shown_beside_it(
    house: House, chen: Browser, pair: Pair
) -> None:
    path = f"/pairs/{pair.pair_id}"
    chen.see(path)
    house.services.casework.suspend(house.manager, pair.low_case_id, "a check")
    page = chen.send(f"{path}/decisions", 409, **VERDICT)
    assert "nobody judges it now" in page
    assert "右耳有缺口" in page
    assert 'name="judgement"' not in page
    assert reasons(house, pair) == []


def test_whoever_may_not_judge_a_waiting_pair_reads_why(
    house: House, chen: Browser, pair: Pair, browsers: Callable[..., Browser]
) -> None:
    path = f"/pairs/{pair.pair_id}"
    house.judge(house.second, pair)
    house.judge(house.hire("ma", Role.REVIEWER), pair, Judgement.EXCLUDED)
    assert "This pair does not wait for your judgement now." in chen.see(path)
    assert "isagree" not in chen.see(path) + chen.send(f"{path}/decisions", 403, **VERDICT), "of others nothing is told"
    assert "does not wait" not in browsers("zhao").see(path)
    assert "does not wait" not in browsers("qian").see(path)
    other = house.pair(house.missing(2), house.sheltered(2))
    house.services.casework.suspend(house.manager, other.low_case_id, "a check")
    assert "nobody judges it now" in chen.see(f"/pairs/{other.pair_id}")


def test_an_intake_without_photos_outlives_the_session_and_one_with_photos_is_not_cut_short(house: House, lin: Browser) -> None:
    lin.see("/cases/new?kind=sheltered")
    house.clock.advance(hours=24)
    typed = {"kind": "sheltered", "legal_basis": "statutory_duty", "names": "王小明"}
    page = lin.send("/cases/new", 401, files={"photos": ("", b"", "application/octet-stream")}, **typed)
    page = lin.send("/login", **fields_of(page, "/login") | {"name": "lin", "password": PASSWORD})
    page = lin.send("/cases/new", **fields_of(page, "/cases/new"))
    assert "王小明" in page
    house.clock.advance(hours=24)
    lin.send("/cases/new", files={"photos": ("photo.png", painted_photo(1), "image/png")}, **typed)
    assert lin.url.startswith("/login")
