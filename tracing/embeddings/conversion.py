"""dlib's networks turned into ONNX models once, checked against dlib, and kept under the digest of what they were made of."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from tracing.embeddings.alignment import DLIB_SIDE
from tracing.embeddings.cnn_detector import CnnDetector
from tracing.embeddings.cnn_reference import DlibCnnDetector, largest_shift
from tracing.embeddings.dlib_file import read_network
from tracing.embeddings.dlib_layers import Network
from tracing.embeddings.dlib_onnx import detection_graph, recognition_graph
from tracing.embeddings.kept_models import Conversion, KeptModel, kept_model, name_of, note_of
from tracing.embeddings.networks import MOST_DIFFERENCE, DlibNetwork, OnnxNetwork, largest_difference
from tracing.embeddings.runtime import runtime_version
from tracing.embeddings.weights import ModelFolders, written_whole
from tracing.errors import EncoderUnavailable
from tracing.vision import Pixels

log = logging.getLogger(__name__)

MOST_SHIFT: Final = 0.3
"""Boxes of one face by dlib's CNN and by the converted one stand on other grids; they lie apart by less of their width."""
DRAWN_CHIPS: Final = Path(__file__).resolve().parents[2] / "models" / "drawn_chips.png"
"""Faces of drawn people as dlib's detector and aligner cut them out, made by ``python -m scripts.demo.chips``."""


Graph = Callable[[Network], bytes]
Check = Callable[[Path, Path], tuple[int, float]]
"""Of a converted model and its source: how many faces they were compared on, and the largest difference."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a kind of network is converted, how it is checked, and which difference is allowed."""

    graph: Graph
    check: Check
    allowed: float


def drawn_sheet() -> Pixels:
    """uint8 (600, 600, 3): sixteen faces in four rows."""
    with Image.open(DRAWN_CHIPS) as sheet:
        return np.asarray(sheet.convert("RGB"))


def drawn_chips() -> Pixels:
    """uint8 (n, 150, 150, 3): the faces of the sheet one by one."""
    sheet = drawn_sheet()
    rows, columns = sheet.shape[0] // DLIB_SIDE, sheet.shape[1] // DLIB_SIDE
    return sheet.reshape(rows, DLIB_SIDE, columns, DLIB_SIDE, 3).swapaxes(1, 2).reshape(-1, DLIB_SIDE, DLIB_SIDE, 3)


def recognition(chips: Pixels) -> Recipe:
    """For a recognition network of dlib, compared with it on these chips."""

    def check(model: Path, source: Path) -> tuple[int, float]:
        made, reference = OnnxNetwork(lambda: model), DlibNetwork(lambda: source)
        return len(chips), largest_difference(made.describe(chips), reference.describe(chips))

    return Recipe(recognition_graph, check, MOST_DIFFERENCE)


def detection() -> Recipe:
    """For dlib's CNN detector, compared with it on the drawn faces."""

    def check(model: Path, source: Path) -> tuple[int, float]:
        sheet = drawn_sheet()
        expected = DlibCnnDetector(lambda: source).detect(sheet)
        return len(expected), largest_shift(CnnDetector(lambda: model).detect(sheet), expected) if expected else float("inf")

    return Recipe(detection_graph, check, MOST_SHIFT)


RECIPES: Final[Mapping[str, Callable[[Pixels], Recipe]]] = {"dlib_resnet": recognition, "dlib_cnn": lambda _: detection()}
"""For each kind of network that has to be converted, as the manifest calls it, and chips to compare it on."""


def converted(source: Path, source_sha256: str, folders: ModelFolders, recipe: Recipe) -> KeptModel:
    """The ONNX model made of a network of dlib: the one that is here, or a new one.

    ``EncoderUnavailable`` where it cannot be made or does not agree with dlib.
    """
    found = kept_model(source, source_sha256, folders)
    if found is not None:
        return found
    if folders.own is None:
        raise EncoderUnavailable("There is no folder for converted models.")
    log.info("converting %s for ONNX Runtime, once", source.name)
    try:
        check = convert(source, source_sha256, folders.own, recipe)
    except OSError as error:
        raise EncoderUnavailable(f"The converted model cannot be kept in {folders.own}: {error.strerror}.") from error
    return KeptModel(folders.own / name_of(source, source_sha256), check.model_sha256)


def convert(source: Path, source_sha256: str, into: Path, recipe: Recipe) -> Conversion:
    """Convert anew, compare with dlib, and keep the model only if they agree."""
    network = read_network(source.read_bytes())
    if network.sha256 != source_sha256:
        raise EncoderUnavailable(f"{source.name} is not the file that the manifest describes; run 'make setup' again.")
    try:
        model = recipe.graph(network)
    except ImportError as error:
        raise EncoderUnavailable("The package onnx is not installed; run 'make setup' again.") from error
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = into / name_of(source, source_sha256)
    with written_whole(path) as file:
        file.write(model)
        file.flush()
        faces, difference = recipe.check(Path(file.name), source)
        if not difference <= recipe.allowed:
            raise EncoderUnavailable(f"The converted network differs from dlib's by {difference:.2g}; dlib itself is used.")
    check = Conversion(source_sha256, hashlib.sha256(model).hexdigest(), faces, difference, runtime_version())
    with written_whole(note_of(path)) as note:
        note.write(json.dumps(asdict(check), indent=2).encode())
    return check
