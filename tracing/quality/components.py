"""From what was measured to components from 0 (useless) to 1 (nothing to improve), the score, and hints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracing.quality.measures import Light, Mouth

SEVERITY: Final[Mapping[str, float]] = {
    "size": 0.6,
    "sharpness": 0.9,
    "exposure": 0.9,
    "contrast": 0.9,
    "pose": 0.5,
    "pitch": 0.6,
    "eyes": 0.5,
    "mouth": 0.5,
    "whole": 0.1,
    "uniformity": 0.0,
    "single": 0.0,
}
"""The part of the score that a component takes away where it is 0."""

POOR: Final = 0.35
"""A component below this gives its hint."""

EYES_USELESS, EYES_GOOD = 8.0, 40.0
"""Pixels between the eyes."""
BLURRED, SHARP = -2.0, -0.7
"""Decimal logarithm of the edges' energy in the direction that is blurred most."""
DARK_USELESS, DARK_GOOD = 10.0, 45.0
BRIGHT_GOOD, BRIGHT_USELESS = 215.0, 252.0
"""Mean luma of the face, 0 to 255. The band is wide, so that no skin is called a fault of the photo."""
UNDER_GOOD, UNDER_USELESS = 0.05, 0.6
OVER_GOOD, OVER_USELESS = 0.0, 0.5
"""Shares of the face that are black, or white."""
SPREAD_USELESS, SPREAD_GOOD = 10.0, 50.0
"""Luma from the darkest to the brightest parts."""
EVEN, UNEVEN = 0.3, 1.2
"""Difference of the halves' brightness over their mean."""
FRONTAL, PROFILE = 20.0, 55.0
"""Degrees that the head is turned aside."""
LEVEL, BENT, USUAL_PITCH = 12.0, 38.0, 6.0
"""Degrees up or down from where heads usually are, and where that is in the measure of ``axes.pitch``."""
EYES_COVERED, EYES_SEEN = -1.3, -0.7
"""Natural logarithm of the eyes' brightness over that of the cheeks."""
LINE_COVERED, LINE_SEEN = 0.1, 0.3
RED_COVERED, RED_SEEN = 0.03, 0.12
"""How much brightness and redness change from row to row at a mouth."""
NOTHING_SEEN, SOMETHING_SEEN = 0.15, 0.25
"""How much brightness changes at the eyes; where that is little, a mouth without a line says nothing."""


def size(between_eyes: float) -> float:
    return ramp(between_eyes, EYES_USELESS, EYES_GOOD)


def sharpness(logarithm: float) -> float:
    return ramp(logarithm, BLURRED, SHARP)


def not_dark(light: Light) -> float:
    return min(ramp(light.mean, DARK_USELESS, DARK_GOOD), ramp(light.under, UNDER_USELESS, UNDER_GOOD))


def not_bright(light: Light) -> float:
    return min(ramp(light.mean, BRIGHT_USELESS, BRIGHT_GOOD), ramp(light.over, OVER_USELESS, OVER_GOOD))


def contrast(light: Light) -> float:
    return ramp(light.spread, SPREAD_USELESS, SPREAD_GOOD)


def uniformity(light: Light) -> float:
    return ramp(light.uneven, UNEVEN, EVEN)


def pose(yaw: float | None) -> float:
    """1 where it is not known: what nobody knows is no fault."""
    return 1.0 if yaw is None else ramp(yaw, PROFILE, FRONTAL)


def pitch(degrees: float | None) -> float:
    """1 where it is not known."""
    return 1.0 if degrees is None else ramp(abs(degrees - USUAL_PITCH), BENT, LEVEL)


def eyes(lightness: float | None) -> float:
    """1 where it is not known."""
    return 1.0 if lightness is None else ramp(lightness, EYES_COVERED, EYES_SEEN)


def mouth(found: Mouth | None) -> float:
    """1 where it is not known, and where the picture is too blurred or too pale to tell."""
    if found is None:
        return 1.0
    seen = max(ramp(found.line, LINE_COVERED, LINE_SEEN), ramp(found.red, RED_COVERED, RED_SEEN))
    return max(seen, ramp(found.eyes, SOMETHING_SEEN, NOTHING_SEEN))


def ramp(value: float, nothing: float, full: float) -> float:
    """0 up to ``nothing``, 1 from ``full`` on, straight in between; ``nothing`` may be the greater one."""
    return min(1.0, max(0.0, (value - nothing) / (full - nothing)))


def score(components: Mapping[str, float]) -> float:
    """Each component leaves 1 - severity x (1 - component) of what the others left."""
    left = 1.0
    for name, severity in SEVERITY.items():
        left *= 1 - severity * (1 - components[name])
    return left
