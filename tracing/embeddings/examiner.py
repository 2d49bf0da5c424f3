"""Photo bytes to faces and templates, in this process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from tracing.domain import Box, Pixels, Vector
from tracing.errors import EncoderUnavailable
from tracing.ports import Detection, Detector, Encoder, Examination, ImageReader, PhotoInfo, Sighted
from tracing.quality import assess


class PhotoExaminer:
    """An ``Examiner`` made of a reader, a detector and encoders."""

    def __init__(self, reader: ImageReader, detector: Detector, encoders: Iterable[Encoder]) -> None:
        self.reader = reader
        self.detector = detector
        self.encoders = {encoder.encoder_id: encoder for encoder in encoders}

    def verify(self, data: bytes) -> PhotoInfo:
        return self.reader.verify(data)

    def examine(self, data: bytes, encoder_ids: Sequence[str]) -> Examination:
        encoders = self._chosen(encoder_ids)
        image = self.reader.read(data)
        found = self.detector.detect(image)
        vectors = _encoded(image, found, encoders) if len(found) == 1 else [{} for _ in found]
        faces = (
            Sighted(face, assess(image, face, len(found)), vectors_of_face)
            for face, vectors_of_face in zip(found, vectors, strict=True)
        )
        height, width = image.shape[:2]
        return Examination(width, height, self.detector.detector_id, tuple(faces))

    def encode(self, data: bytes, faces: Sequence[Detection], encoder_ids: Sequence[str]) -> list[dict[str, Vector]]:
        encoders = self._chosen(encoder_ids)
        return _encoded(self.reader.read(data), faces, encoders)

    def warm(self) -> None:
        """Load every model now instead of with the first photo, and see that it works."""
        grey = np.full((64, 64, 3), 128, dtype=np.uint8)
        self.detector.detect(grey)
        middle = Detection(Box(16, 16, 48, 48), ((26.0, 28.0), (38.0, 28.0)))
        for encoder in self.encoders.values():
            encoder.encode(grey, [middle])

    def _chosen(self, encoder_ids: Sequence[str]) -> list[Encoder]:
        unknown = [wanted for wanted in encoder_ids if wanted not in self.encoders]
        if unknown:
            known = ", ".join(sorted(self.encoders)) or "none"
            raise EncoderUnavailable(f"The encoder {unknown[0]} is not loaded; loaded: {known}.")
        return [self.encoders[wanted] for wanted in encoder_ids]


def _encoded(image: Pixels, faces: Sequence[Detection], encoders: Sequence[Encoder]) -> list[dict[str, Vector]]:
    """One dictionary per face, encoder id to its template; a non-finite template is no template."""
    by_encoder = {encoder.encoder_id: encoder.encode(image, faces) for encoder in encoders}
    for encoder_id, vectors in by_encoder.items():
        if not np.isfinite(vectors).all():
            raise EncoderUnavailable(f"The encoder {encoder_id} gave a template that is not a number.")
    return [{encoder_id: vectors[row] for encoder_id, vectors in by_encoder.items()} for row in range(len(faces))]
