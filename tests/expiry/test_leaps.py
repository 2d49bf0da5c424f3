"""A clock that somebody has mistyped lets go of nobody for good."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.factories import NOON, FixedClock
from tests.house import House
from tracing.domain import Case, Channel, Outcome
from tracing.errors import NotFound
from tracing.expiry.leaps import Leaps, since_start
from tracing.expiry.policy import usual
from tracing.expiry.purging import Purging


@dataclass
class Machine:
    """Time that passes moves both; whoever sets the clock moves the clock alone."""

    clock: FixedClock
    seconds: float = 0.0

    def pass_by(self, **time: float) -> None:
        self.clock.advance(**time)
        self.seconds += timedelta(**time).total_seconds()


@pytest.fixture
def machine(house: House) -> Machine:
    return Machine(house.clock)


@pytest.fixture
def purging(house: House, machine: Machine) -> Purging:
    leaps = Leaps(lambda: machine.seconds)
    services = house.services
    return Purging(
        services.store, usual(), house.clock, services.retention.expire_case, services.suppressing.expire, leaps.trusts
    )


@pytest.fixture
def closed(house: House) -> Case:
    """Kept for a year."""
    case = house.missing(1)
    return house.services.casework.close(house.intake, case.case_id, Outcome.WITHDRAWN, "it is over", Channel.OTHER)


def test_while_the_clock_is_mistyped_nobody_is_erased_and_everything_is_as_it_was_once_it_is_set_right(
    house: House, machine: Machine, purging: Purging, closed: Case, caplog: pytest.LogCaptureFixture
) -> None:
    purging.tend()
    house.clock.advance(days=3650)
    with caplog.at_level(logging.ERROR):
        purging.tend()
    assert "set forward by 3650 days" in caplog.text
    with pytest.raises(NotFound):  # L7: what may be over is read by nobody
        house.services.casework.get(house.intake, closed.case_id)
    machine.pass_by(hours=23)
    purging.tend()
    house.clock.advance(days=-3650)
    purging.tend()
    assert house.case(closed) == closed
    machine.pass_by(days=366)
    assert erased(house, purging)


def test_l7_a_clock_that_is_right_after_all_is_believed_a_day_later(
    house: House, machine: Machine, purging: Purging, closed: Case
) -> None:
    purging.tend()
    house.clock.advance(days=3650)
    assert not erased(house, purging)
    machine.pass_by(days=1)
    assert erased(house, purging)


@pytest.mark.parametrize("days", [0, 1, -400], ids=["never", "by a day", "back"])
def test_l7_a_clock_that_is_set_a_little_or_back_holds_nothing_up(
    house: House, machine: Machine, purging: Purging, closed: Case, days: int
) -> None:
    purging.tend()
    house.clock.advance(days=days)
    machine.pass_by(days=366 - min(days, 0))
    assert erased(house, purging)


def test_the_seconds_of_the_machine_go_on() -> None:
    before = since_start()
    assert 0 <= since_start() - before < 60
    leaps = Leaps(since_start)
    assert leaps.trusts(NOON)
    assert leaps.trusts(NOON + timedelta(minutes=1))
    assert not leaps.trusts(NOON + timedelta(days=9))


def erased(house: House, purging: Purging) -> bool:
    """Whether the worker lets go of the closed case now."""
    before = house.let_go()
    purging.tend()
    house.services.ledger.follow()
    return house.let_go() != before
