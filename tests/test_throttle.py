"""Guessing passwords costs time, then shuts the door; names that nobody has are treated like all others."""

from __future__ import annotations

from typing import Any

import pytest
from argon2 import PasswordHasher

from tests.house import House
from tests.stories import at_once, rows_naming
from tracing.access import SYSTEM
from tracing.domain import Role
from tracing.errors import Invalid, NotAllowed, NotSignedIn, TooMany
from tracing.throttle import FREE, STATION

PASSWORD = "correct horse battery"
TRIES = 10
HERE = "192.0.2.7"


@pytest.fixture
def li(house: House) -> None:
    house.services.accounts.add(SYSTEM, "li", Role.REVIEWER, password=PASSWORD)


def kept_waiting(house: House, name: str = "li", address: str = "", right: bool = False) -> int:
    """For how many seconds a try is refused; 0 where its password is looked at."""
    try:
        house.services.throttle.admit(name, address)
    except TooMany as error:
        return error.seconds
    if right:
        house.services.throttle.succeeded(name, address)
    return 0


def wrong(house: House, times: int, name: str = "li") -> None:
    """So many wrong passwords, each after as long a wait as it takes."""
    for _ in range(times):
        while wait := kept_waiting(house, name):
            house.clock.advance(seconds=wait)


def test_a_few_mistypings_cost_nothing(house: House) -> None:
    assert [kept_waiting(house) for _ in range(FREE)] == [0] * FREE
    assert kept_waiting(house, right=True) == 0


def test_a_whole_station_that_signs_in_at_once_is_let_in_in_whatever_order_its_tries_are_counted(house: House) -> None:
    """Of two tries side by side, the one that read the clock first may be counted last."""
    for number in range(STATION):
        assert kept_waiting(house, f"person {number}", HERE) == 0
        house.clock.advance(seconds=-0.01)
    assert kept_waiting(house, "person 0", HERE) == 0


def test_each_further_wrong_password_takes_twice_as_long_and_then_the_door_is_shut(house: House) -> None:
    wrong(house, FREE)
    waits = []
    for _ in range(TRIES - FREE):
        wrong(house, 1)
        waits.append(kept_waiting(house))
        house.clock.advance(seconds=waits[-1])
    assert waits == [2, 4, 8, 16, 15 * 60]
    assert kept_waiting(house, right=True) == 0, "time opens the door again"


def test_while_one_waits_not_even_the_right_password_is_looked_at(house: House, li: None) -> None:
    wrong(house, FREE + 1)
    with pytest.raises(TooMany):
        house.services.accounts.sign_in("li", PASSWORD)
    house.clock.advance(seconds=2)
    assert house.services.accounts.sign_in("li", PASSWORD).actor.name == "li"


def test_the_right_password_begins_anew(house: House) -> None:
    for _ in range(3):
        assert [kept_waiting(house) for _ in range(FREE)] == [0] * FREE
        assert kept_waiting(house, right=True) == 0


def test_a_name_that_nobody_has_is_slowed_down_and_shut_out_alike(house: House, li: None) -> None:
    """Else whoever is told to wait has found a name."""

    def said(name: str) -> list[Any]:
        answers = []
        for _ in range(FREE + 3):
            with pytest.raises((NotSignedIn, TooMany)) as refused:
                house.services.accounts.sign_in(name, "wrong horse")
            answers.append((refused.type, str(refused.value), getattr(refused.value, "seconds", 0)))
        return answers

    assert said("li") == said("nobody")


def test_an_unknown_name_costs_the_same_work_as_a_known_one(house: House, li: None, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts, verified = house.services.accounts, []
    verify = PasswordHasher.verify

    def counted(hasher: PasswordHasher, hashed: str, password: bytes) -> bool:
        verified.append(hashed.split("$")[1:4])
        return verify(hasher, hashed, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    for name in ("li", "nobody", "chen"):
        with pytest.raises(NotSignedIn):
            accounts.sign_in(name, "wrong horse")
    assert len(verified) == 3
    assert verified[0] == verified[1] == verified[2], "Argon2 with the same settings, once each"


def test_guesses_side_by_side_count_each(house: House) -> None:
    """Counting only after the password was looked at would let as many guesses through as come at once."""
    results = at_once(*[lambda: house.services.throttle.admit("li")] * (FREE + 5))
    assert sum(each is None for each in results) == FREE + 1
    assert sum(isinstance(each, TooMany) for each in results) == 4


def test_one_address_cannot_try_one_password_with_all_names(house: House) -> None:
    for number in range(FREE * STATION + 1):
        assert kept_waiting(house, f"somebody {number}", HERE) == 0
    assert kept_waiting(house, "li", HERE) > 0
    assert kept_waiting(house, "li", "192.0.2.8") == 0, "others are not kept out"


def test_an_own_account_buys_an_address_no_more_guesses(house: House) -> None:
    refused = 0
    for number in range(FREE * STATION + 10):
        refused += kept_waiting(house, f"somebody {number}", HERE) > 0
        kept_waiting(house, "li", HERE, right=True)
    assert refused >= 9


def test_the_operator_unlocks_at_once_and_nobody_else_does(house: House, li: None) -> None:
    wrong(house, TRIES)
    assert house.services.throttle.shut_out() == 1
    with pytest.raises(NotAllowed):
        house.services.throttle.unlock(house.manager, "li")
    with pytest.raises(Invalid, match="nobody"):
        house.services.throttle.unlock(SYSTEM, "nobody")
    house.services.throttle.unlock(SYSTEM, "li")
    assert house.services.throttle.shut_out() == 0
    assert kept_waiting(house) == 0


def test_that_somebody_was_shut_out_stays_in_the_audit_without_the_name(house: House, li: None) -> None:
    wrong(house, TRIES)
    with house.services.store.reading() as records:
        (event,) = [each for each in records.audit.events(0, 1000) if each.action == "shut_out"]
    assert (event.actor, event.detail) == (SYSTEM.account_id, {"tries": TRIES})
    assert len(event.subject) == 16


def test_what_was_typed_as_a_name_is_kept_nowhere(house: House) -> None:
    """People type their password where their name belongs."""
    kept_waiting(house, "my secret passphrase", HERE)
    assert rows_naming(house, "my secret passphrase") == rows_naming(house, HERE) == {}


def test_old_failures_are_forgotten(house: House) -> None:
    for number in range(20):
        kept_waiting(house, f"somebody {number}")
    house.clock.advance(minutes=16)
    kept_waiting(house)
    with house.services.store.transaction() as records:
        assert records.doors.forget_before(house.clock.now.replace(year=house.clock.now.year + 1)) == 1, "the others are gone"


def test_a_clock_that_was_wrong_for_a_while_shuts_nobody_out(house: House) -> None:
    house.clock.advance(days=1)
    assert kept_waiting(house, "wang", HERE, right=True) == 0
    for number in range(STATION * TRIES):
        kept_waiting(house, address="192.0.2.8", name=f"somebody {number}")
    wrong(house, TRIES)
    assert kept_waiting(house) > 0
    house.clock.advance(days=-1)
    assert kept_waiting(house, "wang", HERE) == 0
    assert kept_waiting(house, "wang", "192.0.2.8") == 0
    assert kept_waiting(house) == 0


def test_the_old_password_of_a_change_is_guessed_no_faster_than_at_the_door(house: House, li: None) -> None:
    actor = house.services.accounts.sign_in("li", PASSWORD).actor
    wrong(house, FREE)
    with pytest.raises(Invalid):
        house.services.accounts.change_own_password(actor, "wrong horse", "another long password")
    with pytest.raises(TooMany):
        house.services.accounts.change_own_password(actor, PASSWORD, "another long password")
