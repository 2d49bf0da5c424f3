"""How many clocks were met in time, by station and rule, and what brought the reunions about."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tracing.access import Permission, require
from tracing.closing import brought_about
from tracing.domain import Actor, Channel
from tracing.ports import Clock, RecordStore
from tracing.records import Tally
from tracing.stations.scope import counted_station

FEW: Final = 5
"""Smaller numbers say something of single people, and are not told."""


@dataclass(frozen=True, slots=True)
class Compliance:
    """Duties whose time is over, or that were done before. ``rule_id`` is empty for all rules of the station together.

    ``clocks`` and ``share`` are None where there are fewer than ``FEW``.
    """

    station_id: str
    rule_id: str
    clocks: int | None
    share: float | None

    @classmethod
    def of(cls, station_id: str, rule_id: str, tallies: Iterable[Tally]) -> Compliance:
        met = judged = 0
        for each in tallies:
            met += each.met
            judged += each.met + each.late + each.missed + each.overdue
        if judged < FEW:
            return cls(station_id, rule_id, None, None)
        return cls(station_id, rule_id, judged, met / judged)


class ComplianceFigures:
    def __init__(self, store: RecordStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def _tallies(self, actor: Actor, whole_house: bool) -> list[Tally]:
        """Of the stations whose figures are the person's to read, or of all."""
        require(actor, Permission.READ_STATISTICS)
        with self._store.reading() as records:
            own = None if whole_house else counted_station(records, actor)
            return [each for each in records.clocks.tallies(self._clock()) if own in (None, each.station_id)]

    def by_station(self, actor: Actor, whole_house: bool = False) -> list[Compliance]:
        """Of each station all rules together first, then each rule."""
        tallies = self._tallies(actor, whole_house)
        own: dict[str, list[Tally]] = defaultdict(list)
        for tally in tallies:
            own[tally.station_id].append(tally)
        return [
            line
            for station, those in own.items()
            for line in (
                Compliance.of(station, "", those),
                *(Compliance.of(station, tally.rule_id, [tally]) for tally in those),
            )
        ]

    def overdue(self, actor: Actor, whole_house: bool = False) -> Mapping[str, int]:
        """Station -> how many duties are overdue there."""
        found: dict[str, int] = defaultdict(int)
        for tally in self._tallies(actor, whole_house):
            found[tally.station_id] += tally.overdue
        return dict(found)

    def reunions(self, actor: Actor) -> Mapping[Channel | None, int]:
        """How many people in care went home, by what had brought it about (``brought_about``)."""
        require(actor, Permission.READ_STATISTICS)
        with self._store.reading() as records:
            own, ways = counted_station(records, actor), records.figures.ways_home()
        found: Counter[Channel | None] = Counter()
        for way in ways:
            if own in (None, way.station_id):
                found[brought_about(way)] += way.count
        return dict(found)
