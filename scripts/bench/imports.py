"""`tracing bench import`: a long list of invented people: rate, peak memory, a repeat, and a run that is killed and goes on."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Annotated, Any, Final

import typer

from scripts.bench.machine import peak_memory, this_machine
from scripts.invented.people import World
from scripts.opening import services, settings
from scripts.output import AsJson, note, print_json, say
from tracing.access import SYSTEM

SEED: Final = 9
SOURCE: Final = "bench"
HEADINGS: Final = ("编号", "姓名", "性别", "出生日期", "身高", "失踪地点", "联系人", "联系电话", "情况说明")
LOOK: Final = 0.2
"""Seconds between two looks at a running process."""


@dataclass(frozen=True, slots=True)
class Run:
    """One call of `tracing import`. ``memory`` in bytes at most; 0 where this system does not tell."""

    seconds: float
    memory: int
    new: int
    changed: int
    unchanged: int
    refused: int


@dataclass(frozen=True, slots=True)
class Measured:
    """``killed_at`` is how many rows were through when another run, in a folder of its own, was killed; ``resumed`` went on."""

    rows: int
    per_second: int
    first: Run
    repeat: Run
    killed_at: int
    resumed: Run
    faults: int

    @property
    def right(self) -> bool:
        whole = self.first.new == self.resumed.new == self.repeat.unchanged == self.rows
        return whole and 0 < self.killed_at < self.rows and not self.faults


def imports(
    rows: Annotated[int, typer.Option(min=100, max=1_000_000, help="Records of the list.")] = 100_000,
    as_json: AsJson = False,
) -> None:
    """Bring a list of invented people in, send it again, and kill one that is under way; exit status 1 if anything is lost."""
    with tempfile.TemporaryDirectory() as folder:
        result = measure(Path(folder), rows)
    if as_json:
        print_json(asdict(result) | {"right": result.right, "machine": asdict(this_machine())})
    else:
        _say(result)
    if not result.right:
        raise typer.Exit(1)


def measure(folder: Path, rows: int) -> Measured:
    """``folder`` is empty. Each run is a process of its own."""
    table = folder / "list.csv"
    write_list(table, rows)
    mebibytes = table.stat().st_size >> 20
    note(f"{rows:,} records written, {mebibytes} MiB; bringing them in")
    first = _import(folder / "whole", table)
    note(f"in after {first.seconds:.0f} s; the same list again")
    repeat = _import(folder / "whole", table)
    note("a run that is killed when a third is through, and goes on")
    killed_at = _killed(folder / "killed", table, rows // 3)
    resumed = _import(folder / "killed", table)
    with services(settings().model_copy(update={"data_dir": folder / "killed", "database_url": ""})) as found:
        faults = sum(1 for _ in found.consistency.check())
    return Measured(rows, round(rows / first.seconds), first, repeat, killed_at, resumed, faults)


def write_list(table: Path, rows: int) -> None:
    world = World(Random(SEED))  # noqa: S311  invented people
    with table.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for number in range(rows):
            person = world.person()
            name, place = person.surname + person.given, world.place_name(person.home, 4)
            phone = f"{13_000_000_000 + number}"
            told = (
                number,
                name,
                person.sex,
                f"{person.born}年",
                f"{person.height_cm}厘米",
                place,
                f"{person.surname}某",
                phone,
                "走失",
            )
            writer.writerow(told)


def _environment(folder: Path) -> Mapping[str, str]:
    return os.environ | {"TRACING_DATA_DIR": str(folder), "TRACING_DATABASE_URL": ""}


def _command(table: Path) -> list[str]:
    return [sys.executable, "-m", "scripts", "import", str(table), "--source", SOURCE, "--json"]


def _import(folder: Path, table: Path) -> Run:
    started = time.perf_counter()
    process = subprocess.Popen(_command(table), env=_environment(folder), stdout=subprocess.PIPE)  # noqa: S603  our own
    memory = 0
    while process.poll() is None:
        memory = max(memory, peak_memory(process.pid))
        time.sleep(LOOK)
    seconds = time.perf_counter() - started
    told, _ = process.communicate()
    if process.returncode:
        raise RuntimeError("tracing import failed")
    run: dict[str, Any] = json.loads(told)["run"]
    return Run(round(seconds, 1), memory, *(run[name] for name in ("new", "changed", "unchanged", "refused")))


def _killed(folder: Path, table: Path, at: int) -> int:
    """Start a run and kill it when so many rows are through; how many were through then."""
    process = subprocess.Popen(_command(table), env=_environment(folder), stdout=subprocess.DEVNULL)  # noqa: S603  our own
    with services(settings().model_copy(update={"data_dir": folder, "database_url": ""})) as found:
        while process.poll() is None:
            time.sleep(LOOK)
            runs = found.list_runs.all(SYSTEM)[0]
            if runs and runs[0].rows >= at:
                process.send_signal(signal.SIGKILL)
                process.wait()
        return found.list_runs.all(SYSTEM)[0][0].rows


def _say(result: Measured) -> None:
    first, repeat, resumed = result.first, result.repeat, result.resumed
    say(f"{result.rows:,} records in {first.seconds:.0f} s, {result.per_second:,} a second; at most {first.memory >> 20} MiB.")
    say(
        f"The same list again: {repeat.new} new, {repeat.changed} changed, {repeat.unchanged:,} unchanged "
        f"in {repeat.seconds:.0f} s; at most {repeat.memory >> 20} MiB."
    )
    say(
        f"A run that was killed after {result.killed_at:,} went on: {resumed.new:,} new, {resumed.changed} changed, "
        f"{resumed.unchanged} unchanged, {resumed.refused} refused; tracing check found {result.faults} faults."
    )
