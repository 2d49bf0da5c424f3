"""The ways to encode many faces, side by side: one process, two, and two of Dask's; each has its turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from statistics import median
from typing import Final

from scripts.bench.timing import timed
from tracing.access import SYSTEM
from tracing.ahead import ahead
from tracing.domain import Vector
from tracing.embeddings import cluster
from tracing.embeddings.pool import ExaminerPool
from tracing.embeddings.workplace import Workplace, standard_of
from tracing.ports import BatchEncoder, Detection, Examiner
from tracing.reindex import Progress, Reindex

SIDES: Final = ("one process", "two processes", "Dask, two processes")
AHEAD: Final = 2
"""Photos for each process: the one that it has, and one that is read meanwhile."""


@dataclass(frozen=True, slots=True)
class Processes:
    """The service's own processes as a ``BatchEncoder``."""

    pool: ExaminerPool
    at_once: int

    def encode(self, data: bytes, faces: Sequence[Detection], encoder_ids: Sequence[str]) -> list[dict[str, Vector]]:
        return self.pool.encode(data, faces, encoder_ids)


@dataclass(frozen=True, slots=True)
class Side:
    """``faces_a_second`` is the median of the turns, ``ratio`` that of each turn divided by the turn of one process."""

    name: str
    faces_a_second: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Sides:
    """Opened and warm, by name; ``cluster_start`` is the seconds until Dask's processes answer."""

    encoders: dict[str, BatchEncoder]
    cluster_start: float


class _EnoughError(Exception):
    """Ends a backfill in the middle, which loses nothing."""


@contextmanager
def sides(make_examiner: Callable[[], Examiner], make: Callable[[], Workplace], encoder_id: str) -> Iterator[Sides]:
    """``make_examiner`` is for processes of the service, ``make`` for workers of Dask."""
    with ExitStack() as stack:
        encoders: dict[str, BatchEncoder] = {}
        for name, processes in zip(SIDES, (1, 2), strict=False):
            pool = stack.enter_context(closing(ExaminerPool(make_examiner, workers=processes, waiting=AHEAD * processes)))
            encoders[name] = Processes(pool, AHEAD * processes)
        standard = standard_of(make(), encoder_id)
        seconds, encoders[SIDES[2]] = timed(lambda: stack.enter_context(cluster.on_this_machine(make, standard, 2)))
        yield Sides(encoders, seconds)


def in_turns(rate: Callable[[BatchEncoder], float], encoders: dict[str, BatchEncoder], turns: int) -> tuple[Side, ...]:
    """``rate`` gives the faces per second of one turn. A turn of each before the first one is not counted."""
    rates: dict[str, list[float]] = {name: [] for name in encoders}
    for turn in range(turns + 1):
        for name, encoder in encoders.items():
            measured = rate(encoder)
            if turn:
                rates[name].append(measured)
    return tuple(
        Side(name, median(own), median(mine / one for mine, one in zip(own, rates[SIDES[0]], strict=True)))
        for name, own in rates.items()
    )


def backfilled(
    reindex: Reindex, generation_id: str, faces: int, advance: Callable[[int], object], encoder: BatchEncoder
) -> float:
    """Faces per second of a backfill that is ended once so many were written."""
    before = last = reindex.progress(generation_id).encoded
    begun = ended = time.perf_counter()

    def enough(progress: Progress) -> None:
        nonlocal last, ended
        advance(progress.encoded - last)
        last, ended = progress.encoded, time.perf_counter()
        if last - before >= faces:
            raise _EnoughError

    with suppress(_EnoughError):
        reindex.backfill(SYSTEM, generation_id, enough, encoder)
    return (last - before) / (ended - begun)


def encoded(photos: Sequence[tuple[bytes, Detection]], encoder_id: str, encoder: BatchEncoder) -> float:
    """Faces per second without records and without reading photos."""

    def work(photo: tuple[bytes, Detection]) -> None:
        encoder.encode(photo[0], [photo[1]], [encoder_id])

    def all_of_them() -> None:
        for _, task in ahead(work, photos, lambda: encoder.at_once):
            task.result()

    return len(photos) / timed(all_of_them)[0]
