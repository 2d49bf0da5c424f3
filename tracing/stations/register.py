"""The stations of an installation: set up by the operator, and closed when their work has ended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from tracing.access import Permission, require
from tracing.domain import Actor, Station
from tracing.errors import Conflict, Invalid
from tracing.ports import Clock, RecordStore
from tracing.records import Records
from tracing.stations.reach import Reach
from tracing.stations.scope import reach_of


@dataclass(frozen=True, slots=True)
class Place:
    """Which station has a case; all that everybody here may know of it, to ask the right one."""

    reference: str
    station_id: str
    name: str
    own: bool
    stations: Mapping[str, str]
    """The name of each."""


_ID: Final = re.compile(r"[^\s/\x00-\x1f\x7f]{1,64}")


class Stations:
    """As long as none is set up, everybody sees every case. From the first one on, people see those of their own station."""

    def __init__(self, store: RecordStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def all(self, actor: Actor) -> list[Station]:
        """Closed ones too; for everybody who works here, for they ask each other for help."""
        require(actor, Permission.READ_CASES)
        with self._store.reading() as records:
            return records.stations.all()

    def others(self, actor: Actor) -> list[Station]:
        """Those that the person's own can ask: open, and not the own one."""
        return [each for each in self.all(actor) if each.closed_at is None and each.station_id != actor.station_id]

    def reach(self, actor: Actor) -> Reach:
        """What the person may do with which case, for pages that offer it."""
        require(actor, Permission.READ_CASES)
        with self._store.reading() as records:
            return reach_of(records, actor)

    def place(self, actor: Actor, case_id: str) -> Place:
        """``own``: whether the person needs to ask nobody. Which station it is, is told of nobody who is guarded."""
        require(actor, Permission.READ_CASES)
        with self._store.reading() as records:
            case, known = records.cases.get(case_id), {each.station_id: each.name for each in records.stations.all()}
            own = reach_of(records, actor).owns(case)
        if case.guarded and not own:
            return Place(case.reference, "", "", own, known)
        return Place(case.reference, case.station_id, known.get(case.station_id, case.station_id), own, known)

    def add(self, actor: Actor, station_id: str, name: str = "", central: bool = False) -> Station:
        """Set up a station, or open one that was closed again. ``central``: its people work for all stations."""
        require(actor, Permission.OPERATE)
        name = name.strip() or station_id
        if not _ID.fullmatch(station_id):
            raise Invalid("A station's id has between 1 and 64 characters, and no blanks or slashes.", "station_id")
        if not (len(name) <= 100 and name.isprintable()):
            raise Invalid("A name has between 1 and 100 printable characters.", "name")
        with self._store.transaction() as records:
            before = next((each for each in records.stations.all() if each.station_id == station_id), None)
            if before is not None and before.closed_at is None:
                raise Conflict("This station is set up already.")
            station = Station(station_id, name, self._clock(), central)
            if before is None:
                records.stations.add(station)
            else:
                records.stations.save(station)
            records.audit.append(actor, "add_station", station_id, {"central": central})
        return station

    def close(self, actor: Actor, station_id: str) -> Station:
        """Nobody asks it any more. Its cases stay where they are: hand them over first."""
        require(actor, Permission.OPERATE)
        with self._store.transaction() as records:
            station = records.stations.get(station_id)
            if station.closed_at is not None:
                raise Conflict("This station is closed already.")
            closed = replace(station, closed_at=self._clock())
            records.stations.save(closed)
            records.audit.append(actor, "close_station", station_id)
        return closed

    def unknown(self, actor: Actor) -> list[str]:
        """Stations that cases or accounts name and that nobody has set up: their people see their own cases alone."""
        require(actor, Permission.OPERATE)
        with self._store.reading() as records:
            known = {each.station_id for each in records.stations.all()}
            named = {*records.cases.stations(), *(each.station_id for each in records.accounts.all())}
        return sorted(named - known)


def open_station(records: Records, station_id: str, field: str) -> Station:
    """The station, for somebody who wants to send something there; ``Invalid`` where it is none, or closed."""
    found = next((each for each in records.stations.all() if each.station_id == station_id), None)
    if found is None or found.closed_at is not None:
        raise Invalid("There is no open station of this name.", field)
    return found
