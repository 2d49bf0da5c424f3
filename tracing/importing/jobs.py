"""What is done with a list, portion by portion: begun, left at any time, and gone on with by anybody."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from tracing.domain import Actor, ImportRun
from tracing.errors import Conflict
from tracing.importing.plans import Photos, Plan, check
from tracing.importing.portions import TOGETHER, DraftReader, ListReader, Portion, Table
from tracing.importing.recalling import recalled
from tracing.importing.runs import Runs
from tracing.importing.whose_photos import WhosePhotos
from tracing.importing.withholding import withheld
from tracing.ports import Clock, RecordStore
from tracing.records import Records


@dataclass(frozen=True, slots=True)
class Sent:
    """Who has sent what, as far as each portion has to know it."""

    actor: Actor
    plan: Plan
    photos: Photos | None
    whose: WhosePhotos


class ListJob(ABC):
    together: ClassVar[int] = TOGETHER
    """Rows of a portion."""

    def __init__(self, store: RecordStore, runs: Runs, clock: Clock) -> None:
        self._store = store
        self._runs = runs
        self._clock = clock

    def run(
        self,
        actor: Actor,
        plan: Plan,
        table: Table,
        file_name: str,
        digest: bytes,
        photos: Photos | None = None,
        report: Callable[[int, int], object] = lambda *_: None,
    ) -> ImportRun:
        """Do it to the end, and say what became of it.

        ``digest`` is that of the file; ``report`` hears how many rows of how many are through. The same list sent again goes on
        where the last run was cut off.

        Raises ``Invalid``, and changes nothing, where the list cannot be read to its end.
        """
        plan = recalled(self._store, actor, plan, table)
        return self.bring(actor, plan, self._reader(actor, plan, table), file_name, digest, photos, report)

    def bring(
        self,
        actor: Actor,
        plan: Plan,
        reader: DraftReader,
        file_name: str,
        digest: bytes,
        photos: Photos | None = None,
        report: Callable[[int, int], object] = lambda *_: None,
    ) -> ImportRun:
        """As ``run``, of records that are no rows of a table."""
        run = self._runs.begin(actor, plan, file_name, digest)
        for reached in self._steps(run, reader, self._sent(actor, plan, reader, photos)):
            report(reached.rows, reader.count)
            run = reached
        return run

    def steps(
        self, actor: Actor, plan: Plan, run: ImportRun, table: Table, photos: Photos | None = None
    ) -> Iterator[ImportRun]:
        """Go on with a run; the last step ends it."""
        reader = self._reader(actor, plan, table)
        return self._steps(run, reader, self._sent(actor, plan, reader, photos))

    def _reader(self, actor: Actor, plan: Plan, table: Table) -> ListReader:
        check(actor, plan)
        return ListReader(table, dict(plan.columns), plan.kind, self._clock().date())

    @staticmethod
    def _sent(actor: Actor, plan: Plan, reader: DraftReader, photos: Photos | None) -> Sent:
        return Sent(actor, plan, photos, WhosePhotos.among(photos, reader.first_rows))

    def _steps(self, run: ImportRun, reader: DraftReader, sent: Sent) -> Iterator[ImportRun]:
        run = self._runs.take_up(run, reader.count)
        for portion in reader.portions(after=run.rows_done, together=self.together):
            run = self._portion(sent, run, self._named(sent, portion))
            yield run
        yield self._runs.end(sent.actor, run)

    def _named(self, sent: Sent, portion: Portion) -> Portion:
        with self._store.reading() as records:
            return replace(portion, drafts=withheld(records, sent.plan.source, portion.drafts))

    @abstractmethod
    def _portion(self, sent: Sent, run: ImportRun, portion: Portion) -> ImportRun:
        """Do what is to be done with these rows, and count them in the transaction that does it."""

    def _count(self, records: Records, run: ImportRun, portion: Portion, **more: int) -> ImportRun:
        """The run as it stands with this portion, ``more`` of each count. ``Conflict`` where another process has counted it."""
        if records.imports.lock(run.run_id).rows_done != run.rows_done:
            raise Conflict("Somebody else is at this list.")
        counts = {name: getattr(run, name) + number for name, number in more.items()}
        counted = replace(run, rows_done=portion.last, touched_at=self._clock(), **counts)
        records.imports.save(counted)
        return counted
