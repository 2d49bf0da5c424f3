"""The guard over children: what the desk shows of it on invented faces, and that it holds on real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scripts.evaluation import guard as guards
from scripts.evaluation.guard import Guard, guard_over_children
from scripts.evaluation.labelled import Label, Labelled, encode, read_labels
from scripts.evaluation.words import Result, page
from tests.conftest import SHARED, missing
from tests.evaluation.crowds import crowd
from tracing.chosen import BETTER, DEFAULT_ENCODER, chosen_encoder
from tracing.config import Settings
from tracing.embeddings.catalog import make_examiner
from tracing.embeddings.manifest import encoder_facts, known_encoders
from tracing.evaluation.report import measure, report
from tracing.evidence import Band, Calibration

CALIBRATION = Calibration(10.0, 0.0, 0.1, 30_000_000, 30_000_000, ((-1.0, 1.0), (1.0, 1e-6)))
"""A score of 0.5 is worth a likelihood ratio of 100,000."""
ANN, BOB, CID = ("ann", 5.0), ("bob", 12.9), ("cid", 13.0)


def labels(*people: tuple[str, float]) -> list[Label]:
    return [Label(person, Path(f"{person}.jpg"), age=age) for person, age in people]


def at(*degrees: float) -> np.ndarray:
    radians = np.radians(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


def test_faces_that_would_say_much_are_held_back() -> None:
    found = guard_over_children(labels(ANN, ("ann", 8.0), BOB), at(0, 0, 60), CALIBRATION)
    assert found is not None
    assert (found.pairs, found.beyond) == (2, 2), "two photos of one child are no pair"
    assert found.highest == pytest.approx(0.5, abs=1e-6)
    assert (found.strongest, found.unguarded, found.holds) == (Band.MODERATE, Band.VERY_STRONG, True)


def test_who_is_no_child_or_has_no_age_or_no_face_is_left_out() -> None:
    faces = at(0, 1, 2, 90)
    faces[2] = np.nan
    several = labels(ANN, CID, BOB, ("dan", 12.0)) + labels(("eve", np.nan))
    found = guard_over_children(several, np.concatenate([faces, at(0)]), CALIBRATION)
    assert found is not None
    assert (found.pairs, found.unguarded, found.beyond) == (1, Band.UNINFORMATIVE, 0)
    assert guard_over_children(labels(ANN, CID), at(0, 0), CALIBRATION) is None


def test_a_guard_that_lets_something_through_is_cried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "is_guarded", lambda age, years: False)
    found = guard_over_children(labels(ANN, BOB), at(0, 0), CALIBRATION)
    assert found is not None
    assert (found.strongest, found.holds) == (Band.VERY_STRONG, False)
    assert "**The guard does not hold.**" in _page(found)
    assert "does not hold" not in _page(Guard(2, 0.5, Band.MODERATE, Band.STRONG, 1))


def _page(guard: Guard) -> str:
    return page("an-encoder-1", "somewhere", 20, Result(report(measure(crowd(10, 2)), {}, 20), (), guard, ()))


CALIBRATED = [encoder_id for encoder_id in known_encoders() if encoder_facts(encoder_id).calibration]


@pytest.fixture(scope="module")
def children(weights: Path, own_models: Path) -> Labelled:
    """Everybody under 13 among the labelled photos, by every calibrated encoder."""
    folders = [SHARED / "data" / "calibration" / "fgnet", SHARED / "data" / "dev_set" / "people"]
    if not all(folder.is_dir() for folder in folders):
        missing("photos", f"the labelled photos are not at {SHARED / 'data'}")
    young = [label for folder in folders for label in read_labels(folder) if label.age < guards.UNDER]
    return encode(young, make_examiner(CALIBRATED, [weights, own_models]), CALIBRATED, 2, lambda: None)


@pytest.mark.photos
@pytest.mark.long
def test_no_two_different_children_reach_the_strongest_words(children: Labelled, weights: Path, tmp_path: Path) -> None:
    shown = {
        encoder_id: guard_over_children(
            children.labels,
            children.templates[encoder_id],
            Calibration.from_dict(encoder_facts(encoder_id).calibration or {}),
        )
        for encoder_id in CALIBRATED
    }
    held = {encoder_id: found for encoder_id, found in shown.items() if found is not None}
    assert held.keys() == set(CALIBRATED)
    assert held.keys() >= {DEFAULT_ENCODER, *BETTER}
    assert chosen_encoder(Settings(data_dir=tmp_path, models_dir=weights)) in held, "what a service takes by itself"
    assert min(found.pairs for found in held.values()) > 5_000
    assert {encoder_id for encoder_id, found in held.items() if not found.holds} == set()
    assert any(found.beyond for found in held.values()), "without a guard some would get a stronger word"
