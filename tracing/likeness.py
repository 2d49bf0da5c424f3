"""Whether a new photo may show somebody who is kept out: its templates against those of the keep-outs, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from math import log10
from typing import Final

import numpy as np

from tracing.domain import Generation, Vector
from tracing.evidence import BAND_FROM, Band, Calibration
from tracing.ports import Metric
from tracing.records import Records
from tracing.vectors import unit

LEAST: Final = next(log10(ratio) for ratio, band in BAND_FROM if band is Band.MODERATE)
"""Below this nothing is held, however few people are kept out: such a likeness is chance more often than not."""
CLEAR: Final = next(log10(ratio) for ratio, band in BAND_FROM if band is Band.STRONG)
"""From this on a photo is held however many people are kept out."""
MOST_ALARMS: Final = 0.1
"""Between the two a photo is held as long as no more than one in ten photos of strangers is: with too many that are not the
person, people would learn to wave them all through."""


class Likeness:
    """``calibration_of`` knows what a generation's scores are worth; ``metric_of`` how an encoder's templates are compared."""

    def __init__(self, calibration_of: Callable[[Generation], Calibration | None], metric_of: Callable[[str], Metric]) -> None:
        self._calibration_of = calibration_of
        self._metric_of = metric_of

    def of(self, records: Records, vectors: Mapping[str, Vector], now: datetime, since: datetime | None = None) -> str | None:
        """The keep-out that a face with these templates (by encoder) is most like, or None where it is like none of them.

        With ``since`` of those that were made later.

        An encoder that nobody has calibrated tells nothing: which scores are alike is unknown.
        """
        found: list[tuple[float, str]] = []
        calibrations = self._calibrations(records)
        for encoder_id, vector in vectors.items():
            if (calibration := calibrations.get(encoder_id)) is None:
                continue
            kept = records.keepouts.vectors(encoder_id, now, since)
            for keepout_id, other in kept:
                score = _score(self._metric_of(encoder_id), vector, other)
                if _alike(calibration, score, len(kept)):
                    found.append((calibration.log10_lr(score), keepout_id))
        return max(found)[1] if found else None

    def tells(self, records: Records) -> set[str]:
        """The encoders whose templates can be compared so."""
        return set(self._calibrations(records))

    def _calibrations(self, records: Records) -> dict[str, Calibration]:
        """Of each encoder that of its latest generation, whether it is in use or not."""
        known = ((each.encoder_id, self._calibration_of(each)) for each in records.generations.all())
        return {encoder_id: calibration for encoder_id, calibration in known if calibration is not None}


def _alike(calibration: Calibration, score: float, people: int) -> bool:
    ratio = calibration.log10_lr(score)
    few_alarms = calibration.expected_false_alarms(score, people) <= MOST_ALARMS
    return ratio >= CLEAR or (ratio >= LEAST and few_alarms)


def _score(metric: Metric, one: Vector, other: Vector) -> float:
    if metric is Metric.L2:
        return -float(np.linalg.norm(one - other))
    return float(unit(one[None])[0] @ unit(other[None])[0])
