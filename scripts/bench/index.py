"""`tracing bench index`: what a search among many templates takes and finds, beside exact ones and the memory's speed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Annotated, Any, Final

import numpy as np
import typer
from numpy.typing import NDArray
from rich.progress import Progress

from scripts.bench.machine import Machine, peak_memory, resident_memory, this_machine
from scripts.bench.templates import Crowd
from scripts.bench.timing import timed
from scripts.language import listed, word
from scripts.output import AsJson, print_json, print_table, progress_bar, say
from tracing.domain import Vector
from tracing.errors import Invalid
from tracing.index.coded_index import CodedIndex
from tracing.index.faiss_library import load_faiss
from tracing.index.memory import memory_at_hand
from tracing.ports import Metric
from tracing.vectors import unit

DIMENSION: Final = 128
LISTED: Final = 50
BATCH: Final = 64
PROBES: Final = 256
TURNS: Final = 40
BATCH_TURNS: Final = 8
READ: Final = 1 << 28
"""Bytes that are read to see how quick memory is; more than any cache holds."""
ROOM: Final = 0.5
"""Of the memory at hand, that templates in full precision may take for flat FAISS and numpy to be measured beside ours."""


@dataclass(frozen=True, slots=True)
class Speed:
    """``one`` is the median of a query by itself in milliseconds, ``batched`` queries per second in batches of ``BATCH``."""

    one: float
    batched: float


@dataclass(frozen=True, slots=True)
class IndexReport:
    """``recall`` is against the exact list, by its length. ``limit`` is what reading the codes once takes, in milliseconds.

    ``memory`` is in bytes, as the index counts it; ``resident`` what the process grew by while it was filled, and
    ``peak`` what the whole process, interpreter and libraries included, held at most until then. ``flat`` and
    ``plain`` (numpy) are None where memory does not hold their templates.
    """

    machine: Machine
    templates: int
    people: int
    half: bool
    reach: int
    seconds_to_fill: float
    memory: int
    memory_ratio: float
    resident: int
    peak: int
    recall: dict[str, float]
    mate_first: float
    bandwidth: float
    limit: float
    ours: Speed
    flat: Speed | None
    plain: Speed | None


def index(
    size: Annotated[int, typer.Option(min=1_000, help="How many templates.")] = 100_000,
    half: Annotated[bool, typer.Option("--half", help="Keep templates in half precision.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print what searches among so many templates take and find, beside flat FAISS, numpy and the speed of the memory.

    The templates are of invented people, two each, spread as dlib's templates of LFW are (scripts/bench/templates.py);
    probes are other photos of some of them.
    """
    with progress_bar() as bar:
        report = measure(Crowd(size // 2, 2, DIMENSION), half, bar)
    if as_json:
        print_json(report)
    else:
        print_report(report)


def measure(crowd: Crowd, half: bool, bar: Progress) -> IndexReport:
    """Fill an index, then let it, flat FAISS and numpy search in turns."""
    before = resident_memory()
    ours = CodedIndex(crowd.dimension, Metric.COSINE, half=half)
    seconds, _ = timed(partial(_fill, ours, crowd, bar))
    resident, peak = resident_memory() - before, peak_memory(os.getpid())
    probes = unit(crowd.probes(PROBES))
    if len(probes) < BATCH:
        raise Invalid(f"There have to be {2 * BATCH} templates or more.", "size")
    true = _exact(crowd, probes, bar)
    found = [[hit.template_id for hit in hits] for hits in ours.search(probes, LISTED)]
    sides: dict[str, Callable[[Vector], Any]] = {"ours": lambda rows: ours.search(rows, LISTED)}
    if crowd.size * crowd.dimension * 4 < ROOM * memory_at_hand() / 2:
        sides |= _beside(crowd)
    speeds = _in_turns(sides, probes)
    bandwidth = _bandwidth()
    return IndexReport(
        machine=this_machine(),
        templates=crowd.size,
        people=crowd.people,
        half=half,
        reach=ours.reach,
        seconds_to_fill=seconds,
        memory=ours.memory,
        memory_ratio=ours.memory / (crowd.size * crowd.dimension * 4),
        resident=resident,
        peak=peak,
        recall={str(length): _recall(true, found, length) for length in (1, 20, LISTED)},
        mate_first=float(np.mean([true[place][0] == found[place][0] for place in range(len(probes))])),
        bandwidth=bandwidth,
        limit=1000 * ours.coded * crowd.dimension / 4 / bandwidth if ours.coded else 1000 * ours.memory / bandwidth,
        ours=speeds["ours"],
        flat=speeds.get("flat"),
        plain=speeds.get("plain"),
    )


def _fill(ours: CodedIndex, crowd: Crowd, bar: Progress) -> None:
    task = bar.add_task(word("Templates"), total=crowd.size)
    for ids, vectors in crowd.templates():
        ours.add(ids, vectors)
        bar.advance(task, len(ids))
    ours.finish()


def _exact(crowd: Crowd, probes: Vector, bar: Progress) -> NDArray[np.int64]:
    """(m, ``LISTED``) ids of the true lists, portion by portion, so that the templates need not be kept for it."""
    faiss = load_faiss()
    scores = np.empty((len(probes), 0), dtype=np.float32)
    names = np.empty((len(probes), 0), dtype=np.int64)
    task = bar.add_task(word("True lists"), total=crowd.size)
    for ids, vectors in crowd.templates():
        found, places = faiss.knn(probes, unit(vectors), min(LISTED, len(ids)), faiss.METRIC_INNER_PRODUCT)
        scores, names = np.concatenate([scores, found], axis=1), np.concatenate([names, ids[places]], axis=1)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :LISTED]
        scores, names = np.take_along_axis(scores, order, axis=1), np.take_along_axis(names, order, axis=1)
        bar.advance(task, len(ids))
    return names


def _beside(crowd: Crowd) -> dict[str, Callable[[Vector], Any]]:
    faiss = load_faiss()
    flat = faiss.IndexFlatIP(crowd.dimension)
    for _, vectors in crowd.templates():
        flat.add(unit(vectors))
    templates = faiss.rev_swig_ptr(flat.get_xb(), crowd.size * crowd.dimension).reshape(crowd.size, crowd.dimension)

    def plain(rows: Vector) -> list[NDArray[np.intp]]:
        return [np.argpartition(-scores, LISTED)[:LISTED] for scores in (templates @ row for row in rows)]

    return {"flat": lambda rows: flat.search(rows, LISTED), "plain": plain}


def _in_turns(sides: dict[str, Callable[[Vector], Any]], probes: Vector) -> dict[str, Speed]:
    """Every side with the same probe, then with the next one; numpy, which takes longest, in fewer batches."""
    ones: dict[str, list[float]] = {name: [] for name in sides}
    batches: dict[str, list[float]] = {name: [] for name in sides}
    for search in sides.values():
        search(probes[:1])  # whatever is prepared with the first one
    for turn in range(TURNS):
        for name, search in sides.items():
            ones[name].append(timed(partial(search, probes[turn : turn + 1]))[0])
    for turn in range(BATCH_TURNS):
        rows = np.roll(probes, -turn * BATCH, axis=0)[:BATCH]
        for name, search in sides.items():
            if name != "plain" or turn == 0:
                batches[name].append(timed(partial(search, rows))[0])
    return {name: Speed(1000 * median(ones[name]), BATCH / median(batches[name])) for name in sides}


def _bandwidth() -> float:
    """Bytes that one core reads in a second."""
    numbers = np.ones(READ // 8, dtype=np.int64)
    return READ / min(timed(numbers.max)[0] for _ in range(5))


def _recall(true: NDArray[np.int64], found: list[list[int]], length: int) -> float:
    return float(np.mean([len(set(row[:length]) & set(hits[:length])) / length for row, hits in zip(true, found, strict=True)]))


def print_report(report: IndexReport) -> None:
    kept = word("half" if report.half else "full")
    say(f"{report.machine.processor}, {report.machine.cores} cores")
    say(f"{report.templates:,} templates of {report.people:,} invented people, {DIMENSION} numbers in {kept} precision")
    say(
        f"filled in {report.seconds_to_fill:.0f} s; {report.memory / 2**20:,.0f} MiB, {report.memory_ratio:.3f} of what the "
        f"templates take in float32; the process grew by {report.resident / 2**20:,.0f} MiB and held "
        f"{report.peak / 2**20:,.0f} MiB at most, all in all"
    )
    recall = listed(f"@{length} {share:.4f}" for length, share in report.recall.items())
    say(f"recall against exact: {recall}")
    say(f"the best {report.reach:,} by code are compared in full" if report.reach else "every template is compared in full")
    print_table(
        ["search", "one query, ms", "times flat", f"queries a second, batches of {BATCH}", "times flat"], list(_lines(report))
    )
    say(
        f"one core reads {report.bandwidth / 1e9:.1f} GB/s: what a query has to read once takes {report.limit:.2f} ms, "
        f"a query takes {report.ours.one / report.limit:.1f} times as long"
    )


def _lines(report: IndexReport) -> Iterator[tuple[object, ...]]:
    flat = report.flat
    for name, speed in ((word("ours"), report.ours), (word("flat FAISS"), flat), ("numpy", report.plain)):
        if speed is not None:
            one = f"{speed.one / flat.one:.3f}" if flat else ""
            batched = f"{speed.batched / flat.batched:.1f}" if flat else ""
            yield name, f"{speed.one:.2f}", one, f"{speed.batched:,.0f}", batched
