"""The guard over children, shown: what the faces of different children would say, and what they are let say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from scripts.evaluation.labelled import Label
from tracing.domain import Vector
from tracing.evidence import GUARDED_MOST, Band, Calibration, Evidence, is_guarded, weigh
from tracing.vectors import unit

UNDER: Final = 13
"""Years of age; somebody of that age in a photo is no child here."""
WORDS: Final = list(Band)


@dataclass(frozen=True, slots=True)
class Guard:
    """All pairs of photos of two different children: how many, and the highest score of any.

    ``strongest`` is the strongest word that one of them gets, ``unguarded`` the one it would get were there no guard, and
    ``beyond`` how many would then get a stronger word than the guard lets through.
    """

    pairs: int
    highest: float
    strongest: Band
    unguarded: Band
    beyond: int

    @property
    def holds(self) -> bool:
        return WORDS.index(self.strongest) <= WORDS.index(GUARDED_MOST)


def guard_over_children(labels: Sequence[Label], templates: Vector, calibration: Calibration) -> Guard | None:
    """None where there are no two different children, or no face was found of them. Ages that nobody said are no child's."""
    pairs = list(_weighed(labels, templates, calibration))
    if not pairs:
        return None
    bands = [WORDS.index(free.band) for _, free in pairs]
    return Guard(
        pairs=len(pairs),
        highest=max(free.score for _, free in pairs),
        strongest=WORDS[max(WORDS.index(held.band) for held, _ in pairs)],
        unguarded=WORDS[max(bands)],
        beyond=sum(each > WORDS.index(GUARDED_MOST) for each in bands),
    )


def _weighed(labels: Sequence[Label], templates: Vector, calibration: Calibration) -> Iterator[tuple[Evidence, Evidence]]:
    """What each pair says as the service would have it, and without a guard."""
    seen = np.atleast_1d(np.isfinite(templates).all(axis=1))
    children = [number for number, label in enumerate(labels) if label.age < UNDER and seen[number]]
    scores = unit(templates[children]) @ unit(templates[children]).T
    for row, column in zip(*np.triu_indices(len(children), 1), strict=True):
        one, other = labels[children[row]], labels[children[column]]
        if one.person == other.person:
            continue
        guarded = is_guarded(int(min(one.age, other.age)), other.age - one.age)
        held, free = (weigh(float(scores[row, column]), calibration, 1, kept) for kept in (guarded, False))
        if held is not None and free is not None:
            yield held, free
