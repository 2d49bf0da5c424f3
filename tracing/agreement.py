"""How far two people who looked at the same things agree, beyond what chance alone would bring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

LEAST: Final = 20
"""Of fewer things that both have judged, neither a share nor kappa says anything."""
NORMAL_95: Final = 1.96
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's kappa of ``count`` things with its 95 % interval: 1 is full agreement, 0 what chance alone brings."""

    value: float
    low: float
    high: float
    count: int


def share(part: int, whole: int) -> float | None:
    """None where the whole is too small to speak of a share."""
    return part / whole if whole >= LEAST else None


def cohens_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> Kappa | None:
    """Of what two people said about the same things: (observed - expected) / (1 - expected), and its standard error
    sqrt(observed (1 - observed) / (n (1 - expected)^2)) (Cohen, A coefficient of agreement for nominal scales, 1960).

    None where the things are fewer than ``LEAST``, or where both always said one and the same word: then chance explains all.
    """
    count = len(pairs)
    if count < LEAST:
        return None
    ones, others = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    observed = sum(one == other for one, other in pairs) / count
    expected = sum(number * others[word] for word, number in ones.items()) / count**2
    if expected == 1:
        return None
    value = (observed - expected) / (1 - expected)
    error = NORMAL_95 * sqrt(observed * (1 - observed) / count) / (1 - expected)
    return Kappa(value, max(-1.0, value - error), min(1.0, value + error), count)


def wilson(part: int, whole: int) -> Interval:
    """The 95 % interval of a share (Wilson, Probable inference, 1927): it keeps inside 0 and 1, and is honest for few."""
    if whole <= 0 or not 0 <= part <= whole:
        raise ValueError("a share needs a whole, and a part of it")
    value, weight = part / whole, NORMAL_95**2 / whole
    middle = (value + weight / 2) / (1 + weight)
    half = NORMAL_95 * sqrt(value * (1 - value) / whole + weight / (4 * whole)) / (1 + weight)
    return max(0.0, middle - half), min(1.0, middle + half)
