"""Tables of numbers by station, and what may be shown of them: shares of people step by step, and numbers by kind."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tracing.reporting.disclosure import FEW, GROUND, Cell, Flow, Mark, safely_hidden

HOUSE: Final = ""
"""The column of all stations together."""
HOUSE_WEIGHT: Final = 12.0
REST: Final = "\0rest"
"""The column of all stations whose total is not told: nothing of it is shown."""
TOTAL_WEIGHT: Final = 3.0
OPENED_WEIGHT: Final = 40.0
"""How many cases were opened stands in their references, so that hiding it would hide little."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A table by station: its numbers as flows, and the names of those that are not shown."""

    flows: tuple[Flow, ...]
    hidden: frozenset[Hashable]

    def cell(self, name: Hashable) -> Cell:
        """A number that the table does not have is not shown."""
        flow = next((flow for flow in self.flows if flow.name == name), None)
        return Cell(Mark.HIDDEN) if flow is None else Cell.of(flow.value, name in self.hidden, flow.bare)


def counted(flows: Sequence[Flow]) -> Counted:
    table, hidden = safely_hidden(flows)
    return Counted(tuple(table), frozenset(hidden))


def columns_of(stations: Sequence[str]) -> list[str]:
    """The stations and, where there are several, all of them together."""
    return [*stations, HOUSE] if len(stations) > 1 else list(stations)


def staircase(
    ended: Mapping[str, Sequence[int]],
    duties: int,
    before: Mapping[str, int] | None = None,
    ways: Mapping[str, Mapping[str, int]] | None = None,
    kinds: Sequence[str] = (),
) -> Counted:
    """Of people by station how many came to each step at least, and how many of them no further.

    ``ended[station][step]`` is how many ended at this step. ``("reached", station, step)`` are those who came to it or to a
    later one, ``("ended", station, step)`` those who came to no later one. That nobody of five or more ended at one of the
    first ``duties`` steps is what the service owes everyone, and is shown.

    With ``ways`` the last step is told by its ways as well: ``before`` came to it besides those, ``("before", station)``;
    ``("home", station)`` are both together, and ``("way", station, kind)`` those of them by each of ``kinds``.
    """
    steps, several = len(next(iter(ended.values()))), len(ended) > 1
    flows: list[Flow] = []
    for station, numbers in ended.items():
        reached = [sum(numbers[step:]) for step in range(steps)]
        for step in range(steps - 1):
            source, at = ("stairs", station, step - 1) if step else ("opened",), ("stairs", station, step)
            flows.append(Flow(("reached", station, step), reached[step], source, at, weight=_weight(step, duties)))
            shown = step < duties and reached[step] >= FEW
            flows.append(Flow(("ended", station, step), numbers[step], at, _sum(step, several), zero_shown=shown))
        last = ("way home", station) if ways else _sum(steps - 1, several)
        flows.append(Flow(("reached", station, steps - 1), reached[-1], ("stairs", station, steps - 2), last))
    if several:
        flows += _house_stairs([sum(each) for each in zip(*ended.values(), strict=True)], duties, bool(ways))
    if ways is not None and before is not None:
        flows += _ways(ways, before, kinds, several)
    # One statement holds of the whole: who was opened is who ended somewhere.
    return counted(flows if several else [_grounded(flow) for flow in flows])


def _weight(step: int, duties: int) -> float:
    if step == 0:
        return OPENED_WEIGHT
    return TOTAL_WEIGHT if step == duties else 1.0


def _sum(of: Hashable, several: bool) -> Hashable:
    return ("sum", of) if several else GROUND


def _grounded(flow: Flow) -> Flow:
    """Of one station alone: what comes in comes from anywhere."""
    return replace(flow, source=GROUND) if flow.source in (("opened",), ("before",)) else flow


def _house_stairs(numbers: Sequence[int], duties: int, ways: bool) -> list[Flow]:
    flows, steps = [], len(numbers)
    for step in range(steps - 1):
        into = ("house", step - 1) if step else ("opened",)
        weight = HOUSE_WEIGHT * _weight(step, duties)
        flows.append(Flow(("reached", HOUSE, step), sum(numbers[step:]), ("house", step), into, weight=weight))
        name, shown = ("ended", HOUSE, step), step < duties and sum(numbers[step:]) >= FEW
        flows.append(Flow(name, numbers[step], ("sum", step), ("house", step), zero_shown=shown, weight=HOUSE_WEIGHT))
    last = ("way home", HOUSE) if ways else ("sum", steps - 1)
    flows.append(Flow(("reached", HOUSE, steps - 1), numbers[-1], last, ("house", steps - 2), weight=HOUSE_WEIGHT))
    return flows


def _ways(ways: Mapping[str, Mapping[str, int]], before: Mapping[str, int], kinds: Sequence[str], several: bool) -> list[Flow]:
    flows: list[Flow] = []
    for station, own in ways.items():
        home, told = ("way home", station), ("ways", station)
        flows.append(Flow(("before", station), before[station], ("before",), home))
        flows.append(Flow(("home", station), sum(own.get(kind, 0) for kind in kinds), home, told, weight=TOTAL_WEIGHT))
        flows += [Flow(("way", station, kind), own.get(kind, 0), told, _sum(kind, several)) for kind in kinds]
    if several:
        home, told = ("way home", HOUSE), ("ways", HOUSE)
        sums = {kind: sum(own.get(kind, 0) for own in ways.values()) for kind in kinds}
        flows += [Flow(("way", HOUSE, kind), value, ("sum", kind), told, weight=HOUSE_WEIGHT) for kind, value in sums.items()]
        total = HOUSE_WEIGHT * TOTAL_WEIGHT
        flows.append(Flow(("home", HOUSE), sum(sums.values()), told, home, weight=total))
        flows.append(Flow(("before", HOUSE), sum(before.values()), home, ("before",), weight=HOUSE_WEIGHT))
    return flows


def by_kind(numbers: Mapping[str, Mapping[str, int]], kinds: Sequence[str], none_shown: Sequence[str] = ()) -> Counted:
    """Numbers of each kind by station, which make up a total: ``("kind", station, kind)`` and ``("total", station)``.

    That there is none of ``none_shown`` among five or more is shown.
    """
    return counted(_kinds(numbers, kinds, none_shown))


def parts_of(
    whole: Mapping[str, Cell], numbers: Mapping[str, Mapping[str, int]], kinds: Sequence[str], none_shown: Sequence[str] = ()
) -> Counted:
    """As ``by_kind``, of wholes that another table tells: where it tells one, here it is taken for known.

    Where a whole is not told its parts are not either, for together they would tell it, nor where it is so small that all
    parts could be under five: there is not much left that they can be. The table does not have them.
    """
    told = {station: own for station, own in numbers.items() if (whole[station].number or 0) >= FEW * len(kinds)}
    if len(numbers) == 1 or HOUSE not in whole or (whole[HOUSE].number or 0) < FEW * len(kinds):
        lone = [flow for station, own in told.items() for flow in _kinds({station: own}, kinds, none_shown)]
        return counted([replace(flow, known=flow.name[0] == "total") for flow in lone])  # type: ignore[index]  # a tuple
    rest = [own for station, own in numbers.items() if station not in told]
    if rest:
        told[REST] = {kind: sum(own.get(kind, 0) for own in rest) for kind in kinds}
    flows = [replace(flow, known=flow.name[0] == "total") for flow in _kinds(told, kinds, none_shown)]  # type: ignore[index]
    return counted([replace(flow, unmarked=flow.name[1] == REST) for flow in flows])  # type: ignore[index]


def _kinds(numbers: Mapping[str, Mapping[str, int]], kinds: Sequence[str], none_shown: Sequence[str]) -> list[Flow]:
    several = len(numbers) > 1
    flows: list[Flow] = []
    for station, own in numbers.items():
        at, total = ("station", station), sum(own.get(kind, 0) for kind in kinds)
        flows.append(Flow(("total", station), total, GROUND, at, weight=TOTAL_WEIGHT))
        for kind in kinds:
            shown = kind in none_shown and total >= FEW
            flows.append(Flow(("kind", station, kind), own.get(kind, 0), at, _sum(kind, several), zero_shown=shown))
    if several:
        sums = {kind: sum(own.get(kind, 0) for own in numbers.values()) for kind in kinds}
        for kind, value in sums.items():
            into, shown = ("all",), kind in none_shown and sum(sums.values()) >= FEW
            flows.append(Flow(("kind", HOUSE, kind), value, ("sum", kind), into, zero_shown=shown, weight=HOUSE_WEIGHT))
        weight = HOUSE_WEIGHT * TOTAL_WEIGHT
        flows.append(Flow(("total", HOUSE), sum(sums.values()), ("all",), GROUND, weight=weight))
    return flows


def alone(numbers: Mapping[str, int]) -> Counted:
    """One number of each station and of all: ``("total", station)``."""
    several = len(numbers) > 1
    out = ("all",) if several else GROUND
    flows = [Flow(("total", station), value, GROUND, out) for station, value in numbers.items()]
    if several:
        flows.append(Flow(("total", HOUSE), sum(numbers.values()), ("all",), GROUND, weight=HOUSE_WEIGHT))
    return counted(flows)


def at_least(cell: Cell) -> Cell:
    """Rounded down to fives: of stocks, whose difference from one month to the next would else tell of single people."""
    return cell if cell.number is None else Cell(Mark.AT_LEAST, FEW * (cell.number // FEW))
