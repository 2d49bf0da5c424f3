"""From chips to templates: the network in dlib, by ONNX Runtime, or by ONNX Runtime once it has agreed with dlib."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from tracing.embeddings.agreement import Agreement
from tracing.embeddings.dlib_models import DLIB, recognition_network
from tracing.embeddings.manifest import Channels
from tracing.embeddings.runtime import OnnxModel
from tracing.errors import EncoderUnavailable
from tracing.vision import Pixels, Vector

log = logging.getLogger(__name__)

BATCH: Final = 16
"""Chips at once; larger batches are no faster and take more memory."""
MOST_DIFFERENCE: Final = 1e-4
"""Templates that differ by no more than this in any value are the same template, and their encoders one generation."""


class Network(Protocol):
    def describe(self, chips: Pixels) -> Vector:
        """float32 (n, d) of uint8 (n, side, side, 3). ``EncoderUnavailable`` where the network cannot be loaded."""
        ...

    def warm(self) -> None:
        """Load it now. Raises like ``describe``."""
        ...


class DlibNetwork:
    """dlib's own implementation, a tenth of a second a face: the reference for every other one."""

    def __init__(self, weights: Callable[[], Path]) -> None:
        self._weights = weights
        self._loading = threading.Lock()
        self._network: Any = None

    def describe(self, chips: Pixels) -> Vector:
        self.warm()
        with DLIB:
            rows = [self._network.compute_face_descriptor(chip) for chip in np.ascontiguousarray(chips)]
        return np.array(rows, dtype=np.float32).reshape(len(chips), -1)

    def warm(self) -> None:
        with self._loading:
            if self._network is None:
                self._network = recognition_network(self._weights())


class OnnxNetwork:
    """A network by ONNX Runtime that takes (RGB - ``mean``) / ``scale``, channels first; each one number, or one a channel."""

    def __init__(self, weights: Callable[[], Path], mean: Channels = 0.0, scale: Channels = 1.0) -> None:
        self._model = OnnxModel(weights)
        self._mean = np.reshape(mean, (-1, 1, 1)).astype(np.float32)
        self._scale = np.reshape(scale, (-1, 1, 1)).astype(np.float32)

    def describe(self, chips: Pixels) -> Vector:
        inputs = (np.ascontiguousarray(chips.transpose(0, 3, 1, 2), dtype=np.float32) - self._mean) / self._scale
        batch = self._model.batch or BATCH
        parts = [self._model.run(inputs[start : start + batch]) for start in range(0, len(inputs), batch)]
        return np.concatenate([next(iter(part.values())) for part in parts])

    def warm(self) -> None:
        self._model.load()


class CheckedNetwork:
    """``fast`` as soon as its first real chip gave what ``reference`` gives, else ``reference`` for good.

    So no template ever comes from an implementation that has not agreed with dlib on this machine, with this version of the
    runtime, on a face of a real photo. Costs one run of the reference, a third of a second with its loading; then it is let
    go of, and the ``agreement`` is kept for the processes to come. A disagreement is not: the next process asks again.
    """

    def __init__(self, fast: Network, reference: Callable[[], Network], agreement: Agreement) -> None:
        self._fast = fast
        self._reference = reference
        self._agreement = agreement
        self._checking = threading.Lock()
        self._trusted: Network | None = None

    def describe(self, chips: Pixels) -> Vector:
        with self._checking:
            if self._trusted is None:
                self._trusted = self._chosen(chips[:1])
        return self._trusted.describe(chips)

    def warm(self) -> None:
        """Load the fast one, and leave the check to the first real chip."""
        try:
            self._fast.warm()
        except EncoderUnavailable as error:
            log.warning("dlib itself will make the templates, many times slower: %s", error)
            self._reference().warm()

    def _chosen(self, chips: Pixels) -> Network:
        if self._agreement.is_known():
            return self._fast
        reference = self._reference()
        try:
            made = self._fast.describe(chips)
        except EncoderUnavailable as error:
            log.warning("dlib itself makes the templates, many times slower: %s", error)
            return reference
        difference = largest_difference(made, reference.describe(chips))
        if difference <= MOST_DIFFERENCE:
            self._agreement.keep(difference)
            return self._fast
        log.warning("dlib itself makes the templates: the converted network differs from it by %.2g", difference)
        return reference


def largest_difference(some: Vector, others: Vector) -> float:
    """Of any value; infinite where the shapes differ or a value is no number."""
    if some.shape != others.shape:
        return float("inf")
    with np.errstate(invalid="ignore"):  # infinite less infinite
        difference = float(np.abs(some.astype(np.float64) - others).max(initial=0.0))
    return difference if np.isfinite(difference) else float("inf")
