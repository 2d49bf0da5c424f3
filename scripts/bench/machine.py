"""What figures depend on: the processor, the versions of the libraries, and the memory of a process."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

LIBRARIES: Final = ("face-recognition", "dlib-bin", "onnxruntime", "numpy", "pillow")


@dataclass(frozen=True, slots=True)
class Machine:
    processor: str
    cores: int
    python: str
    libraries: dict[str, str]


def this_machine() -> Machine:
    return Machine(_processor(), os.cpu_count() or 1, platform.python_version(), {name: version(name) for name in LIBRARIES})


def peak_memory(process_id: int) -> int:
    """Bytes that a running process held at most; 0 where this system does not tell."""
    return _status(process_id, "VmHWM")


def resident_memory() -> int:
    """Bytes that this process holds now; 0 where this system does not tell."""
    return _status(os.getpid(), "VmRSS")


def shared_out_memory(process_id: int) -> int:
    """Bytes that a running process holds now, of what it shares with others its part: these add up. 0 where nobody tells."""
    return _status(process_id, "Pss:", "smaps_rollup")


def _status(process_id: int, name: str, file: str = "status") -> int:
    try:
        lines = Path(f"/proc/{process_id}/{file}").read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith(name)), 0)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
