"""What every drawing stands on: a canvas of colours, the coordinates laid over it, and soft-edged shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Plane: TypeAlias = NDArray[np.floating[Any]]
"""One value per pixel of a view: float32 as a rule, shape (rows, columns)."""

Colour: TypeAlias = tuple[float, float, float]
"""Red, green and blue, each from 0 to 1."""

Points: TypeAlias = Sequence[tuple[float, float]]


Window: TypeAlias = tuple[slice, slice]
"""Rows and columns of a part of a view."""


@dataclass(frozen=True, slots=True)
class View:
    """A rectangle of the canvas with coordinates of its own: ``x`` to the right, ``y`` down, ``pixel`` the size of a pixel."""

    rgb: NDArray[np.float32]
    x: Plane
    y: Plane
    pixel: float

    def window(self, left: float, top: float, right: float, bottom: float) -> Window:
        """The smallest rectangle of pixels that holds these coordinates; empty when they lie outside the view."""
        inside = (self.x > left) & (self.x < right) & (self.y > top) & (self.y < bottom)
        rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
        if not rows.size:
            return slice(0, 0), slice(0, 0)
        return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)

    def part(self, window: Window) -> View:
        return View(self.rgb[window], self.x[window], self.y[window], self.pixel)

    def near(self, left: float, top: float, right: float, bottom: float) -> View:
        """The part of the view that holds these coordinates."""
        return self.part(self.window(left, top, right, bottom))

    def around(self, points: Points, margin: float) -> View:
        """The part of the view that holds these points and ``margin`` around them."""
        return self.near(*bounds(points, margin))

    def line(
        self, points: Points, widths: Sequence[float], colour: Colour, strength: float = 1.0, softness: float = 0.0
    ) -> None:
        """Paint a line whose half width at each point is given."""
        place = self.around(points, max(widths) + softness + 2 * self.pixel)
        place.paint(colour, strength * place.cover(stroke(place.x, place.y, points, widths), softness))

    def cover(self, distance: Plane, softness: float = 0.0) -> Plane:
        """How much of each pixel lies inside (negative ``distance``): an edge one pixel wide, or softer."""
        width = max(self.pixel * 1.2, softness)
        return smooth(0.5 - distance / width)

    def paint(self, colour: Colour | Plane, cover: Plane) -> None:
        """Lay a colour over the canvas where ``cover`` is above 0."""
        share = cover[..., None]
        self.rgb[...] += (np.asarray(colour, np.float32) - self.rgb) * share

    def shade(self, cover: Plane, tint: Colour = (0.55, 0.38, 0.34)) -> None:
        """Darken what is there, as a shadow does: multiply by ``tint`` where ``cover`` is 1."""
        self.rgb[...] *= 1 - cover[..., None] * (1 - np.asarray(tint, np.float32))


def bounds(points: Points, margin: float) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the points with ``margin`` around them."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin


def canvas_view(rgb: NDArray[np.float32], centre: tuple[float, float], unit: float) -> View:
    """Coordinates over a whole canvas: ``unit`` pixels are 1, ``centre`` (column, row) is the origin."""
    height, width = rgb.shape[:2]
    x = (np.arange(width, dtype=np.float32) - centre[0]) / unit
    y = (np.arange(height, dtype=np.float32) - centre[1]) / unit
    return View(rgb, np.broadcast_to(x, (height, width)), np.broadcast_to(y[:, None], (height, width)), 1 / unit)


def smooth(value: Plane) -> Plane:
    """The soft step from 0 to 1."""
    t = np.clip(value, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def bump(x: Plane, y: Plane, centre: tuple[float, float], size: tuple[float, float]) -> Plane:
    """A Gaussian hill of height 1."""
    return np.asarray(np.exp(-(((x - centre[0]) / size[0]) ** 2) - ((y - centre[1]) / size[1]) ** 2), np.float32)


def ellipse(x: Plane, y: Plane, centre: tuple[float, float], size: tuple[float, float]) -> Plane:
    """The distance to an ellipse, negative inside; exact only near its edge."""
    reach = np.hypot((x - centre[0]) / size[0], (y - centre[1]) / size[1])
    return np.asarray((reach - 1) * min(size), np.float32)


def rounded_box(x: Plane, y: Plane, centre: tuple[float, float], size: tuple[float, float], corner: float) -> Plane:
    """The distance to a rectangle with round corners, negative inside; ``size`` is half of each side."""
    over_x = np.abs(x - centre[0]) - size[0] + corner
    over_y = np.abs(y - centre[1]) - size[1] + corner
    outside = np.hypot(np.maximum(over_x, 0), np.maximum(over_y, 0))
    return np.asarray(outside + np.minimum(np.maximum(over_x, over_y), 0) - corner, np.float32)


def stroke(x: Plane, y: Plane, points: Points, widths: Sequence[float]) -> Plane:
    """The distance to a line through ``points`` whose half width at each point is given, negative inside."""
    nearest = np.full(x.shape, np.inf, np.float32)
    for (ax, ay), (bx, by), start, end in zip(points, points[1:], widths, widths[1:], strict=False):
        dx, dy = bx - ax, by - ay
        along = np.clip(((x - ax) * dx + (y - ay) * dy) / max(dx * dx + dy * dy, 1e-9), 0, 1)
        away = np.hypot(x - ax - along * dx, y - ay - along * dy) - (start + along * (end - start))
        np.minimum(nearest, away, out=nearest)
    return nearest


def curve(
    start: tuple[float, float], bend: tuple[float, float], end: tuple[float, float], steps: int = 8
) -> list[tuple[float, float]]:
    """Points of a quadratic Bezier curve."""
    t = np.linspace(0, 1, steps)
    weights = ((1 - t) ** 2, 2 * t * (1 - t), t**2)
    xs = sum(w * p[0] for w, p in zip(weights, (start, bend, end), strict=True))
    ys = sum(w * p[1] for w, p in zip(weights, (start, bend, end), strict=True))
    return [(float(x), float(y)) for x, y in zip(np.asarray(xs), np.asarray(ys), strict=True)]


def taper(count: int, width: float, ends: float = 0.15) -> list[float]:
    """Half widths of a line that is thickest in the middle."""
    t = np.linspace(-1, 1, count)
    return [float(w) for w in width * (ends + (1 - ends) * (1 - t**2))]


def cloud(rng: np.random.Generator, shape: tuple[int, int], cell: float) -> Plane:
    """Smooth random relief of about normal distribution, with hills ``cell`` pixels wide."""
    height, width = shape
    grid: Plane = rng.standard_normal((int(height / cell) + 2, int(width / cell) + 2)).astype(np.float32)
    for axis, length in enumerate((height, width)):
        place = np.arange(length, dtype=np.float32) / cell
        low = place.astype(np.intp)
        share = smooth(place - low)
        share = share[:, None] if axis == 0 else share[None, :]
        grid = np.take(grid, low, axis) * (1 - share) + np.take(grid, low + 1, axis) * share
    return grid


def sampled(table: NDArray[np.float32], column: Plane, row: Plane) -> Plane:
    """Read a random table between its values; it repeats endlessly in both directions."""
    rows, columns = table.shape
    low_r, low_c = np.floor(row), np.floor(column)
    share_r, share_c = smooth(row - low_r), smooth(column - low_c)
    r, c = low_r.astype(np.intp) % rows, low_c.astype(np.intp) % columns
    r1, c1 = (r + 1) % rows, (c + 1) % columns
    upper = table[r, c] * (1 - share_c) + table[r, c1] * share_c
    lower = table[r1, c] * (1 - share_c) + table[r1, c1] * share_c
    return np.asarray(upper * (1 - share_r) + lower * share_r, np.float32)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """The colour ``share`` of the way from one to the other."""
    return (
        one[0] + (other[0] - one[0]) * share,
        one[1] + (other[1] - one[1]) * share,
        one[2] + (other[2] - one[2]) * share,
    )
