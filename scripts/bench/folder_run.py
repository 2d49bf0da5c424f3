"""A folder of mixed photos on all cores: ours by processes and by threads, and the command `face_recognition`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

from scripts.bench.timing import timed
from scripts.language import word
from tracing.errors import EncoderUnavailable

TARGET: Final = 15.0
Advance = Callable[[], object]
"""Called after each photo."""

OURS: Final = """
import json, multiprocessing, pathlib, sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from tracing.embeddings.pool import ExaminerPool
from tracing.embeddings.process import make_here

folder, encoder, folders, cores, processes = json.loads(sys.argv[1])
make = partial(make_here, [encoder], [pathlib.Path(each) for each in folders])
examiner = ExaminerPool(make, workers=cores, waiting=cores) if processes else make()

def found(photo):
    return bool(examiner.examine(photo.read_bytes(), [encoder]).faces)

def peak(process):
    file = pathlib.Path(f"/proc/{process}/status")
    lines = file.read_text().splitlines() if file.exists() else ()
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)

with ThreadPoolExecutor(cores) as threads:
    for face in threads.map(found, sorted(pathlib.Path(folder).iterdir())):
        print(int(face), flush=True)
print(max((peak(each.pid) for each in multiprocessing.active_children()), default=0))
if processes:
    examiner.close()
"""


@dataclass(frozen=True, slots=True)
class Work:
    """The photos of a folder, which holds nothing else, and who encodes them with how many cores."""

    photos: tuple[Path, ...]
    encoder_id: str
    folders: tuple[Path, ...]
    cores: int


@dataclass(frozen=True, slots=True)
class FolderReport:
    """Seconds of wall time for a whole command, the start of Python, of processes and the loading of models included.

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
        lasted, (found_ours, peak) = timed(partial(by_processes, work, track(word("ours, processes"))))
        processes.append(lasted)
        peaks.append(peak)
        threads.append(timed(partial(by_threads, work, track(word("ours, threads"))))[0])
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
    return _ours(work, True, advance)


def by_threads(work: Work, advance: Advance) -> int:
    """One process, and a thread for each core over one examiner: photos with a face."""
    return _ours(work, False, advance)[0]


def _ours(work: Work, processes: bool, advance: Advance) -> tuple[int, int]:
    """A program like theirs, which imports nothing of this command: that alone would take it a second."""
    folders = [str(folder.resolve()) for folder in work.folders]
    told = json.dumps([str(work.photos[0].parent), work.encoder_id, folders, work.cores, processes])
    lines, found = _lines([sys.executable, "-W", "ignore", "-c", OURS, told], {}), 0
    for _, line in zip(work.photos, lines, strict=False):
        found += int(line)
        advance()
    (peak,) = map(int, lines)
    return found, peak


def by_face_recognition(known: Path, unknown: Path, cores: int, advance: Advance) -> int:
    """The command as its users call it: photos with a face. It reduces photos to 1600 pixels first."""
    command = [str(Path(sys.executable).with_name("face_recognition")), str(known), str(unknown), "--cpus", str(cores)]
    seen: dict[str, bool] = {}
    for line in _lines(command, {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore"}):
        photo, _, name = line.rpartition(",")
        if photo not in seen:  # a photo with several faces has several lines
            advance()
        seen[photo] = name != "no_persons_found"
    return sum(seen.values())


def _lines(command: Sequence[str], environment: dict[str, str]) -> Iterator[str]:
    """What a command says, line by line; ``EncoderUnavailable`` where it is not installed or fails."""
    try:
        with subprocess.Popen(  # noqa: S603 - an installed command, or our own program
            command, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            yield from (line.strip() for line in process.stdout or ())
    except FileNotFoundError as error:
        raise EncoderUnavailable("The command face_recognition is not installed; run 'make setup' again.") from error
    if process.returncode:
        raise EncoderUnavailable(f"The command {Path(command[0]).name} failed on this folder.")
