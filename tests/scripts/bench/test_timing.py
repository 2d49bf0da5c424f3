"""Medians, ratios of neighbouring turns, and the one core."""

from __future__ import annotations

import os
import threading

import pytest

from scripts.bench.timing import Compared, Watch, compared, medians, one_core, timed


def test_the_ratio_is_the_median_of_neighbours_and_not_the_ratio_of_medians() -> None:
    assert compared([1.0, 2.0, 4.0], [10.0, 40.0, 20.0]) == Compared(2.0, 20.0, 10.0)


def test_both_sides_have_as_many_turns() -> None:
    with pytest.raises(ValueError, match="shorter"):
        compared([1.0, 2.0], [1.0])


def test_a_watch_keeps_the_result_and_the_order_of_the_stages() -> None:
    watch = Watch()
    assert [watch.time(name, lambda name=name: name * 2) for name in ("b", "a")] == ["bb", "aa"]  # type: ignore[misc]
    assert list(watch.seconds) == ["b", "a"]
    assert all(each >= 0 for each in watch.seconds.values())
    assert timed(lambda: 3)[1] == 3


def test_each_stage_has_its_own_median() -> None:
    assert medians([{"a": 1.0, "b": 9.0}, {"a": 3.0, "b": 5.0}, {"a": 2.0, "b": 7.0}]) == {"a": 2.0, "b": 7.0}


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system cannot keep a process to one core")
def test_every_thread_is_kept_to_one_core_and_let_go_again() -> None:
    before, seen, go = os.sched_getaffinity(0), [], threading.Event()

    def look() -> None:
        go.wait()
        seen.append(os.sched_getaffinity(0))

    running = threading.Thread(target=look)
    running.start()
    with one_core() as kept:
        assert kept
        assert len(os.sched_getaffinity(0)) == 1
        go.set()
        running.join()
    assert seen == [{max(before)}]
    assert os.sched_getaffinity(0) == before


def test_a_system_that_cannot_do_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    with one_core() as kept:
        assert not kept
