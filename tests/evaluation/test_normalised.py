"""Ways to make more of scores: fitted on other people only, and worth something where there is something to be had."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.evaluation.crowds import crowd
from tracing.errors import Invalid
from tracing.evaluation.identification import Photos, Searches, search
from tracing.evaluation.normalised import COHORT, Switch, fit
from tracing.evaluation.report import measure
from tracing.evaluation.scores import Faces, cosine

FITTED = replace(crowd(120, 3, seed=3), people=np.array([f"fitted-{number // 3}" for number in range(360)]))


def skewed(photos: Photos, of: np.ndarray) -> Photos:
    """Photos of one person differ far more in some directions than in others; ``of`` draws for those."""
    templates = photos.templates.copy()
    templates[:, :4] += 4 * of.normal(size=(len(templates), 4)).astype(np.float32)
    return replace(photos, templates=templates)


def misses(searches: Searches) -> float:
    return searches.false_negative_rate(searches.threshold(0.05), 20)


@pytest.mark.parametrize("switch", [Switch.WHITENING, Switch.PLDA])
def test_what_differs_within_people_is_learned_to_count_less(switch: Switch) -> None:
    numbers = np.random.default_rng(7)
    fitted, measured = skewed(FITTED, numbers), measure(skewed(crowd(120, 3, singles=60), numbers))
    changed = search(measured.photos, measured.chosen, scoring=fit(switch, fitted, measured.photos))
    assert misses(changed) < 0.7 * misses(measured.searches)


@pytest.mark.parametrize("switch", [Switch.S_NORM, Switch.LOCAL_SCALING])
def test_faces_that_are_like_everybody_are_held_back(switch: Switch) -> None:
    """Half of all faces lean to one side, so that strangers among them look alike; their cohort knows it."""
    numbers = np.random.default_rng(8)
    side = numbers.normal(size=32)

    def leaning(photos: Photos) -> Photos:
        whose = np.unique(photos.people, return_inverse=True)[1]
        templates = photos.templates + np.where(whose % 2, 1.0, 0.0)[:, np.newaxis] * 0.6 * side
        return replace(photos, templates=templates.astype(np.float32))

    measured = measure(leaning(crowd(120, 3, spread=0.8, singles=60)))
    changed = search(measured.photos, measured.chosen, scoring=fit(switch, leaning(FITTED), measured.photos))
    assert misses(changed) < 0.85 * misses(measured.searches)


def test_s_norm_counts_in_standard_deviations_of_the_nearest_on_either_side() -> None:
    reported = crowd(3, 2)
    found = fit(Switch.S_NORM, FITTED, reported)(reported.faces, reported.faces)
    cohort = FITTED.faces.of(np.array([np.flatnonzero(FITTED.people == each)[0] for each in np.unique(FITTED.people)]))
    near = np.sort(cosine(reported.faces, cohort), axis=1)[:, -COHORT:]
    score = cosine(reported.faces, reported.faces)[0, 3]
    wanted = np.mean([(score - near[each].mean()) / near[each].std() for each in (0, 3)])
    assert found[0, 3] == pytest.approx(wanted, rel=1e-4)
    assert found == pytest.approx(found.T, abs=1e-4), "it does not matter which of the two is searched with"


def test_poor_photos_are_believed_less() -> None:
    """Where photos of poor quality are noise, a score between them says less than the same score between good ones."""
    numbers = np.random.default_rng(9)
    quality = numbers.uniform(size=len(FITTED.people))
    noise = numbers.normal(size=FITTED.templates.shape) * (3 * (1 - quality))[:, np.newaxis]
    fitted = replace(FITTED, templates=(FITTED.templates + noise).astype(np.float32), qualities=quality)
    scoring = fit(Switch.QUALITY, fitted, crowd(3, 2))
    face = np.eye(32, dtype=np.float32)[:1]
    good, poor = (scoring(Faces(face, np.array([worth])), Faces(face, np.array([1.0])))[0, 0] for worth in (0.9, 0.1))
    assert good > poor + 1


def test_the_nearer_the_higher_as_face_recognition_has_it() -> None:
    scoring = fit(Switch.EUCLIDEAN, FITTED, crowd(3, 2))
    here = Faces(np.array([[0, 0], [3, 4]], dtype=np.float32), np.ones(2))
    assert scoring(here, here) == pytest.approx(np.array([[0, -5], [-5, 0]]), abs=1e-3)


@pytest.mark.parametrize("switch", list(Switch))
def test_somebody_who_is_fitted_on_is_not_reported_on(switch: Switch) -> None:
    reported = crowd(120, 3)
    with pytest.raises(Invalid, match="1 people are in what was fitted"):
        fit(switch, replace(FITTED, people=np.where(FITTED.people == "fitted-7", "person-0007", FITTED.people)), reported)
    templates = reported.templates.copy()
    templates[11] = FITTED.templates[4]
    with pytest.raises(Invalid, match="One photo is in what was fitted"):
        fit(switch, FITTED, replace(reported, templates=templates))


@pytest.mark.parametrize("people", [np.arange(360), np.arange(360) // 10], ids=["one photo of each", "too few people"])
def test_too_few_people_teach_nothing(people: np.ndarray) -> None:
    with pytest.raises(Invalid, match="more than 100 people"):
        fit(Switch.WHITENING, replace(FITTED, people=people.astype(str)), crowd(10, 2))


def test_photos_without_a_face_are_not_learned_from() -> None:
    templates = FITTED.templates.copy()
    templates[[5, 100]] = np.nan
    reported = crowd(5, 2)
    for switch in Switch:
        scores = fit(switch, replace(FITTED, templates=templates), reported)(reported.faces, reported.faces)
        assert np.isfinite(scores).all()
