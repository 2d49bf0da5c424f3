"""Models as data: the manifest, and what is said about a broken one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracing.embeddings.manifest import MANIFEST, InputLayout, encoder_facts, known_encoders, known_models, model_facts
from tracing.errors import Misconfigured
from tracing.ports import Metric


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = MANIFEST.read_text("utf-8")
    assert old in text
    path = tmp_path / "manifest.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def test_the_reference_encoder_is_known() -> None:
    assert "dlib-resnet-v1" in known_encoders()
    facts = encoder_facts("dlib-resnet-v1")
    assert (facts.dimension, facts.metric, facts.model.licence) == (128, Metric.COSINE, "CC0-1.0")


@pytest.mark.parametrize("model", known_models(), ids=lambda model: model.model_id)
def test_every_entry_says_what_it_is_and_what_its_licence_means(model: object) -> None:
    facts = model_facts(model.model_id)  # type: ignore[attr-defined]
    assert all((facts.name, facts.kind, facts.source, facts.licence))
    assert facts.consequences.endswith(".")
    for file in facts.files:
        assert len(file.sha256) in (0, 64)
        assert file.sha256 or not file.url, "a file is only fetched from an address if its digest is known"
        assert bool(file.sha256) == bool(file.bytes)
    for needed in facts.needs:
        assert model_facts(needed)


@pytest.mark.parametrize("encoder_id", known_encoders())
def test_every_encoder_has_a_network_and_says_what_it_takes(encoder_id: str) -> None:
    facts = encoder_facts(encoder_id)
    assert facts.parts or facts.model.file("network").name
    assert facts.alignment
    assert (facts.layout is not None) == (facts.model.kind == "arcface")
    with pytest.raises(Misconfigured, match=f"names no crystal ball file of {encoder_id}"):
        facts.model.file("crystal ball")


def test_the_entries_that_the_service_was_promised_are_there() -> None:
    assert {model.model_id for model in known_models()} >= {
        "dlib-resnet-v1", "mobilefacenet-128", "dlib-taguchi-v1", "arcface-w600k-r50", "yunet", "dlib-hog", "dlib-cnn",
    }  # fmt: skip


def test_an_unknown_model_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Misconfigured, match=r"no encoder 'yunet'. Known: .*dlib-resnet-v1"):
        encoder_facts("yunet")
    with pytest.raises(Misconfigured, match=r"no model 'vgg'. Known: .*dlib-resnet-v1.*yunet"):
        model_facts("vgg")


@pytest.mark.parametrize("text", ["", "no toml", "encoders = 3"])
def test_a_list_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "manifest.toml"
    path.write_text(text)
    with pytest.raises(Misconfigured, match="cannot be read"):
        known_encoders(path)


def test_a_missing_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        encoder_facts("dlib-resnet-v1", tmp_path / "nowhere.toml")


INPUT = "input = { side = 112, mean = 127.5, scale = 128.0 }"
WRONG = {
    "no dimension": ("dimension = 128", ""),
    "no such metric": ('metric = "cosine"', 'metric = "taxi"'),
    "no licence": ('licence = "Apache-2.0 (repository)"', ""),
    "a file of other keys": ('role = "network"\nfile = "mobilefacenet_128d.onnx"', 'rolle = "network"'),
    "half a layout": (INPUT, "input = { side = 112 }"),
    "two channels": (INPUT, "input = { side = 112, mean = [127.5, 127.5], scale = 128.0 }"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_an_incomplete_entry_is_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(Misconfigured, match="entry of mobilefacenet-128 is incomplete or wrong"):
        encoder_facts("mobilefacenet-128", changed(tmp_path, *WRONG[wrong]))


def test_a_layout_has_one_number_for_all_channels_or_three() -> None:
    layouts = [encoder_facts(encoder_id).layout for encoder_id in ("mobilefacenet-128-mirrored", "mobilefacenet-128-v2")]
    assert layouts == [
        InputLayout(112, 127.5, 128.0),
        InputLayout(112, (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),
    ]


def test_calibration_is_the_table_of_the_manifest_or_none(tmp_path: Path) -> None:
    bare = tmp_path / "bare.toml"
    bare.write_text(MANIFEST.read_text("utf-8").partition("[encoders.dlib-resnet-v1.calibration]")[0].rstrip("# \n"), "utf-8")
    assert encoder_facts("dlib-resnet-v1", bare).calibration is None
    bare.write_text(bare.read_text("utf-8") + "\n[encoders.dlib-resnet-v1.calibration]\nslope = 2.5\n", "utf-8")
    assert encoder_facts("dlib-resnet-v1", bare).calibration == {"slope": 2.5}
