"""Encoders: a face to its template."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tracing.domain import Pixels, Vector
from tracing.embeddings.dlib_models import DLIB, face_recognition_api
from tracing.ports import Detection, Metric


class FaceRecognitionEncoder:
    """dlib's ResNet as face_recognition calls it: five landmarks, no jitter. Safe to share between threads.

    Its vectors are not of unit length; by cosine they miss fewer people in a gallery than by distance.
    """

    encoder_id = "dlib-resnet-v1"
    dimension = 128
    metric = Metric.COSINE

    def encode(self, image: Pixels, faces: Sequence[Detection]) -> Vector:
        """float32 (len(faces), 128). ``EncoderUnavailable`` where the models cannot be loaded."""
        vectors = np.zeros((len(faces), self.dimension), dtype=np.float32)
        if faces:
            api = face_recognition_api()
            image = np.ascontiguousarray(image)
            sides = [(face.box.top, face.box.right, face.box.bottom, face.box.left) for face in faces]
            with DLIB:
                vectors[:] = api.face_encodings(image, sides, num_jitters=1, model="small")
        return vectors
