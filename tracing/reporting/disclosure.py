"""Which numbers of a table must not be shown, so that none under five is shown or can be worked out from the others.

A table is kept as a network: each number flows from one sum to another, and what flows into a sum flows out of it. Whoever
reads the table knows the shown numbers, what the marks say of the others (``bounds``), and that all sums are right. What a
hidden number can be is then exactly what the shifts along cycles of hidden numbers allow (Gusfield, A graph theoretic approach
to statistical data security, 1988): a largest flow tells the smallest and the largest value that fit.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Container, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf, log2
from typing import Final

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
        given_away = [flow for flow in table if flow.sensitive and not _safe(table, flow, hidden)]
        if not given_away:
            return table, hidden
        columns = {flow.column for flow in given_away}
        table = [replace(flow, bare=flow.bare or everywhere or flow.column in columns) for flow in table]
    return table, hidden_of(table)


def _safe(flows: Sequence[Flow], flow: Flow, hidden: Container[Hashable]) -> bool:
    low, high = range_of(flows, flow.name, hidden)
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
    network = Network([flow for flow in flows if flow.name in hidden])
    flow = network.named[name]
    low, high = flow.bounds
    down = network.shift(flow.source, flow.target, flow, min(WIDTH, flow.value - low), hidden)
    up = network.shift(flow.target, flow.source, flow, min(WIDTH, high - flow.value), hidden)
    return flow.value - down[0], flow.value + up[0]


class Network:
    def __init__(self, flows: Iterable[Flow]) -> None:
        self.named = {flow.name: flow for flow in flows}
        self._at: dict[Hashable, list[tuple[Flow, bool]]] = defaultdict(list)
        for flow in self.named.values():
            self._at[flow.source].append((flow, True))
            self._at[flow.target].append((flow, False))

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
        moved: dict[Hashable, int] = defaultdict(int)
        done = 0
        while done < most:
            way = self._way(start, end, but, moved, hidden)
            if way is None:
                break
            for flow, along in way:
                moved[flow.name] += 1 if along else -1
            done += 1
        return done, {name for name, by in moved.items() if by}

    def _way(
        self,
        start: Hashable,
        end: Hashable,
        but: Flow,
        moved: dict[Hashable, int],
        hidden: Container[Hashable] | None,
    ) -> list[tuple[Flow, bool]] | None:
        """The cheapest way for one unit more."""
        best: dict[Hashable, float] = {start: 0.0}
        came: dict[Hashable, tuple[Hashable, Flow, bool]] = {}
        waiting: list[tuple[float, int, Hashable]] = [(0.0, 0, start)]
        count = 0
        while waiting:
            cost, _, node = heapq.heappop(waiting)
            if node == end:
                break
            if cost > best[node]:
                continue
            for flow, along in self._at[node]:
                if flow.known or flow.name == but.name or (hidden is not None and flow.name not in hidden):
                    continue
                low, high = flow.bounds
                now = flow.value + moved[flow.name]
                if not (now < high if along else now > low):
                    continue
                further = cost + (0.0 if hidden is not None or moved[flow.name] else _price(flow))
                other = flow.target if along else flow.source
                if further < best.get(other, inf):
                    best[other], came[other] = further, (node, flow, along)
                    count += 1
                    heapq.heappush(waiting, (further, count, other))
        if end not in came:
            return None
        way, node = [], end
        while node != start:
            node, flow, along = came[node]
            way.append((flow, along))
        return way


def _price(flow: Flow) -> float:
    if flow.sensitive:
        return 1e-6
    return flow.weight * (1 + log2(1 + flow.value))
