"""Rows of numbers, as encoders give them."""

from __future__ import annotations

import numpy as np

from tracing.vision import Vector


def unit(templates: Vector) -> Vector:
    """float32 (n, d): each row brought to length 1; a row of zeros stays one."""
    vectors = np.asarray(templates, dtype=np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.finfo(np.float32).tiny), dtype=np.float32)
