"""Lists that come by the page: taken in sealed, their columns said, read to their end, and started; or thrown away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import PurePath
from typing import Final

from tracing.access import SYSTEM, Permission, require
from tracing.domain import Actor, CaseKind, HandedList, ImportRun, LegalBasis, ListPurpose, ListStage
from tracing.errors import Invalid, NotFound, TooMany, WrongState
from tracing.importing.columns import Column
from tracing.importing.list_views import ListView, list_view
from tracing.importing.plans import check
from tracing.importing.recalling import held
from tracing.importing.runs import Runs
from tracing.importing.sealed_lists import RefusedCells, SealedLists, plan_of
from tracing.ports import Clock, ListWriter, NewId, RecordStore
from tracing.records import Records
from tracing.seldom import Seldom
from tracing.stations.scope import counted_station

UNUSED_FOR: Final = timedelta(days=1)
"""After this time a list that nobody has touched is thrown away."""
PAUSE: Final = timedelta(minutes=10)
MOST_WAITING: Final = 5
"""Lists of one account that wait at one time."""
LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says of a list as they hand it in."""

    purpose: ListPurpose
    source: str
    kind: CaseKind
    legal_basis: LegalBasis
    file_name: str


class HandedLists:
    """A list is its station's, and theirs who may bring lists in.

    ``looks_up`` is told whose word starts a comparison, which looks people up without a case; at their quota it raises
    ``TooMany``.
    """

    def __init__(
        self,
        store: RecordStore,
        sealed: SealedLists,
        runs: Runs,
        clock: Clock,
        new_id: NewId,
        looks_up: Callable[[Actor], object],
    ) -> None:
        self._store = store
        self._sealed = sealed
        self._files = sealed.files
        self._runs = runs
        self._clock = clock
        self._new_id = new_id
        self._looks_up = looks_up
        self._tended = Seldom(PAUSE)

    def expect(self, actor: Actor) -> str:
        """The id of a list that is about to arrive. ``TooMany`` where as many wait as one may leave waiting."""
        require(actor, Permission.OPEN_CASES)
        require(actor, Permission.EDIT_CASES)
        with self._store.reading() as records:
            own = sum(each.handed_by == actor.account_id for each in records.lists.waiting())
        if own >= MOST_WAITING and actor.account_id != SYSTEM.account_id:
            raise TooMany(f"Of your lists {MOST_WAITING} wait already: start one, or throw one away.")
        return self._new_id()

    def arriving(self, list_id: str, part: str, size: int = 0) -> AbstractContextManager[ListWriter]:
        """Where a part is written as it arrives, of this ``size`` where it is known; what breaks off is not there."""
        return self._files.writing(list_id, part, size)

    def give_up(self, list_id: str) -> None:
        """What has arrived of it is thrown away."""
        self._files.erase(list_id)

    def take(self, actor: Actor, list_id: str, told: Told, table: ListWriter, photos: ListWriter | None = None) -> HandedList:
        """A list that has arrived waits for what is to become of it; its columns are those of the sender's last list.

        Raises ``Invalid``, and throws it away, where it is no list, or the photos are no archive.
        """
        now = self._clock()
        handed = HandedList(
            list_id=list_id,
            purpose=told.purpose,
            source=told.source.strip(),
            kind=told.kind,
            legal_basis=told.legal_basis,
            said={},
            file_name=PurePath(told.file_name.replace("\\", "/")).name[:LONGEST_NAME],
            digest=table.digest.hex(),
            table_bytes=table.size,
            photo_bytes=photos.size if photos is not None else 0,
            station_id=actor.station_id,
            handed_by=actor.account_id,
            handed_at=now,
            stage=ListStage.COLUMNS,
            touched_at=now,
        )
        try:
            check(actor, plan_of(handed))
            layout = self._sealed.layout(handed)
            with self._sealed.photos(handed):
                pass
            with self._store.transaction() as records:
                last = records.imports.last_said(handed.source, handed.station_id)
                handed = replace(handed, said=held(last, layout, {}))
                records.lists.add(handed)
                told_of = {"source": handed.source, "purpose": handed.purpose, "bytes": table.size + handed.photo_bytes}
                records.audit.append(actor, "hand_list_in", list_id, told_of)
        except BaseException:
            self._files.erase(list_id)
            raise
        return handed

    def waiting(self, actor: Actor) -> list[HandedList]:
        """Those of the own station, the latest first."""
        require(actor, Permission.OPEN_CASES)
        with self._store.reading() as records:
            return records.lists.waiting(counted_station(records, actor))

    def look(self, actor: Actor, list_id: str) -> ListView:
        """With the first rows, so that somebody can say which column is what, and what the check found, if there was one."""
        with self._store.reading() as records:
            handed = self._own(records, actor, list_id)
        return list_view(self._sealed, handed, self._clock().date())

    def say_columns(self, actor: Actor, list_id: str, said: Mapping[str, str], version: int) -> HandedList:
        """Heading -> column, empty: left out. A worker reads the list to its end then. ``Invalid`` where it cannot be so.

        Headings of which nothing is said are as they were said of the sender's last list, or else as they were recognised.
        """
        with self._store.reading() as records:
            handed = _resting(self._own(records, actor, list_id))
        for column in said.values():
            if column and column not in set(Column):
                raise Invalid(f"There is no field {column!r}.", "columns")
        layout = self._sealed.layout(replace(handed, said={}))  # a spreadsheet takes its time: nobody waits for it to write
        with self._store.transaction() as records:
            handed = _resting(self._own(records, actor, list_id))
            changed = replace(
                handed,
                said=held(records.imports.last_said(handed.source, handed.station_id), layout, said),
                version=version,
                stage=ListStage.CHECKING,
                touched_at=self._clock(),
                rows_read=0,
                attempts=0,
                problem="",
            )
            layout.with_columns(dict(plan_of(changed).columns)).checked()
            saved = records.lists.save(changed)
        self._sealed.forget_check(list_id)
        return saved

    def start(self, actor: Actor, list_id: str, version: int) -> ImportRun:
        """Begin the run that a worker brings to its end; the same list once more goes on where it was cut off.

        A comparison counts as one search of this person's day, however long the list is.
        """
        with self._store.reading() as records:
            handed = _ready(self._own(records, actor, list_id))
        if handed.purpose is ListPurpose.COMPARE:
            self._looks_up(actor)
        with self._store.transaction() as records:
            handed = _ready(self._own(records, actor, list_id))
            run = self._runs.begin_in(records, actor, plan_of(handed), handed.file_name, bytes.fromhex(handed.digest))
            started = replace(
                handed, stage=ListStage.RUNNING, run_id=run.run_id, version=version, touched_at=self._clock(), attempts=0
            )
            records.lists.save(started)
            records.audit.append(actor, "start_list", run.run_id, {"list_id": list_id, "purpose": handed.purpose})
        return run

    def drop(self, actor: Actor, list_id: str) -> None:
        """Throw it away. What its run has done until now stays; handed in again it goes on there."""
        with self._store.transaction() as records:
            self._own(records, actor, list_id)
            records.lists.drop(list_id)
            records.audit.append(actor, "drop_list", list_id)
        self._files.erase(list_id)

    def refused(self, actor: Actor, run_id: str) -> Iterator[RefusedCells]:
        """The headings, and the rows that were refused as they came, each with what is wrong; ``NotFound`` when they are gone.

        Somebody mends them and hands them in again. A row whose person is kept out, or was erased since, is not among them.
        """
        self._runs.look(actor, run_id, limit=0)
        return self._sealed.refused(run_id, self._clock())

    def can_be_mended(self, run_id: str) -> bool:
        """Whether the refused rows of the run are still there."""
        return self._sealed.holds_refused(run_id)

    def put_away(self, handed: HandedList) -> None:
        """Its run is over: nothing of it stays but rows that somebody can mend, for a while, and none of a comparison."""
        if handed.purpose is ListPurpose.IMPORT:
            self._sealed.keep_refused(handed, self._clock())
        with self._store.transaction() as records:
            records.lists.drop(handed.list_id)
        self._files.erase(handed.list_id)

    def tend(self) -> None:
        """Now and then: throw away what nobody has touched for a day, and what a crash has left."""
        now = self._clock()
        if not self._tended.due(now):
            return
        with self._store.reading() as records:
            unused = records.lists.untouched(now - UNUSED_FOR)
        for list_id in unused:
            with self._store.transaction() as records:
                if records.lists.drop(list_id):
                    records.audit.append(SYSTEM, "drop_list", list_id, {"unused": True})
            self._files.erase(list_id)
        with self._store.reading() as records:
            known = {each.list_id for each in records.lists.waiting()}
        self._sealed.clear(known, now, UNUSED_FOR)
        self._tended.done(now)

    def _own(self, records: Records, actor: Actor, list_id: str) -> HandedList:
        require(actor, Permission.OPEN_CASES)
        require(actor, Permission.EDIT_CASES)
        handed = records.lists.get(list_id)
        if counted_station(records, actor) not in (None, handed.station_id):
            raise NotFound("There is no such list.")
        return handed


def _resting(handed: HandedList) -> HandedList:
    if handed.stage is ListStage.RUNNING:
        raise WrongState("The list is being brought in already; nothing about it can be changed.")
    return handed


def _ready(handed: HandedList) -> HandedList:
    if handed.stage is not ListStage.CHECKED:
        raise WrongState("The list was not read to its end yet, or runs already.")
    return handed
