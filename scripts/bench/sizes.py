"""One photo, whole and stage by stage, by ours and by face_recognition in turns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scripts.bench.phone_photos import Size
from scripts.bench.stages import Ours
from scripts.bench.timing import Compared, compared, medians, timed
from tracing.embeddings.reference import FaceRecognition, Passage


@dataclass(frozen=True, slots=True)
class SizeReport:
    """Seconds of wall time, medians of all runs; the stages of ours were timed in runs of their own."""

    name: str
    width: int
    height: int
    file_bytes: int
    faces_ours: int
    faces_theirs: int
    whole: Compared
    target: float
    ours: dict[str, float]
    theirs: dict[str, float]


def measure_size(size: Size, photo: Path, ours: Ours, theirs: FaceRecognition, runs: Iterable[int]) -> SizeReport:
    """Reading the file is a part of either side."""
    seen = ours.examine(photo)
    ours.stages(photo)
    wholes, laps, passages = [], [], []
    for _ in runs:
        wholes.append(timed(lambda: ours.examine(photo))[0])
        laps.append(ours.stages(photo))
        passages.append(theirs.photo_to_templates(photo))
    return SizeReport(
        name=size.name,
        width=seen.width,
        height=seen.height,
        file_bytes=photo.stat().st_size,
        faces_ours=len(seen.faces),
        faces_theirs=passages[0].faces,
        whole=compared(wholes, [each.whole for each in passages]),
        target=size.target,
        ours=medians(laps),
        theirs=medians([_stages(each) for each in passages]),
    )


def _stages(passage: Passage) -> dict[str, float]:
    return {
        "load_image_file": passage.load_image_file,
        "face_locations": passage.face_locations,
        "face_encodings": passage.face_encodings,
        "network": passage.network,
    }
