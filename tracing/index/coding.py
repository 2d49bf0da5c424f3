"""Codes of templates: learnt, made beside the searches, and measured against full comparison."""

from __future__ import annotations

from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tracing.index.faiss_library import load_faiss, nearest
from tracing.index.rows import PORTION, Rows, portions
from tracing.ports import Metric

NUMBERS_A_CODE: Final = 2
"""Numbers of a template that are coded together in 4 bits."""
LEARNT_FROM: Final = 65_536
"""Templates that the codes are learnt from."""
REACHES: Final = (256, 512, 1_024, 1_536, 2_048, 3_072, 4_096, 8_192, 16_384)
"""How many of the best by code may be compared in full: the first one that finds ``WANTED`` of what there is to find."""
WANTED: Final = 0.9995
ASKED: Final = 20
"""Places of the list that the recall is measured on: candidates that a reviewer gets per relation."""
TRIALS: Final = 256
AT_ONCE: Final = 16
"""Probes for which the codes are held, so that a change need not wait for all of them."""


class Coder:
    """Reads copies of the rows, so that changes may go on beside it; ``using`` is held while codes in use are searched."""

    def __init__(self, rows: Rows, metric: Metric, using: Lock) -> None:
        self._rows = rows
        self._metric = metric
        self._using = using

    def made(self, spare: int) -> Any:
        """Codes of the rows from the first one on, all but ``spare`` at most."""
        codes = self.learnt()
        while (start := int(codes.ntotal)) < self._rows.count - spare:
            codes.add(self._rows.copied(start, start + PORTION))
        return codes

    def learnt(self) -> Any:
        """Codes of nothing yet, for templates like these."""
        faiss, count = load_faiss(), self._rows.count
        rows = np.sort(np.random.default_rng(0).permutation(count)[:LEARNT_FROM])
        sample = np.concatenate([self._rows.copied(int(run[0]), int(run[0]) + len(run)) for run in _runs(rows)])
        dimension = sample.shape[1]
        # By distance also where the metric is cosine: templates have unit length then, which a coded one has not quite, and
        # its inner product would be off by that. Among 300,000 templates ten times as many would have to be compared in full.
        codes = faiss.IndexPQFastScan(dimension, dimension // NUMBERS_A_CODE, 4, faiss.METRIC_L2)
        codes.train(sample)
        return codes

    def measured(self, codes: Any) -> tuple[int, float]:
        """How many of the best by code have to be compared, and which share of the true lists is among them then."""
        count = int(codes.ntotal)
        chosen = np.sort(np.random.default_rng(1).permutation(count)[:TRIALS])
        probes = np.concatenate([self._rows.copied(int(row), int(row) + 1) for row in chosen])
        everything = ((part.start, self._rows.copied(part.start, part.stop), ASKED + 1) for part in portions(count))
        true = nearest(probes, everything, self._metric)[0][:, 1 : ASKED + 1]  # each finds itself first
        found = []
        for start in range(0, len(probes), AT_ONCE):
            with self._using:
                found.append(codes.search(probes[start : start + AT_ONCE], min(REACHES[-1], count))[1])
        rows = np.concatenate(found)
        recalls = {
            reach: float(np.mean([np.isin(true[place], rows[place, :reach]).mean() for place in range(len(probes))]))
            for reach in REACHES
        }
        reach = next((each for each, recall in recalls.items() if recall >= WANTED), REACHES[-1])
        return reach, recalls[reach]


def _runs(rows: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Ascending rows in runs that follow on each other."""
    return np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1)
