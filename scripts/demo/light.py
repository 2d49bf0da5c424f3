"""Where a scene's light comes from, and how skin, hair and cloth answer it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scripts.demo.canvas import Colour, Plane


@dataclass(frozen=True, slots=True)
class Light:
    """One lamp and its surroundings. ``direction`` points to the lamp (x right, y down, z to the viewer)."""

    direction: tuple[float, float, float] = (-0.45, -0.6, 0.9)
    key: Colour = (1.0, 0.98, 0.95)
    ambient: Colour = (0.62, 0.62, 0.64)
    hardness: float = 0.5
    """0 is a cloudy day, 1 a bare bulb."""

    @property
    def towards(self) -> tuple[float, float, float]:
        x, y, z = self.direction
        length = (x * x + y * y + z * z) ** 0.5
        return x / length, y / length, z / length


def lit(light: Light, height: Plane, pixel: float) -> Plane:
    """How much of the key light each pixel of a relief receives: about 0.15 (turned away) to 1 (facing it)."""
    down, right = np.gradient(height, pixel)
    x, y, z = light.towards
    slope = np.sqrt(right * right + down * down + 1)
    facing = (-right * x - down * y + z) / slope
    wrap = 0.75 - 0.45 * light.hardness
    return np.asarray(np.clip((facing + wrap) / (1 + wrap), 0, 1), np.float32)


def gloss(light: Light, height: Plane, pixel: float, sharpness: float = 18.0) -> Plane:
    """The sheen of a surface: 1 where it mirrors the lamp to the viewer."""
    down, right = np.gradient(height, pixel)
    x, y, z = light.towards
    half = (x, y, z + 1)
    length = (half[0] ** 2 + half[1] ** 2 + half[2] ** 2) ** 0.5
    slope = np.sqrt(right * right + down * down + 1)
    facing = (-right * half[0] - down * half[1] + half[2]) / (slope * length)
    return np.asarray(np.clip(facing, 0, 1) ** sharpness, np.float32)


def coloured(base: NDArray[np.float32], light: Light, share: Plane, blush: float = 0.0) -> NDArray[np.float32]:
    """A surface of colour ``base`` under the light; ``blush`` keeps the shadows warm, as blood does under skin."""
    dark = (1 - share)[..., None]
    warm = 1 - dark * blush * np.array([0.0, 0.16, 0.2], np.float32)
    lamp = np.asarray(light.ambient, np.float32) * 0.62 + np.asarray(light.key, np.float32) * (0.62 * share[..., None])
    return np.asarray(base * lamp * warm, np.float32)
