"""`tracing bench reindex`: going over to another encoder, from the first face encoded to the first search after the switch."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import Progress

from scripts import logs
from scripts.bench.backfills import SIDES, Side, backfilled, encoded, in_turns, sides
from scripts.bench.enrolment import Picture, enrol
from scripts.bench.known import Album, KnownExaminer, KnownModels, key_of
from scripts.bench.machine import Machine, this_machine
from scripts.bench.searching import Latency, Search, Searcher, latency
from scripts.bench.templates import Crowd
from scripts.bench.timing import timed
from scripts.language import word
from scripts.opening import settings
from scripts.output import AsJson, print_json, progress_bar, say
from scripts.photo_files import central_face, photos_below
from tracing.access import SYSTEM
from tracing.bootstrap import Services, build, new_id
from tracing.config import Settings
from tracing.embeddings import manifest
from tracing.embeddings.process import make_here
from tracing.errors import Invalid, UnreadablePhoto
from tracing.machines import Models
from tracing.ports import Detection
from tracing.reindex import Reindex

BEFORE: Final = "dlib-resnet-v1"
AFTER: Final = "mobilefacenet-128"
"""Only its facts are needed: no file of it is opened."""
MISSING: Final = 200
FILES: Final = 16
"""Photo files that stand in for all photos."""
TURNS: Final = 3
QUIET: Final = 5.0
"""Seconds of searches before anything else is done."""
MOST_PHOTOS: Final = 100


@dataclass(frozen=True, slots=True)
class RealReport:
    """A real encoder on real photos, without records."""

    encoder: str
    photos: int
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class ReindexReport:
    """``sides`` are backfills whose encoder looks the templates up: they measure everything but the network.

    Seconds: ``cluster_start`` until Dask's processes answer, ``verify``, ``activate``, and ``first_search``, which fills the
    new gallery. ``before`` and ``during`` are searches of another process, alone and beside a backfill by two processes;
    ``failed`` are those of its ``searches`` that failed, from before the backfill until after the switch.
    """

    machine: Machine
    templates: int
    photo_bytes: int
    sides: tuple[Side, ...]
    cluster_start: float
    verify: float
    activate: float
    first_search: float
    before: Latency
    during: Latency
    after: Latency
    searches: int
    failed: int
    real: RealReport | None


def reindex(
    size: Annotated[int, typer.Option(min=2_000, help="Templates.")] = 20_000,
    photo_kib: Annotated[int, typer.Option(min=1, help="Size of an invented photo.")] = 500,
    photos: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Photos of one's own, for the rate of a real encoder.")
    ] = None,
    encoder: Annotated[str, typer.Option(help="The real encoder; see `tracing models list`.")] = BEFORE,
    as_json: AsJson = False,
) -> None:
    """Print what a backfill takes besides the network, by one process, by two and by two of Dask's, and what people who search
    notice of it.

    The people are invented; their photos are files of noise that are read and opened, and their templates are looked up.
    """
    logs.set_up(settings())
    with tempfile.TemporaryDirectory(prefix="tracing-bench-") as room, progress_bar() as bar:
        real = measure_real(encoder, photos, bar) if photos else None
        report = measure(Path(room), Crowd(size // 2), photo_kib << 10, bar, real)
    if as_json:
        print_json(report)
    else:
        print_report(report)


def measure(room: Path, crowd: Crowd, photo_bytes: int, bar: Progress, real: RealReport | None = None) -> ReindexReport:
    """Three quarters of the faces are for the turns, the others are encoded beside people who search."""
    found = Settings(data_dir=room, index="auto")
    turn = crowd.size * 3 // 4 // (len(SIDES) * (TURNS + 1))
    with closing(build(found)) as services:
        advance = partial(bar.advance, bar.add_task(word("Templates"), total=crowd.size))
        missing = enrol(services, BEFORE, crowd, MISSING, advance, lambda number: Picture(key_of(number)))
        kept = [services.photos.put(os.urandom(photo_bytes)) for _ in range(FILES)]
        job = _reindex(services, Album(services.photos, kept), crowd)
        generation = job.start(SYSTEM, AFTER).generation_id
        fill = partial(backfilled, job, generation)
        advance = partial(bar.advance, bar.add_task(word("Faces"), total=crowd.size))
        with sides(partial(KnownExaminer, crowd), KnownModels(crowd), AFTER) as opened:
            measured = in_turns(partial(fill, turn, advance), opened.encoders, TURNS)
            with Searcher(found, missing) as searcher:
                time.sleep(QUIET)
                marks = [time.monotonic()]
                fill(crowd.size, advance, opened.encoders[SIDES[1]])
                marks.append(time.monotonic())
                verify = timed(partial(services.validation.verify, SYSTEM, generation))[0]
                activate = timed(partial(job.activate, SYSTEM, generation))[0]
                marks.append(time.monotonic())
                first_search = timed(partial(services.matching.search, missing[0]))[0]
                time.sleep(QUIET)
        before, during, _, after = _parts(searcher.searches, marks)
    return ReindexReport(
        machine=this_machine(),
        templates=crowd.size,
        photo_bytes=photo_bytes,
        sides=measured,
        cluster_start=opened.cluster_start,
        verify=verify,
        activate=activate,
        first_search=first_search,
        before=latency(before),
        during=latency(during),
        after=latency(after),
        searches=len(searcher.searches),
        failed=sum(each.failed for each in searcher.searches),
        real=real,
    )


def measure_real(encoder_id: str, folder: Path, bar: Progress) -> RealReport:
    """The face nearest to the middle of each photo; those without a face are left out. ``Invalid`` where all are."""
    found = settings()
    folders = tuple(each.absolute() for each in found.model_folders)
    make_examiner = partial(make_here, manifest.known_encoders(), folders)
    examiner = make_examiner()
    faces: list[tuple[bytes, Detection]] = []
    for photo in bar.track(photos_below(folder)[:MOST_PHOTOS], description=word("Photos")):
        data = photo.read_bytes()
        try:
            face = central_face(examiner.examine(data, []))
        except UnreadablePhoto:
            continue
        if face is not None:
            faces.append((data, face.detection))
    if not faces:
        raise Invalid(f"In none of the photos in {folder} a face was found.", "photos")
    models = Models(found.max_photo_mib << 20, found.max_photo_megapixels * 1_000_000, folders)
    with sides(make_examiner, models, encoder_id) as opened:
        return RealReport(encoder_id, len(faces), in_turns(partial(encoded, faces, encoder_id), opened.encoders, TURNS))


def _reindex(services: Services, album: Album, crowd: Crowd) -> Reindex:
    """That of the services, over invented photos, and not asking for the files of a model that is not used."""
    return Reindex(
        services.store, album, KnownExaminer(crowd), services.galleries, lambda _: [], lambda _: None, services.clock, new_id
    )


def _parts(searches: Sequence[Search], marks: Sequence[float]) -> list[list[Search]]:
    """Those that began before the first mark, between it and the second ..., after the last."""
    edges = [0.0, *marks, float("inf")]
    return [[each for each in searches if start <= each.begun < end] for start, end in pairwise(edges)]


def print_report(report: ReindexReport) -> None:
    say(f"{report.machine.processor}, {report.machine.cores} cores; {report.templates:,} templates in SQLite")
    say(f"a backfill without the network, photos of {report.photo_bytes / 1024:,.0f} KiB read, opened and sent:")
    _print_sides(report.sides)
    say(f"  Dask's processes answer after {report.cluster_start:.1f} s")
    if report.real is not None:
        say(f"{report.real.encoder} on {report.real.photos} real photos, without records:")
        _print_sides(report.real.sides)
    say(f"verify {report.verify:.2f} s, activate {report.activate:.2f} s, first search after it {report.first_search:.2f} s")
    for name, seen in ((word("before"), report.before), (word("during"), report.during), (word("after"), report.after)):
        say(f"searches {name}: {seen.searches:,}, median {seen.median:.1f} ms, 99th percentile {seen.percentile_99:.1f} ms")
    say(f"of {report.searches:,} searches {report.failed} failed, wanted 0")


def _print_sides(all_of_them: Sequence[Side]) -> None:
    for side in all_of_them:
        say(f"  {side.name}: {side.faces_a_second:,.0f} faces a second, {side.ratio:.2f} times one process")
