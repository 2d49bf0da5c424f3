"""Beards, from a day's stubble to a full one."""

from __future__ import annotations

import numpy as np

from scripts.demo.anatomy import Anatomy
from scripts.demo.canvas import Plane, View, curve, mixed, sampled, smooth, stroke
from scripts.demo.hair import GREY, hair_tone
from scripts.demo.people import Beard, Person


def paint_beard(view: View, person: Person, face: Anatomy, beard: Beard, rng: np.random.Generator) -> None:
    """A beard or a day's stubble, short hairs over the skin."""
    if beard is Beard.NONE:
        return
    place = view.near(-1.1, face.nose_tip - 0.1, 1.1, face.chin + 0.5)
    table = rng.standard_normal((64, 64)).astype(np.float32)
    hairs = 0.6 * sampled(table, place.x * 42, place.y * 13) + 0.4 * sampled(table, place.x * 70 + 5, place.y * 24)
    cover = _beard_area(place, face, beard, hairs)
    tone = mixed(hair_tone(person), GREY, min(1.0, person.grey * 1.1))
    strength = 0.3 if beard is Beard.STUBBLE else 0.86
    under = 0.55 + 0.5 * place.rgb.mean(axis=2)
    colour = np.asarray(tone, np.float32) * (under * (1 + 0.3 * hairs))[..., None]
    place.paint(np.asarray(colour, np.float32), np.clip(strength * cover * (0.85 + 0.25 * hairs), 0, 1))


def _beard_area(place: View, face: Anatomy, beard: Beard, hairs: Plane) -> Plane:
    x, y, half = place.x, place.y, face.mouth_half
    above = face.mouth - face.upper_lip - 0.045
    lips = curve((-half * 1.12, face.mouth - 0.015), (0, above - 0.06), (half * 1.12, face.mouth - 0.015), 10)
    moustache = smooth(
        0.5 - (stroke(x, y, lips, [0.02, 0.05, 0.06, 0.07, 0.055, 0.055, 0.07, 0.06, 0.05, 0.02]) + 0.012 * hairs) / 0.05
    )
    if beard is Beard.MOUSTACHE:
        return moustache
    reach, edge = face.radius(x, y)
    mouth = np.hypot(x / (half * 1.12), (y - face.mouth - 0.04) / 0.2) - 1
    hang = 0.1 if beard is Beard.FULL else 0.0
    jaw = smooth(0.5 - (reach - edge - hang - 0.03 * hairs) / 0.06) * smooth(mouth / 0.25)
    if beard is Beard.GOATEE:
        chin = smooth(0.5 - (np.hypot(x / 0.36, (y - face.chin + 0.1) / 0.3) - 1 + 0.08 * hairs) / 0.3)
        return np.asarray(
            np.maximum(moustache, chin * smooth(mouth / 0.2) * smooth(0.5 - (reach - edge - 0.12) / 0.06)), np.float32
        )
    line = face.mouth - 0.02 - 0.5 * np.clip(np.abs(x) - 0.35, 0, 0.5)
    area = jaw * smooth((y - line + 0.03 * hairs) / 0.22)
    return np.asarray(np.maximum(moustache, area), np.float32)
