"""Mirror images and composites: what a template is made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tests.embeddings.pictures import whole
from tests.fakes import ENCODER, FakeDetector, FakeEncoder, painted_photo
from tracing.domain import Box, Pixels, Vector
from tracing.embeddings.catalog import make_examiner
from tracing.embeddings.encoders import CompositeEncoder, DlibEncoder
from tracing.embeddings.imaging import PillowReader
from tracing.embeddings.manifest import encoder_facts
from tracing.ports import Detection, Metric

FACE = Detection(Box(20, 20, 120, 120), ((45.0, 55.0), (95.0, 55.0), (70.0, 80.0)))


class Columns:
    """A network that gives the mean of the left and of the right half of each chip, whatever the length of it."""

    def describe(self, chips: Pixels) -> Vector:
        half = chips.shape[2] // 2
        return np.stack([chips[:, :, :half].mean((1, 2, 3)), chips[:, :, half:].mean((1, 2, 3))], axis=1).astype(np.float32)

    def warm(self) -> None:
        """There is nothing to load."""


def lopsided() -> Pixels:
    image = np.full((150, 150, 3), 10, dtype=np.uint8)
    image[:, 75:] = 200
    return image


def test_a_mirrored_template_is_the_same_for_a_face_and_its_mirror_image() -> None:
    plain, mirrored = (DlibEncoder("any", Columns(), 2, mirrored=each) for each in (False, True))
    one, other = lopsided(), np.ascontiguousarray(lopsided()[:, ::-1])
    assert abs(plain.encode(one, [FACE]) - plain.encode(other, [FACE])).max() > 50
    both = mirrored.encode(one, [FACE])
    assert both == pytest.approx(mirrored.encode(other, [FACE]), abs=0.02)
    assert np.linalg.norm(both, axis=1) == pytest.approx(1)
    assert mirrored.encode(one, []).shape == (0, 2)


def test_each_side_of_a_mirrored_template_counts_alike_however_long_its_vectors() -> None:
    class Longer(Columns):
        def describe(self, chips: Pixels) -> Vector:
            vectors = super().describe(chips)
            vectors[len(chips) // 2 :] *= 1000
            return vectors

    short, long = (DlibEncoder("any", network, 2, mirrored=True) for network in (Columns(), Longer()))
    assert short.encode(lopsided(), [FACE]) == pytest.approx(long.encode(lopsided(), [FACE]), abs=1e-6)


@pytest.mark.parametrize("weights", [(1.0, 1.0), (3.0, 1.0)])
def test_the_cosine_of_composites_is_the_weighted_mean_of_their_parts(weights: Sequence[float]) -> None:
    parts = [FakeEncoder("one", 16, noise=0.5), FakeEncoder("two", 48, noise=0.9)]
    together = CompositeEncoder("both", list(zip(parts, weights, strict=True)))
    assert together.dimension == 64
    images = [whole(PillowReader(), painted_photo(1, shot=shot)) for shot in (1, 2)]
    faces = [FakeDetector().detect(image) for image in images]
    scores = []
    for encoder in (*parts, together):
        one, other = (encoder.encode(image, found)[0] for image, found in zip(images, faces, strict=True))
        scores.append(float(one @ other / np.linalg.norm(one) / np.linalg.norm(other)))
    assert scores[2] == pytest.approx(np.average(scores[:2], weights=weights), abs=1e-6)
    assert np.linalg.norm(together.encode(images[0], faces[0])) == pytest.approx(1)
    assert together.encode(images[0], []).shape == (0, 64)


def test_a_composite_needs_parts_that_are_compared_by_cosine() -> None:
    distant = FakeEncoder(ENCODER)
    distant.metric = Metric.L2  # type: ignore[misc]
    for parts in ([], [(FakeEncoder(ENCODER), 0.0)], [(distant, 1.0)]):
        with pytest.raises(ValueError, match="by cosine"):
            CompositeEncoder("none", parts)


def test_an_entry_takes_over_what_its_base_says_but_not_its_calibration() -> None:
    base, mirrored = encoder_facts("dlib-resnet-v1"), encoder_facts("dlib-resnet-v1-mirrored")
    assert (mirrored.model.files, mirrored.dimension, mirrored.model.kind) == (base.model.files, 128, "dlib_resnet")
    assert mirrored.mirrored
    assert not base.mirrored
    assert mirrored.calibration != base.calibration


@pytest.mark.parametrize("encoder_id", ["dlib-mobilefacenet-256", "dlib-mobilefacenet-256-v2"])
def test_the_composites_of_the_manifest_are_made_of_their_parts(encoder_id: str) -> None:
    facts = encoder_facts(encoder_id)
    encoder = make_examiner([facts.encoder_id]).encoders[facts.encoder_id]
    assert isinstance(encoder, CompositeEncoder)
    assert encoder.dimension == facts.dimension == sum(encoder_facts(part).dimension for part, _ in facts.parts)
    needed = {need for part, _ in facts.parts for need in (encoder_facts(part).model.needs)}
    assert needed <= set(facts.model.needs)
