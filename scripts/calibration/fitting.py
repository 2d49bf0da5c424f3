"""What is fitted: the line of the population that is told apart worst, its false match rates, and the line of the guarded."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from scripts.calibration.comparisons import Comparisons, Scores
from tracing.errors import Invalid
from tracing.evaluation.alarms import rate_table
from tracing.evaluation.likelihood import fit_line
from tracing.evidence import Calibration, Line


def calibrate(fitted: Mapping[str, Comparisons], guarded: Comparisons | None, keep: float) -> tuple[str, Calibration]:
    """The population that is told apart worst, and its calibration; the floor keeps this share of each one's mated pairs.

    ``guarded`` are the comparisons of children and of photos years apart, None where there are none. ``Invalid`` where there
    are too few of anything.
    """
    for name, comparisons in fitted.items():
        if not has_both_kinds(comparisons):
            raise Invalid(f"There are too few people of {name} to fit anything to.", "photos")
    floor = min(_rounded_down(float(np.quantile(comparisons.mated, 1 - keep))) for comparisons in fitted.values())
    worst = max(fitted, key=lambda name: share(fitted[name].non_mated, floor))
    line = line_of(fitted[worst])
    calibration = Calibration(
        slope=line.slope,
        intercept=line.intercept,
        floor=floor,
        mated=line.mated,
        non_mated=line.non_mated,
        false_match_rates=rate_table(fitted[worst].non_mated),
        guarded=None if guarded is None else line_of(guarded),
    )
    return worst, calibration


def has_both_kinds(comparisons: Comparisons) -> bool:
    """Whether there is enough to fit a line to."""
    return min(len(comparisons.mated), len(comparisons.non_mated), comparisons.people) >= 3


def line_of(comparisons: Comparisons) -> Line:
    slope, intercept = fit_line(comparisons.mated, comparisons.non_mated)
    return Line(round(slope, 3), round(intercept, 3), len(comparisons.mated), comparisons.people)


def share(scores: Scores, least: float) -> float:
    return float(np.mean(scores >= least)) if len(scores) else 0.0


def toml(encoder_id: str, calibration: Calibration) -> Iterator[str]:
    """The lines of ``models/manifest.toml``."""
    name = f'encoders."{encoder_id}".calibration'
    yield f"[{name}]"
    for key, value in calibration.to_dict().items():
        if isinstance(value, list):
            yield f"{key} = [  # score, share of different people who reach it"
            yield from (f"    [{score}, {rate}]," for score, rate in value)
            yield "]"
        elif not isinstance(value, dict):
            yield f"{key} = {value}"
    if calibration.guarded is not None:
        yield f"[{name}.guarded]"
        yield from (f"{key} = {value}" for key, value in calibration.to_dict()["guarded"].items())


def _rounded_down(score: float) -> float:
    return math.floor(score * 1000) / 1000
