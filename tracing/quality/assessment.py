"""One face: its components, its score, and hints for the photographer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracing.ports import Detection
from tracing.quality import components, measures
from tracing.quality.axes import axes, pitch, yaw
from tracing.quality.components import POOR
from tracing.quality.patch import patch
from tracing.vision import Box, Pixels, Quality

HINTS: Final = (
    "too_dark",
    "too_bright",
    "low_contrast",
    "uneven_light",
    "blurred",
    "too_small",
    "turned_away",
    "looking_up_or_down",
    "eyes_hidden",
    "mouth_hidden",
    "several_faces",
    "cut_off",
)
"""Every hint there is, as stable words, in the order in which they are given."""

_HINT_OF: Final[Mapping[str, str]] = {
    "contrast": "low_contrast",
    "uniformity": "uneven_light",
    "sharpness": "blurred",
    "size": "too_small",
    "pose": "turned_away",
    "pitch": "looking_up_or_down",
    "eyes": "eyes_hidden",
    "mouth": "mouth_hidden",
}


def assess(image: Pixels, detection: Detection, faces_in_photo: int, frame: Box | None = None) -> Quality:
    """The quality of one face, in a millisecond or two whatever its size.

    ``image`` may be only a part of the photo around the face, in whose pixels the detection is given; ``frame`` then says
    where the edges of the whole photo are in these pixels. The face may be turned in the picture. Total: a box outside of
    the image or eyes at one place give a poor quality, not an error.
    """
    face = axes(detection)
    seen = patch(image, face)
    light = measures.light(seen)
    dark, bright = components.not_dark(light), components.not_bright(light)
    found = {
        "size": components.size(face.unit if face.known else 0.0),
        "sharpness": components.sharpness(measures.sharpness(seen, face)),
        "exposure": min(dark, bright),
        "contrast": components.contrast(light),
        "uniformity": components.uniformity(light),
        "pose": components.pose(yaw(face)),
        "pitch": components.pitch(pitch(face)),
        "eyes": components.eyes(measures.eyes_lightness(seen, face)),
        "mouth": components.mouth(measures.mouth(seen, face)),
        "whole": 0.0 if _touches(detection.box, frame or Box(0, 0, image.shape[1], image.shape[0])) else 1.0,
        "single": 1.0 if faces_in_photo <= 1 else 0.0,
    }
    faults = {hint for component, hint in _HINT_OF.items() if found[component] < POOR}
    if min(dark, bright) < POOR:  # one cause is enough: what is pale or uneven in such light is not said beside it
        faults = faults - {"low_contrast", "uneven_light"} | {"too_dark" if dark <= bright else "too_bright"}
    faults |= {hint for hint, left in (("several_faces", found["single"]), ("cut_off", found["whole"])) if left < 1}
    rounded = {name: round(value, 3) for name, value in found.items()}
    return Quality(round(components.score(found), 3), rounded, tuple(hint for hint in HINTS if hint in faults))


def _touches(box: Box, frame: Box) -> bool:
    return box.left <= frame.left or box.top <= frame.top or box.right >= frame.right or box.bottom >= frame.bottom
