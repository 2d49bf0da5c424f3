"""Examiners put together out of the manifest: encoders that agree with their entries, detectors as far as they are here."""

from __future__ import annotations

import pickle
import shutil
from functools import partial
from pathlib import Path

import pytest

from tests.embeddings.test_manifest import changed
from tracing.embeddings.catalog import chips_of, make_examiner, make_finder, missing_files
from tracing.embeddings.manifest import encoder_facts, known_encoders, known_models, model_facts
from tracing.embeddings.weights import ModelFolders
from tracing.errors import EncoderUnavailable, Misconfigured
from tracing.ports import Detection


@pytest.mark.parametrize("encoder_id", known_encoders())
def test_every_encoder_is_what_its_entry_says(encoder_id: str) -> None:
    facts = encoder_facts(encoder_id)
    encoder = make_examiner([encoder_id]).encoders[encoder_id]
    assert (encoder.encoder_id, encoder.dimension, encoder.metric) == (facts.encoder_id, facts.dimension, facts.metric)


@pytest.mark.parametrize("model", known_models(), ids=lambda model: model.model_id)
def test_the_files_that_come_with_the_packages_are_the_described_ones(model: object) -> None:
    files = [file for file in ModelFolders().verified(model) if file.facts.package]  # type: ignore[arg-type]
    assert all(file.path is not None and file.path.is_file() and not file.problem for file in files)


@pytest.mark.photos
@pytest.mark.parametrize("model_id", ["yunet", "mobilefacenet-128"])
def test_the_files_in_shared_are_the_described_ones(model_id: str, weights: Path) -> None:
    assert [file.problem for file in ModelFolders(weights).verified(model_facts(model_id))] == [""]
    assert missing_files(model_facts(model_id), ModelFolders(weights)) == []


def test_what_a_model_needs_is_missed_as_well() -> None:
    assert missing_files(model_facts("mobilefacenet-128"), ModelFolders()) == [
        "mobilefacenet_128d.onnx",
        "yunet_n_dynamic.onnx",
    ]


def test_an_unknown_encoder_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Misconfigured, match=r"no encoder 'vgg'. Known: .*dlib-resnet-v1"):
        make_examiner(["vgg"])


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="unknown kind 'abacus'"):
        make_examiner(["mobilefacenet-128"], manifest=changed(tmp_path, 'kind = "arcface"', 'kind = "abacus"'))


def test_a_network_whose_input_nobody_described_is_refused(tmp_path: Path) -> None:
    silent = changed(tmp_path, "input = { side = 112, mean = 127.5, scale = 128.0 }", "")
    with pytest.raises(Misconfigured, match="does not say what the network of mobilefacenet-128 takes"):
        make_examiner(["mobilefacenet-128"], manifest=silent)


def test_an_encoder_whose_weights_are_elsewhere_says_so_when_it_is_used() -> None:
    examiner = make_examiner(["mobilefacenet-128", "dlib-resnet-v1"])
    with pytest.raises(EncoderUnavailable, match="run 'tracing models pull mobilefacenet-128'"):
        examiner.warm(["mobilefacenet-128"])


def test_yunet_looks_first_where_its_weights_are_and_dlib_elsewhere(weights: Path, dev_set: Path, tmp_path: Path) -> None:
    photo = (dev_set / "negatives" / "rotated_pixels_0_reference.jpg").read_bytes()
    assert make_examiner([]).examine(photo, []).detector_id == "dlib-hog"
    assert make_examiner([], [weights, tmp_path]).examine(photo, []).detector_id == "yunet"
    shutil.copy(weights / "yunet_n_dynamic.onnx", tmp_path)
    assert make_examiner([], [tmp_path]).examine(photo, []).detector_id == "yunet"


def test_the_caps_reach_the_reader() -> None:
    reader = make_examiner(["dlib-resnet-v1"], max_bytes=10, max_pixels=20).reader
    assert (reader.max_bytes, reader.max_pixels) == (10, 20)


def test_the_recipe_of_an_examiner_can_be_sent_to_another_process() -> None:
    recipe = pickle.loads(pickle.dumps(partial(make_examiner, ("dlib-resnet-v1",), (Path("models"),))))  # noqa: S301 - our own
    assert list(recipe().encoders) == ["dlib-resnet-v1"]


@pytest.mark.photos
def test_the_faces_of_photos_become_chips_and_what_is_no_photo_is_passed_over(dev_set: Path, weights: Path) -> None:
    photos = [dev_set / "negatives" / name for name in ("many_family.jpg", "empty.png", "noface_mountain.jpg")]
    chips = chips_of(photos, ModelFolders(weights))
    assert chips.shape == (6, 150, 150, 3)
    assert chips_of([], ModelFolders()).shape == (0, 150, 150, 3)


@pytest.mark.photos
def test_a_face_chosen_by_hand_can_be_encoded_by_every_encoder_that_is_here(
    dev_set: Path, weights: Path, own_models: Path
) -> None:
    """Found by dlib, so that the other encoder has to look for its own landmarks."""
    photo = (dev_set / "negatives" / "many_family.jpg").read_bytes()
    encoders = ["dlib-resnet-v1", "mobilefacenet-128"]
    examiner = make_examiner(encoders, [weights, own_models])
    faces = [face.detection for face in make_examiner([]).examine(photo, []).faces]
    assert len(faces[0].landmarks) == 3
    for templates in examiner.encode(photo, [*faces, Detection(faces[0].box, ())], encoders):
        assert {name: vector.shape for name, vector in templates.items()} == dict.fromkeys(encoders, (128,))
    assert make_finder(ModelFolders(weights)).find(examiner.reader.open(photo)).detector_id == "yunet"
