"""Every role and every page: who sees what."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.staff.conftest import Browser
from tests.house import House

# One row per page: the roles that may see it. An unsigned visitor may see none of them.
EVERYBODY = ("lin", "chen", "sun", "qian", "partner")
PAGES = [
    ("/", EVERYBODY),
    ("/cases", EVERYBODY),
    ("/cases/{case}", EVERYBODY),
    ("/photos/{photo}/image", EVERYBODY),
    ("/photos/{photo}/image?variant=face", EVERYBODY),
    ("/pairs/{pair}", EVERYBODY),
    ("/cases/new?kind=sheltered", ("lin", "sun", "partner")),
    ("/cases/{case}/edit", ("lin", "sun", "partner")),
    ("/review", ("chen", "sun")),
    ("/results", ("chen", "sun")),
]
FORMS = [
    ("/cases/new", ("lin", "sun", "partner")),
    ("/cases/{case}/edit", ("lin", "sun", "partner")),
    ("/cases/{case}/suspend", ("lin", "sun")),
    ("/pairs/{pair}/claim", ("chen", "sun")),
    ("/pairs/{pair}/decisions", ("chen", "sun")),
    ("/pairs/{pair}/revoke", ("sun",)),
]
FIELDS = {
    "kind": "missing",
    "legal_basis": "statutory_duty",
    "reason": "because",
    "judgement": "cannot_tell",
    "proof": "document",
}


@pytest.fixture
def things(house: House) -> dict[str, str]:
    """A pair of two cases, one of which has a photo."""
    missing, sheltered = house.missing(1), house.sheltered(1)
    photo = house.services.desk.photos(house.intake, missing.case_id)[0].photo
    return {"case": missing.case_id, "photo": photo.photo_id, "pair": house.pair(missing, sheltered).pair_id}


@pytest.mark.parametrize("name", EVERYBODY)
def test_each_role_sees_the_pages_of_its_work(name: str, things: dict[str, str], browsers: Callable[..., Browser]) -> None:
    browser = browsers(name)
    for path, allowed in PAGES:
        expected = 200 if name in allowed else 403
        assert browser.client.get(path.format(**things)).status_code == expected, (name, path)


@pytest.mark.parametrize("name", EVERYBODY)
def test_each_role_sends_the_forms_of_its_work(name: str, things: dict[str, str], browsers: Callable[..., Browser]) -> None:
    browser = browsers(name)
    for path, allowed in FORMS:
        answer = browser.client.post(path.format(**things), data={"csrf": browser.token} | FIELDS, follow_redirects=False)
        assert (answer.status_code == 403) == (name not in allowed), (name, path, answer.status_code)


def test_a_stranger_sees_nothing_but_the_login(things: dict[str, str], browsers: Callable[..., Browser]) -> None:
    browser = browsers()
    for path, _ in PAGES:
        browser.see(path.format(**things))
        assert browser.url.startswith("/login"), path


def test_a_page_offers_only_what_the_role_may_do(things: dict[str, str], browsers: Callable[..., Browser]) -> None:
    case = f"/cases/{things['case']}"
    chen, lin = browsers("chen"), browsers("lin")
    assert "/edit" in lin.see(case)
    assert "/close" in lin.see(case)
    assert "/edit" not in chen.see(case)
    assert "/close" not in chen.see(case)
    assert "/cases/new" not in chen.see("/")
    assert 'href="/review"' not in lin.see("/")


def test_l18_whom_to_call_is_only_for_those_who_may_know(house: House, browsers: Callable[..., Browser]) -> None:
    lin = browsers("lin")
    lin.see("/cases/new?kind=missing")
    fields = FIELDS | {"contact_name": "Wang Fang", "contact_phone": "+86 138 0000 0000"}
    lin.send("/cases/new", **fields)
    assert "Wang Fang" in lin.see(lin.url)
    assert "Wang Fang" not in browsers("chen").see(lin.url)
    assert "Wang Fang" not in browsers("qian").see(lin.url)
