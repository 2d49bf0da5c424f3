"""Work off what is still marked as waiting: photos to analyse and searches that are due."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tracing.errors import Busy, Stopping, TracingError, Unavailable, where

log = logging.getLogger(__name__)

PHOTOS = 20
TOGETHER = 256
"""Searches that are done at once: their templates are compared with the gallery in one go, and one commit keeps them all."""
SEARCHES = 500
"""Per round; many, so that a few cases whose search keeps failing do not hold up the others."""


@dataclass(frozen=True, slots=True)
class Work:
    """What one round did; ``failed`` ones stay marked and come back."""

    photos: int = 0
    searches: int = 0
    failed: int = 0
    clue_searches: int = 0
    lists: int = 0
    """Portions of lists that were handed in."""

    def __add__(self, other: Work) -> Work:
        return Work(
            self.photos + other.photos,
            self.searches + other.searches,
            self.failed + other.failed,
            self.clue_searches + other.clue_searches,
            self.lists + other.lists,
        )

    def __bool__(self) -> bool:
        return bool(self.photos or self.searches or self.clue_searches or self.lists)


class Worker:
    """Safe to run twice, beside the web and beside itself: every photo is claimed, every search may be repeated.

    The functions come from ``Intake``, ``Matching``, ``Shelving``, ``ClueSearch`` and ``ListWork``: it knows no more of them.
    ``chores`` are done where nothing is waiting, and ``meanwhile`` however much is: between two photos or batches of searches.
    """

    def __init__(
        self,
        pending: Callable[[int], list[str]],
        analyse: Callable[[str], bool],
        due: Callable[[int], list[str]],
        search: Callable[[str], object],
        search_many: Callable[[list[str]], int],
        chores: Sequence[Callable[[], object]] = (),
        clues_due: Callable[[int], list[str]] = lambda _: [],
        search_by_clues: Callable[[str], object] = lambda _: None,
        meanwhile: Sequence[Callable[[], object]] = (),
        go_on_with_lists: Callable[[threading.Event | None], int] = lambda _: 0,
    ) -> None:
        self._pending = pending
        self._analyse = analyse
        self._due = due
        self._search = search
        self._search_many = search_many
        self._chores = chores
        self._clues_due = clues_due
        self._search_by_clues = search_by_clues
        self._go_on_with_lists = go_on_with_lists
        self._meanwhile = meanwhile

    def work_off(self, report: Callable[[Work], None] = lambda _: None, stop: threading.Event | None = None) -> Work:
        """Go on until nothing can be done now; the sum of it all."""
        done = Work()
        while work := self.round(stop):
            done += work
            report(done)
        return done + work

    def round(self, stop: threading.Event | None = None) -> Work:
        """A batch of photos, of searches, of searches by clues, and a slice of a list: whoever comes in goes before any list.

        One bad photo or case does not stop the others.
        """
        self._stopped(stop)
        done = self._photos(stop)
        due = self._due(SEARCHES)
        for start in range(0, len(due), TOGETHER):
            if self._stopped(stop):
                return done
            done += self._searches(due[start : start + TOGETHER])
        done += self._clue_searches(stop)
        return done if self._stopped(stop) else done + Work(lists=self._go_on_with_lists(stop))

    def _clue_searches(self, stop: threading.Event | None) -> Work:
        done = Work()
        for case_id in self._clues_due(SEARCHES):
            if self._stopped(stop):
                return done
            try:
                self._search_by_clues(case_id)
                done += Work(clue_searches=1)
            except Exception as error:
                done += _failure("search by clues of case", case_id, error)
        return done

    def _searches(self, case_ids: list[str]) -> Work:
        """All together; where one of them is in the way, each half by itself, down to the one that causes it."""
        if len(case_ids) > 1:
            try:
                if self._search_many(case_ids):
                    return Work(searches=len(case_ids))
            except Unavailable as error:  # none of them is in the way
                return replace(_failure("searches of cases from", case_ids[0], error), failed=len(case_ids))
            except Exception as error:  # whatever it is, it comes again from the one that causes it
                log.debug("%d searches at once failed: %s", len(case_ids), where(error))
            half = len(case_ids) // 2
            return self._searches(case_ids[:half]) + self._searches(case_ids[half:])
        try:
            self._search(case_ids[0])
        except Exception as error:
            return _failure("search of case", case_ids[0], error)
        return Work(searches=1)

    def _photos(self, stop: threading.Event | None) -> Work:
        """A batch of photos. Where all of it fails, the next one: what failed is claimed for a while and not in the way."""
        done, tried = Work(), set[str]()
        while not done.photos and (batch := [each for each in self._pending(PHOTOS) if each not in tried]):
            tried.update(batch)
            for photo_id in batch:
                if self._stopped(stop):
                    return done
                try:
                    done += Work(photos=int(self._analyse(photo_id)))
                except (Busy, Stopping):
                    return done
                except Exception as error:
                    done += _failure("photo", photo_id, error)
        return done

    def _stopped(self, stop: threading.Event | None) -> bool:
        """Between two pieces of work: whether to stop here, and what cannot wait until all is worked off."""
        for chore in self._meanwhile:
            try:
                chore()
            except Exception as error:
                log.error("what is done between two pieces of work failed and is tried again: %s", where(error))
        return stop is not None and stop.is_set()

    def rest(self) -> None:
        """What is done where nothing is waiting. A chore that fails holds up no other; the first error, when all were tried."""
        failed: list[Exception] = []
        for chore in self._chores:
            try:
                chore()
            except Exception as error:
                failed.append(error)
        for later in failed[1:]:
            log.error("a chore failed and is tried again: %s", where(later))
        if failed:
            raise failed[0]

    def run(self, stop: threading.Event, pause: float = 2.0) -> None:
        """Work off, wait, and again, until ``stop`` is set. A store that is gone for a while is waited for."""
        while not stop.is_set():
            try:
                self.work_off(stop=stop)
                self.rest()
            except Exception as error:
                log.error("the worker's round failed and is tried again: %s", where(error))
            stop.wait(pause)


def _failure(what: str, subject: str, error: Exception) -> Work:
    # The words of our own errors name no person; of foreign ones only the places are told.
    if isinstance(error, TracingError):
        log.warning("%s %s: %s", what, subject, error)
    else:
        log.error("%s %s failed: %s", what, subject, where(error))
    return Work(failed=1)
