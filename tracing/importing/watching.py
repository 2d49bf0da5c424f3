"""A folder for the lists of other departments, a folder for each: what is new is compared, and the last one again monthly."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Final

from tracing.access import SYSTEM
from tracing.domain import Actor, CaseKind, HandedList, LegalBasis, ListPurpose, ListStage
from tracing.errors import Misconfigured, TracingError, where
from tracing.importing.handing_in import HandedLists, Told
from tracing.ports import Clock, ListWriter, RecordStore
from tracing.seldom import Seldom

log = logging.getLogger(__name__)

EVERY: Final = timedelta(minutes=10)
STARTS: Final = timedelta(minutes=1)
"""A list that was read to its end does not wait for the next look at the folder."""
SETTLED: Final = timedelta(minutes=2)
"""A file that was written to just now is left until it is whole."""
TABLES: Final = frozenset({".csv", ".xlsx", ".txt"})
OF_PROGRAMS: Final = ("~$", ".")
PHOTOS: Final = ".zip"
SAID: Final = "list.toml"
PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class _Folder:
    """What ``list.toml`` says of the lists in a folder; without one the folder's name is the department's."""

    source: str
    kind: CaseKind = CaseKind.MISSING
    legal_basis: LegalBasis = LegalBasis.STATUTORY_DUTY
    station: str = ""
    columns: Mapping[str, str] | None = None


class WatchedFolder:
    """Nothing is done with a file but reading it: whoever puts it there takes it away. ``folder`` is None where none is set."""

    def __init__(
        self, folder: Path | None, lists: HandedLists, store: RecordStore, clock: Clock, zone: tzinfo, station: str
    ) -> None:
        self._folder = folder
        self._lists = lists
        self._store = store
        self._clock = clock
        self._zone = zone
        self._station = station
        self._looked = Seldom(EVERY)
        self._started = Seldom(STARTS)

    def tend(self) -> None:
        """Start what was read to its end, and hand in what is due."""
        now = self._clock()
        if self._folder is None or not self._started.due(now):
            return
        self._started.done(now)
        with self._store.reading() as records:
            waiting = [each for each in records.lists.waiting() if each.handed_by == SYSTEM.account_id]
        for handed in waiting:
            if handed.stage is ListStage.CHECKED:
                self._lists.start(self._actor(handed.station_id), handed.list_id, handed.version)
        if self._looked.due(now):
            self._looked.done(now)
            self._look_at_all(self._folder, waiting, now)

    def _look_at_all(self, watched: Path, waiting: list[HandedList], now: datetime) -> None:
        for folder in sorted(each for each in watched.iterdir() if each.is_dir()) if watched.is_dir() else []:
            try:
                self._look(folder, waiting, now)
            except TracingError as error:
                log.error("the lists in %s: %s", folder.name, error)
            except OSError as error:
                log.error("the lists in %s cannot be read: %s", folder.name, where(error))

    def _look(self, folder: Path, waiting: list[HandedList], now: datetime) -> None:
        tables = [each for each in folder.iterdir() if _is_table(each)]
        if not tables:
            return
        newest = max(tables, key=lambda path: (_arrived(path), path.name))
        arrived = datetime.fromtimestamp(max(map(_arrived, [newest, *_photos_of(newest)])), UTC)
        said = _said(folder)
        if any(each.source == said.source for each in waiting) or now - arrived < SETTLED:
            return
        with self._store.reading() as records:
            last = records.imports.last_runs(now - timedelta(days=62)).get(said.source)
        if last is None or arrived > last or self._month(last) != self._month(now):
            self._hand_in(newest, said)

    def _hand_in(self, table: Path, said: _Folder) -> None:
        actor = self._actor(said.station or self._station)
        list_id = self._lists.expect(actor)
        told = Told(ListPurpose.COMPARE, said.source, said.kind, said.legal_basis, table.name)
        try:
            with ExitStack() as arriving:
                rows = arriving.enter_context(self._lists.arriving(list_id, "table", table.stat().st_size))
                _copy(table, rows)
                pictures = None
                for photos in _photos_of(table):
                    pictures = arriving.enter_context(self._lists.arriving(list_id, "photos", photos.stat().st_size))
                    _copy(photos, pictures)
            handed = self._lists.take(actor, list_id, told, rows, pictures)
        except BaseException:
            self._lists.give_up(list_id)
            raise
        # Where that does not tell which column is what the list waits a day for somebody to say it at the page.
        self._lists.say_columns(actor, list_id, said.columns or {}, handed.version)
        log.info("a list of %s is compared", said.source)

    def _month(self, at: datetime) -> tuple[int, int]:
        local = at.astimezone(self._zone)
        return local.year, local.month

    @staticmethod
    def _actor(station_id: str) -> Actor:
        return replace(SYSTEM, station_id=station_id)


def _said(folder: Path) -> _Folder:
    path = folder / SAID
    if not path.is_file():
        return _Folder(folder.name.strip())
    try:
        told: dict[str, Any] = tomllib.loads(path.read_text("utf-8-sig"))  # an editor of Windows begins it with a mark
        return _Folder(
            source=str(told.get("source", folder.name)).strip(),
            kind=CaseKind(told.get("kind", CaseKind.MISSING)),
            legal_basis=LegalBasis(told.get("basis", LegalBasis.STATUTORY_DUTY)),
            station=str(told.get("station", "")),
            columns={str(heading): str(column) for heading, column in told.get("columns", {}).items()},
        )
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError, AttributeError) as error:
        raise Misconfigured(f"{SAID} cannot be understood: {error}") from error


def _is_table(path: Path) -> bool:
    """Not what a program puts beside a table that somebody has open, or a Mac beside every file."""
    return path.suffix.lower() in TABLES and not path.name.startswith(OF_PROGRAMS) and path.is_file()


def _photos_of(table: Path) -> list[Path]:
    """The archive of the same name, in small letters or capital ones; one at most."""
    archives = (path for path in sorted(table.parent.iterdir()) if path.stem == table.stem and path.suffix.lower() == PHOTOS)
    return [path for path in archives if path.is_file()][:1]


def _arrived(path: Path) -> float:
    """When it was last written or put there, by this machine: what is copied from elsewhere keeps the time of its sender, whose
    clock may be years ahead."""
    return path.stat().st_ctime


def _copy(path: Path, writer: ListWriter) -> None:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            writer.write(piece)
