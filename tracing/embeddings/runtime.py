"""The one place that knows ONNX Runtime: a model is loaded with its first use, once, and runs on one core."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracing.errors import EncoderUnavailable

ERRORS_ONLY = 3


class OnnxModel:
    """``weights`` names the file, and may make it. Safe to share between threads.

    It runs on one core, because there is a process per core (docs/adr/0002).
    """

    def __init__(self, weights: Callable[[], Path]) -> None:
        self._weights = weights
        self._loading = threading.Lock()
        self._session: Any = None

    def run(self, batch: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Every output by its name. ``EncoderUnavailable`` where the model cannot be loaded or does not take this input."""
        session = self._loaded()
        names = [output.name for output in session.get_outputs()]
        try:
            return dict(zip(names, session.run(names, {session.get_inputs()[0].name: batch}), strict=True))
        except Exception as error:  # ONNX Runtime's own exceptions have no common root
            raise EncoderUnavailable(f"The model {self._weights().name} failed ({type(error).__name__}).") from error

    @property
    def batch(self) -> int | None:
        """How many rows the model takes at once; None where it takes any number."""
        rows = self._loaded().get_inputs()[0].shape[0]
        return rows if isinstance(rows, int) else None

    def load(self) -> None:
        """Load it now. ``EncoderUnavailable`` where that is not possible."""
        self._loaded()

    def _loaded(self) -> Any:
        with self._loading:
            if self._session is None:
                self._session = _session(self._weights())
            return self._session


def runtime_version() -> str:
    """``EncoderUnavailable`` where ONNX Runtime is not installed."""
    return str(_onnxruntime().__version__)


def _session(path: Path) -> Any:
    onnxruntime = _onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS_ONLY
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise EncoderUnavailable(f"The model {path.name} cannot be loaded: {error}") from error


def _onnxruntime() -> Any:
    """Since 1.32 the library tells its maker of each process, with an id of the machine (L5): unless, before it is loaded, it
    is told not to. Its own ``disable_telemetry_events`` comes too late for that."""
    os.putenv("ORT_DISABLE_TELEMETRY", "1")
    try:
        import onnxruntime
    except ImportError as error:
        raise EncoderUnavailable("ONNX Runtime is not installed; run 'make setup' again.") from error
    return onnxruntime
