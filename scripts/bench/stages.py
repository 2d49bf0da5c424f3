"""Ours from photo to template, whole and taken apart into its stages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from scripts.bench.timing import Watch
from tracing.domain import Pixels
from tracing.embeddings.alignment import arcface_chips, dlib_chips
from tracing.embeddings.catalog import chips_of, converted, make_examiner
from tracing.embeddings.examiner import close_up
from tracing.embeddings.manifest import EncoderFacts, encoder_facts
from tracing.embeddings.networks import DlibNetwork, OnnxNetwork
from tracing.embeddings.weights import ModelFolders
from tracing.errors import Invalid
from tracing.ports import Detection, Examination
from tracing.quality import assess

STAGES: Final = ("read the file", "decode", "find faces", "close-up and quality", "align", "network")
DLIB_RESNET: Final = "dlib-resnet-v1"


class Ours:
    """The service's examiner with one encoder, and the encoder's network by itself."""

    def __init__(self, encoder_id: str, folders: Sequence[Path]) -> None:
        self.encoder_id = encoder_id
        self._examiner = make_examiner([encoder_id], folders)
        self._facts = encoder_facts(encoder_id)
        self._files = ModelFolders(*folders)
        self.model = _model(self._facts, self._files)
        layout = self._facts.layout
        mean, scale = (layout.mean, layout.scale) if layout else (0.0, 1.0)
        self.network = OnnxNetwork(lambda: self.model, mean, scale)

    def warm(self) -> None:
        """Whatever is done once for each machine or process: conversion, loading. The first face is compared with dlib's."""
        self._examiner.warm([self.encoder_id])
        self.network.warm()

    def examine(self, photo: Path) -> Examination:
        return self._examiner.examine(photo.read_bytes(), [self.encoder_id])

    def stages(self, photo: Path) -> dict[str, float]:
        """Seconds of each of ``STAGES`` for the first face of a photo."""
        watch, work = Watch(), iter(STAGES)
        data = watch.time(next(work), photo.read_bytes)
        picture = watch.time(next(work), lambda: self._examiner.reader.open(data))
        faces = watch.time(next(work), lambda: self._examiner.finder.find(picture)).faces
        if not faces:
            raise Invalid(f"No face was found in {photo}.", "photos")

        def looked_at() -> tuple[Pixels, Detection]:
            part, inside = close_up(picture, faces[0])
            assess(part.pixels, inside, len(faces), part.frame)
            return part.pixels, inside

        pixels, face = watch.time(next(work), looked_at)
        chips = watch.time(next(work), lambda: self._aligned(pixels, face))
        watch.time(next(work), lambda: self.network.describe(chips))
        return watch.seconds

    def chips(self, photos: Sequence[Path]) -> Pixels:
        """uint8 (n, side, side, 3): the faces of the photos as the network sees them."""
        if self.is_dlibs:
            return self.dlib_chips(photos)
        pictures = (self._examiner.reader.open(photo.read_bytes()) for photo in photos)
        seen = [close_up(picture, face) for picture in pictures for face in self._examiner.finder.find(picture).faces]
        return np.concatenate([self._aligned(part.pixels, face) for part, face in seen])

    def dlib_chips(self, photos: Sequence[Path]) -> Pixels:
        """uint8 (n, 150, 150, 3): the same faces as dlib's network sees them."""
        return chips_of(photos, self._files)

    def dlib_network(self) -> DlibNetwork:
        """dlib's own implementation of its recognition network, and no other encoder's."""
        facts = encoder_facts(DLIB_RESNET).model
        return DlibNetwork(lambda: self._files.required(facts, "network"))

    @property
    def is_dlibs(self) -> bool:
        """Whether the network is dlib's, so that its templates have to be those of ``dlib_network``."""
        return self._facts.model.kind == "dlib_resnet"

    def _aligned(self, image: Pixels, face: Detection) -> Pixels:
        return dlib_chips(image, [face]) if self.is_dlibs else arcface_chips(image, [face.landmarks])


def _model(facts: EncoderFacts, files: ModelFolders) -> Path:
    """The ONNX file of the encoder's network, converted if need be."""
    return converted(facts.model, files).path if facts.model.kind == "dlib_resnet" else files.required(facts.model, "network")
