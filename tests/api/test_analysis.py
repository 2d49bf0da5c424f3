"""Waiting for an analysis."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from api.analysis import VERIFIED_SECONDS, Analyses, Waiting
from tests.factories import a_photo, an_id
from tracing.domain import Analysis
from tracing.errors import Busy
from tracing.photo_reports import PhotoReport


class Photos:
    """Photos that are pending until somebody finishes them."""

    def __init__(self) -> None:
        self.finished: set[str] = set()

    def report(self, photo_id: str) -> PhotoReport:
        analysis = Analysis.NO_FACE if photo_id in self.finished else Analysis.PENDING
        return PhotoReport(a_photo(an_id(1), photo_id=photo_id, analysis=analysis), ())


@contextmanager
def waiting(analyse: Callable[[str], bool], photos: Photos, at_once: int = 2, patience: float = 5) -> Iterator[Analyses]:
    analyses = Analyses(analyse, photos.report, at_once, patience)
    yield analyses
    analyses.close()


def held_up(photos: Photos, go_on: threading.Event) -> Callable[[str], bool]:
    """An analysis that takes as long as the test wants, five seconds at most."""

    def analyse(photo_id: str) -> bool:
        go_on.wait(5)
        photos.finished.add(photo_id)
        return True

    return analyse


def test_an_analysis_that_is_quick_is_waited_for() -> None:
    photos = Photos()

    def analyse(photo_id: str) -> bool:
        time.sleep(0.05)
        photos.finished.add(photo_id)
        return True

    with waiting(analyse, photos) as analyses:
        assert analyses.report("a").photo.analysis is Analysis.NO_FACE


def test_an_analysis_that_takes_long_goes_on_after_the_answer() -> None:
    photos, go_on = Photos(), threading.Event()
    with waiting(held_up(photos, go_on), photos, patience=0.05) as analyses:
        assert analyses.report("a").photo.analysis is Analysis.PENDING
        go_on.set()
        while "a" not in photos.finished:
            time.sleep(0.01)


def test_several_photos_together_take_no_more_than_the_patience() -> None:
    go_on = threading.Event()

    def analyse(_: str) -> bool:
        return go_on.wait(5)

    with waiting(analyse, Photos(), at_once=1, patience=0.2) as analyses:
        started = time.monotonic()
        assert [report.photo.photo_id for report in analyses.reports(["a", "b", "c"])] == ["a", "b", "c"]
        assert time.monotonic() - started < 2
        go_on.set()


def test_a_photo_that_finds_no_room_is_answered_at_once_as_pending() -> None:
    started, go_on = threading.Event(), threading.Event()

    def analyse(_: str) -> bool:
        started.set()
        return go_on.wait(5)

    with waiting(analyse, Photos(), at_once=1) as analyses, ThreadPoolExecutor(1) as pool:
        first = pool.submit(analyses.report, "a")
        assert started.wait(5)
        assert analyses.report("b").photo.analysis is Analysis.PENDING
        assert not first.done()
        go_on.set()


def test_a_photo_that_the_worker_has_is_waited_for_too() -> None:
    photos = Photos()
    timer = threading.Timer(0.3, photos.finished.add, ["a"])
    timer.start()
    with waiting(lambda _: False, photos) as analyses:
        assert analyses.report("a").photo.analysis is Analysis.NO_FACE
    timer.join()


@pytest.mark.parametrize("error", [Busy("too many"), RuntimeError("a mistake")])
def test_a_failure_leaves_the_photo_pending_and_gives_its_room_back(error: Exception) -> None:
    def analyse(_: str) -> bool:
        raise error

    with waiting(analyse, Photos(), at_once=1) as analyses:
        for name in "abc":
            assert analyses.report(name).photo.analysis is Analysis.PENDING
        done = threading.Event()
        analyses._analyse = lambda _: not done.set()  # the room is free: the next analysis is started
        analyses.report("d")
        assert done.is_set()


def test_closing_while_photos_wait_is_quiet(caplog: pytest.LogCaptureFixture) -> None:
    started, go_on = threading.Event(), threading.Event()

    def analyse(_: str) -> bool:
        started.set()
        return go_on.wait(5)

    analyses = Analyses(analyse, Photos().report, at_once=2, patience=0.05)
    analyses._threads._max_workers = 1  # the second one waits for a thread
    analyses.reports(["a", "b"])
    assert started.is_set()
    analyses.close()
    go_on.set()
    assert caplog.records == []


def test_once_it_is_closed_nothing_begins_and_what_is_under_way_is_waited_for() -> None:
    photos, begun, end = Photos(), threading.Event(), threading.Event()

    def slow(photo_id: str) -> bool:
        begun.set()
        end.wait(10)
        photos.finished.add(photo_id)
        return True

    with waiting(slow, photos, patience=0) as analyses:
        assert analyses.report("a").photo.analysis is Analysis.PENDING
        begun.wait(10)
        analyses.close()
        assert analyses.report("b").photo.analysis is Analysis.PENDING
        analyses.join(0)
        assert photos.finished == set()
        end.set()
        analyses.join(10)
        assert photos.finished == {"a"}
        analyses.join(10)


def test_what_a_request_has_waited_before_is_taken_from_its_patience() -> None:
    photos, go_on = Photos(), threading.Event()
    with waiting(held_up(photos, go_on), photos, patience=20) as analyses:
        assert analyses.report("a", waited=20).photo.analysis is Analysis.PENDING
        go_on.set()


def test_after_a_while_the_photos_of_a_request_are_saved_without_being_read() -> None:
    now = [100.0]
    request = Waiting(lambda: now[0])
    assert (request.seconds, request.to_verify) == (0, VERIFIED_SECONDS)
    now[0] += VERIFIED_SECONDS / 2
    assert request.to_verify == VERIFIED_SECONDS / 2
    now[0] += VERIFIED_SECONDS
    assert (request.seconds, request.to_verify) == (1.5 * VERIFIED_SECONDS, 0)
