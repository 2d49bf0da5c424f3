"""What a worker does with lists that were handed in, a slice at a time: it reads them to their end, brings in, or compares."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Final

from tracing.access import SYSTEM
from tracing.domain import Actor, HandedList, ListPurpose, ListStage
from tracing.errors import Conflict, NotAllowed, NotFound, Stale, TracingError, Unavailable, where
from tracing.importing.handing_in import HandedLists
from tracing.importing.jobs import ListJob
from tracing.importing.sealed_lists import MOST_TOLD, SealedLists, plan_of
from tracing.importing.surveys import Survey, Surveys
from tracing.ports import Clock, RecordStore
from tracing.records import Records

log = logging.getLogger(__name__)

HOLD: Final = "lists"
"""One list at a time in the whole service: intakes come first."""
SLICE_S: Final = 2.0
"""After so long the others have their turn: photos, and searches that are due."""
MOST_TRIES: Final = 3
UNFORESEEN: Final = "The list could not be brought to its end. Tell the operator; then hand it in again."
DISABLED: Final = "The account that handed the list in is disabled."

Step = tuple[int, int]
"""Records that are through, and that there are."""


@dataclass(slots=True)
class _UnderWay:
    handed: HandedList
    steps: Iterator[Step]
    held: ExitStack


class ListWork:
    """Safe to run beside itself, in any number of processes. What was begun by one that died is gone on with at once."""

    def __init__(
        self,
        store: RecordStore,
        lists: HandedLists,
        sealed: SealedLists,
        surveys: Surveys,
        jobs: Mapping[ListPurpose, ListJob],
        clock: Clock,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._lists = lists
        self._sealed = sealed
        self._surveys = surveys
        self._jobs = jobs
        self._clock = clock
        self._timer = timer
        self._turn = threading.Lock()
        self._under_way: _UnderWay | None = None

    def work(self, stop: threading.Event | None = None) -> int:
        """Go on for a slice; how many portions were done. 0: nothing is to be done, or somebody else does it."""
        if not self._turn.acquire(blocking=False):
            return 0
        try:
            until, done = self._timer() + SLICE_S, 0
            while (self._under_way is not None or self._begin()) and self._step():
                done += 1
                if self._timer() >= until or (stop is not None and stop.is_set()):
                    break
            return done
        finally:
            self._turn.release()

    def close(self) -> None:
        """Let go of what is under way; another process goes on with it."""
        with self._turn:
            self._let_go()

    def _begin(self) -> bool:
        with self._store.reading() as records:
            waiting = records.lists.to_do(1)
        if not waiting:
            return False
        held = ExitStack()
        try:
            held.enter_context(self._store.hold(HOLD, wait=False))
        except Unavailable:
            return False
        try:
            with self._store.transaction() as records:
                handed = records.lists.take_on(waiting[0].list_id)
            if handed is None:
                held.close()
                return False
        except BaseException:
            held.close()
            raise
        self._under_way = _UnderWay(handed, self._steps(handed, held), held)
        return True

    def _step(self) -> bool:
        """Whether a portion was done."""
        under_way = self._under_way
        assert under_way is not None  # noqa: S101 -- for the type checker
        handed = under_way.handed
        try:
            read, there = next(under_way.steps)
            with self._store.transaction() as records:
                wanted = records.lists.get_on(handed.list_id, handed.stage, read, there, self._clock())
            if not wanted:
                self._let_go()
            return True
        except StopIteration:
            self._let_go()
            return True
        except Exception as error:
            self._let_go()
            self._failed(handed, error)
            return False

    def _steps(self, handed: HandedList, held: ExitStack) -> Iterator[Step]:
        with self._store.reading() as records:
            actor = _actor(records, handed)
        photos = held.enter_context(self._sealed.photos(handed))
        plan, table = plan_of(handed), self._sealed.table(handed)
        if handed.stage is ListStage.CHECKING:
            survey: Survey | None = None
            for survey in self._surveys.steps(actor, plan, table, photos, MOST_TOLD):
                yield survey.rows, survey.rows_there
            if survey is not None:
                self._end_check(handed, survey)
            return
        with self._store.reading() as records:
            run = records.imports.get(handed.run_id)
        if run.finished_at is None:
            for reached in self._jobs[handed.purpose].steps(actor, plan, run, table, photos):
                yield reached.rows, reached.rows_there
        self._lists.put_away(handed)

    def _end_check(self, handed: HandedList, survey: Survey) -> None:
        self._sealed.keep_check(handed.list_id, survey)
        try:
            with self._store.transaction() as records:
                now = records.lists.get(handed.list_id)
                if now.version == handed.version:
                    checked = {"rows_there": survey.rows_there, "rows_read": survey.rows, "touched_at": self._clock()}
                    records.lists.save(replace(now, stage=ListStage.CHECKED, **checked))  # type: ignore[arg-type]
        except (NotFound, Stale):  # thrown away, or its columns were said anew meanwhile
            log.info("a list was changed while it was read")

    def _failed(self, handed: HandedList, error: Exception) -> None:
        if isinstance(error, Unavailable):  # it comes again
            with self._store.transaction() as records:
                records.lists.get_on(handed.list_id, handed.stage, handed.rows_read, handed.rows_there, self._clock())
            log.warning("a list waits: %s", error)
        elif isinstance(error, Conflict) and handed.attempts < MOST_TRIES:
            log.info("a list is gone on with: %s", error)
        elif isinstance(error, TracingError):
            self._give_up(handed, str(error))
        else:
            log.error("a list failed: %s", where(error))
            if handed.attempts >= MOST_TRIES:
                self._give_up(handed, UNFORESEEN)

    def _give_up(self, handed: HandedList, problem: str) -> None:
        with self._store.transaction() as records:
            try:
                now = records.lists.get(handed.list_id)
            except NotFound:
                return
            records.lists.save(replace(now, stage=ListStage.FAILED, problem=problem, touched_at=self._clock()))

    def _let_go(self) -> None:
        if self._under_way is not None:
            self._under_way.held.close()
            self._under_way = None


def _actor(records: Records, handed: HandedList) -> Actor:
    """Whoever handed it in, as they are now."""
    if handed.handed_by == SYSTEM.account_id:
        return replace(SYSTEM, station_id=handed.station_id)
    account = records.accounts.get(handed.handed_by)
    if account.disabled_at is not None:
        raise NotAllowed(DISABLED)
    return Actor(account.account_id, account.name, account.role, handed.station_id)
