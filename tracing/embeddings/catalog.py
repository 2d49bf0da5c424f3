"""Puts examiners together out of the manifest: which detectors look in which order, and which encoders there are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Final

import numpy as np

from tracing.embeddings.agreement import Agreement
from tracing.embeddings.alignment import DLIB_SIDE, dlib_chips
from tracing.embeddings.cnn_detector import CnnDetector
from tracing.embeddings.cnn_reference import DlibCnnDetector, SteadyDetector
from tracing.embeddings.encoders import ArcFaceEncoder, CompositeEncoder, DlibEncoder
from tracing.embeddings.examiner import PhotoExaminer, close_up
from tracing.embeddings.finder import FaceFinder, Look
from tracing.embeddings.hog import HogDetector
from tracing.embeddings.imaging import MAX_BYTES, MAX_PIXELS, PillowReader
from tracing.embeddings.kept_models import Conversion, KeptModel, kept_model
from tracing.embeddings.manifest import MANIFEST, EncoderFacts, ModelFacts, encoder_facts, model_facts
from tracing.embeddings.networks import CheckedNetwork, DlibNetwork, OnnxNetwork
from tracing.embeddings.reuse import reuse_memory
from tracing.embeddings.weights import ModelFolders, digest_of, expected_digest
from tracing.embeddings.yunet import YunetDetector
from tracing.errors import Misconfigured, UnreadablePhoto
from tracing.ports import Encoder
from tracing.vision import Pixels

YUNET: Final = "yunet"
CNN: Final = "dlib-cnn"


def make_examiner(
    encoder_ids: Sequence[str],
    folders: Sequence[Path] = (),
    manifest: Path = MANIFEST,
    max_bytes: int = MAX_BYTES,
    max_pixels: int = MAX_PIXELS,
) -> PhotoExaminer:
    """An examiner with the named encoders. Quick: models are loaded with the first photo, or by its ``warm``.

    ``folders`` are looked through for model files; converted models are written to the last one. Raises like
    ``encoder_facts``. With ``functools.partial`` this is what ``ExaminerPool`` wants.
    """
    reuse_memory()
    files = ModelFolders(*folders)
    encoders = [_encoder(encoder_facts(encoder_id, manifest), files, manifest) for encoder_id in encoder_ids]
    return PhotoExaminer(PillowReader(max_bytes, max_pixels), make_finder(files, manifest), encoders)


def make_finder(files: ModelFolders, manifest: Path = MANIFEST) -> FaceFinder:
    """With YuNet where its weights are present, else with what the packages bring."""
    facts, last = model_facts(YUNET, manifest), Look(_cnn(model_facts(CNN, manifest), files), 640, 2)
    if files.has(facts):
        yunet = YunetDetector(partial(files.required, facts, "network"))
        return FaceFinder([Look(yunet, 320), Look(yunet, 640, 4), Look(yunet, 1280, 4)], Look(yunet, 320, 4), last, yunet)
    hog = HogDetector()
    return FaceFinder([Look(hog, 640), Look(hog, 1280, 4)], Look(hog, 640, 2), last)


def _cnn(facts: ModelFacts, files: ModelFolders) -> SteadyDetector:
    source = partial(files.required, facts, "network")
    return SteadyDetector(CnnDetector(lambda: converted(facts, files).path), DlibCnnDetector(source))


def converted(model: ModelFacts, files: ModelFolders) -> KeptModel:
    """The network of a model of dlib's for ONNX Runtime: the one that is kept, or one that is made now.

    ``EncoderUnavailable`` where it cannot be made or does not agree with dlib.
    """
    source = files.required(model, "network")
    digest = expected_digest(model.file("network"), source)
    kept = kept_model(source, digest, files)
    if kept is not None:
        return kept
    from tracing.embeddings import conversion  # half of what these modules load, for what is done once on a machine

    return conversion.converted(source, digest, files, conversion.RECIPES[model.kind](conversion.drawn_chips()))


def _encoder(facts: EncoderFacts, files: ModelFolders, manifest: Path) -> Encoder:
    match facts.model.kind:
        case "dlib_resnet":
            return _dlib_encoder(facts, files)
        case "arcface":
            return _arcface_encoder(facts, files, manifest)
        case "composite":
            parts = [(_encoder(encoder_facts(part, manifest), files, manifest), weight) for part, weight in facts.parts]
            return CompositeEncoder(facts.encoder_id, parts)
        case unknown:
            raise Misconfigured(f"The manifest calls {facts.encoder_id} an encoder of the unknown kind {unknown!r}.")


def _dlib_encoder(facts: EncoderFacts, files: ModelFolders) -> DlibEncoder:
    @cache
    def model() -> KeptModel:
        return converted(facts.model, files)

    def reference() -> DlibNetwork:
        return DlibNetwork(partial(files.required, facts.model, "network"))

    return DlibEncoder(
        facts.encoder_id,
        CheckedNetwork(OnnxNetwork(lambda: model().path), reference, Agreement(model, files.own)),
        facts.dimension,
        facts.mirrored,
    )


def _arcface_encoder(facts: EncoderFacts, files: ModelFolders, manifest: Path) -> ArcFaceEncoder:
    layout = facts.layout
    if layout is None:
        raise Misconfigured(f"The manifest does not say what the network of {facts.encoder_id} takes.")
    network = OnnxNetwork(partial(files.required, facts.model, "network"), layout.mean, layout.scale)
    landmarks = YunetDetector(partial(files.required, model_facts(YUNET, manifest), "network"))
    return ArcFaceEncoder(facts.encoder_id, network, facts.dimension, landmarks, facts.mirrored)


def chips_of(photos: Iterable[Path], files: ModelFolders) -> Pixels:
    """uint8 (n, 150, 150, 3): the faces of photos as dlib aligns them; photos that cannot be read are passed over."""
    reader, finder = PillowReader(), make_finder(files)
    chips = [np.zeros((0, DLIB_SIDE, DLIB_SIDE, 3), dtype=np.uint8)]
    for photo in photos:
        try:
            picture = reader.open(photo.read_bytes())
        except UnreadablePhoto:
            continue
        chips += [
            dlib_chips(part.pixels, [face]) for part, face in (close_up(picture, face) for face in finder.find(picture).faces)
        ]
    return np.concatenate(chips)


def convert(model: ModelFacts, files: ModelFolders, chips: Pixels) -> Conversion | None:
    """Convert the network of a model of dlib's anew into the service's own folder, if it agrees with dlib.

    None for a model that needs no conversion. Recognition networks are compared on the chips.
    """
    from tracing.embeddings import conversion

    recipe = conversion.RECIPES.get(model.kind)
    if recipe is None or files.own is None:
        return None
    source = files.required(model, "network")
    return conversion.convert(source, expected_digest(model.file("network"), source), files.own, recipe(chips))


def fingerprint(encoder_id: str, folders: Sequence[Path] = (), manifest: Path = MANIFEST) -> str:
    """SHA-256, in hexadecimal digits, of what makes the templates of an encoder: what the manifest says of it, its calibration
    left out, and its files and those of the models it needs, as they are on this machine.

    ``EncoderUnavailable`` where a file is missing. Reads up to some hundred MB.
    """
    facts, files = encoder_facts(encoder_id, manifest), ModelFolders(*folders)
    models = _with_needs(facts.model, manifest)
    digests = [(model.model_id, digest_of(files.required(model, file.role))) for model in models for file in model.files]
    made = (facts.alignment, facts.layout, facts.mirrored, facts.parts)
    said = (encoder_id, facts.model.kind, facts.dimension, facts.metric.value, made, digests)
    return hashlib.sha256(repr(said).encode()).hexdigest()


def is_complete(model: ModelFacts, files: ModelFolders, manifest: Path = MANIFEST) -> bool:
    """Whether all files of a model and of what it needs are here with the digests they should have; reads every one."""
    return not any(file.problem for each in _with_needs(model, manifest) for file in files.verified(each))


def missing_files(model: ModelFacts, files: ModelFolders, manifest: Path = MANIFEST) -> list[str]:
    """The files that a model and what it needs lack on this machine."""
    return [file.name for each in _with_needs(model, manifest) for file in each.files if files.located(file) is None]


def _with_needs(model: ModelFacts, manifest: Path) -> list[ModelFacts]:
    return [model, *(model_facts(needed, manifest) for needed in model.needs)]
