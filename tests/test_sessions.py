"""How long somebody stays signed in, and who ends it."""

from __future__ import annotations

import pytest

from tests.house import House
from tests.stories import rows_naming
from tracing.access import SYSTEM
from tracing.accounts import SignedIn
from tracing.domain import Role
from tracing.errors import Invalid, NotFound, NotSignedIn, Unavailable

PASSWORD = "correct horse battery"


@pytest.fixture
def li(house: House) -> SignedIn:
    """Somebody who is signed in."""
    house.services.accounts.add(SYSTEM, "li", Role.REVIEWER, password=PASSWORD)
    return house.services.accounts.sign_in("li", PASSWORD)


def is_open(house: House, token: str) -> bool:
    try:
        house.services.accounts.by_session(token)
    except NotSignedIn:
        return False
    return True


def test_a_session_that_nobody_uses_ends_after_an_hour(house: House, li: SignedIn) -> None:
    house.clock.advance(minutes=59)
    assert is_open(house, li.token)
    house.clock.advance(minutes=59)
    assert is_open(house, li.token), "it was used meanwhile"
    house.clock.advance(minutes=60)
    assert not is_open(house, li.token)


def test_a_session_that_is_used_all_the_time_ends_all_the_same(house: House, li: SignedIn) -> None:
    """A stolen cookie is not kept alive for ever."""
    for _ in range(24):
        assert is_open(house, li.token)
        house.clock.advance(minutes=30)
    assert not is_open(house, li.token)


@pytest.mark.parametrize("used", [False, True], ids=["begun", "used"])
def test_a_session_of_a_clock_that_was_a_year_ahead_ends_once_it_is_set_right(house: House, li: SignedIn, used: bool) -> None:
    """It would be open for that year, with or without anybody who uses it."""
    house.clock.advance(minutes=30 if used else 365 * 24 * 60)
    session = li if used else house.services.accounts.sign_in("li", PASSWORD)
    assert is_open(house, session.token)
    house.clock.advance(minutes=-20 if used else -364 * 24 * 60)
    assert not is_open(house, session.token)
    assert house.services.sessions.own(session.actor) == []


def test_a_clock_that_is_a_little_behind_another_one_signs_nobody_out(house: House, li: SignedIn) -> None:
    house.clock.advance(minutes=-4)
    assert is_open(house, li.token)


def test_each_sign_in_has_a_token_of_its_own_and_ends_the_one_that_the_browser_held(house: House, li: SignedIn) -> None:
    again = house.services.accounts.sign_in("li", PASSWORD, before=li.token)
    assert again.token != li.token
    assert not is_open(house, li.token)
    assert is_open(house, again.token)


def test_a_token_that_somebody_made_up_is_not_taken_over_at_sign_in(house: House, li: SignedIn) -> None:
    again = house.services.accounts.sign_in("li", PASSWORD, before="made up by somebody else")
    assert again.token != "made up by somebody else"
    assert not is_open(house, "made up by somebody else")


def test_an_own_new_password_ends_every_session_and_goes_on_with_a_new_token(house: House, li: SignedIn) -> None:
    elsewhere = house.services.accounts.sign_in("li", PASSWORD)
    changed = house.services.accounts.change_own_password(li.actor, PASSWORD, "another long password")
    assert [is_open(house, each.token) for each in (li, elsewhere, changed)] == [False, False, True]
    with pytest.raises(NotSignedIn):
        house.services.accounts.sign_in("li", PASSWORD)
    assert house.services.accounts.sign_in("li", "another long password").actor == li.actor
    assert rows_naming(house, changed.token) == {}


@pytest.mark.parametrize(
    ("old", "new", "field"), [("wrong horse", "another long password", "password"), (PASSWORD, "short", "password")]
)
def test_a_password_is_not_changed_by_whoever_finds_the_browser_open(
    house: House, li: SignedIn, old: str, new: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        house.services.accounts.change_own_password(li.actor, old, new)
    assert refused.value.field == field
    assert is_open(house, li.token)
    assert house.services.accounts.sign_in("li", PASSWORD)


def test_people_see_their_own_sessions_and_end_one_of_them(house: House, li: SignedIn) -> None:
    house.clock.advance(minutes=5)
    phone = house.services.accounts.sign_in("li", PASSWORD)
    assert [each.session_id for each in house.services.sessions.own(li.actor)] == [
        phone.session.session_id,
        li.session.session_id,
    ]
    house.services.sessions.end_one(li.actor, phone.session.session_id)
    assert [is_open(house, each.token) for each in (phone, li)] == [False, True]


def test_nobody_ends_or_sees_the_sessions_of_others(house: House, li: SignedIn) -> None:
    assert house.services.sessions.own(house.manager) == []
    with pytest.raises(NotFound):
        house.services.sessions.end_one(house.manager, li.session.session_id)
    assert is_open(house, li.token)


@pytest.mark.parametrize("change", ["disable", "move", "set_password", "new_api_key"])
def test_whatever_changes_an_account_ends_its_sessions(house: House, li: SignedIn, change: str) -> None:
    accounts = house.services.accounts
    more = {"move": ["elsewhere"], "set_password": ["another long password"]}.get(change, [])
    getattr(accounts, change)(SYSTEM, "li", *more)
    assert not is_open(house, li.token)


def test_a_store_that_cannot_be_written_signs_nobody_out(house: House, li: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise Unavailable("The disk of the database is full.")

    house.clock.advance(minutes=30)
    monkeypatch.setattr(house.services.store, "transaction", full)
    assert is_open(house, li.token)


def test_the_number_that_people_see_opens_nothing(house: House, li: SignedIn) -> None:
    assert not is_open(house, li.session.session_id)
    assert not is_open(house, li.session.token_hash)
