"""What `tracing bench encode` found, and how people read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scripts.bench.cold_start import ColdStart
from scripts.bench.folder_run import FolderReport
from scripts.bench.machine import Machine
from scripts.bench.network import NetworkReport
from scripts.bench.phone_photos import NOISE, QUALITY
from scripts.bench.sizes import SizeReport
from scripts.bench.stages import STAGES
from scripts.language import listed, told, word
from scripts.output import console, print_table, say
from tracing.embeddings.reference import REFERENCE

MEBI: Final = 1 << 20
BESIDE: Final = {"decode": "load_image_file", "find faces": "face_locations", "network": "network"}
"""Which of their calls does the work of a stage of ours."""


@dataclass(frozen=True, slots=True)
class EncodeReport:
    """Times are seconds, memory and files bytes. ``photos`` tells where they come from."""

    machine: Machine
    encoder: str
    detector: str
    photos: str
    runs: int
    one_core: bool
    sizes: tuple[SizeReport, ...]
    network: NetworkReport
    cold_start: ColdStart
    folder: FolderReport | None


def print_report(report: EncodeReport) -> None:
    machine = report.machine
    versions = listed(f"{name} {number}" for name, number in {"Python": machine.python, **machine.libraries}.items())
    where = word("on one core" if report.one_core else "(this system cannot keep a process to one core)")
    say(f"{machine.processor}, {machine.cores} cores; {versions}")
    say(f"ours: detector {report.detector}, encoder {report.encoder}; theirs: face_recognition with its defaults")
    say(
        f"photos: {report.photos}; the one with the largest face, resized, with a sensor's noise ({NOISE:g} of 255), as JPEG "
        f"of quality {QUALITY}: as much work to decode as a phone's"
    )
    say(f"wall time {where}, medians of {report.runs} runs in turns; ratios are medians of the ratios of neighbouring runs")
    for size in report.sizes:
        _print_size(size)
    _print_network(report.network)
    _print_start(report.cold_start)
    if report.folder:
        _print_folder(report.folder)


def _print_size(size: SizeReport) -> None:
    theirs = dict(size.theirs)
    theirs["face_encodings without it"] = theirs["face_encodings"] - theirs["network"]
    beside = {**BESIDE, "align": "face_encodings without it"}
    rows = [
        (word(stage), _ms(size.ours[stage]), _ms(theirs[beside[stage]]) if stage in beside else "", word(beside.get(stage, "")))
        for stage in STAGES
    ]
    whole = (word("photo to template"), _ms(size.whole.ours), _ms(size.whole.theirs), "")
    against = _against(size.whole.ratio, size.target)
    _title(
        told(
            f"{size.name} ({size.width} x {size.height}, {size.file_bytes / 1e6:.1f} MB): {against}; "
            f"faces {size.faces_ours} and {size.faces_theirs}"
        )
    )
    print_table(["stage", "ours, ms", "theirs, ms", "their call"], [*rows, whole])


def _print_network(network: NetworkReport) -> None:
    rows = [
        ("dlib", _ms(network.batches.theirs), ""),
        (word("ours, in batches"), _ms(network.batches.ours), f"{network.batches.ratio:.1f}"),
        (word("ours, one by one"), _ms(network.single.ours), f"{network.single.ratio:.1f}"),
    ]
    against = _against(network.batches.ratio, network.target)
    _title(told(f"network alone, {network.faces} faces: {against}"))
    print_table(["network", "processor ms a face", "times less than dlib"], rows)
    if network.largest_difference is not None:
        say(f"largest difference of any value of a template from dlib's: {network.largest_difference:.1e}")
    say(
        f"a face is {network.operations_per_face / 1e9:.3f} billion floating-point operations "
        f"({network.operations_with_padding / 1e9:.3f} with the zeros around the edges, which are left out)"
    )
    say(
        f"peak of one core: {network.peak / 1e9:.0f} GFLOP/s, measured in this run in products of large float32 matrices, not "
        f"the data sheet's; the network reaches {network.reached / 1e9:.0f} GFLOP/s, {network.share:.0%} of it"
    )


def _print_start(start: ColdStart) -> None:
    ours, theirs = start.ours, start.theirs
    reached = word("reached" if start.first_template.ours < start.target else "MISSED")
    rows: list[Sequence[object]] = [
        (word("start to first template, s"), f"{start.first_template.ours:.2f}", f"{start.first_template.theirs:.2f}"),
        (word("memory after import, MiB"), _mib(ours.imported), _mib(theirs.imported)),
        *((told(f"peak after {name}, MiB"), _mib(ours.peaks[name]), _mib(theirs.peaks[name])) for name in ours.peaks),
    ]
    _title(told(f"cold start of a process: wanted less than {start.target:g} s: {reached}"))
    print_table(["", "ours", REFERENCE], rows)


def _print_folder(folder: FolderReport) -> None:
    against = _against(folder.ratio, folder.target)
    rows = [
        (who, f"{seconds:.1f}", f"{folder.photos / seconds:.1f}", found)
        for who, seconds, found in (
            (word("ours, a process for each core"), folder.processes, folder.found_ours),
            (word("ours, one process with threads"), folder.threads, ""),
            (f"{REFERENCE} --cpus {folder.cores}", folder.theirs, folder.found_theirs),
        )
    ]
    _title(told(f"folder of {folder.photos} photos ({folder.file_bytes / 1e6:.0f} MB) on {folder.cores} cores: {against}"))
    print_table(["", "s", "photos a second", "with a face"], rows)
    say("six of ten photos as they are, three resized to 2 megapixels, one to 12; starting and loading are included")
    say("the command face_recognition reduces photos to 1600 pixels before it looks for faces")
    say(f"a worker process of ours held {_mib(folder.worker_peak)} MiB at most")


def _against(ratio: float, target: float) -> str:
    reached = word("reached" if ratio >= target else "MISSED")
    return told(f"{ratio:.1f} times faster, wanted {target:g}: {reached}")


def _title(said: str) -> None:
    """By itself: the title of a table folds to the width of its columns."""
    console.print(f"\n{said}", style="bold", highlight=False, markup=False)


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f}"


def _mib(count: int) -> str:
    return f"{count / MEBI:.0f}" if count else word("unknown")
