"""The models that were made of dlib's networks, checked and kept: which there are on this machine, and how each was checked.

It makes none (``conversion`` does), so that who only uses one loads nothing of what making it takes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracing.embeddings.weights import ModelFolders, digest_of

CONVERTER: Final = 1
"""Part of the name of what was converted; count it up whenever the same file gives another model."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """A converted model and how it was checked against dlib: on how many faces, and by how much it differed at most.

    The difference is that of any value of a template, or of any side of a box as a part of its width.
    """

    source_sha256: str
    model_sha256: str
    faces: int
    largest_difference: float
    onnxruntime: str


@dataclass(frozen=True, slots=True)
class KeptModel:
    """The file of a model, which had this digest when it was last read."""

    path: Path
    sha256: str


def kept_model(source: Path, source_sha256: str, folders: ModelFolders) -> KeptModel | None:
    """What was made of a network of dlib's and is still the file that was checked; reads it whole."""
    path = folders.find(name_of(source, source_sha256))
    check = check_of(path) if path is not None else None
    return KeptModel(path, check.model_sha256) if path is not None and check is not None else None


def check_of(path: Path) -> Conversion | None:
    """How a kept model was checked; None where that is not known, or the file is no longer the one that was checked."""
    try:
        noted = Conversion(**json.loads(note_of(path).read_text("utf-8")))
        return noted if noted.model_sha256 == digest_of(path) else None
    except (OSError, ValueError, TypeError):
        return None


def name_of(source: Path, source_sha256: str) -> str:
    return f"{source.stem}-{source_sha256[:16]}-{CONVERTER}.onnx"


def note_of(path: Path) -> Path:
    return path.with_suffix(".json")
