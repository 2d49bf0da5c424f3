"""That a converted network gave what dlib's own gives, on a real face and on this machine: kept for the processes to come."""

from __future__ import annotations

import hashlib
import json
import logging
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tracing.embeddings.dlib_models import dlib_module
from tracing.embeddings.kept_models import KeptModel
from tracing.embeddings.runtime import runtime_version
from tracing.embeddings.weights import written_whole
from tracing.errors import EncoderUnavailable

log = logging.getLogger(__name__)

CPU: Final = Path("/proc/cpuinfo")
TOLD_BY_CPU: Final = ("model name", "flags", "Features")
"""Lines that say which instructions there are, by which ONNX Runtime and dlib choose their arithmetic."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an agreement holds for; of another file, version or processor it says nothing."""

    model_sha256: str
    onnxruntime: str
    dlib: str
    processor: str


class Agreement:
    """Kept as a small file in ``folder``, named after the model; without a folder nothing is kept and nothing known."""

    def __init__(self, model: Callable[[], KeptModel], folder: Path | None) -> None:
        self._model = model
        self._folder = folder

    def is_known(self) -> bool:
        """Whether a network agreed under the terms of today. Total: what cannot be read is not known."""
        try:
            path = self._path()
            return path is not None and json.loads(path.read_text("utf-8"))["terms"] == asdict(self._terms())
        except (OSError, ValueError, TypeError, KeyError, EncoderUnavailable):
            return False

    def keep(self, difference: float) -> None:
        """Write down that the two differed by no more than this; where that is not possible every process checks anew."""
        path = self._path()
        if path is None:
            return
        try:
            with written_whole(path) as file:
                file.write(json.dumps({"terms": asdict(self._terms()), "largest_difference": difference}, indent=2).encode())
        except OSError as error:
            log.info("every process checks its network anew, for the result cannot be kept: %s", error.strerror)

    def _path(self) -> Path | None:
        return self._folder / f"{self._model().path.stem}.agreed.json" if self._folder is not None else None

    def _terms(self) -> Terms:
        return Terms(self._model().sha256, runtime_version(), dlib_module().__version__, _processor())


def _processor() -> str:
    """A digest of what this system tells of its processor."""
    told = [platform.machine(), platform.processor()]
    if CPU.exists():
        lines = CPU.read_text("utf-8", errors="replace").splitlines()
        told += [line for name in TOLD_BY_CPU for line in lines if line.startswith(name)][:2]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
