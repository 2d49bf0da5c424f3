"""The report as it may be read: each number is shown, or under five, or hidden so that none under five is given away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracing.agreement import Kappa
from tracing.domain import CaseKind, Channel
from tracing.fairness import CardOnFile
from tracing.records.figures import Step
from tracing.reporting.disclosure import Cell
from tracing.reporting.months import Month


@dataclass(frozen=True, slots=True)
class StepLine:
    """``reached``: of the cases opened in the month those that came to this step or a later one by its end; ``ended``: those
    of them that came to no later one, None at the last step. ``earlier``: cases opened before, which came to the step in the
    month for the first time; None at the first step."""

    step: Step
    reached: Cell
    ended: Cell | None
    earlier: Cell | None


@dataclass(frozen=True, slots=True)
class TimeLine:
    """From the opening of a case to a step that it came to in the month; None where there are too few of them."""

    step: Step
    median: timedelta | None
    ninety: timedelta | None


@dataclass(frozen=True, slots=True)
class RuleLine:
    """Duties of a rule that were due in the month."""

    rule_id: str
    in_time: Cell
    not_in_time: Cell
    due: Cell


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of the cases opened in the month, how many have been searched by clues by the time of reading."""

    of: Cell
    by_clues: Cell
    not_by_clues: Cell


@dataclass(frozen=True, slots=True)
class ReviewQuality:
    """Of the whole house alone. ``agreed`` and ``apart``: pairs that two people judged blind, to the same opinion and not."""

    agreed: Cell
    apart: Cell
    kappa: Kappa | None
    stood: Cell
    changed: Cell
    revoked: Cell
    recognised: Cell
    missed: Cell
    kept_apart: Cell
    taken_for_same: Cell


@dataclass(frozen=True, slots=True)
class Report:
    """``station_id`` is empty for the whole house. ``started``: whether there had been any case by the end of the month."""

    month: Month
    station_id: str
    start: datetime
    end: datetime
    made_at: datetime
    started: bool
    stations: tuple[str, ...]
    steps: Mapping[CaseKind, tuple[StepLine, ...]]
    channels: Mapping[Channel | None, Cell]
    went_home: Cell
    times: tuple[TimeLine, ...]
    waiting: tuple[Cell, ...]
    """By age, each rounded down to fives; the total last."""
    rules: tuple[RuleLine, ...]
    coverage: Mapping[CaseKind, Coverage]
    photos: Mapping[str, Cell]
    review: ReviewQuality | None
    engine: CardOnFile
    strangers: float | None
    """Strangers above the list's lowest score that a search is expected to bring up in a gallery of ``gallery_people``."""
    gallery_people: int
    """Open cases, rounded down to hundreds: of a smaller gallery than a hundred it is told what one of a hundred brings."""
