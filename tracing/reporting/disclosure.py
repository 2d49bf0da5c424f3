"""Which numbers of a table must not be shown, so that none under five is shown or can be worked out from the others.

A table is kept as a network: each number flows from one sum to another, and what flows into a sum flows out of it. Whoever
reads the table knows the shown numbers, what the marks say of the others (``bounds``), and that all sums are right. What a
hidden number can be is then exactly what the shifts along cycles of hidden numbers allow (Gusfield, A graph theoretic approach
to statistical data security, 1988): a largest flow tells the smallest and the largest value that fit.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf, log2
from typing import Final, NamedTuple

FEW: Final = 5
"""Smaller numbers say something of single people (DOMAIN.md section 10)."""
WIDTH: Final = 2
"""Between the smallest and the largest value that a hidden small number can have, as far as the table knows."""
GROUND: Final = ("ground",)
"""Where everything comes from, and goes."""


class Mark(StrEnum):
    """How a number is shown."""

    EXACT = "exact"
    FEW = "few"
    """Under five, perhaps none."""
    HIDDEN = "hidden"
    """Not shown, because a small number could be worked out from it or from its being small."""
    AT_LEAST = "at_least"
    """As many as the number says, or up to four more."""


@dataclass(frozen=True, slots=True)
class Cell:
    """``number`` is there where it may be shown."""

    mark: Mark
    number: int | None = None

    @classmethod
    def of(cls, value: int, hidden: bool, bare: bool = False) -> Cell:
        if not hidden:
            return cls(Mark.EXACT, value)
        if bare:
            return cls(Mark.HIDDEN)
        return cls(Mark.FEW if value < FEW else Mark.HIDDEN)


@dataclass(frozen=True, slots=True)
class Flow:
    """A number of a table. ``zero_shown``: that it is none tells of nobody, and is what is wanted (nobody was left out).

    ``weight`` is how much the number would be missed. ``known``: taken for known to everybody, whatever is shown of it.
    ``unmarked``: not shown in any way. ``bare``: where it is hidden, it is not told either whether it is under five.
    """

    name: Hashable
    value: int
    source: Hashable
    target: Hashable
    zero_shown: bool = False
    weight: float = 1.0
    known: bool = False
    unmarked: bool = False
    bare: bool = False

    @property
    def column(self) -> Hashable:
        """Where the table has it: the station, by how its numbers are named."""
        return self.name[1] if isinstance(self.name, tuple) and len(self.name) > 1 else None

    @property
    def sensitive(self) -> bool:
        return not self.known and not self.unmarked and self.value < FEW and not (self.value == 0 and self.zero_shown)

    @property
    def bounds(self) -> tuple[int, float]:
        """What the mark tells, and what somebody knows who knows these rules: from, and up to."""
        if self.unmarked or self.bare:
            return 0, inf
        if self.value >= FEW:
            return FEW, inf
        return int(self.zero_shown and self.value > 0), FEW - 1


def safely_hidden(flows: Sequence[Flow]) -> tuple[list[Flow], set[Hashable]]:
    """The table, and the names of the numbers that are not shown: none that is sensitive is given away.

    In a table of few people the marks alone can: four stations of fewer than five people, and fewer than five in all. There
    the marks are left out, at the stations that it is about, or at all of them.
    """
    table = list(flows)
    for everywhere in (False, False, True):
        hidden = hidden_of(table)
        network = Network([flow for flow in table if flow.name in hidden])
        given_away = [flow for flow in table if flow.sensitive and not _safe(network, flow, hidden)]
        if not given_away:
            return table, hidden
        columns = {flow.column for flow in given_away}
        table = [replace(flow, bare=flow.bare or everywhere or flow.column in columns) for flow in table]
    return table, hidden_of(table)


def _safe(network: Network, flow: Flow, hidden: Container[Hashable]) -> bool:
    low, high = network.range_of(flow.name, hidden)
    return high - low >= WIDTH


def hidden_of(flows: Sequence[Flow]) -> set[Hashable]:
    """The names of the numbers that are not shown: the sensitive ones, and as few others as a cheapest way for each finds."""
    network = Network(flows)
    hidden = {flow.name for flow in flows if flow.sensitive or flow.unmarked}
    for flow in sorted((flow for flow in flows if flow.sensitive), key=lambda each: each.value):
        hidden |= network.cover(flow, hidden)
    return hidden


def range_of(flows: Sequence[Flow], name: Hashable, hidden: Container[Hashable]) -> tuple[int, int]:
    """The smallest and the largest value (of those up to ``WIDTH`` away) of a hidden number that fits all that is shown."""
    return Network([flow for flow in flows if flow.name in hidden]).range_of(name, hidden)


class _Arc(NamedTuple):
    """A number as one may go through it from one of its sums to the ``other``; ``room``: how many units at most, ``back``: the
    other way."""

    name: Hashable
    step: int
    other: Hashable
    room: float
    back: float
    price: float


class Network:
    def __init__(self, flows: Iterable[Flow]) -> None:
        self.named = {flow.name: flow for flow in flows}
        self._at: dict[Hashable, list[_Arc]] = defaultdict(list)
        for flow in self.named.values():
            if not flow.known:
                (low, high), price = flow.bounds, _price(flow)
                more, less = high - flow.value, flow.value - low
                self._at[flow.source].append(_Arc(flow.name, 1, flow.target, more, less, price))
                self._at[flow.target].append(_Arc(flow.name, -1, flow.source, less, more, price))

    def range_of(self, name: Hashable, hidden: Container[Hashable]) -> tuple[int, int]:
        """As the function of this name, where these are the hidden numbers alone."""
        flow = self.named[name]
        low, high = flow.bounds
        down = self.shift(flow.source, flow.target, flow, min(WIDTH, flow.value - low), hidden)
        up = self.shift(flow.target, flow.source, flow, min(WIDTH, high - flow.value), hidden)
        return flow.value - down[0], flow.value + up[0]

    def cover(self, flow: Flow, hidden: Container[Hashable]) -> set[Hashable]:
        """What has to be hidden besides, so that ``flow`` can have ``WIDTH`` more values than the true one."""
        low, high = flow.bounds
        free_down = self.shift(flow.source, flow.target, flow, min(WIDTH, flow.value - low), hidden)[0]
        free_up = self.shift(flow.target, flow.source, flow, min(WIDTH - free_down, high - flow.value), hidden)[0]
        if free_down + free_up >= WIDTH:
            return set()
        ways = [
            self.shift(flow.target, flow.source, flow, min(WIDTH, high - flow.value), None),
            self.shift(flow.source, flow.target, flow, min(WIDTH, flow.value - low), None),
        ]
        ways = [(done, used) for done, used in ways if done]
        enough = [used for done, used in ways if done >= WIDTH]
        if enough:
            return min(enough, key=lambda used: self._cost(used, hidden))
        return set().union(*(used for _, used in ways))

    def _cost(self, used: Iterable[Hashable], hidden: Container[Hashable]) -> float:
        return sum(_price(self.named[name]) for name in used if name not in hidden)

    def shift(
        self, start: Hashable, end: Hashable, but: Flow, most: float, hidden: Container[Hashable] | None
    ) -> tuple[int, set[Hashable]]:
        """How many units, up to ``most``, can go from one sum to another through hidden numbers without ``but``, and through
        which numbers they go. Without ``hidden`` through any, the cheapest first; those are what would have to be hidden."""
        if start == end:
            return int(most), set()  # a number of its own, that no sum holds
        moved: dict[Hashable, int] = {}
        done = 0
        while done < most:
            if hidden is None:
                way = self._cheapest_way(start, end, but, moved)
            else:
                way = self._any_way(start, end, but, moved, hidden)
            if way is None:
                break
            for arc in way:
                moved[arc.name] = moved.get(arc.name, 0) + arc.step
            done += 1
        return done, {name for name, by in moved.items() if by}

    def _cheapest_way(self, start: Hashable, end: Hashable, but: Flow, moved: Mapping[Hashable, int]) -> list[_Arc] | None:
        """For one unit more, through any number."""
        best: dict[Hashable, float] = {start: 0.0}
        came: dict[Hashable, tuple[Hashable, _Arc]] = {}
        waiting: list[tuple[float, int, Hashable]] = [(0.0, 0, start)]
        count = 0
        while waiting:
            cost, _, node = heapq.heappop(waiting)
            if node == end:
                return _arcs(end, came, start)
            if cost > best[node]:
                continue
            for arc in self._at[node]:
                by = moved.get(arc.name, 0)
                further = cost if by else cost + arc.price
                if further < best.get(arc.other, inf) and by * arc.step < arc.room and arc.name != but.name:
                    best[arc.other], came[arc.other] = further, (node, arc)
                    count += 1
                    heapq.heappush(waiting, (further, count, arc.other))
        return None

    def _any_way(
        self, start: Hashable, end: Hashable, but: Flow, moved: Mapping[Hashable, int], hidden: Container[Hashable]
    ) -> list[_Arc] | None:
        """For one unit more, through hidden numbers: sought from both ends, for a sum may hold those of a hundred stations."""
        came: tuple[dict[Hashable, tuple[Hashable, _Arc]], ...] = ({}, {})
        edges = [[start], [end]]
        while all(edges):
            side = int(len(edges[1]) < len(edges[0]))
            nodes, edges[side] = edges[side], []
            for node in nodes:
                for arc in self._at[node]:
                    by = moved.get(arc.name, 0) * arc.step
                    free = by < arc.room if side == 0 else -by < arc.back
                    if not free or arc.other in came[side] or arc.name == but.name or arc.name not in hidden:
                        continue
                    came[side][arc.other] = (node, arc)
                    if arc.other in came[1 - side] or arc.other == (end, start)[side]:
                        back = [arc._replace(step=-arc.step) for arc in _arcs(arc.other, came[1], end)]
                        return _arcs(arc.other, came[0], start) + back
                    edges[side].append(arc.other)
        return None


def _arcs(node: Hashable, came: Mapping[Hashable, tuple[Hashable, _Arc]], start: Hashable) -> list[_Arc]:
    """Those by which one came from the start to this sum, the last one first."""
    way = []
    while node != start:
        node, arc = came[node]
        way.append(arc)
    return way


def _price(flow: Flow) -> float:
    if flow.sensitive:
        return 1e-6
    return flow.weight * (1 + log2(1 + flow.value))
