"""From colours of light to the pixels of a file: focus, sensor, contrast and the traces of compression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scripts.demo.canvas import cloud
from scripts.demo.scenes import Camera
from tracing.domain import Pixels


def exposed(rgb: NDArray[np.float32], camera: Camera, rng: np.random.Generator) -> Pixels:
    """The picture as this camera takes it: uint8, shape (height, width, 3)."""
    picture = blurred(rgb, camera.blur)
    picture = (picture - 0.5) * camera.contrast + 0.5
    picture *= np.array([1 + camera.warmth, 1.0, 1 - 1.6 * camera.warmth], np.float32)
    if camera.blocks > 0:
        picture = _compressed(picture, camera.blocks)
    grain = rng.standard_normal(picture.shape[:2], np.float32) + 0.5 * cloud(rng, picture.shape[:2], 2.2)
    picture += (camera.noise * grain)[..., None] * np.array([1.0, 0.9, 1.15], np.float32)
    return np.asarray(np.clip(picture * 255 + 0.5, 0, 255), np.uint8)


def blurred(rgb: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """A Gaussian blur of ``sigma`` pixels; the edge pixels are repeated outwards."""
    if sigma < 0.2:
        return rgb.copy()
    reach = max(1, int(np.ceil(2.5 * sigma)))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    for axis in (0, 1):
        widths = [(0, 0)] * 3
        widths[axis] = (reach, reach)
        padded = np.pad(rgb, widths, mode="edge")
        length = rgb.shape[axis]
        rgb = np.zeros_like(rgb)
        for start, weight in enumerate(weights):
            window = (slice(start, start + length),) if axis == 0 else (slice(None), slice(start, start + length))
            rgb += np.float32(weight) * padded[window]
    return rgb


def _compressed(rgb: NDArray[np.float32], strength: float) -> NDArray[np.float32]:
    """Round the cosine coefficients of 8x8 blocks, as JPEG does (ITU-T T.81, without its entropy coding)."""
    height, width = (side // 8 * 8 for side in rgb.shape[:2])
    order = np.arange(8)
    cosine = np.cos((2 * order[None, :] + 1) * order[:, None] * np.pi / 16) * 0.5
    cosine[0] /= np.sqrt(2)
    basis = cosine.astype(np.float32)
    blocks = rgb[:height, :width].reshape(height // 8, 8, width // 8, 8, 3).transpose(0, 2, 4, 1, 3)
    step = np.float32(strength * 0.012) * (1 + order[:, None] + order[None, :]).astype(np.float32)
    kept = np.round((basis @ blocks @ basis.T) / step) * step
    result = rgb.copy()
    result[:height, :width] = (basis.T @ kept @ basis).transpose(0, 3, 1, 4, 2).reshape(height, width, 3)
    return result
