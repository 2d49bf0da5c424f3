"""Scores made more of, with the same weights: each way is a switch of the desk, fitted on people who are not reported on.

Nothing of this is in production. What each brings and costs is measured by ``tracing evaluate --with``; docs/evaluation.md has
the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracing.errors import Invalid
from tracing.evaluation.checks import require_apart, require_no_photo_in_both
from tracing.evaluation.identification import Photos
from tracing.evaluation.scores import Faces, Scoring, cosine
from tracing.vectors import unit

Floats = NDArray[np.float64]
Scores = NDArray[np.float32]

COHORT: Final = 100
"""The nearest of the cohort that a score is seen against by the adaptive s-norm."""
NEIGHBOURS: Final = 10
"""The nearest of the cohort that local scaling looks at; this and the next chosen on the half of the people that is fitted."""
SHARE: Final = 0.5
"""How much of the likeness to those neighbours is taken off."""
SHRUNK: Final = 0.6
"""How far the scatter within people is drawn to that of a ball: there are few photos for so many numbers."""
STEPS: Final = 30
"""Of Newton's method; it settles in about ten."""


class Switch(StrEnum):
    """A way to make more of the same templates."""

    S_NORM = "s-norm"
    LOCAL_SCALING = "local-scaling"
    WHITENING = "whitening"
    PLDA = "plda"
    QUALITY = "quality"
    EUCLIDEAN = "euclidean"


def fit(switch: Switch, fitted: Photos, reported: Photos) -> Scoring:
    """The scoring of a switch, learned from the people in ``fitted``.

    ``Invalid`` where one of them, or a photo, is among the ``reported`` as well, or there are too few of them.
    """
    require_apart(fitted.people.tolist(), reported.people.tolist())
    require_no_photo_in_both(fitted, reported)
    seen = fitted.where(fitted.enrolled)
    if len(np.unique(seen.people)) <= COHORT or len(np.unique(seen.people)) == len(seen.people):
        raise Invalid(f"Fitting takes more than {COHORT} people, some of them with several photos.", "photos")
    return FITS[switch](seen)


def _s_norm(fitted: Photos) -> Scoring:
    """Adaptive symmetric score normalisation: a score in standard deviations above those of the nearest of a cohort.

    Matejka et al., "Analysis of score normalization in multilingual speaker recognition" (2017). The mean of what it is seen
    from either side.
    """
    cohort = _cohort(fitted)

    def scoring(probes: Faces, enrolled: Faces) -> Scores:
        mine, theirs = (_nearest(faces, cohort, COHORT) for faces in (probes, enrolled))
        scores = cosine(probes, enrolled)
        sides = (scores - mine.mean(axis=1)[:, np.newaxis]) / mine.std(axis=1)[:, np.newaxis]
        others = (scores - theirs.mean(axis=1)) / theirs.std(axis=1)
        return np.asarray((sides + others) / 2)

    return scoring


def _local_scaling(fitted: Photos) -> Scoring:
    """A face that is like many others gets less: a share of its likeness to its nearest neighbours in a cohort is taken off.

    Conneau et al., "Word translation without parallel data" (2018), where it is called CSLS, against hubs.
    """
    cohort = _cohort(fitted)

    def scoring(probes: Faces, enrolled: Faces) -> Scores:
        mine, theirs = (_nearest(faces, cohort, NEIGHBOURS).mean(axis=1) for faces in (probes, enrolled))
        return np.asarray(cosine(probes, enrolled) - SHARE * (mine[:, np.newaxis] + theirs))

    return scoring


def _whitening(fitted: Photos) -> Scoring:
    """Within-class covariance normalisation: directions in which photos of one person differ count less.

    Hatch et al., "Within-class covariance normalization for SVM-based speaker recognition" (2006).
    """
    scatter = _scatter(fitted)
    projection = np.linalg.cholesky(np.linalg.inv(scatter.within))

    def scoring(probes: Faces, enrolled: Faces) -> Scores:
        mine, theirs = (
            unit(np.asarray((unit(faces.templates) - scatter.mean) @ projection, dtype=np.float32))
            for faces in (probes, enrolled)
        )
        return np.asarray(mine @ theirs.T)

    return scoring


def _plda(fitted: Photos) -> Scoring:
    """The log likelihood ratio where people, and the photos of each, are normally distributed (two-covariance PLDA).

    Ioffe, "Probabilistic linear discriminant analysis" (2006). With a projection in which photos of one person scatter by 1 and
    people by b in each direction, t = 1 + b and d = t^2 - b^2, a direction in which the two are x and y adds
    b / d * x * y + (1 / t - t / d) * (x^2 + y^2) / 2; what is the same for all pairs is left out.
    """
    scatter = _scatter(fitted)
    whiten = np.linalg.cholesky(np.linalg.inv(scatter.within))
    between, turn = np.linalg.eigh(whiten.T @ scatter.between @ whiten)
    between = np.maximum(between, 0)
    total = 1 + between
    spread = total**2 - between**2
    alone = 1 / total - total / spread

    def scoring(probes: Faces, enrolled: Faces) -> Scores:
        mine, theirs = ((unit(faces.templates) - scatter.mean) @ whiten @ turn for faces in (probes, enrolled))
        alike = (mine * (between / spread)) @ theirs.T
        return np.asarray(alike + (mine**2 @ alone)[:, np.newaxis] / 2 + (theirs**2 @ alone) / 2, dtype=np.float32)

    return scoring


def _quality(fitted: Photos) -> Scoring:
    """The log likelihood ratio of a score and the quality of the worse photo, by logistic regression with even prior odds."""
    faces, whose = fitted.faces, np.unique(fitted.people, return_inverse=True)[1]
    low, high = np.triu_indices(len(whose), 1)
    scores = cosine(faces, faces)[low, high]
    worse = np.minimum(faces.qualities[low], faces.qualities[high])
    line = _logistic(_design(scores, worse), whose[low] == whose[high])

    def scoring(probes: Faces, enrolled: Faces) -> Scores:
        poorer = np.minimum(probes.qualities[:, np.newaxis], enrolled.qualities)
        return np.asarray(_design(cosine(probes, enrolled), poorer) @ line, dtype=np.float32)

    return scoring


def _euclidean(_: Photos) -> Scoring:
    """Minus the distance of the templates as they are, by which face_recognition compares; there is nothing to fit."""

    def scoring(probes: Faces, enrolled: Faces) -> Scores:
        mine, theirs = probes.templates, enrolled.templates
        squares = (mine**2).sum(axis=1)[:, np.newaxis] + (theirs**2).sum(axis=1) - 2 * mine @ theirs.T
        return np.asarray(-np.sqrt(np.maximum(squares, 0)))

    return scoring


FITS: Final[Mapping[Switch, Callable[[Photos], Scoring]]] = {
    Switch.S_NORM: _s_norm,
    Switch.LOCAL_SCALING: _local_scaling,
    Switch.WHITENING: _whitening,
    Switch.PLDA: _plda,
    Switch.QUALITY: _quality,
    Switch.EUCLIDEAN: _euclidean,
}


def _cohort(fitted: Photos) -> Faces:
    """One photo of each person, the first in the list."""
    return fitted.faces.of(np.unique(fitted.people, return_index=True)[1])


def _nearest(faces: Faces, cohort: Faces, most: int) -> Scores:
    """(n, most) the highest scores of each face against the cohort."""
    return np.asarray(np.partition(cosine(faces, cohort), -most, axis=1)[:, -most:])


@dataclass(frozen=True, slots=True)
class _Scatter:
    """Of templates of unit length: the mean, and the covariance within people, drawn to that of a ball, and between them."""

    mean: Floats
    within: Floats
    between: Floats


def _scatter(fitted: Photos) -> _Scatter:
    templates = unit(fitted.templates).astype(np.float64)
    _, whose, count = np.unique(fitted.people, return_inverse=True, return_counts=True)
    means = np.zeros((len(count), templates.shape[1]))
    np.add.at(means, whose, templates)
    apart = templates - (means / count[:, np.newaxis])[whose]
    within = apart.T @ apart / (len(templates) - len(count))
    ball = np.eye(len(within)) * np.trace(within) / len(within)
    return _Scatter(templates.mean(axis=0), (1 - SHRUNK) * within + SHRUNK * ball, np.cov(templates.T) - within)


def _design(scores: NDArray[np.floating], worse: Floats) -> Floats:
    """(..., 4): the score, the quality of the worse photo, both together, and one."""
    values = np.asarray(scores, dtype=np.float64)
    return np.stack([values, worse, values * worse, np.ones_like(values)], axis=-1)


def _logistic(design: Floats, same: NDArray[np.bool_]) -> Floats:
    """The coefficients of a logistic regression, by Newton's method, in which each kind weighs one half.

    The ridge keeps the directions still that the data say nothing of, such as a quality that is always the same. It also holds
    the line back where the two kinds hardly meet, as ``likelihood.fit_terms`` does not: with that one the quality costs far
    more misses among people who were not fitted.
    """
    weight = np.where(same, 1 / same.sum(), 1 / (~same).sum())
    line = np.zeros(design.shape[1])
    ridge = 1e-6 * np.eye(len(line))
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-design @ line))
        gradient = design.T @ (weight * (same - chance)) - ridge @ line
        curvature = (design * (weight * chance * (1 - chance))[:, np.newaxis]).T @ design + ridge
        line += np.linalg.solve(curvature, gradient)
    return line
