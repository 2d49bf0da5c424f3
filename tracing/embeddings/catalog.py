"""The encoders that can be chosen, read from ``models/manifest.toml``, and the examiner built of them."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tracing.embeddings.detectors import HogDetector
from tracing.embeddings.encoders import FaceRecognitionEncoder
from tracing.embeddings.examiner import PhotoExaminer
from tracing.embeddings.imaging import MAX_BYTES, MAX_PIXELS, PillowReader
from tracing.errors import Misconfigured
from tracing.ports import Encoder, Metric

MANIFEST = Path(__file__).resolve().parents[2] / "models" / "manifest.toml"


@dataclass(frozen=True, slots=True)
class EncoderFacts:
    """What is to be known of an encoder without loading it. ``calibration`` is None before there is one."""

    encoder_id: str
    name: str
    kind: str
    dimension: int
    metric: Metric
    licence: str
    source: str
    alignment: str
    calibration: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """A file of weights as it is on this machine; ``problem`` is empty, ``missing`` or ``altered``."""

    file: str
    path: Path | None
    sha256: str
    problem: str


def known_encoders(manifest: Path = MANIFEST) -> tuple[str, ...]:
    """The ids of all encoders in the manifest, ascending. ``Misconfigured`` where it cannot be read."""
    return tuple(sorted(_encoders(manifest)))


def encoder_facts(encoder_id: str, manifest: Path = MANIFEST) -> EncoderFacts:
    """``Misconfigured``, with the ids that are known, for an unknown one."""
    entry = _entry(encoder_id, manifest)
    try:
        return EncoderFacts(
            encoder_id=encoder_id,
            name=str(entry["name"]),
            kind=str(entry["kind"]),
            dimension=int(entry["dimension"]),
            metric=Metric(entry["metric"]),
            licence=str(entry["licence"]),
            source=str(entry["source"]),
            alignment=str(entry["alignment"]),
            calibration=entry.get("calibration"),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise Misconfigured(f"{manifest}: the entry of {encoder_id} is incomplete or wrong: {error!r}.") from error


def verify_weights(encoder_id: str, manifest: Path = MANIFEST) -> list[WeightsFile]:
    """Every file of an encoder, with its digest compared (reads 30 MB). Raises like ``encoder_facts``."""
    return [_checked(entry) for entry in _entry(encoder_id, manifest).get("files", [])]


def make_examiner(
    encoder_ids: Sequence[str],
    manifest: Path = MANIFEST,
    max_bytes: int = MAX_BYTES,
    max_pixels: int = MAX_PIXELS,
) -> PhotoExaminer:
    """An examiner with the named encoders. Quick: models are loaded with the first photo, or by its ``warm``.

    Raises like ``encoder_facts``. With ``functools.partial`` this is what ``ExaminerPool`` wants.
    """
    encoders = [_encoder(encoder_facts(encoder_id, manifest)) for encoder_id in encoder_ids]
    return PhotoExaminer(PillowReader(max_bytes, max_pixels), HogDetector(), encoders)


def _encoder(facts: EncoderFacts) -> Encoder:
    match facts.kind:
        case "face_recognition":
            return FaceRecognitionEncoder()
        case unknown:
            raise Misconfigured(f"The manifest calls {facts.encoder_id} an encoder of the unknown kind {unknown!r}.")


def _encoders(manifest: Path) -> dict[str, dict[str, Any]]:
    try:
        return dict(tomllib.loads(manifest.read_text("utf-8"))["encoders"])
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise Misconfigured(f"The list of models {manifest} cannot be read: {error!r}.") from error


def _entry(encoder_id: str, manifest: Path) -> dict[str, Any]:
    encoders = _encoders(manifest)
    if encoder_id not in encoders:
        raise Misconfigured(f"There is no encoder {encoder_id!r}. Known: {', '.join(sorted(encoders))}.")
    return encoders[encoder_id]


def _checked(entry: Mapping[str, Any]) -> WeightsFile:
    path = _installed(entry["package"], entry["file"])
    if path is None:
        return WeightsFile(entry["file"], None, entry["sha256"], "missing")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return WeightsFile(entry["file"], path, entry["sha256"], "" if digest == entry["sha256"] else "altered")


def _installed(package: str, file: str) -> Path | None:
    """The file inside an installed package, which is not imported for it."""
    spec = find_spec(package)
    folders = (spec.submodule_search_locations or ()) if spec else ()
    return next((path for path in (Path(folder) / file for folder in folders) if path.is_file()), None)
