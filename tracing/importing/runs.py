"""Runs over lists: begun, gone on with where they were cut off, ended, and looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from tracing.access import Permission, require
from tracing.domain import Actor, HandedList, ImportRun, ListPurpose, RefusedRow
from tracing.errors import NotFound
from tracing.importing.plans import Plan, check
from tracing.ports import Clock, NewId, RecordStore
from tracing.records import Records
from tracing.stations.scope import counted_station

ACTIONS: Final = {ListPurpose.IMPORT: "import_list", ListPurpose.COMPARE: "compare_list"}
COUNTS: Final = {
    ListPurpose.IMPORT: ("new", "changed", "unchanged", "refused", "photos"),
    ListPurpose.COMPARE: ("compared", "without_face", "here", "refused", "photos", "found", "again"),
}


@dataclass(frozen=True, slots=True)
class RunView:
    """``handed`` is the list at the page that the run is of, None once it is over. ``hits``: pairs of an import's records with
    others, or what a comparison found. ``wrong`` rows of ``all_wrong`` are told: refused ones, and photos that were left out.
    """

    run: ImportRun
    handed: HandedList | None
    hits: int
    wrong: tuple[RefusedRow, ...]
    all_wrong: int


class Runs:
    def __init__(self, store: RecordStore, clock: Clock, new_id: NewId) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id

    def begin(self, actor: Actor, plan: Plan, file_name: str, digest: bytes) -> ImportRun:
        """The run of this very list that was cut off, or a new one. ``digest`` is that of the file."""
        with self._store.transaction() as records:
            return self.begin_in(records, actor, plan, file_name, digest)

    def begin_in(self, records: Records, actor: Actor, plan: Plan, file_name: str, digest: bytes) -> ImportRun:
        """As ``begin``, in a transaction of the caller's."""
        check(actor, plan)
        whole = plan.digest(digest)
        cut_off = records.imports.cut_off(plan.source, whole, actor.station_id)
        if cut_off is not None:
            return cut_off
        now = self._clock()
        said = {heading: column or "" for heading, column in plan.columns}
        run = ImportRun(
            run_id=self._new_id(),
            source=plan.source,
            file_name=file_name,
            digest=whole,
            station_id=actor.station_id,
            started_by=actor.account_id,
            started_at=now,
            purpose=plan.purpose,
            said={**records.imports.last_said(plan.source, actor.station_id), **said},
        )
        records.imports.begin(run)
        return run

    def take_up(self, run: ImportRun, rows_there: int) -> ImportRun:
        """A process is at it from now on; the list has so many records."""
        now = self._clock()
        with self._store.transaction() as records:
            taken = replace(
                records.imports.get(run.run_id), rows_there=rows_there, resumed_at=now, resumed_rows=run.rows, touched_at=now
            )
            records.imports.save(taken)
        return taken

    def end(self, actor: Actor, run: ImportRun) -> ImportRun:
        """It is through."""
        with self._store.transaction() as records:
            ended = replace(records.imports.get(run.run_id), finished_at=self._clock())
            records.imports.save(ended)
            told = {name: getattr(ended, name) for name in COUNTS[ended.purpose]}
            records.audit.append(actor, ACTIONS[ended.purpose], ended.run_id, {"source": ended.source} | told)
        return ended

    def all(self, actor: Actor, limit: int = 50, offset: int = 0) -> tuple[list[ImportRun], int]:
        """The latest first, of the own station, and how many there are."""
        require(actor, Permission.OPEN_CASES)
        with self._store.reading() as records:
            own = counted_station(records, actor)
            return records.imports.runs(limit, offset, own), records.imports.count_runs(own)

    def look(self, actor: Actor, run_id: str, limit: int = 200, offset: int = 0) -> RunView:
        """Of the own station; what was wrong in the order of the rows."""
        require(actor, Permission.OPEN_CASES)
        with self._store.reading() as records:
            run = records.imports.get(run_id)
            if counted_station(records, actor) not in (None, run.station_id):
                raise NotFound("There is no such import.")
            hits = records.imports.hits(run_id) if run.purpose is ListPurpose.IMPORT else run.found + run.again
            wrong = tuple(records.imports.refused(run_id, limit, offset))
            return RunView(run, records.lists.of_run(run_id), hits, wrong, records.imports.count_refused(run_id))

    def pairs(self, actor: Actor, run_id: str, limit: int, offset: int = 0) -> list[str]:
        """Ids of pairs of the records that an import brought or changed; whether somebody may look at one its page says."""
        self.look(actor, run_id, limit=0)
        require(actor, Permission.READ_CANDIDATES)
        with self._store.reading() as records:
            return records.imports.pairs(run_id, limit, offset)
