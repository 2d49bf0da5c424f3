"""Encoders as data: the manifest, its errors, and the digests of the weights."""

from __future__ import annotations

import pickle
from functools import partial
from pathlib import Path

import pytest

from tracing.embeddings.catalog import MANIFEST, encoder_facts, known_encoders, make_examiner, verify_weights
from tracing.errors import Misconfigured
from tracing.ports import Metric


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = MANIFEST.read_text("utf-8")
    assert old in text
    path = tmp_path / "manifest.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def test_the_dlib_encoder_is_known() -> None:
    assert "dlib-resnet-v1" in known_encoders()
    facts = encoder_facts("dlib-resnet-v1")
    assert (facts.dimension, facts.metric, facts.licence) == (128, Metric.COSINE, "CC0-1.0")


@pytest.mark.parametrize("encoder_id", known_encoders())
def test_every_entry_is_complete_and_agrees_with_its_encoder(encoder_id: str) -> None:
    facts = encoder_facts(encoder_id)
    assert all((facts.name, facts.kind, facts.licence, facts.source, facts.alignment))
    encoder = make_examiner([encoder_id]).encoders[encoder_id]
    assert (encoder.encoder_id, encoder.dimension, encoder.metric) == (facts.encoder_id, facts.dimension, facts.metric)


@pytest.mark.parametrize("encoder_id", known_encoders())
def test_the_installed_weights_have_the_digests_of_the_manifest(encoder_id: str) -> None:
    files = verify_weights(encoder_id)
    assert files
    assert all(file.path is not None and file.path.is_file() and not file.problem for file in files)


def test_altered_and_missing_weights_are_noticed(tmp_path: Path) -> None:
    altered = changed(tmp_path, 'sha256 = "55533b', 'sha256 = "000000')
    assert [file.problem for file in verify_weights("dlib-resnet-v1", altered)] == ["altered", ""]
    missing = changed(tmp_path, "dlib_face_recognition_resnet_model_v1.dat", "elsewhere.dat")
    assert [file.problem for file in verify_weights("dlib-resnet-v1", missing)] == ["missing", ""]
    missing = changed(tmp_path, 'package = "face_recognition_models"', 'package = "no_such_package"')
    assert [file.problem for file in verify_weights("dlib-resnet-v1", missing)] == ["missing", ""]


def test_an_unknown_encoder_is_refused_with_the_known_ones() -> None:
    for look in (encoder_facts, verify_weights, lambda encoder_id: make_examiner([encoder_id])):
        with pytest.raises(Misconfigured, match=r"no encoder 'vgg'. Known: .*dlib-resnet-v1"):
            look("vgg")


@pytest.mark.parametrize("text", ["", "no toml", "encoders = 3"])
def test_a_list_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "manifest.toml"
    path.write_text(text)
    with pytest.raises(Misconfigured, match="cannot be read"):
        known_encoders(path)


def test_a_missing_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        encoder_facts("dlib-resnet-v1", tmp_path / "nowhere.toml")


@pytest.mark.parametrize(("old", "new"), [("dimension = 128", ""), ('metric = "cosine"', 'metric = "taxi"')])
def test_an_incomplete_entry_is_refused(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(Misconfigured, match="incomplete or wrong"):
        encoder_facts("dlib-resnet-v1", changed(tmp_path, old, new))


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="unknown kind 'abacus'"):
        make_examiner(["dlib-resnet-v1"], changed(tmp_path, 'kind = "face_recognition"', 'kind = "abacus"'))


def test_calibration_is_the_table_of_the_manifest_or_none(tmp_path: Path) -> None:
    bare = tmp_path / "bare.toml"
    bare.write_text(MANIFEST.read_text("utf-8").partition("[encoders.dlib-resnet-v1.calibration]")[0].rstrip("# \n"), "utf-8")
    assert encoder_facts("dlib-resnet-v1", bare).calibration is None
    bare.write_text(bare.read_text("utf-8") + "\n[encoders.dlib-resnet-v1.calibration]\nslope = 2.5\n", "utf-8")
    assert encoder_facts("dlib-resnet-v1", bare).calibration == {"slope": 2.5}


def test_the_caps_reach_the_reader() -> None:
    reader = make_examiner(["dlib-resnet-v1"], max_bytes=10, max_pixels=20).reader
    assert (reader.max_bytes, reader.max_pixels) == (10, 20)


def test_the_recipe_of_an_examiner_can_be_sent_to_another_process() -> None:
    recipe = pickle.loads(pickle.dumps(partial(make_examiner, ("dlib-resnet-v1",))))  # noqa: S301 - our own bytes
    assert list(recipe().encoders) == ["dlib-resnet-v1"]
