"""How many clocks were met in time, by station and rule, and what brought the reunions about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tracing.access import Permission, require
from tracing.closing import CHANNELS
from tracing.domain import Actor, Channel, Outcome
from tracing.ports import Clock, RecordStore
from tracing.records import Tally

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

    def by_station(self, actor: Actor) -> list[Compliance]:
        """Of each station all rules together first, then each rule."""
        require(actor, Permission.READ_STATISTICS)
        with self._store.reading() as records:
            tallies = records.clocks.tallies(self._clock())
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

    def overdue(self, actor: Actor) -> Mapping[str, int]:
        """Station -> how many duties are overdue there."""
        require(actor, Permission.READ_STATISTICS)
        found: dict[str, int] = defaultdict(int)
        with self._store.reading() as records:
            for tally in records.clocks.tallies(self._clock()):
                found[tally.station_id] += tally.overdue
        return dict(found)

    def reunions(self, actor: Actor) -> Mapping[Channel, int]:
        """How many people in care went home, by what had brought to light who they are.

        That is the last tracing action on their case with this outcome; without one, the comparison of faces of their pair.
        """
        require(actor, Permission.READ_STATISTICS)
        with self._store.reading() as records:
            counted = records.actions.identified_by([Outcome.REUNITED])
        found: dict[Channel, int] = defaultdict(int)
        for kind, number in counted.items():
            found[CHANNELS[kind] if kind is not None else Channel.FACE] += number
        return dict(found)
