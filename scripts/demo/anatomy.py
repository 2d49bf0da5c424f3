"""The measures of a face, from a person's traits, sex and age.

Face units: the origin lies between the eyes, 1 is half the width of an average face (about 70 mm), y points down.
The averages are those of adult anthropometry: eyes 63 mm apart, eye to chin 112 mm, mouth 50 mm wide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scripts.demo.canvas import Plane
from scripts.demo.people import Person
from tracing.domain import Sex

CENTRE = (0.0, 0.1)
"""Where the radii of the outline are measured from."""
ANGLES = 720


@dataclass(frozen=True, slots=True)
class Anatomy:
    """A face in face units; ``youth``, ``old`` and ``male`` run from 0 to 1."""

    youth: float
    old: float
    male: float
    outline: NDArray[np.float32]
    chin: float
    hairline: float
    eye_x: float
    eye_half: float
    eye_open: float
    eye_tilt: float
    brow_y: float
    brow_half: float
    nose_tip: float
    nose_half: float
    nose_bridge: float
    mouth: float
    mouth_half: float
    upper_lip: float
    lower_lip: float
    neck: float

    def radius(self, x: Plane, y: Plane) -> tuple[Plane, Plane]:
        """For each pixel the distance from the centre of the head, and the outline's distance in that direction."""
        dx, dy = x - CENTRE[0], y - CENTRE[1]
        turn = np.arctan2(dy, dx) * (ANGLES / (2 * np.pi))
        edge = np.interp(turn.ravel(), np.arange(ANGLES), self.outline, period=ANGLES).reshape(x.shape)
        return np.hypot(dx, dy), edge.astype(np.float32)


def measure(person: Person) -> Anatomy:
    """All measures of a person's face."""
    t = person.traits
    youth = float(np.clip((16 - person.age) / 12, 0, 1))
    old = float(np.clip((person.age - 42) / 40, 0, 1))
    male = (1.0 if person.sex is Sex.MALE else 0.0) * (1 - 0.7 * youth)
    chin = 1.58 + 0.1 * t.face_length + 0.05 * t.chin_length + 0.05 * male - 0.2 * youth
    tip = 0.56 + 0.075 * t.nose_length - 0.12 * youth + 0.03 * old
    mouth = min(tip + 0.4 + 0.055 * t.mouth_height + 0.02 * old - 0.06 * youth, chin - 0.44)
    return Anatomy(
        youth=youth,
        old=old,
        male=male,
        outline=_outline(person, chin, youth, old, male),
        chin=chin,
        hairline=-0.95 - 0.12 * t.forehead - 0.06 * youth,
        eye_x=0.445 + 0.045 * t.eye_distance,
        eye_half=0.232 * (1 + 0.088 * t.eye_size + 0.16 * youth - 0.04 * old),
        eye_open=0.425 * (1 + 0.17 * t.eye_opening + 0.2 * youth - 0.1 * old - 0.06 * male),
        eye_tilt=0.1 + 0.09 * t.eye_tilt - 0.08 * old,
        brow_y=-0.34 - 0.05 * t.brow_height + 0.05 * male - 0.02 * youth,
        brow_half=0.3 + 0.03 * t.brow_length,
        nose_tip=tip,
        nose_half=0.24 + 0.045 * t.nose_width + 0.025 * male - 0.035 * youth + 0.02 * old,
        nose_bridge=0.2 + 0.06 * t.nose_bridge + 0.04 * male - 0.09 * youth,
        mouth=mouth,
        mouth_half=0.36 + 0.05 * t.mouth_width + 0.02 * male - 0.06 * youth,
        upper_lip=max(0.035, 0.08 * (1 + 0.35 * t.upper_lip) - 0.015 * male - 0.03 * old),
        lower_lip=max(0.05, 0.115 * (1 + 0.3 * t.lower_lip) - 0.01 * male - 0.035 * old),
        neck=0.56 + 0.1 * male + 0.04 * t.fullness - 0.12 * youth,
    )


def _outline(person: Person, chin: float, youth: float, old: float, male: float) -> NDArray[np.float32]:
    """The radius of the head for each of ``ANGLES`` directions, starting at the right and turning down."""
    t = person.traits
    width = 1.0 + 0.055 * t.face_width + 0.03 * t.fullness
    jaw = 0.765 + 0.065 * t.jaw_width + 0.05 * t.fullness + 0.075 * male + 0.04 * old - 0.02 * youth
    point = 0.34 + 0.07 * t.chin_width + 0.03 * t.fullness + 0.07 * male
    crown = -1.6 - 0.05 * t.forehead
    landmarks = [
        (0.0, crown),
        (0.62 * width, crown + 0.14),
        (0.95 * width, -1.05),
        (1.02 * width - 0.02 * old, -0.5),
        (width + 0.025 * t.cheekbones, 0.1),
        (0.95 * width + 0.03 * t.cheekbones + 0.04 * t.fullness, 0.5),
        (jaw, 0.98),
        (jaw * 0.76 + point * 0.12, chin - 0.32),
        (point, chin - 0.07),
        (0.0, chin),
    ]
    right = [(np.arctan2(y - CENTRE[1], x), np.hypot(x, y - CENTRE[1])) for x, y in landmarks]
    angles = np.array([a for a, _ in right] + [np.pi - a for a, _ in right[-2:0:-1]])
    radii = np.array([r for _, r in right] + [r for _, r in right[-2:0:-1]])
    fine = np.interp(np.arange(ANGLES) * (2 * np.pi / ANGLES), angles, radii, period=2 * np.pi)
    kernel = np.exp(-0.5 * (np.arange(-40, 41) / 13) ** 2)
    ring = np.concatenate([fine[-40:], fine, fine[:40]])
    return np.convolve(ring, kernel / kernel.sum(), mode="valid").astype(np.float32)
