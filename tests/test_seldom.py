"""A chore is due once in a while, whatever the clock does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import NOON
from tracing.seldom import Seldom

HOUR = timedelta(hours=1)


def test_it_is_due_until_it_is_done_for_the_first_time() -> None:
    seldom = Seldom(HOUR)
    assert seldom.due(NOON)
    assert seldom.due(NOON), "asking does nothing"
    seldom.done(NOON)
    assert not seldom.due(NOON)


@pytest.mark.parametrize(
    ("later", "due"),
    [(HOUR, True), (HOUR * 5, True), (timedelta(minutes=59), False), (timedelta(minutes=-59), False), (-HOUR, True)],
    ids=["an hour", "five hours", "too soon", "set back a little", "set back an hour"],
)
def test_it_is_due_again_after_its_time_and_after_the_clock_was_set_back(later: timedelta, due: bool) -> None:
    seldom = Seldom(HOUR)
    seldom.done(NOON)
    assert seldom.due(NOON + later) is due
