"""What stands behind people, and pictures with nobody in them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scripts.demo.canvas import Colour, View, canvas_view, cloud, mixed, smooth
from scripts.demo.light import Light
from scripts.demo.scenes import Backdrop


def paint_backdrop(rgb: NDArray[np.float32], backdrop: Backdrop, tone: Colour, light: Light, rng: np.random.Generator) -> None:
    """Fill the whole canvas with what is behind the person, out of focus."""
    view = canvas_view(rgb, (rgb.shape[1] / 2, rgb.shape[0] / 2), rgb.shape[1] / 2)
    _PAINTERS[backdrop](view, tone, rng)
    x, y, _ = light.towards
    fall = 1.0 + 0.14 * (view.x * x + view.y * y) - 0.07 * (view.x**2 + view.y**2)
    rgb *= np.asarray(fall, np.float32)[..., None] * np.asarray(light.key, np.float32)


def _wall(view: View, tone: Colour, rng: np.random.Generator) -> None:
    texture = 1 + 0.012 * cloud(rng, view.x.shape, 60) + 0.006 * cloud(rng, view.x.shape, 3)
    view.rgb[...] = np.asarray(tone, np.float32) * texture[..., None]


def _curtain(view: View, tone: Colour, rng: np.random.Generator) -> None:
    folds = np.sin(view.x * 13 + 1.2 * cloud(rng, view.x.shape, 120)) * 0.5 + 0.3 * np.sin(view.x * 29)
    view.rgb[...] = np.asarray(mixed(tone, (0.85, 0.82, 0.78), 0.55), np.float32) * (1 + 0.07 * folds)[..., None]


def _room(view: View, tone: Colour, rng: np.random.Generator) -> None:
    wall = mixed((0.8, 0.74, 0.64), tone, 0.16)
    _wall(view, wall, rng)
    left = float(rng.uniform(-0.95, 0.2))
    window = np.maximum(np.abs(view.x - left) - 0.36, np.abs(view.y + 0.55) - 0.5)
    view.paint((0.93, 0.95, 0.93), 0.85 * smooth(0.5 - window / 0.09))
    bar = np.maximum(np.abs(view.x - left) - 0.025, np.abs(view.y + 0.55) - 0.5)
    view.paint(mixed(wall, (0.3, 0.22, 0.16), 0.5), 0.6 * smooth(0.5 - bar / 0.05))
    right = left + float(rng.uniform(0.85, 1.1))
    shelf = np.maximum(np.abs(view.x - right) - 0.3, np.abs(view.y + 0.1) - 0.8)
    view.paint((0.42, 0.3, 0.21), 0.75 * smooth(0.5 - shelf / 0.08))
    view.paint((0.5, 0.37, 0.27), 0.7 * smooth((view.y - 0.82) / 0.06))


def _garden(view: View, _tone: Colour, rng: np.random.Generator) -> None:
    """Trees far out of focus: discs of light, the sky above."""
    sky, leaf = np.array([0.79, 0.87, 0.9], np.float32), np.array([0.37, 0.47, 0.29], np.float32)
    share = smooth((view.y + 0.75 + 0.2 * cloud(rng, view.x.shape, 130)) / 0.7)[..., None]
    view.rgb[...] = sky * (1 - share) + leaf * share
    for _ in range(90):
        x, y, size = float(rng.uniform(-1.1, 1.1)), float(rng.uniform(-1.0, 1.3)), float(rng.uniform(0.07, 0.17))
        spot = view.near(x - size, y - size, x + size, y + size)
        tone = mixed((0.2, 0.31, 0.16), (0.72, 0.78, 0.5), float(rng.random()) ** 1.4)
        strength = np.float32(rng.uniform(0.12, 0.4) * (0.35 if y < -0.3 else 1.0))
        spot.paint(tone, strength * smooth((size - np.hypot(spot.x - x, spot.y - y)) / 0.03))


def _street(view: View, tone: Colour, rng: np.random.Generator) -> None:
    _wall(view, (0.72, 0.76, 0.8), rng)
    edge = -1.1
    while edge < 1.1:
        wide, top = float(rng.uniform(0.25, 0.6)), float(rng.uniform(-1.1, -0.2))
        house = mixed(mixed((0.55, 0.5, 0.46), tone, 0.25), (0.8, 0.78, 0.75), float(rng.random()) * 0.5)
        shape = np.maximum(np.abs(view.x - edge - wide / 2) - wide / 2, top - view.y)
        view.paint(house, smooth(0.5 - shape / 0.05))
        panes = (np.sin(view.x * 34) > 0.2) & (np.sin(view.y * 26) > 0.1)
        view.paint(mixed(house, (0.25, 0.28, 0.33), 0.6), 0.4 * smooth(0.5 - (shape + 0.06) / 0.05) * panes)
        edge += wide
    view.paint((0.5, 0.5, 0.5), smooth((view.y - 0.75) / 0.05))


_PAINTERS = {
    Backdrop.WALL: _wall,
    Backdrop.CURTAIN: _curtain,
    Backdrop.ROOM: _room,
    Backdrop.GARDEN: _garden,
    Backdrop.STREET: _street,
}
