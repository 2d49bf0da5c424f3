"""Models as data: what ``models/manifest.toml`` says of each encoder and detector, and of the files they are made of."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from tracing.errors import Misconfigured
from tracing.ports import Metric

MANIFEST: Final = Path(__file__).resolve().parents[2] / "models" / "manifest.toml"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One file of a model: in an installed ``package``, or, where that is empty, in the folder of models.

    ``sha256`` is empty where the file's publisher gives no digest; the operator then names it when the file is pulled.
    ``url`` is where `tracing models pull` fetches it if it is asked to; empty where it has to be fetched by hand.
    """

    file: str
    role: str
    bytes: int
    sha256: str
    package: str = ""
    url: str = ""

    @property
    def name(self) -> str:
        """Without the folders that it has inside a package."""
        return Path(self.file).name


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is to be known of an encoder or detector without loading it.

    ``consequences`` says in a sentence what the licence means for a service in operation; ``needs`` names other models.
    """

    model_id: str
    name: str
    kind: str
    source: str
    licence: str
    consequences: str
    files: tuple[FileFacts, ...]
    needs: tuple[str, ...] = ()

    def file(self, role: str) -> FileFacts:
        found = next((file for file in self.files if file.role == role), None)
        if found is None:
            raise Misconfigured(f"The manifest names no {role} file of {self.model_id}.")
        return found


Channels = float | tuple[float, float, float]
"""One number for all three channels, or one each for red, green and blue."""


@dataclass(frozen=True, slots=True)
class InputLayout:
    """What an ONNX network takes: an RGB chip with this side, each value less ``mean`` and divided by ``scale``."""

    side: int
    mean: Channels
    scale: Channels


@dataclass(frozen=True, slots=True)
class EncoderFacts:
    """``calibration`` is None before there is one; ``layout`` for those kinds that do not imply it.

    ``mirrored``: a template is the mean of the face and its mirror image. ``parts`` are the encoders of a composite and their
    weights.
    """

    encoder_id: str
    model: ModelFacts
    dimension: int
    metric: Metric
    alignment: str
    layout: InputLayout | None
    calibration: Mapping[str, Any] | None
    mirrored: bool = False
    parts: tuple[tuple[str, float], ...] = ()


def known_encoders(manifest: Path = MANIFEST) -> tuple[str, ...]:
    """The ids of all encoders in the manifest, ascending. ``Misconfigured`` where it cannot be read."""
    return tuple(sorted(_tables(manifest, "encoders")))


def known_models(manifest: Path = MANIFEST) -> tuple[ModelFacts, ...]:
    """Every encoder and detector, in the order of the manifest. ``Misconfigured`` where one is incomplete."""
    return tuple(
        _model(model_id, entry, manifest)
        for section in ("encoders", "detectors")
        for model_id, entry in _tables(manifest, section).items()
    )


def model_facts(model_id: str, manifest: Path = MANIFEST) -> ModelFacts:
    """An encoder or a detector. ``Misconfigured``, with the ids that are known, for an unknown one."""
    entries = {**_tables(manifest, "encoders"), **_tables(manifest, "detectors")}
    if model_id not in entries:
        raise Misconfigured(f"There is no model {model_id!r}. Known: {', '.join(sorted(entries))}.")
    return _model(model_id, entries[model_id], manifest)


def encoder_facts(encoder_id: str, manifest: Path = MANIFEST) -> EncoderFacts:
    """``Misconfigured``, with the ids that are known, for an unknown one."""
    encoders = _tables(manifest, "encoders")
    if encoder_id not in encoders:
        raise Misconfigured(f"There is no encoder {encoder_id!r}. Known: {', '.join(sorted(encoders))}.")
    entry = encoders[encoder_id]
    try:
        return EncoderFacts(
            encoder_id=encoder_id,
            model=_model(encoder_id, entry, manifest),
            dimension=int(entry["dimension"]),
            metric=Metric(entry["metric"]),
            alignment=str(entry["alignment"]),
            layout=_layout(entry["input"]) if "input" in entry else None,
            calibration=entry.get("calibration"),
            mirrored=bool(entry.get("mirrored", False)),
            parts=tuple((str(part["encoder"]), float(part["weight"])) for part in entry.get("parts", ())),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise _wrong(manifest, encoder_id, error) from error


def _layout(table: Mapping[str, Any]) -> InputLayout:
    return InputLayout(int(table["side"]), _channels(table["mean"]), _channels(table["scale"]))


def _channels(value: Any) -> Channels:
    if not isinstance(value, list):
        return float(value)
    red, green, blue = value
    return float(red), float(green), float(blue)


def _model(model_id: str, entry: Mapping[str, Any], manifest: Path) -> ModelFacts:
    try:
        return ModelFacts(
            model_id=model_id,
            name=str(entry["name"]),
            kind=str(entry["kind"]),
            source=str(entry["source"]),
            licence=str(entry["licence"]),
            consequences=str(entry["consequences"]),
            files=tuple(FileFacts(**file) for file in entry["files"]),
            needs=tuple(entry.get("needs", ())),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise _wrong(manifest, model_id, error) from error


def _tables(manifest: Path, section: str) -> dict[str, dict[str, Any]]:
    try:
        known = manifest.stat()
        entries = dict(_parsed(manifest, known.st_mtime_ns, known.st_size)[section])
        return {name: _based(entries, entry) for name, entry in entries.items()}
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise Misconfigured(f"The list of models {manifest} cannot be read: {error!r}.") from error


@lru_cache(maxsize=4)
def _parsed(manifest: Path, _changed_at: int, _size: int) -> dict[str, Any]:
    """Once for as long as the file is as it was: a service asks for its models a dozen times while it starts."""
    return tomllib.loads(manifest.read_text("utf-8"))


def _based(entries: Mapping[str, dict[str, Any]], entry: dict[str, Any]) -> dict[str, Any]:
    """With what the entry does not say itself taken from its ``base``, whose calibration is of other scores."""
    base = {key: value for key, value in entries[entry["base"]].items() if key != "calibration"} if "base" in entry else {}
    return base | entry


def _wrong(manifest: Path, model_id: str, error: Exception) -> Misconfigured:
    return Misconfigured(f"{manifest}: the entry of {model_id} is incomplete or wrong: {error!r}.")
