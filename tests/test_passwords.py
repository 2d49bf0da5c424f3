"""However many passwords come at once, the machine goes on with its work."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
from argon2 import PasswordHasher

from tests.factories import an_id
from tests.house import House
from tests.stories import at_once
from tracing import passwords
from tracing.access import SYSTEM
from tracing.accounts import Accounts
from tracing.domain import Role
from tracing.errors import Busy, NotSignedIn
from tracing.passwords import Passwords

PASSWORD = "correct horse battery"


def test_so_many_are_at_work_at_once_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each holds 64 MiB: without a bound forty threads held more than two gigabytes, for whoever knew no password at all."""
    three = threading.Barrier(3)
    met = threading.Event()

    class Watched(PasswordHasher):
        def verify(self, *said: str | bytes) -> bool:  # type: ignore[override]
            with suppress(threading.BrokenBarrierError):
                three.wait(timeout=0.5)
                met.set()
            return super().verify(*said)

    monkeypatch.setattr(passwords, "PasswordHasher", lambda: Watched(time_cost=1, memory_cost=8, parallelism=1))
    some = Passwords(at_once=2)
    hashed = some.hashed(PASSWORD)
    assert at_once(*[lambda: some.match(hashed, PASSWORD)] * 6) == [True] * 6
    assert not met.is_set()


def test_whoever_finds_the_line_full_is_told_so_and_no_try_is_counted(house: House) -> None:
    some, services = Passwords(in_line=1), house.services
    accounts = Accounts(services.store, house.clock, an_id, services.sessions, services.throttle, passwords=some)
    accounts.add(SYSTEM, "li", Role.REVIEWER, password=PASSWORD)
    with some.in_line():
        for _ in range(40):
            with pytest.raises(Busy):
                accounts.sign_in("li", PASSWORD, "192.0.2.1")
    assert accounts.sign_in("li", PASSWORD, "192.0.2.1").actor.name == "li"


def test_an_error_gives_the_place_in_the_line_free(house: House) -> None:
    some, services = Passwords(in_line=1), house.services
    accounts = Accounts(services.store, house.clock, an_id, services.sessions, services.throttle, passwords=some)
    for _ in range(3):
        with pytest.raises(NotSignedIn):
            accounts.sign_in("nobody", PASSWORD)


def test_no_password_is_the_one_of_an_account_that_has_none() -> None:
    assert Passwords().match("", PASSWORD) is False
