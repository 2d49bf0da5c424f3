"""How a calibration does on people, in lines of text for who reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from scripts.calibration.comparisons import Comparisons, Scores
from scripts.calibration.fitting import has_both_kinds, line_of, share
from scripts.calibration.photos import Templates
from scripts.language import told
from tracing.evaluation.alarms import false_alarms
from tracing.evaluation.excess import excess_of_right
from tracing.evaluation.likelihood import Reliable, cost, costs, crossed_cost, fit_terms, least_line_cost, reliability
from tracing.evidence import CHILD_UNDER_YEARS, LARGE_GAP_YEARS, Line

SIZES = (25, 50, 100, 200, 400, 800)
"""People in the galleries in which false alarms are counted."""
EXPECTED = (10.0, 3.0, 1.0, 0.3, 0.1)
"""False alarms per search, at the scores where so many are expected."""
FEWEST = 3
"""Comparisons of a kind in a step of reliability, below which nothing is said of it."""


def paid(name: str, comparisons: Comparisons, line: Line) -> str:
    """What the likelihood ratios of a line cost on these people, and what those that are exactly right would on so few."""
    if not len(comparisons.mated) or not len(comparisons.non_mated):
        return told(f"{name}: nothing to compare")
    return _paid(name, comparisons, ratios(line, comparisons.scores))


def paid_crosswise(name: str, halves: Sequence[Comparisons]) -> str:
    """The same of two halves of people, each by the line of the other: nobody is fitted on, and twice as many are counted."""
    if not all(has_both_kinds(half) for half in halves):
        return told(f"{name}: nothing to compare")
    one, other = halves
    return _paid(
        name, one.beside(other), np.concatenate([ratios(line_of(other), one.scores), ratios(line_of(one), other.scores)])
    )


def _paid(name: str, comparisons: Comparisons, log10_lrs: Scores) -> str:
    found = costs(comparisons.scores, log10_lrs, *comparisons.identities)
    usual, lowest, highest = excess_of_right(found.cost, comparisons.identities, comparisons.photos)
    crossed = crossed_cost(comparisons.scores, *comparisons.identities)
    line = least_line_cost(comparisons.mated, comparisons.non_mated)
    (low, high), (least, most) = found.cost_between, found.ratio_between
    return told(
        f"{name}: {len(comparisons.mated)} mated, {len(comparisons.non_mated)} non-mated; Cllr {found.cost:.3f} "
        f"[{low:.3f}, {high:.3f}], minCllr {found.least:.3f}, ratio {found.ratio:.2f} [{least:.2f}, {most:.2f}]; "
        f"of exactly right ones {usual:.2f} [{lowest:.2f}, {highest:.2f}]; best line for them {line:.3f}, ratio "
        f"{found.cost / line:.2f}; best map of the other half of them {crossed:.3f}"
    )


def ratios(line: Line, scores: Scores) -> Scores:
    """log10 LR of each score."""
    return np.array([line.log10_lr(score) for score in scores])


def kept(name: str, comparisons: Comparisons, floor: float) -> str:
    mated, other = share(comparisons.mated, floor), share(comparisons.non_mated, floor)
    return told(f"{name}: floor {floor} keeps {mated:.1%} of mated, {other:.2%} of non-mated")


def reliable(comparisons: Comparisons, line: Line) -> list[Reliable]:
    """Said beside seen, by steps of half a power of ten, where there are enough comparisons of both kinds."""
    lrs = ratios(line, comparisons.scores)
    steps = reliability(lrs[comparisons.same], lrs[~comparisons.same])
    return [step for step in steps if min(step.mated, step.non_mated) >= FEWEST]


def said_and_seen(name: str, steps: Sequence[Reliable]) -> Iterator[str]:
    for step in steps:
        counted = told(f"{step.mated} mated, {step.non_mated} non-mated")
        yield told(f"{name}: log10 LR said {step.said:+.2f}, seen {step.seen:+.2f} ({counted})")


def with_quality(name: str, fitted: Comparisons, checked: Comparisons) -> str:
    """Whether the quality of the worse photo makes likelihood ratios better on people whom they were not fitted on."""
    found = []
    for columns in (1, 3):
        intercept, *slopes = fit_terms(_terms(fitted)[:, :columns], fitted.same)
        lrs = intercept + _terms(checked)[:, :columns] @ np.array(slopes)
        found.append(cost(lrs[checked.same], lrs[~checked.same]))
    return told(f"{name}: Cllr of the score alone {found[0]:.3f}, with the quality of the worse photo {found[1]:.3f}")


def _terms(comparisons: Comparisons) -> Scores:
    """(n, 3) the score, the quality, and how the quality changes what a score is worth."""
    return np.column_stack([comparisons.scores, comparisons.qualities, comparisons.scores * comparisons.qualities])


def alarms(name: str, templates: Templates, table: Sequence[tuple[float, float]]) -> Iterator[str]:
    """Strangers in searches of people who are not there, expected by a table of false match rates and seen."""
    vectors = templates.vectors.astype(np.float32)
    found = false_alarms(table, vectors, templates.identities, SIZES, EXPECTED)
    for each in found:
        yield told(
            f"{name}: gallery of {each.people}, score {each.score:.3f}: {each.expected:.2f} strangers expected per search, "
            f"{each.seen:.2f} seen [{each.low:.2f}, {each.high:.2f}] in {each.searches} searches; ratio {each.ratio:.2f}"
        )


def by_age(comparisons: Comparisons, floor: float) -> Iterator[str]:
    far, children = comparisons.gaps >= LARGE_GAP_YEARS, comparisons.youngest < CHILD_UNDER_YEARS
    for title, chosen in (
        (told(f"mated, under {LARGE_GAP_YEARS} years between"), comparisons.same & ~far),
        (told(f"mated, {LARGE_GAP_YEARS} years or more between"), comparisons.same & far),
        (told(f"non-mated, one under {CHILD_UNDER_YEARS}"), ~comparisons.same & children),
    ):
        yield told(f"fgnet, {title}: floor keeps {share(comparisons.scores[chosen], floor):.1%} of {chosen.sum()}")
