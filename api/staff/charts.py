"""Pictures of figures as inline SVG: where bars and columns stand, in per cent of the width and in pixels of the height."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tracing.evaluation.card import Card, GroupFigures
from tracing.fairness import weak_groups

ROUND: Final = (0.1, 0.25, 0.5, 1.0)
"""Where the scale of a bar picture may end."""
LINE: Final = 46
"""Pixels from one bar to the next."""
TALL: Final = 150
"""Pixels of the tallest column."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A group's misses: the bar's length and its interval in per cent of the width, ``top`` in pixels."""

    group: GroupFigures
    top: int
    length: float
    low: float
    high: float
    weak: bool
    certain: bool


@dataclass(frozen=True, slots=True)
class Bars:
    """``overall`` is where the rate of all people stands; ``end`` is the share at the right edge."""

    bars: tuple[Bar, ...]
    height: int
    overall: float
    end: float


def bars_of(card: Card, groups: Sequence[GroupFigures]) -> Bars:
    highest = max([card.misses.value, *(group.misses.interval[1] for group in groups)])
    end = next(share for share in ROUND if share >= highest)
    weak = {(each.group.by, each.group.name): each.certain for each in weak_groups(card)}
    bars = tuple(
        Bar(
            group,
            number * LINE,
            length=100 * group.misses.value / end,
            low=100 * group.misses.interval[0] / end,
            high=100 * group.misses.interval[1] / end,
            weak=(group.by, group.name) in weak,
            certain=weak.get((group.by, group.name), False),
        )
        for number, group in enumerate(groups)
    )
    return Bars(bars, len(bars) * LINE, 100 * card.misses.value / end, end)


@dataclass(frozen=True, slots=True)
class Column:
    """``left`` and ``width`` in per cent, ``height`` in pixels; ``few`` where the number of pairs is not told."""

    left: float
    width: float
    height: float
    few: bool


def columns_of(cells: Sequence[int | None], pairs: int, place: int, highest: float) -> list[Column]:
    """Two distributions share each cell; ``place`` 0 or 1 is the half that this one takes. ``highest`` share is ``TALL``."""
    width = 100 / max(len(cells), 1)
    return [
        Column(
            left=width * (number + 0.06 + 0.44 * place),
            width=width * 0.44,
            height=TALL * min(1.0, (2 if count is None else count) / pairs / highest) if pairs else 0,
            few=count is None,
        )
        for number, count in enumerate(cells)
        if count != 0
    ]


def highest_share(*spreads: tuple[Sequence[int | None], int]) -> float:
    """The largest share of a distribution that stands in one cell; above 0."""
    return max((count / pairs for cells, pairs in spreads if pairs for count in cells if count), default=1.0)
