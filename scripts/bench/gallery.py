"""`tracing bench gallery`: how soon a process answers, how it follows, and how many cases are searched in a second."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated, Final

import typer
from rich.progress import Progress

from scripts import logs
from scripts.bench.enrolment import enrol
from scripts.bench.machine import Machine, this_machine
from scripts.bench.templates import Crowd
from scripts.bench.timing import timed
from scripts.language import word
from scripts.memory import spare_what_is_loaded
from scripts.output import AsJson, print_json, progress_bar, say
from tracing.access import SYSTEM
from tracing.bootstrap import Services, build
from tracing.config import Settings
from tracing.worker import TOGETHER, Worker

ENCODER: Final = "dlib-resnet-v1"
REFRESHES: Final = 50
STARTS: Final = 3
TURNS: Final = 4
"""Turns of searches one by one and together, ``TOGETHER`` cases each, of cases that were searched once before."""


@dataclass(frozen=True, slots=True)
class GalleryReport:
    """Seconds to the first answer of a process that reads every template, and of one that takes the kept gallery over.

    ``fifth`` is the second divided by the first. ``refresh`` is a refresh with nothing new, in milliseconds; ``one_by_one``
    and ``together`` are searches per second, pairs and audit written. ``recheck`` is what ``tracing recheck`` takes, in
    seconds, for all ``cases``; None where it was not asked for.
    """

    machine: Machine
    templates: int
    enrolled_a_second: float
    from_records: float
    kept_in: float
    from_disk: float
    fifth: float
    refresh: float
    one_by_one: float
    together: float
    ratio: float
    cases: int
    recheck: float | None


def gallery(
    size: Annotated[int, typer.Option(min=4_000, help="Templates; a million take a quarter of an hour to write.")] = 50_000,
    recheck: Annotated[int, typer.Option(min=0, help="Recheck so many open cases at the end, all of them.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Print what starting, following and searching take with so many templates, on SQLite, in a folder of its own.

    The people are invented, two photos each: for some one is of a missing case, all others are past intakes.
    """
    logs.set_up(Settings())
    with tempfile.TemporaryDirectory(prefix="tracing-bench-") as room, progress_bar() as bar:
        report = measure(Path(room), Crowd(size // 2), recheck, bar)
    if as_json:
        print_json(report)
    else:
        print_report(report)


def measure(room: Path, crowd: Crowd, recheck: int, bar: Progress) -> GalleryReport:
    settings = Settings(data_dir=room, index="auto")
    cases = max(recheck, 1 + STARTS + 2 * TURNS * TOGETHER)
    task = bar.add_task(word("Templates"), total=crowd.size)
    with closing(build(settings)) as services:
        written, missing = timed(partial(enrol, services, ENCODER, crowd, cases, partial(bar.advance, task)))
        from_records = timed(partial(services.matching.search, missing[0]))[0]
        _finish(services)
        kept_in = timed(services.shelving.shelve)[0]
        starts = [_start(settings, case_id) for case_id in bar.track(missing[1 : 1 + STARTS], description=word("Starts"))]
        spare_what_is_loaded()  # as a worker does
        refresh = median(timed(partial(_refresh, services))[0] for _ in range(REFRESHES))
        one, together = _searched(services, missing[1 + STARTS :], bar)
        rechecked = timed(partial(_recheck, services, bar))[0] if recheck else None
    return GalleryReport(
        machine=this_machine(),
        templates=crowd.size,
        enrolled_a_second=crowd.size / written,
        from_records=from_records,
        kept_in=kept_in,
        from_disk=median(starts),
        fifth=median(starts) / from_records,
        refresh=1000 * refresh,
        one_by_one=TOGETHER / median(one),
        together=TOGETHER / median(together),
        ratio=median(alone / many for alone, many in zip(one, together, strict=True)),
        cases=len(missing),
        recheck=rechecked,
    )


def _start(settings: Settings, case_id: str) -> float:
    """Seconds to the first answer of services that have no gallery yet; opening the database is not counted on either side."""
    with closing(build(settings)) as services:
        return timed(partial(services.matching.search, case_id))[0]


def _refresh(services: Services) -> None:
    with services.store.reading() as records:
        services.galleries.of(ENCODER).refresh(records)


def _finish(services: Services) -> None:
    services.galleries.of(ENCODER).finish()


def _recheck(services: Services, bar: Progress) -> None:
    """By a worker that does nothing else: invented people wait for a search by clues as well, one by one."""
    matching = services.matching
    task = bar.add_task(word("Recheck"), total=matching.recheck(SYSTEM))
    worker = Worker(lambda _: [], lambda _: False, matching.due, matching.search, matching.search_many)
    work = worker.work_off(lambda work: bar.update(task, completed=work.searches))
    if work.failed:
        raise RuntimeError(f"{work.failed} searches of the recheck failed")


def _searched(services: Services, missing: Sequence[str], bar: Progress) -> tuple[list[float], list[float]]:
    """Seconds for ``TOGETHER`` cases one by one and for as many together, in turns."""
    portions = [list(missing[start : start + TOGETHER]) for start in range(0, 2 * TURNS * TOGETHER, TOGETHER)]
    sides: tuple[Callable[[list[str]], object], ...] = (
        lambda case_ids: [services.matching.search(case_id) for case_id in case_ids],
        services.matching.search_many,
    )
    for case_ids in portions:
        services.matching.search_many(case_ids)
    times: tuple[list[float], list[float]] = [], []
    for turn, case_ids in enumerate(bar.track(portions, description=word("Searches"))):
        times[turn % 2].append(timed(partial(sides[turn % 2], case_ids))[0])
    return times


def print_report(report: GalleryReport) -> None:
    say(f"{report.machine.processor}, {report.machine.cores} cores; {report.templates:,} templates in SQLite")
    say(f"written at {report.enrolled_a_second:,.0f} a second, by bulk")
    say(f"first answer from the records {report.from_records:.2f} s, from the gallery on disk {report.from_disk:.2f} s: ")
    say(f"{report.fifth:.3f} of the time, wanted at most 0.2; the gallery is kept in {report.kept_in:.2f} s")
    say(f"a refresh with nothing new takes {report.refresh:.2f} ms, wanted less than 2")
    say(
        f"searches a second: {report.one_by_one:.0f} one after the other, {report.together:.0f} by {TOGETHER}: "
        f"{report.ratio:.1f} times as many, wanted 5"
    )
    if report.recheck is not None:
        rate = report.cases / report.recheck
        say(f"a recheck of {report.cases:,} open cases takes {report.recheck:.0f} s: {rate:.0f} a second")
