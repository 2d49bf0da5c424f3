"""Analyses that somebody is waiting for: started at once, waited for a while, never lost when the wait ends."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from threading import BoundedSemaphore

from tracing.domain import Analysis
from tracing.errors import TracingError
from tracing.photo_reports import PhotoReport

log = logging.getLogger(__name__)

POLL_SECONDS = 0.2
VERIFIED_SECONDS = 2.0
"""So long after a request came its photos are still read to the last byte before they are saved."""


class Waiting:
    """Begins when a request with photos is taken up."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._since = now()

    @property
    def seconds(self) -> float:
        """How long it has waited."""
        return self._now() - self._since

    @property
    def to_verify(self) -> float:
        """Seconds that are left to wait for a photo to be read; a few small files that cost much would take a minute."""
        return max(0.0, VERIFIED_SECONDS - self.seconds)


class Analyses:
    """The threads only wait for the encoder's processes; what finds no room here stays pending, and the worker takes it.

    ``patience`` is the time in seconds that a request waits, what it has ``waited`` before included.
    """

    def __init__(
        self,
        analyse: Callable[[str], bool],
        report: Callable[[str], PhotoReport],
        at_once: int,
        patience: float,
    ) -> None:
        self._analyse = analyse
        self._report = report
        self._patience = patience
        self._room = BoundedSemaphore(at_once)
        self._under_way: set[Future[bool]] = set()
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="analysis")

    def report(self, photo_id: str, waited: float = 0.0) -> PhotoReport:
        """What was found in the photo, or the photo still pending where that takes longer than the patience."""
        return self.reports([photo_id], waited)[0]

    def reports(self, photo_ids: Sequence[str], waited: float = 0.0) -> list[PhotoReport]:
        """As ``report`` for several photos at once, which together take no more than the patience."""
        patience = max(0.0, self._patience - waited)
        deadline = time.monotonic() + patience
        started = [self._start(photo_id) for photo_id in photo_ids]
        wait_for([each for each in started if each is not None], timeout=patience)
        return [self._outcome(*each, deadline) for each in zip(photo_ids, started, strict=True)]

    def _outcome(self, photo_id: str, started: Future[bool] | None, deadline: float) -> PhotoReport:
        report = self._report(photo_id)
        while started is not None and started.done() and report.photo.analysis is Analysis.PENDING:
            # The worker was faster and is at it now.
            if not _somebody_else_has_it(started) or time.monotonic() >= deadline:
                break
            time.sleep(POLL_SECONDS)
            report = self._report(photo_id)
        return report

    def _start(self, photo_id: str) -> Future[bool] | None:
        if not self._room.acquire(blocking=False):
            return None
        try:
            future = self._threads.submit(self._analyse, photo_id)
        except RuntimeError:  # closed meanwhile: the photo is saved, and the next start looks at it
            self._room.release()
            return None
        self._under_way.add(future)
        future.add_done_callback(self._finished)
        return future

    def _finished(self, future: Future[bool]) -> None:
        self._room.release()
        self._under_way.discard(future)
        if future.cancelled():
            return
        error = future.exception()
        if isinstance(error, TracingError):
            log.warning("an analysis is put off: %s", error)
        elif error is not None:
            log.error("an analysis failed and comes back", exc_info=error)

    def close(self) -> None:
        """Begin nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def join(self, seconds: float) -> None:
        """Wait for what is under way, so long at most."""
        wait_for(list(self._under_way), timeout=seconds)


def _somebody_else_has_it(started: Future[bool]) -> bool:
    return not started.cancelled() and started.exception() is None and started.result() is False
