"""`tracing bench encode`: photo to template, ours beside face_recognition, on this machine and in one run."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import Progress

from scripts import logs
from scripts.bench.cold_start import measure_cold_start
from scripts.bench.encode_report import EncodeReport, print_report
from scripts.bench.folder_run import Advance, FolderReport, Work, measure_folder
from scripts.bench.machine import this_machine
from scripts.bench.network import enough, measure_network
from scripts.bench.phone_photos import SIZES, draw_people, mixed_folder, photos_of, resized
from scripts.bench.sizes import measure_size
from scripts.bench.stages import DLIB_RESNET, Ours
from scripts.bench.timing import one_core
from scripts.language import told, word
from scripts.opening import settings
from scripts.output import AsJson, print_json, progress_bar
from tracing.domain import Pixels
from tracing.embeddings.reference import FaceRecognition
from tracing.errors import Invalid

SOURCES: Final = 16
"""Photos that the sizes, the faces for the network and the folder are made of."""
STARTS: Final = 3


def encode(
    photos: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Photos of one's own, JPEG or PNG. Default: drawn people.")
    ] = None,
    encoder: Annotated[str, typer.Option(help="See `tracing models list`.")] = DLIB_RESNET,
    runs: Annotated[int, typer.Option(min=1, help="How often each side has its turn.")] = 5,
    folder: Annotated[int, typer.Option(min=1, help="Photos in the mixed folder; 200 may take five minutes.")] = 200,
    no_folder: Annotated[bool, typer.Option("--no-folder", help="Leave the folder out.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print what photo to template takes, whole and per stage: ours, and face_recognition as its users call it.

    Both sides run in turns on one core, so that what else the machine does meets both; the ratios count. Then the network by
    itself, a cold start with its memory, and a folder of mixed photos on all cores.
    """
    logs.set_up(settings())
    with tempfile.TemporaryDirectory(prefix="tracing-bench-") as room, progress_bar() as bar:
        report = _Bench(Path(room), bar, encoder, photos).measured(runs, 0 if no_folder else folder)
    if as_json:
        print_json(report)
    else:
        print_report(report)


class _Bench:
    """Whatever both sides look at, in a room of its own; building it converts, loads and checks what is not to be timed."""

    def __init__(self, room: Path, bar: Progress, encoder_id: str, photos: Path | None) -> None:
        self._room = room
        self._bar = bar
        self._folders = settings().model_folders
        self._origin = str(photos or "drawn people")
        self._sources = photos_of(photos, SOURCES) if photos else self._drawn(SOURCES)
        self._ours = Ours(encoder_id, self._folders)
        self._ours.warm()
        self._theirs = FaceRecognition()
        portrait = self._portrait().read_bytes()
        self._sized = {size.name: room / f"{size.name}.jpg" for size in SIZES}
        for size in SIZES:
            self._sized[size.name].write_bytes(resized(portrait, size))

    def measured(self, runs: int, folder: int) -> EncodeReport:
        """All there is to measure; the folder with so many photos, or not at all."""
        with one_core() as pinned:
            sizes = tuple(
                measure_size(size, self._sized[size.name], self._ours, self._theirs, self._rounds(word(size.name), runs))
                for size in SIZES
            )
            network = measure_network(self._ours, *self._chips(), self._rounds(word("Network"), runs))
        starts = self._rounds(word("Cold start"), min(runs, STARTS))
        return EncodeReport(
            machine=this_machine(),
            encoder=self._ours.encoder_id,
            detector=self._ours.examine(self._sized[SIZES[0].name]).detector_id,
            photos=self._origin,
            runs=runs,
            one_core=pinned,
            sizes=sizes,
            network=network,
            cold_start=measure_cold_start(self._ours.encoder_id, self._folders, self._sized, starts),
            folder=self._folder(folder, min(runs, STARTS)) if folder else None,
        )

    def _portrait(self) -> Path:
        """Of the photos with one face by either side the one with the largest face."""
        shares = {}
        for photo in self._sources:
            seen = self._ours.examine(photo)
            if len(seen.faces) == 1:
                shares[photo] = seen.faces[0].detection.box.area / (seen.width * seen.height)
        small = self._room / "candidate.jpg"
        for photo in sorted(shares, key=lambda each: -shares[each]):
            small.write_bytes(resized(photo.read_bytes(), SIZES[0]))
            if self._theirs.photo_to_templates(small).faces == 1:
                return photo
        raise Invalid(f"No photo ({self._origin}) shows one face that both sides find.", "photos")

    def _chips(self) -> tuple[Pixels, Pixels]:
        """The faces for our network and for dlib's; drawn people stand in where the photos are few."""
        photos = [*self._sources, *self._drawn(SOURCES - len(self._sources))]
        return enough(self._ours.chips(photos)), enough(self._ours.dlib_chips(photos))

    def _folder(self, count: int, runs: int) -> FolderReport:
        known, unknown = self._room / "known", self._room / "unknown"
        known.mkdir()
        unknown.mkdir()
        (known / "known.jpg").write_bytes(self._sized[SIZES[0].name].read_bytes())
        photos = mixed_folder(self._sources, self._rounds(word("Photos of the folder"), count), unknown)
        work = Work(tuple(photos), self._ours.encoder_id, self._folders, os.cpu_count() or 1)

        def over_all(side: str) -> Advance:
            return partial(self._bar.advance, self._bar.add_task(told(f"Folder: {side}"), total=count))

        return measure_folder(work, known, runs, over_all)

    def _drawn(self, count: int) -> list[Path]:
        return draw_people(self._room, self._rounds(word("Drawn people"), count))

    def _rounds(self, what: str, count: int) -> Iterable[int]:
        return self._bar.track(range(count), description=what)
