"""Readers under a fuzzer that watches which branches its bytes reach (Atheris): a process for each, for a bounded time."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.hostile.limits import MOST_MEMORY, MOST_SECONDS
from tests.hostile.operators_files import ROOT
from tests.hostile.readers import PLANTED, READERS

SECONDS = 12
"""For each reader."""
KEPT = ROOT / "build" / "fuzzing"
ITS_OWN_MEMORY = ("sh", "-c", '"$@"; exit $?', "sh")
"""Runs what follows as a grandchild: Linux counts what the parent held at most as held by its child (``ru_maxrss``), which
is what libFuzzer goes by, and a process of tests may have held gigabytes."""


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """``runs``: inputs tried; ``reached``: branches that they reached; ``fault``: the end of the report, or nothing."""

    reader: str
    runs: int
    reached: int
    fault: str


def fuzz(name: str, number: int, seconds: int = SECONDS) -> Fuzzed:
    """``number`` is the seed. What was found is kept in ``build/fuzzing/``, for a test of its own."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tracing-fuzz-") as folder:
        for place, seed in enumerate((PLANTED | READERS)[name].seeds()):
            (Path(folder) / f"seed-{place}").write_bytes(seed)
        done = subprocess.run(
            [*ITS_OWN_MEMORY, sys.executable, "-m", "tests.hostile.fuzzed", name, folder,
             f"-max_total_time={seconds}", f"-seed={number}",
             f"-timeout={MOST_SECONDS:.0f}", f"-rss_limit_mb={MOST_MEMORY}", "-max_len=65536", "-print_final_stats=1",
             f"-artifact_prefix={KEPT}/{name.replace(' ', '-')}-"],
            cwd=ROOT, capture_output=True, text=True, errors="replace", timeout=10 * seconds + 300,
        )  # fmt: skip
    told = done.stderr + done.stdout
    runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", told)
    reached = re.findall(r"\bcov: (\d+)", told)
    fault = "" if done.returncode == 0 else f"exit {done.returncode}: {told[-3000:]}"
    return Fuzzed(name, int(runs[1]) if runs else 0, int(reached[-1]) if reached else 0, fault)


def fuzz_all(number: int, seconds: int = SECONDS) -> dict[str, Any]:
    found = [fuzz(name, number, seconds) for name in READERS]
    return {
        "seconds_each": seconds,
        "runs": sum(each.runs for each in found),
        "readers": [{key: value for key, value in asdict(each).items() if key != "fault"} for each in found],
        "faults": [f"{each.reader}: {each.fault}" for each in found if each.fault],
    }
