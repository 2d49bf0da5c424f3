"""dlib's network as an ONNX model: made once, checked, kept under its digest, and never used if it does not agree."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scripts.demo.chips import draw_sheet
from tracing.embeddings import conversion
from tracing.embeddings.conversion import DRAWN_CHIPS, convert, converted, detection, drawn_chips, recognition
from tracing.embeddings.dlib_models import CNN, RESNET, model_file
from tracing.embeddings.kept_models import check_of
from tracing.embeddings.manifest import encoder_facts, model_facts
from tracing.embeddings.networks import MOST_DIFFERENCE, DlibNetwork, OnnxNetwork, largest_difference
from tracing.embeddings.weights import ModelFolders
from tracing.errors import EncoderUnavailable

SHA256 = encoder_facts("dlib-resnet-v1").model.file("network").sha256
FEW = drawn_chips()[:2]


@pytest.fixture
def source() -> Path:
    return model_file(RESNET)


@pytest.fixture
def kept(source: Path, tmp_path: Path) -> Path:
    """A converted model in a folder of its own."""
    check = convert(source, SHA256, tmp_path, recognition(FEW))
    assert check.faces == 2
    assert check.largest_difference < 1e-5
    (path,) = tmp_path.glob("*.onnx")
    return path


def test_the_drawn_chips_are_what_the_script_draws() -> None:
    assert DRAWN_CHIPS.stat().st_size < 700_000
    sheet = np.vstack([np.hstack(list(drawn_chips()[start : start + 4])) for start in range(0, 16, 4)])
    assert np.array_equal(sheet, draw_sheet())


def test_a_converted_network_agrees_with_dlib_on_every_drawn_face(source: Path, own_models: Path) -> None:
    path = converted(source, SHA256, ModelFolders(own_models), recognition(FEW)).path
    chips = drawn_chips()
    difference = largest_difference(OnnxNetwork(lambda: path).describe(chips), DlibNetwork(lambda: source).describe(chips))
    assert difference <= 1e-5


def test_what_is_kept_is_found_again_and_not_made_anew(kept: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion, "convert", lambda *_: pytest.fail("converted again"))
    assert converted(source, SHA256, ModelFolders(Path("/nowhere"), kept.parent), recognition(FEW)).path == kept
    assert {each.name for each in kept.parent.iterdir()} == {kept.name, kept.with_suffix(".json").name}


def test_another_folder_that_has_it_is_as_good(kept: Path, source: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    own = tmp_path_factory.mktemp("own")
    assert converted(source, SHA256, ModelFolders(kept.parent, own), recognition(FEW)).path == kept
    assert list(own.iterdir()) == []


def altered_model(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def altered_note(path: Path) -> None:
    note = path.with_suffix(".json")
    note.write_text(json.dumps(json.loads(note.read_text()) | {"model_sha256": "0" * 64}))


DAMAGE = {
    "a bit of the model": altered_model,
    "half of the model": lambda path: path.write_bytes(path.read_bytes()[:1000]),
    "the note": altered_note,
    "no note": lambda path: path.with_suffix(".json").unlink(),
    "a note that is none": lambda path: path.with_suffix(".json").write_text("[]"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_was_damaged_is_made_anew(damage: str, kept: Path, source: Path) -> None:
    DAMAGE[damage](kept)
    assert check_of(kept) is None
    assert converted(source, SHA256, ModelFolders(kept.parent), recognition(FEW)).path == kept
    assert check_of(kept) is not None


def test_a_network_that_does_not_agree_is_not_kept(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The converter makes a mistake in one weight."""
    right = conversion.read_network

    def wrong(data: bytes) -> object:
        network = right(data)
        first = next(number for number, layer in enumerate(network.layers) if hasattr(layer, "filters"))
        filters = network.layers[first].filters.copy()
        filters.flat[0] += 0.5
        layers = list(network.layers)
        layers[first] = replace(layers[first], filters=filters)
        return replace(network, layers=tuple(layers))

    monkeypatch.setattr(conversion, "read_network", wrong)
    with pytest.raises(EncoderUnavailable, match=r"differs from dlib's by .*; dlib itself is used"):
        convert(source, SHA256, tmp_path, recognition(FEW))
    assert list(tmp_path.iterdir()) == []


def test_another_file_than_the_described_one_is_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match="not the file that the manifest describes"):
        convert(source, "0" * 64, tmp_path, recognition(FEW))


def test_a_folder_that_cannot_be_written_to_is_told(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EncoderUnavailable, match="cannot be kept"):
        converted(source, SHA256, ModelFolders(tmp_path / "file"), recognition(FEW))
    with pytest.raises(EncoderUnavailable, match="no folder"):
        converted(source, SHA256, ModelFolders(), recognition(FEW))


@pytest.mark.long
def test_the_detector_is_converted_and_checked_likewise(
    own_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, digest = model_file(CNN), model_facts("dlib-cnn").file("network").sha256
    check = check_of(converted(source, digest, ModelFolders(own_models), detection()).path)
    assert check is not None
    assert check.faces >= 12
    assert check.largest_difference < 0.3
    monkeypatch.setattr(conversion, "MOST_SHIFT", -1.0)
    with pytest.raises(EncoderUnavailable, match="differs from dlib's"):
        convert(source, digest, tmp_path, detection())
    assert list(tmp_path.iterdir()) == []


WITHOUT_ONNX = """
import logging, sys
sys.modules[sys.argv[1]] = None
logging.basicConfig(stream=sys.stdout, format="%(message)s")
from pathlib import Path
from tracing.embeddings.catalog import make_examiner
from tracing.embeddings.conversion import drawn_chips
encoder = make_examiner(["dlib-resnet-v1"], (Path(sys.argv[2]),)).encoders["dlib-resnet-v1"]
encoder.warm()
print(encoder._network.describe(drawn_chips()[:1]).shape)
"""


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_dlib_serves_with_a_warning_where_a_package_is_missing(package: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_ONNX, package, tmp_path], capture_output=True, text=True, timeout=120, check=True
    )
    assert "(1, 128)" in done.stdout
    assert "dlib itself makes the templates, many times slower" in done.stdout
    assert list(tmp_path.glob("*.onnx")) == []


def test_the_agreement_asked_for_is_that_of_one_generation() -> None:
    assert MOST_DIFFERENCE == 1e-4
