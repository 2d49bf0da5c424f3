"""Makes the monthly report: counts by station, hides in all stations at once what would tell of single people, shows one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from math import ceil
from typing import Final

from tracing.access import Permission, require
from tracing.agreement import cohens_kappa
from tracing.closing import brought_about
from tracing.domain import Actor, Analysis, CaseKind, CaseState, Channel, Judgement, Stage
from tracing.errors import Invalid, NotFound
from tracing.evidence import calibration_of
from tracing.fairness import CardOnFile
from tracing.ports import Clock, RecordStore
from tracing.records import CaseFilter
from tracing.records.figures import Blind, FigureRecords, Span, Step, WayHome
from tracing.reporting.disclosure import FEW, Cell, Mark
from tracing.reporting.months import Month, last_whole
from tracing.reporting.report import Coverage, Report, ReviewQuality, RuleLine, StepLine, TimeLine
from tracing.reporting.tables import HOUSE, Counted, alone, at_least, by_kind, columns_of, parts_of, staircase
from tracing.stations.reach import elsewhere
from tracing.stations.scope import counted_station

STEPS: Final = tuple(Step)
DUTIES: Final = STEPS.index(Step.SEARCHED)
"""Everyone is to be photographed, enrolled and searched (凡进必核): that nobody ended at a step before is shown."""
AGES: Final = (timedelta(days=90), timedelta(days=180), timedelta(days=365))
"""How long a case has stood open: up to each of these, and longer. The first is no single month: of one, how many stand open
would tell how many came at least, where that is not shown."""
TIMED: Final = (Step.SEARCHED, Step.JUDGED, Step.CONFIRMED, Step.REUNITED)
LEAST_FOR_NINETY: Final = 10
"""Of fewer, the time within which nine of ten came there is that of the slowest one."""
HUNDRED: Final = 100
NOT_SAID: Final = ""
PHOTOS: Final[Mapping[str, tuple[Analysis, ...]]] = {
    "enrolled": (Analysis.ENROLLED,),
    "no_face": (Analysis.NO_FACE,),
    "other": tuple(each for each in Analysis if each not in (Analysis.ENROLLED, Analysis.NO_FACE)),
}


@dataclass(frozen=True, slots=True)
class _Numbers:
    """What was counted of all stations; nothing of it may be shown as it is."""

    steps: Mapping[CaseKind, Counted]
    earlier: Mapping[tuple[CaseKind, Step], Counted]
    waiting: Counted
    rules: Mapping[str, Counted]
    clues: Mapping[CaseKind, Counted]
    photos: Mapping[str, Counted]


class MonthlyReport:
    """``card_of`` knows where the card of an encoder is; ``zone`` is the service's, by which months begin and end."""

    def __init__(self, store: RecordStore, clock: Clock, zone: tzinfo | None, card_of: Callable[[str], CardOnFile]) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone
        self._card_of = card_of

    def last(self) -> Month:
        """The last month that is over: the newest of which there is a report."""
        return last_whole(self._clock(), self._zone)

    def stations(self, actor: Actor) -> list[str]:
        """Those whose reports the person may read beside the one that is read unasked."""
        require(actor, Permission.READ_STATISTICS)
        with self._store.reading() as records:
            if counted_station(records, actor) is not None:
                return []
            found = records.figures.stations(self._clock())
        return found if len(found) > 1 else []

    def of(self, actor: Actor, month: Month | None = None, station_id: str = "") -> Report:
        """Of one station, or of the whole house where none is named; of the last month that is over where none is.

        Somebody of a station reads its report alone: ``OtherStation`` for another one. ``Invalid`` for a month that is not
        over, whose numbers would tell from one day to the next what happened in between; ``NotFound`` for a station that had
        no case.
        """
        require(actor, Permission.READ_STATISTICS)
        now, month = self._clock(), month or self.last()
        if month > self.last():
            raise Invalid("This month is not over yet. There is a report of it from the first day of the next one on.", "month")
        span = Span(*month.between(self._zone))
        with self._store.reading() as records:
            own = counted_station(records, actor)
            if own is not None and station_id not in ("", own):
                raise elsewhere()
            column = station_id or own or HOUSE
            known = records.figures.stations(span.end)
            if station_id and own is None and station_id not in known and station_id not in records.cases.stations():
                raise NotFound("There is no such station.")
            started = bool(known) and (column == HOUSE or column in known)
            # Where there is one station it is the whole house; of one that had no case nothing is mixed into the others.
            counted = known if started else [column]
            shown = counted[0] if len(counted) == 1 else column
            numbers = _counted(records.figures, span, counted)
            review = _review(records.figures, span) if column == HOUSE or [column] == known else None
            times = tuple(_time(records.figures, span, step, column, _told(numbers, step, shown)) for step in TIMED)
            generation = records.generations.active()
            people = max(HUNDRED, HUNDRED * (records.cases.count(CaseFilter(state=CaseState.OPEN)) // HUNDRED))
        calibration = calibration_of(generation)
        in_care = numbers.steps[CaseKind.SHELTERED]
        return Report(
            month=month,
            station_id=column,
            start=span.start,
            end=span.end,
            made_at=now,
            started=started,
            stations=tuple(known),
            steps={kind: _lines(numbers, kind, shown) for kind in CaseKind},
            channels={channel: in_care.cell(("way", shown, channel or NOT_SAID)) for channel in (*Channel, None)},
            went_home=in_care.cell(("home", shown)),
            times=times,
            waiting=tuple(
                at_least(numbers.waiting.cell(name))
                for name in (*(("kind", shown, str(number)) for number in range(len(AGES) + 1)), ("total", shown))
            ),
            rules=tuple(_rule(rule_id, table, shown) for rule_id, table in sorted(numbers.rules.items())),
            coverage={kind: _coverage(numbers, kind, shown) for kind in CaseKind},
            photos={name: table.cell(("total", shown)) for name, table in numbers.photos.items()},
            review=review,
            engine=self._card_of(generation.encoder_id),
            strangers=calibration.expected_false_alarms(calibration.floor, people) if calibration is not None else None,
            gallery_people=people,
        )


def _counted(figures: FigureRecords, span: Span, stations: Sequence[str]) -> _Numbers:
    steps: dict[CaseKind, Counted] = {}
    earlier: dict[tuple[CaseKind, Step], Counted] = {}
    for kind in CaseKind:
        furthest = figures.furthest(span, kind)
        ended = {each: [furthest.get((each, step), 0) for step in STEPS] for each in stations}
        later = {step: figures.came_later(span, kind, step) for step in STEPS[1:]}
        before = {step: {each: own.get(each, 0) for each in stations} for step, own in later.items()}
        if kind is CaseKind.SHELTERED:
            ways = _channels(figures.ways_home(span), stations)
            steps[kind] = staircase(ended, DUTIES, before.pop(Step.REUNITED), ways, [*Channel, NOT_SAID])
        else:
            steps[kind] = staircase(ended, DUTIES)
        earlier |= {(kind, step): alone(own) for step, own in before.items()}
    return _Numbers(
        steps,
        earlier,
        waiting=_waiting(figures.waiting(span.end, AGES), stations),
        rules=_rules(figures.clocks(span), stations),
        clues={kind: _clues(figures.searched_by_clues(span, kind), stations, steps[kind]) for kind in CaseKind},
        photos=_photos(figures.photos(span), stations),
    )


def _channels(ways: Sequence[WayHome], stations: Sequence[str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {each: defaultdict(int) for each in stations}
    for way in (each for each in ways if each.station_id in found):
        found[way.station_id][brought_about(way) or NOT_SAID] += way.count
    return found


def _waiting(numbers: Mapping[tuple[str, int], int], stations: Sequence[str]) -> Counted:
    ages = range(len(AGES) + 1)
    return by_kind(
        {each: {str(age): numbers.get((each, age), 0) for age in ages} for each in stations}, [str(age) for age in ages]
    )


def _rules(numbers: Mapping[tuple[str, str], tuple[int, int]], stations: Sequence[str]) -> dict[str, Counted]:
    """That nothing was missed is shown: it is owed to everyone, and tells of nobody."""
    of_rule = {
        rule: {each: dict(zip(("in_time", "not_in_time"), numbers.get((each, rule), (0, 0)), strict=True)) for each in stations}
        for _, rule in numbers
    }
    return {rule: by_kind(own, ["in_time", "not_in_time"], ["not_in_time"]) for rule, own in of_rule.items()}


def _clues(numbers: Mapping[str, tuple[int, int]], stations: Sequence[str], opened: Counted) -> Counted:
    kinds = ["searched", "not_searched"]
    found = {each: dict(zip(kinds, numbers.get(each, (0, 0)), strict=True)) for each in stations}
    whole = {column: opened.cell(("reached", column, 0)) for column in columns_of(stations)}
    return parts_of(whole, found, kinds, ["not_searched"])


def _photos(numbers: Mapping[tuple[str, Analysis], int], stations: Sequence[str]) -> dict[str, Counted]:
    """How many there were in all is told nowhere."""
    return {
        name: alone({each: sum(numbers.get((each, one), 0) for one in those) for each in stations})
        for name, those in PHOTOS.items()
    }


def _lines(numbers: _Numbers, kind: CaseKind, station: str) -> tuple[StepLine, ...]:
    table, last = numbers.steps[kind], len(STEPS) - 1
    return tuple(
        StepLine(
            step,
            table.cell(("reached", station, number)),
            table.cell(("ended", station, number)) if number < last else None,
            _earlier(numbers, kind, step, station) if number else None,
        )
        for number, step in enumerate(STEPS)
    )


def _earlier(numbers: _Numbers, kind: CaseKind, step: Step, station: str) -> Cell:
    own = numbers.earlier.get((kind, step))
    return own.cell(("total", station)) if own else numbers.steps[kind].cell(("before", station))


def _rule(rule_id: str, table: Counted, station: str) -> RuleLine:
    return RuleLine(
        rule_id,
        table.cell(("kind", station, "in_time")),
        table.cell(("kind", station, "not_in_time")),
        table.cell(("total", station)),
    )


def _coverage(numbers: _Numbers, kind: CaseKind, station: str) -> Coverage:
    searched, not_searched = (numbers.clues[kind].cell(("kind", station, name)) for name in ("searched", "not_searched"))
    return Coverage(numbers.steps[kind].cell(("reached", station, 0)), searched, not_searched)


def _time(figures: FigureRecords, span: Span, step: Step, column: str, told: int) -> TimeLine:
    """``told`` decides, not how many there are: that a time is there would tell of a number beside it that is not shown."""
    taken = sorted(time for station, time in figures.taken(span, step) if column in (HOUSE, station))
    known = min(told, len(taken))
    return TimeLine(
        step,
        _at(taken, 0.5) if known >= FEW else None,
        _at(taken, 0.9) if known >= LEAST_FOR_NINETY else None,
    )


def _told(numbers: _Numbers, step: Step, station: str) -> int:
    """How many came to the step in the month for the first time, as far as the report shows it anyway."""
    came = 0
    for kind in CaseKind:
        table = numbers.steps[kind]
        parts = table.cell(("reached", station, STEPS.index(step))), _earlier(numbers, kind, step, station)
        whole = table.cell(("home", station)) if step is Step.REUNITED else Cell(Mark.HIDDEN)
        came += max(whole.number or 0, sum(part.number or 0 for part in parts))
    return came


def _at(ordered: Sequence[timedelta], share: float) -> timedelta:
    """The smallest time within which so large a share of them lies."""
    return ordered[max(ceil(share * len(ordered)), 1) - 1]


def _review(figures: FigureRecords, span: Span) -> ReviewQuality:
    both = _opinions(figures.judged_together(span))
    same = sum(one == other for one, other in both)
    agreed, apart = _two(same, len(both) - same)
    stood, changed = _two(*figures.changed_minds(span))
    revoked = figures.overturned(span)
    known = figures.known(span)
    recognised, missed = _two(known.get((True, True), 0), known.get((True, False), 0))
    kept_apart, taken = _two(known.get((False, False), 0), known.get((False, True), 0))
    told = agreed.mark is Mark.EXACT and apart.mark is Mark.EXACT
    return ReviewQuality(
        agreed,
        apart,
        cohens_kappa(both) if told else None,  # with the number of pairs, a kappa tells how many were judged apart
        stood,
        changed,
        Cell.of(revoked, revoked < FEW),
        recognised,
        missed,
        kept_apart,
        taken,
    )


def _two(one: int, other: int) -> tuple[Cell, Cell]:
    """Their sum is told nowhere, so that neither gives the other away."""
    return Cell.of(one, one < FEW), Cell.of(other, other < FEW)


def _opinions(judged: Sequence[Blind]) -> list[tuple[str, str]]:
    """What the first and what the second person said of each pair that both judged blind."""
    said: dict[str, dict[Stage, str]] = defaultdict(dict)
    for each in judged:
        said[each.pair_id][each.stage] = _opinion(each.judgement)
    return [(own[Stage.FIRST], own[Stage.SECOND]) for own in said.values() if len(own) > 1]


def _opinion(judgement: Judgement) -> str:
    if judgement.positive:
        return "same"
    return "different" if judgement in (Judgement.UNLIKELY, Judgement.EXCLUDED) else "undecided"
