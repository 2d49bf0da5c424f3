"""Work that is done ahead of whoever takes it: bounded, in the order in which it ends, and not begun in vain."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from tracing.ahead import ahead


class Counting:
    """Work that takes until it is let go, and how much of it ran at once at most."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun: list[int] = []
        self.running = self.most = 0
        self._lock = threading.Lock()

    def __call__(self, item: int) -> int:
        with self._lock:
            self.begun.append(item)
            self.running += 1
            self.most = max(self.most, self.running)
        self.go.wait(10)
        time.sleep(0.005)
        with self._lock:
            self.running -= 1
        return 2 * item


def test_everything_is_done_once_and_no_more_at_once_than_asked_for() -> None:
    work = Counting()
    work.go.set()
    done = {item: task.result() for item, task in ahead(work, range(50), lambda: 4)}
    assert done == {item: 2 * item for item in range(50)}
    assert sorted(work.begun) == list(range(50))
    assert work.most == 4


def test_nothing_is_no_work() -> None:
    assert list(ahead(str, [], lambda: 3)) == []


def test_items_are_drawn_only_when_there_is_room() -> None:
    drawn: list[int] = []

    def items() -> Iterator[int]:
        for item in range(100):
            drawn.append(item)
            yield item

    with closing(ahead(str, items(), lambda: 5)) as results:
        next(results)
        assert len(drawn) == 5
        next(results)
        assert len(drawn) == 6


def test_more_is_begun_when_more_machines_come() -> None:
    work, room = Counting(), [1]
    work.go.set()
    for item, _ in ahead(work, range(40), lambda: room[0]):
        room[0] = 1 if item < 10 else 6
    assert 1 < work.most <= 6


def test_what_ends_first_comes_first() -> None:
    slow = threading.Event()

    def work(item: int) -> None:
        if item == 0:
            slow.wait(10)

    order = []
    for item, _ in ahead(work, range(3), lambda: 3):
        order.append(item)
        if len(order) == 2:
            slow.set()
    assert order[-1] == 0


def test_whoever_stops_early_waits_for_nothing_and_begins_nothing_more() -> None:
    work = Counting()
    started = time.monotonic()
    with closing(ahead(lambda item: work(item) if item else 0, range(100), lambda: 3)) as results:
        assert next(results)[0] == 0
    assert time.monotonic() - started < 5
    work.go.set()
    assert len(work.begun) <= 3


def test_a_failure_is_handed_out_with_its_item() -> None:
    ((item, task),) = ahead(lambda item: 1 // item, [0], lambda: 2)
    assert item == 0
    with pytest.raises(ZeroDivisionError):
        task.result()
