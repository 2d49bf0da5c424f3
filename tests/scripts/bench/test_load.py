"""What the load test makes of what it saw; the test itself takes minutes and is run by hand: `tracing bench load`."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from scripts.bench import load
from scripts.bench.load import Route
from scripts.bench.machine import shared_out_memory
from scripts.bench.memory_watch import MemoryWatch, family
from tests.fakes import painted_photo
from tests.house import House
from tracing.consistency import Fault
from tracing.domain import Judgement, PairState, Role
from tracing.errors import Misconfigured

MINUTE = 60.0


def test_percentiles_are_of_the_answers_and_not_of_the_times() -> None:
    told = {
        "method": "GET",
        "name": "/",
        "num_requests": 100,
        "num_failures": 1,
        "response_times": {"10": 50, "200": 45, "9000": 5},
    }
    assert load._route(told) == Route("GET", "/", 100, 1, 10, 200, 9000)
    assert load._percentile([], 99) == 0


def test_growth_is_the_slope_of_what_was_seen() -> None:
    watch = object.__new__(MemoryWatch)
    watch._seen = [(at * 5.0, 100 << 20) for at in range(121)]
    assert watch.growth() == 0.0
    watch._seen = [(at * 5.0, int((100 + at * 5 / 3600 * 12) * (1 << 20))) for at in range(121)]
    assert watch.growth() == pytest.approx(12, abs=0.2)
    assert len(watch.by_minute()) == 11
    watch._seen = watch._seen[:2]
    assert watch.growth() == 0.0


def test_the_memory_of_a_process_and_of_its_children_is_seen() -> None:
    assert family(os.getpid())[0] == os.getpid()
    assert shared_out_memory(os.getpid()) > 1 << 20
    assert family(2**22 + 1) == [2**22 + 1]


def test_a_child_that_another_thread_started_belongs_to_the_family() -> None:
    """The system keeps the children of each thread apart; an encoder process that was replaced is one of those."""
    started: list[subprocess.Popen[bytes]] = []
    over = threading.Event()

    def start() -> None:
        started.append(subprocess.Popen(["sleep", "60"]))
        over.wait(60)

    thread = threading.Thread(target=start)
    thread.start()
    try:
        while not started:
            time.sleep(0.01)
        assert started[0].pid in family(os.getpid())
    finally:
        over.set()
        thread.join()
        for each in started:
            each.kill()
            each.wait()


def test_the_people_of_the_test_are_in_the_records_as_an_intake_leaves_them(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "IN_CARE", 3)
    monkeypatch.setattr(load, "PER_PERSON", 2)
    told = load._fill(house.services, 20, [painted_photo(1), painted_photo(2)], lambda _: None)
    assert len(told["missing"]) == 10
    assert set(told["keys"]) == {Role.SERVICE, Role.AUDITOR}
    assert house.services.accounts.sign_in(told["names"]["reviewer"][0], told["password"])
    counts = house.services.statistics.counts(house.auditor)
    assert counts.pairs[PairState.PROPOSED] == 6
    assert {each.fault for each in house.services.consistency.check()} <= {Fault.CASE_UNSEARCHED}
    assert house.services.review.queue(house.reviewer).total
    pair = house.services.review.queue(house.reviewer).pairs[0]
    assert house.judge(house.reviewer, pair, Judgement.CANNOT_TELL).state is not PairState.PROPOSED


def test_without_locust_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(Misconfigured, match="pip install"):
        load.load(100, 1, 0.2, 0)


def test_what_locust_loads_can_be_read() -> None:
    tree = ast.parse(Path(load.__file__).with_name("load_people.py").read_text("utf-8"))
    roles = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    assert {"Intake", "Reviewer", "Manager", "Program"} <= roles
