"""A folder of mixed photos on all cores: ours by processes and by threads, and the command `face_recognition`."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

from scripts.bench.machine import peak_memory
from scripts.bench.timing import timed
from tracing.embeddings.catalog import make_examiner
from tracing.embeddings.pool import ExaminerPool
from tracing.errors import EncoderUnavailable
from tracing.ports import Examiner

TARGET: Final = 15.0
Advance = Callable[[], object]
"""Called after each photo."""


@dataclass(frozen=True, slots=True)
class Work:
    """The photos of a folder, and who encodes them with how many cores."""

    photos: tuple[Path, ...]
    encoder_id: str
    folders: tuple[Path, ...]
    cores: int

    def through(self, examiner: Examiner, advance: Advance) -> int:
        """All photos, as many at once as there are cores; in how many a face was found."""

        def found(photo: Path) -> bool:
            faces = examiner.examine(photo.read_bytes(), [self.encoder_id]).faces
            advance()
            return bool(faces)

        with ThreadPoolExecutor(self.cores) as threads:
            return sum(threads.map(found, self.photos))


@dataclass(frozen=True, slots=True)
class FolderReport:
    """Seconds of wall time for the whole, the start of processes and the loading of models included.

    ``ratio`` is theirs divided by ours by processes, as the service works; ``found`` counts photos with a face, ``worker_peak``
    the bytes that a worker process held at most.
    """

    photos: int
    file_bytes: int
    cores: int
    processes: float
    threads: float
    theirs: float
    ratio: float
    found_ours: int
    found_theirs: int
    worker_peak: int
    target: float = TARGET


def measure_folder(work: Work, known: Path, runs: int, track: Callable[[str], Advance]) -> FolderReport:
    """Theirs once, for it takes minutes, turns of ours around it. ``track`` opens a progress bar for a pass over the photos."""
    unknown = work.photos[0].parent
    processes, threads, peaks = [], [], []
    for turn in range(runs):
        lasted, (found_ours, peak) = timed(partial(by_processes, work, track("ours, processes")))
        processes.append(lasted)
        peaks.append(peak)
        threads.append(timed(partial(by_threads, work, track("ours, threads")))[0])
        if turn == (runs - 1) // 2:
            theirs, found_theirs = timed(partial(by_face_recognition, known, unknown, work.cores, track("face_recognition")))
    return FolderReport(
        photos=len(work.photos),
        file_bytes=sum(photo.stat().st_size for photo in work.photos),
        cores=work.cores,
        processes=median(processes),
        threads=median(threads),
        theirs=theirs,
        ratio=theirs / median(processes),
        found_ours=found_ours,
        found_theirs=found_theirs,
        worker_peak=max(peaks),
    )


def by_processes(work: Work, advance: Advance) -> tuple[int, int]:
    """As the service does it, a process for each core: photos with a face, and the peak of the largest process in bytes."""
    make = partial(make_examiner, [work.encoder_id], work.folders)
    pool = ExaminerPool(make, workers=work.cores, waiting=work.cores)
    before = set(multiprocessing.active_children())
    try:
        found = work.through(pool, advance)
        workers = set(multiprocessing.active_children()) - before
        return found, max((peak_memory(each.pid) for each in workers if each.pid), default=0)
    finally:
        pool.close()


def by_threads(work: Work, advance: Advance) -> int:
    """One process, new as those of ``by_processes`` are, and a thread for each core over one examiner."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        found = process.submit(_threads, work).result()
    for _ in work.photos:
        advance()
    return found


def _threads(work: Work) -> int:
    return work.through(make_examiner([work.encoder_id], work.folders), lambda: None)


def by_face_recognition(known: Path, unknown: Path, cores: int, advance: Advance) -> int:
    """The command as its users call it: photos with a face. It reduces photos to 1600 pixels first."""
    command = [str(Path(sys.executable).with_name("face_recognition")), str(known), str(unknown), "--cpus", str(cores)]
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore"}
    seen: dict[str, bool] = {}
    try:
        with subprocess.Popen(  # noqa: S603 - an installed command
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            for line in process.stdout or ():
                photo, _, name = line.strip().rpartition(",")
                if photo not in seen:  # a photo with several faces has several lines
                    advance()
                seen[photo] = name != "no_persons_found"
    except FileNotFoundError as error:
        raise EncoderUnavailable("The command face_recognition is not installed; run 'make setup' again.") from error
    if process.returncode:
        raise EncoderUnavailable("The command face_recognition failed on this folder.")
    return sum(seen.values())
