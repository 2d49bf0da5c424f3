"""Pictures of an evaluation: error trade-off, ranks, scores, reliability. matplotlib is loaded where one is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tracing.errors import Misconfigured
from tracing.evaluation.identification import Searches
from tracing.evaluation.likelihood import Reliable
from tracing.evaluation.report import curve

SIZE: Final = (7, 5)
DOTS: Final = 120
LINES: Final = ("-", "--", "-.", ":")
"""So that lines can be told apart without colours."""


def draw_trade_off(path: Path, searches: Mapping[str, Searches], listed: int) -> None:
    """DET: FNIR over FPIR, both on logarithmic axes."""
    figure, axes = _canvas("False positive identification rate (FPIR)", "False negative identification rate (FNIR)")
    for style, (name, each) in zip(cycle(LINES), searches.items(), strict=False):
        positives, negatives = curve(each, listed)
        axes.plot(positives, np.maximum(negatives, 1e-4), style, drawstyle="steps-post", label=name)
    axes.set_xscale("log")
    axes.set_yscale("log")
    _save(figure, axes, path)


def draw_ranks(path: Path, searches: Mapping[str, Searches], listed: int) -> None:
    """CMC: the share of the mated searches whose person is among the first candidates."""
    figure, axes = _canvas("Rank", "Share found")
    ranks = np.arange(1, listed + 1)
    for style, (name, each) in zip(cycle(LINES), searches.items(), strict=False):
        axes.plot(ranks, [1 - each.false_negative_rate(listed=int(rank)) for rank in ranks], style, label=name)
    axes.set_ylim(top=1)
    _save(figure, axes, path)


def draw_scores(path: Path, mated: NDArray[Any], best: NDArray[Any], threshold: float) -> None:
    """Scores of people against themselves, and the best score that each stranger reaches."""
    figure, axes = _canvas("Score", "Searches (share)")
    mated, best = mated[np.isfinite(mated)], best[np.isfinite(best)]
    bins = np.linspace(min(mated.min(), best.min()), max(mated.max(), best.max()), 50)
    for scores, name in ((mated, "the person looked for"), (best, "best of the others, for strangers")):
        axes.hist(scores, bins, weights=np.full(len(scores), 1 / len(scores)), alpha=0.6, label=name)
    axes.axvline(threshold, color="black", linestyle="--", label="threshold at FPIR 1 %")
    _save(figure, axes, path)


def draw_reliability(path: Path, groups: Mapping[str, Sequence[Reliable]]) -> None:
    """What likelihood ratios say against what is seen of those that say so; on the diagonal they are right."""
    figure, axes = _canvas("log10 likelihood ratio said", "log10 likelihood ratio seen")
    for mark, (name, steps) in zip(cycle("os^v"), groups.items(), strict=False):
        seen = [step.seen if step.seen is not None else float("nan") for step in steps]
        axes.plot([step.said for step in steps], seen, mark, linestyle="-", label=name)
    axes.axline((0, 0), slope=1, color="black", linestyle="--", label="said as seen")
    _save(figure, axes, path)


def _canvas(across: str, upwards: str) -> tuple[Any, Any]:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise Misconfigured(
            "Pictures need matplotlib: pip install 'family-tracing[evaluate]', or leave them out: --no-pictures, or no --plot."
        ) from error
    figure = Figure(figsize=SIZE, dpi=DOTS, layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel(across)
    axes.set_ylabel(upwards)
    axes.grid(visible=True, which="both", alpha=0.3)
    return figure, axes


def _save(figure: Any, axes: Any, path: Path) -> None:
    axes.legend()
    figure.savefig(path, metadata={"Software": None})
