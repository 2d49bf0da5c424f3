"""The network by itself: its time against dlib's, its templates against dlib's, its arithmetic against what the core can do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np

from scripts.bench.stages import Ours
from scripts.bench.timing import Compared, compared, processor_seconds
from tracing.domain import Pixels
from tracing.embeddings.networks import largest_difference
from tracing.embeddings.reference import multiply_adds

CHIPS: Final = 32
TARGET: Final = 12.0
SIDE: Final = 1536
"""Of the square matrices whose product is the peak: larger ones are no faster."""
PRODUCTS: Final = f"""
import time
import numpy as np
a, b, best = np.full(({SIDE}, {SIDE}), 0.5, np.float32), np.full(({SIDE}, {SIDE}), 1.5, np.float32), 0.0
out = a @ b
for _ in range(8):
    start = time.process_time()
    np.matmul(a, b, out=out)
    best = max(best, 2 * {SIDE}**3 / (time.process_time() - start))
print(best)
"""
ONE_THREAD: Final = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1")
KERNELS: Final[tuple[dict[str, str], ...]] = ({}, {"OPENBLAS_CORETYPE": "Haswell"})
"""The kernels that numpy's OpenBLAS chooses, and those for AVX2, which on some processors with AVX-512 are faster."""


@dataclass(frozen=True, slots=True)
class NetworkReport:
    """Seconds of processor time a face, in batches and one by one; floating-point operations a second.

    ``largest_difference`` of any value of a template from dlib's; None where the network is not dlib's. ``reached`` and its
    share of the peak are the better of batches and single faces, medians of runs; multiplications by padding do not count.
    """

    faces: int
    batches: Compared
    single: Compared
    largest_difference: float | None
    operations_per_face: int
    operations_with_padding: int
    peak: float
    reached: float
    share: float
    target: float = TARGET


def measure_network(ours: Ours, chips: Pixels, dlib_chips: Pixels, runs: Iterable[int]) -> NetworkReport:
    """Ours and dlib's in turns, and between them the peak; the chips are as many on either side."""
    dlib, count = ours.dlib_network(), len(chips)
    made, reference = ours.network.describe(chips), dlib.describe(dlib_chips)
    batches, single, theirs, peaks = [], [], [], []
    for _ in runs:
        batches.append(_per_face(lambda: ours.network.describe(chips), count))
        theirs.append(_per_face(lambda: dlib.describe(dlib_chips), count))
        single.append(_per_face(lambda: [ours.network.describe(chip[None]) for chip in chips], count))
        peaks.append(peak())
    operations = 2 * multiply_adds(ours.model)
    reached = [operations / min(pair) for pair in zip(batches, single, strict=True)]
    return NetworkReport(
        faces=count,
        batches=compared(batches, theirs),
        single=compared(single, theirs),
        largest_difference=largest_difference(made, reference) if ours.is_dlibs else None,
        operations_per_face=operations,
        operations_with_padding=2 * multiply_adds(ours.model, with_padding=True),
        peak=median(peaks),
        reached=median(reached),
        share=median(each / top for each, top in zip(reached, peaks, strict=True)),
    )


def enough(chips: Pixels, count: int = CHIPS) -> Pixels:
    """``count`` chips: these, then their mirror images, and so on again."""
    both = np.concatenate([chips, chips[:, :, ::-1]])
    return np.ascontiguousarray(np.resize(both, (count, *chips.shape[1:])))


def peak() -> float:
    """Operations a second of this core in products of float32 matrices, in processes of their own that have one thread."""
    return max(_products(kernels) for kernels in KERNELS)


def _products(kernels: dict[str, str]) -> float:
    made = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", PRODUCTS], env=os.environ | ONE_THREAD | kernels, check=True, capture_output=True, text=True
    )
    return float(made.stdout)


def _per_face(work: Callable[[], object], count: int) -> float:
    return processor_seconds(work) / count
