"""`tracing bench queue`: what a look at the review queue takes when few pairs wait, and when very many do."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice, product
from pathlib import Path
from statistics import median
from typing import Annotated, Final

import typer

from scripts.bench.machine import this_machine
from scripts.bench.timing import timed
from scripts.opening import services, settings
from scripts.output import AsJson, note, notes, print_json, say
from tracing.access import SYSTEM
from tracing.bootstrap import Services
from tracing.domain import Actor, Case, CaseKind, CaseState, Generation, LegalBasis, Relation, Role
from tracing.records import SHEET, Suggestion

PER_CASE: Final = 20
"""Pairs of a case: what one search lists."""
AT_ONCE: Final = 5000
FROM: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Looks:
    """Medians, in milliseconds, of a look at the queue of so many pairs."""

    pairs: int
    first_sheet: float
    tenth_sheet: float
    by_station: float


def queue(
    pairs: Annotated[int, typer.Option(min=100, max=10_000_000, help="Pairs that wait for review.")] = 100_000,
    few: Annotated[int, typer.Option(min=100, max=10_000_000, help="Pairs to hold them against.")] = 1000,
    turns: Annotated[int, typer.Option(min=1, max=1000, help="Looks of each sort, few and many in turn.")] = 11,
    as_json: AsJson = False,
) -> None:
    """Fill two queues in folders of their own and look at them in turn."""
    with tempfile.TemporaryDirectory() as folder:
        opened = [
            settings().model_copy(update={"data_dir": Path(folder) / name, "database_url": ""}) for name in ("few", "many")
        ]
        with services(opened[0]) as one, services(opened[1]) as other:
            for found, number in ((one, few), (other, pairs)):
                fill(found, number)
            short, long = measure([(one, few), (other, pairs)], turns)
    if as_json:
        print_json({"few": asdict(short), "many": asdict(long), "machine": asdict(this_machine())})
        return
    for looks in (short, long):
        say(
            f"{looks.pairs:,} pairs wait: first sheet {looks.first_sheet:.1f} ms, tenth {looks.tenth_sheet:.1f} ms, "
            f"of one station {looks.by_station:.1f} ms"
        )
    say(f"many against few: {long.first_sheet / short.first_sheet:.1f} times")


def fill(found: Services, number: int) -> None:
    """People of ten stations and ``number`` pairs of them, scores drawn at random, twenty every twenty seconds."""
    drawn = random.Random(number)  # noqa: S311 -- figures for a bench, no secret
    sought = [_case(f"a{index:031x}", CaseKind.MISSING, index) for index in range(number // PER_CASE + PER_CASE)]
    in_care = [_case(f"f{index:031x}", CaseKind.SHELTERED, index) for index in range(PER_CASE)]
    with found.store.transaction() as records:
        generation = records.generations.active()
        for case in (*sought, *in_care):
            records.cases.add(case)
    both: Iterator[tuple[Case, Case]] = islice(product(sought, in_care), number)
    suggested = [_suggestion(one, other, drawn.random(), generation) for one, other in both]
    for start in range(0, number, AT_ONCE):
        with found.store.transaction() as records:
            for each in range(start, min(start + AT_ONCE, number), PER_CASE):
                records.pairs.suggest(suggested[each : each + PER_CASE], FROM + timedelta(seconds=each))
        if notes.is_terminal:
            note(f"{start:,} pairs written")


def _case(case_id: str, kind: CaseKind, number: int) -> Case:
    reference, station = f"{kind}-{number}", f"station {number % 10}"
    return Case(case_id, reference, kind, CaseState.OPEN, station, LegalBasis.STATUTORY_DUTY, FROM, SYSTEM.account_id)


def _suggestion(one: Case, other: Case, score: float, generation: Generation) -> Suggestion:
    return Suggestion(one.case_id, other.case_id, Relation.TRACE, score, 1, generation.generation_id, "0" * 32)


def measure(queues: list[tuple[Services, int]], turns: int) -> list[Looks]:
    reviewer = Actor("bench", "bench", Role.REVIEWER, "")
    sorts: list[Callable[[Services], object]] = [
        lambda found: found.review.queue(reviewer),
        lambda found: found.review.queue(reviewer, SHEET, 9 * SHEET),
        lambda found: found.review.queue(reviewer, station_id="station 3"),
    ]
    taken: dict[tuple[int, int], list[float]] = {}
    for _ in range(turns):
        for sort, look in enumerate(sorts):
            for which, (found, _) in enumerate(queues):
                seconds, _page = timed(partial(look, found))
                taken.setdefault((which, sort), []).append(seconds)
    return [
        Looks(number, *(round(1000 * median(taken[which, sort]), 2) for sort in range(len(sorts))))
        for which, (_, number) in enumerate(queues)
    ]
