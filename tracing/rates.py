"""Tables of false match rates, read either way: between two rows the logarithm of the rate is a straight line in the score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

RateTable = Sequence[tuple[float, float]]
"""(score, share of comparisons of different people with at least this score), scores ascending, rates that do not rise."""


def rate_at(table: RateTable, score: float) -> float:
    """The share of strangers who reach a score; beyond either end of the table it stays as it is there."""
    scores, rates = zip(*table, strict=True)
    return float(10 ** np.interp(score, scores, np.log10(rates)))


def score_for(table: RateTable, rate: float) -> float:
    """The score that this share of the strangers reaches; the highest of the table for lower rates."""
    scores, rates = (np.array(column) for column in zip(*table, strict=True))
    return float(np.interp(np.log10(rate), np.log10(rates[::-1]), scores[::-1]))
