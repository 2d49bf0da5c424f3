"""A key that sends too much is told to wait, and takes no place from others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from api.rates import Rates
from tests.api.conftest import HERE
from tests.api.staff.conftest import PASSWORD, Browser, text_of
from tests.house import House, a_house
from tests.stories import at_once
from tracing.access import SYSTEM
from tracing.errors import TooMany


class Watch:
    """A watch that goes on when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


def refused(rates: Rates, account_id: str = "lin") -> int:
    try:
        rates.take(account_id)
    except TooMany as error:
        return error.seconds
    return 0


def test_a_minute_s_worth_at_once_and_then_as_it_fills(watch: Watch) -> None:
    rates = Rates(6, watch)
    assert [refused(rates) for _ in range(8)] == [0] * 6 + [10, 10]
    assert refused(rates, "another") == 0
    watch.seconds += 9
    assert refused(rates) == 1
    watch.seconds += 1
    assert [refused(rates) for _ in range(2)] == [0, 10]
    watch.seconds += 3600
    assert [refused(rates) for _ in range(7)] == [0] * 6 + [10]


def test_requests_side_by_side_count_each(watch: Watch) -> None:
    rates = Rates(5, watch)
    results = at_once(*[lambda: rates.take("lin")] * 12)
    assert sum(isinstance(each, TooMany) for each in results) == 7


def test_zero_switches_it_off(watch: Watch) -> None:
    rates = Rates(0, watch)
    assert not any(refused(rates) for _ in range(10_000))


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[tuple[House, FastAPI]]:
    with a_house(tmp_path, key_requests_per_minute=3, searches_per_day=1) as house:
        app = create_app(house.services)
        yield house, app
        app.state.analyses.close()


def test_a_program_is_told_when_to_come_again(strict: tuple[House, FastAPI]) -> None:
    house, app = strict
    key = house.services.accounts.new_api_key(SYSTEM, "partner")
    with TestClient(app, base_url=HERE, headers={"Authorization": f"Bearer {key}"}) as program:
        answers = [program.get("/api/v1/cases") for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["retry-after"] == "20"
    assert answers[-1].json()["type"] == "urn:tracing:problem:too-many"


def test_somebody_who_looks_up_too_many_is_told_and_so_is_the_manager(strict: tuple[House, FastAPI]) -> None:
    house, app = strict
    for name in ("lin", "sun"):
        house.services.accounts.set_password(SYSTEM, name, PASSWORD)
    lin, sun = Browser(app).sign_in("lin"), Browser(app).sign_in("sun")
    assert "searches today" not in sun.see("/")
    lin.see("/cases?text=wang")
    assert "That were 1 searches today" in text_of(lin.see("/cases?text=wang", 429))
    assert "lin has made 2 searches today" in text_of(sun.see("/"))
    lin.see("/cases")
    for browser in (lin, sun):
        browser.client.close()
