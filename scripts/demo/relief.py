"""The face as a landscape: how high its skin stands towards the viewer, from the skull down to the wrinkles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scripts.demo.anatomy import Anatomy
from scripts.demo.canvas import Plane, Points, View, bounds, bump, curve, stroke
from scripts.demo.people import Person

DEPTH = 0.85


@dataclass(frozen=True, slots=True)
class Relief:
    """A height in face units for each pixel of a view; it is carved in place."""

    view: View
    height: Plane

    def carve(self, points: Points, width: float, depth: float) -> None:
        """Press a soft line into the surface, or raise one with a negative depth."""
        window = self.view.window(*bounds(points, 3 * width))
        x, y = self.view.x[window], self.view.y[window]
        ends = [0.0] * len(points)
        away = stroke(x, y, points, ends)
        self.height[window] -= depth * np.exp(-((away / width) ** 2))

    def hill(self, x: float, y: float, wide: float, high: float, height: float) -> None:
        """Raise a soft hill at this place and at its mirror image."""
        for side in (-1, 1) if x else (1,):
            window = self.view.window(side * x - 3 * wide, y - 3 * high, side * x + 3 * wide, y + 3 * high)
            self.height[window] += height * bump(self.view.x[window], self.view.y[window], (side * x, y), (wide, high))


def sculpt(view: View, person: Person, face: Anatomy, inside: Plane) -> Relief:
    """The landscape of a face; ``inside`` runs from 0 at the centre of the head to 1 at its outline."""
    dome = DEPTH * np.sqrt(np.clip(1.04 - inside**2.6, 0.0, None))
    relief = Relief(view, dome)
    _bones(relief, person, face)
    _nose(relief, person, face)
    _mouth(relief, face)
    _folds(relief, person, face)
    if face.old > 0.1:
        _wrinkles(relief, face, np.random.default_rng([person.pattern, 23]))
    return relief


def _bones(relief: Relief, person: Person, face: Anatomy) -> None:
    t = person.traits
    deep = 0.08 + 0.022 * t.eye_depth + 0.03 * face.old + 0.015 * face.male - 0.02 * face.youth
    relief.hill(face.eye_x - 0.04, 0.02, 0.27, 0.17, -max(deep, 0.02))
    relief.hill(face.eye_x, 0.01, 0.16, 0.1, 0.045)
    relief.hill(face.eye_x, face.brow_y + 0.07, 0.3, 0.1, 0.022 + 0.02 * face.male)
    relief.hill(0.6, 0.36, 0.24, 0.2, 0.05 + 0.022 * t.cheekbones)
    relief.hill(0.62, 0.72, 0.2, 0.24, 0.03 * t.fullness - 0.045 * face.old + 0.04 * face.youth)
    relief.hill(0.0, face.chin - 0.2, 0.24, 0.16, 0.07 + 0.012 * t.chin_length)
    relief.hill(0.82, -0.5, 0.16, 0.3, -0.025 - 0.035 * face.old)


def _nose(relief: Relief, person: Person, face: Anatomy) -> None:
    x, y = relief.view.x, relief.view.y
    tip, half = face.nose_tip, face.nose_half
    along = np.clip((y + 0.08) / (tip + 0.08), 0, 1)
    width = 0.085 + 0.065 * along + 0.1 * (half - 0.25)
    ridge = face.nose_bridge * (0.42 + 0.72 * along**1.3) * np.exp(-((x / width) ** 2))
    fade = 1 / (1 + np.exp(np.clip((y - tip - 0.055 + 1.3 * np.minimum(x * x, 0.06)) / 0.036, -40, 40)))
    start = 1 / (1 + np.exp(np.clip(-(y + 0.12) / 0.07, -40, 40)))
    relief.height[...] += ridge * fade * start
    relief.hill(0.0, tip - 0.03, 0.11 + 0.015 * person.traits.nose_tip, 0.1, 0.07 + 0.022 * person.traits.nose_tip)
    relief.hill(half * 0.72, tip + 0.01, half * 0.3, 0.075, 0.085)


def _mouth(relief: Relief, face: Anatomy) -> None:
    mouth = face.mouth
    relief.hill(0.0, mouth, face.mouth_half * 1.05, 0.24, 0.05)
    relief.hill(face.mouth_half * 0.32, mouth - face.upper_lip * 0.45, face.mouth_half * 0.42, face.upper_lip * 0.6, 0.02)
    relief.hill(face.mouth_half * 0.2, mouth + face.lower_lip * 0.5, face.mouth_half * 0.5, face.lower_lip * 0.55, 0.035)
    relief.hill(0.0, mouth + face.lower_lip + 0.09, 0.24, 0.06, -0.035)
    relief.hill(0.0, (face.nose_tip + mouth) / 2 + 0.02, 0.04, 0.1, -0.014)


def _folds(relief: Relief, person: Person, face: Anatomy) -> None:
    """The fold from the nose to the corner of the mouth, and the bags under the eyes; both deepen with age."""
    deep = 0.006 + 0.021 * face.old + 0.004 * max(0.0, person.traits.fullness) - 0.006 * face.youth
    for side in (-1, 1):
        fold = curve(
            (side * (face.nose_half + 0.02), face.nose_tip - 0.04),
            (side * (face.nose_half + 0.2), face.nose_tip + 0.16),
            (side * (face.mouth_half + 0.1), face.mouth + 0.02),
        )
        relief.carve(fold, 0.055, deep)
        bag = curve((side * (face.eye_x - 0.2), 0.12), (side * face.eye_x, 0.27), (side * (face.eye_x + 0.2), 0.14))
        relief.carve(bag, 0.03, 0.004 + 0.015 * face.old)


def _wrinkles(relief: Relief, face: Anatomy, rng: np.random.Generator) -> None:
    for row in range(1 + int(3 * face.old)):
        y = face.brow_y - 0.16 - 0.13 * row + float(rng.normal(0, 0.015))
        reach = float(rng.uniform(0.4, 0.62))
        relief.carve(
            curve((-reach, y + 0.02), (float(rng.normal(0, 0.1)), y - 0.06), (reach, y + 0.02), 7), 0.022, 0.013 * face.old
        )
    for side in (-1, 1):
        outer = side * (face.eye_x + face.eye_half + 0.04)
        for tilt in (-0.09, 0.0, 0.09):
            relief.carve([(outer, tilt * 0.5), (outer + side * 0.17, tilt * 2)], 0.016, 0.011 * face.old)
        corner = side * (face.mouth_half + 0.05)
        relief.carve(
            curve(
                (corner, face.mouth + 0.03), (corner + side * 0.06, face.mouth + 0.15), (corner + side * 0.03, face.mouth + 0.3)
            ),
            0.03,
            0.012 * face.old,
        )
        relief.carve([(side * 0.06, face.brow_y - 0.1), (side * 0.05, face.brow_y + 0.09)], 0.018, 0.009 * face.old)
        for row in range(int(3 * face.old)):
            start = (side * (0.62 + 0.06 * row), 0.45 + 0.05 * row)
            relief.carve(
                curve(start, (start[0] + side * 0.09, start[1] + 0.2), (start[0] + side * 0.03, start[1] + 0.42)),
                0.02,
                0.008 * face.old,
            )
