"""The reliability plot. matplotlib is loaded where one is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path

from tracing.errors import Misconfigured
from tracing.evaluation.likelihood import Reliable


def draw_reliability(path: Path, groups: Mapping[str, Sequence[Reliable]]) -> None:
    """What likelihood ratios say against what is seen of those that say so; on the diagonal they are right.

    ``Misconfigured`` without matplotlib.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise Misconfigured("The plot needs matplotlib: pip install 'family-tracing[evaluate]'.") from error
    figure = Figure(figsize=(7, 5), layout="constrained")
    axes = figure.subplots()
    for mark, (name, steps) in zip(cycle("os^v"), groups.items(), strict=False):
        seen = [step.seen if step.seen is not None else float("nan") for step in steps]
        axes.plot([step.said for step in steps], seen, mark, linestyle="-", label=name)
    axes.axline((0, 0), slope=1, color="black", linestyle="--", label="said as seen")
    axes.set_xlabel("log10 likelihood ratio said")
    axes.set_ylabel("log10 likelihood ratio seen")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=120)
