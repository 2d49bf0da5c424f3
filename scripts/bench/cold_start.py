"""From nothing to the first template, and what a process holds in memory by then: ours, and face_recognition."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scripts.bench.timing import Compared, compared
from tracing.errors import EncoderUnavailable

TARGET: Final = 3.0
"""Seconds within which the first template is wanted."""

MEMORY: Final = """
import json, pathlib, sys
def told(name):
    file = pathlib.Path("/proc/self/status")
    lines = file.read_text().splitlines() if file.exists() else ()
    print(next((1024 * int(line.split()[1]) for line in lines if line.startswith(name)), 0), flush=True)
encoder, folders, photos = json.loads(sys.argv[1])
"""
OURS: Final = f"""{MEMORY}
from tracing.embeddings.catalog import make_examiner
told("VmRSS")
examiner = make_examiner([encoder], [pathlib.Path(folder) for folder in folders])
for photo in photos:
    examiner.examine(pathlib.Path(photo).read_bytes(), [encoder])
    told("VmHWM")
"""
THEIRS: Final = f"""{MEMORY}
import face_recognition
told("VmRSS")
for photo in photos:
    image = face_recognition.load_image_file(photo)
    face_recognition.face_encodings(image, face_recognition.face_locations(image))
    told("VmHWM")
"""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes in memory: after the imports, and at most until each photo was done, one after the other; 0 where unknown."""

    imported: int
    peaks: dict[str, int]


@dataclass(frozen=True, slots=True)
class ColdStart:
    """Seconds from the start of the process to the template of a photo of 640 pixels."""

    first_template: Compared
    ours: Memory
    theirs: Memory
    target: float = TARGET


def measure_cold_start(encoder_id: str, folders: Sequence[Path], photos: dict[str, Path], runs: Iterable[int]) -> ColdStart:
    """In processes of their own, in turns; ``photos`` by the name of their size, the smallest first."""
    first = list(photos.values())[:1]
    ours, theirs = [], []
    for _ in runs:
        ours.append(_lived(OURS, encoder_id, folders, first)[0])
        theirs.append(_lived(THEIRS, encoder_id, folders, first)[0])
    held_ours, held_theirs = (_held(program, encoder_id, folders, photos) for program in (OURS, THEIRS))
    return ColdStart(compared(ours, theirs), held_ours, held_theirs)


def _held(program: str, encoder_id: str, folders: Sequence[Path], photos: dict[str, Path]) -> Memory:
    imported, *peaks = _lived(program, encoder_id, folders, list(photos.values()))[1]
    return Memory(imported, dict(zip(photos, peaks, strict=True)))


def _lived(program: str, encoder_id: str, folders: Sequence[Path], photos: Sequence[Path]) -> tuple[float, list[int]]:
    """Seconds until a process has said its last word, and the numbers that it said."""
    told = json.dumps([encoder_id, *([str(each) for each in paths] for paths in (folders, photos))])
    command = [sys.executable, "-W", "ignore", "-c", program, told]
    start, numbers = time.perf_counter(), []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        for line in process.stdout or ():
            numbers.append(int(line))
            last = time.perf_counter()
        problem = process.stderr.read() if process.stderr else ""
    if process.returncode or not numbers:
        raise EncoderUnavailable(f"A process that was to be measured failed: {problem.strip()[-300:]}")
    return last - start, numbers
