"""Eyes, brows, nostrils, lips and ears, painted on the shaded skin."""

from __future__ import annotations

import numpy as np

from scripts.demo.anatomy import Anatomy
from scripts.demo.canvas import Colour, Plane, View, bump, curve, ellipse, mixed, sampled, smooth, stroke, taper
from scripts.demo.light import Light
from scripts.demo.people import Person
from tracing.domain import Sex

LASH: Colour = (0.09, 0.065, 0.06)


def paint_eyes(view: View, person: Person, face: Anatomy, light: Light, gaze: tuple[float, float]) -> None:
    """Both eyes, looking along ``gaze`` (parts of half an eye's width)."""
    for side in (-1, 1):
        _paint_eye(view, person, face, light, gaze, side)


def _paint_eye(view: View, person: Person, face: Anatomy, light: Light, gaze: tuple[float, float], side: int) -> None:
    half, centre = face.eye_half, side * face.eye_x
    place = view.near(centre - 2 * half, -1.6 * half, centre + 2 * half, 1.6 * half)
    out = (place.x - centre) / half * side
    down = place.y / half + face.eye_tilt * out
    pixel = View(place.rgb, out, down, place.pixel / half)
    upper, lower = _lids(out, face)
    opening = np.asarray(np.maximum(np.maximum(upper - down, down - lower), np.abs(out) - 1.04), np.float32)
    visible = pixel.cover(opening)
    fold = -1 + 0.18 * (1 - person.traits.lid_crease / 2)
    corner = bump(out, down, (fold, 0.06), (0.16, 0.14))
    pixel.shade(0.35 * corner, (0.75, 0.5, 0.46))
    lid_shadow = smooth(1 - (down - upper) / 0.3)
    white = (
        np.array([0.93, 0.905, 0.88], np.float32) * (1 - 0.42 * lid_shadow - 0.2 * smooth((np.abs(out) - 0.5) / 0.5))[..., None]
    )
    pixel.paint(white * np.asarray(light.key, np.float32), visible)
    _paint_iris(pixel, person, face, light, gaze, visible, lid_shadow, side)
    _paint_lashes(pixel, person, face, upper, lower)


def _lids(out: Plane, face: Anatomy) -> tuple[Plane, Plane]:
    """The edges of the upper and the lower lid over the width of an eye; outside it they meet."""
    high = np.clip(1 - np.abs(np.clip(out + 0.08, -1, 1.08) / 1.04) ** 2.3, 0, 1) ** 0.85
    low = np.clip(1 - np.abs(np.clip(out - 0.12, -1.12, 1) / 1.06) ** 2.4, 0, 1) ** 0.9
    top = -face.eye_open * high - 0.02
    bottom = face.eye_open * 0.52 * low - 0.02
    return np.asarray(top + 0.0 * out, np.float32), np.asarray(bottom, np.float32)


def _paint_iris(
    eye: View,
    person: Person,
    face: Anatomy,
    light: Light,
    gaze: tuple[float, float],
    visible: Plane,
    lid_shadow: Plane,
    side: int,
) -> None:
    size = 0.425 * (0.23 / face.eye_half) * (1 + 0.08 * face.youth)
    centre = (gaze[0] * side, gaze[1] - 0.16 * face.eye_open)
    away = np.hypot(eye.x - centre[0], eye.y - centre[1])
    tone = mixed((0.19, 0.1, 0.06), (0.42, 0.3, 0.18), person.iris)
    glow = 0.7 + 0.75 * np.clip((eye.y - centre[1]) / size, -0.4, 0.8) + 0.25 * (away / size)
    rim = smooth((away - 0.78 * size) / (0.25 * size))
    iris = np.asarray(tone, np.float32) * (glow * (1 - 0.65 * rim) * (1 - 0.45 * lid_shadow))[..., None]
    inside = eye.cover(away - size, 0.06)
    eye.paint(iris, visible * inside)
    eye.paint((0.03, 0.02, 0.02), visible * eye.cover(away - 0.42 * size, 0.05))
    x, y, _ = light.towards
    spark = np.hypot(eye.x - centre[0] - 0.45 * size * np.sign(x) * side, eye.y - centre[1] - 0.45 * size * np.sign(y or -1))
    eye.paint((1, 1, 0.98), 0.92 * visible * eye.cover(spark - 0.17 * size, 0.07))
    eye.paint(
        (0.9, 0.92, 0.95),
        0.22
        * visible
        * inside
        * bump(eye.x, eye.y, (centre[0] - 0.3 * size, centre[1] + 0.5 * size), (0.3 * size, 0.25 * size)),
    )


def _paint_lashes(eye: View, person: Person, face: Anatomy, upper: Plane, lower: Plane) -> None:
    out, down = eye.x, eye.y
    woman = person.sex is Sex.FEMALE
    along = smooth(1.25 - np.abs(out - 0.05) / (1.04 if not woman else 1.1))
    thick = (0.075 + (0.035 if woman else 0.0) - 0.03 * face.old) * (0.55 + 0.45 * smooth(out + 0.7)) * along
    line = np.abs(down - upper + 0.35 * thick) - thick
    tone = mixed(LASH, (0.35, 0.27, 0.24), 0.35 * person.grey)
    ends = smooth((1.12 - np.abs(out)) / 0.12)
    eye.paint(tone, 0.92 * ends * eye.cover(line, 0.08))
    rim = np.abs(down - lower - 0.02) - 0.012
    eye.paint((0.4, 0.22, 0.19), 0.5 * smooth((1.0 - np.abs(out)) / 0.2) * eye.cover(rim, 0.09))
    gap = 0.15 + 0.055 * person.traits.lid_crease + 0.05 * face.old
    strength = np.clip(0.45 + 0.25 * person.traits.lid_crease + 0.25 * face.old, 0.1, 0.8)
    crease = np.abs(down - upper + gap + 0.06 * out - 0.1 * face.old * smooth(out)) - 0.02
    eye.shade(
        strength * smooth((1.2 - np.abs(out + 0.02)) / 0.35) * eye.cover(crease, 0.13),
        (0.42, 0.27, 0.24),
    )


def paint_brows(view: View, person: Person, face: Anatomy, hair: Colour, rng: np.random.Generator) -> None:
    """Both eyebrows, as a soft band with hairs in it."""
    t = person.traits
    thick = max(0.02, 0.046 * (1 + 0.32 * t.brow_thickness) + 0.014 * face.male - 0.008 - 0.008 * face.youth - 0.006 * face.old)
    arch = 0.05 + 0.035 * t.brow_arch - 0.02 * face.male
    slant = 0.012 + 0.03 * t.brow_slant
    table = rng.standard_normal((64, 16)).astype(np.float32)
    for side in (-1, 1):
        centre = side * (face.eye_x + 0.04)
        start = (side * max(0.14, face.eye_x + 0.04 - face.brow_half), face.brow_y + slant)
        end = (centre + side * face.brow_half * 1.08, face.brow_y - slant * 0.6 + 0.05)
        bend = (centre + side * face.brow_half * 0.3, face.brow_y - 2 * arch - 0.02)
        points = curve(start, bend, end, 10)
        widths = [thick * w for w in (0.62, 0.85, 0.98, 1.0, 0.96, 0.88, 0.74, 0.56, 0.36, 0.12)]
        place = view.around(points, 0.14)
        away = stroke(place.x, place.y, points, widths)
        hairs = sampled(table, (place.x * side * 0.8 + place.y) * 34, place.y * 6)
        cover = place.cover(away + 0.014 * hairs, 0.05)
        place.paint(hair, np.clip(cover * (0.78 + 0.12 * hairs), 0, 0.95))


def paint_nose(view: View, face: Anatomy) -> None:
    """Nostrils and the creases around them; the rest of the nose is light and shadow."""
    tip, half = face.nose_tip, face.nose_half
    place = view.near(-2 * half, tip - 0.25, 2 * half, tip + 0.3)
    place.shade(0.34 * bump(place.x, place.y, (0, tip + 0.1), (half * 0.8, 0.05)), (0.55, 0.33, 0.28))
    for side in (-1, 1):
        hole = ellipse(
            place.x + side * 0.25 * (place.y - tip), place.y, (side * half * 0.46, tip + 0.062), (half * 0.25, 0.028)
        )
        place.paint((0.2, 0.08, 0.06), 0.78 * place.cover(hole, 0.035))
        wing = curve((side * half * 0.93, tip - 0.08), (side * half * 1.2, tip + 0.02), (side * half * 0.8, tip + 0.08))
        place.shade(0.42 * place.cover(stroke(place.x, place.y, wing, taper(8, 0.014)), 0.035), (0.5, 0.3, 0.26))


def paint_mouth(view: View, person: Person, face: Anatomy, tone: Colour, smile: float) -> None:
    """Closed lips; ``smile`` lifts the corners (about -1 to 1)."""
    half, mouth = face.mouth_half, face.mouth
    place = view.near(-1.5 * half, mouth - 0.3, 1.5 * half, mouth + 0.35)
    s = np.clip(np.abs(place.x) / half, 0, 1.2)
    lift = 0.05 * (0.45 + smile + 0.5 * person.traits.mouth_corners - 0.3 * face.old) * s**2
    y = place.y - mouth + lift
    seam = 0.012 * np.cos(s * 6)
    bow = face.upper_lip * (np.clip(1 - s**1.9, 0, 1) ** 0.75) * (1 - 0.2 * np.exp(-((s / 0.14) ** 2)))
    lower = face.lower_lip * np.clip(1 - s**2.3, 0, 1) ** 0.8
    upper_lip = np.maximum(seam - bow - y, y - seam)
    lower_lip = np.maximum(seam - y, y - seam - lower)
    shape = np.asarray(np.minimum(upper_lip, lower_lip), np.float32)
    soft = place.cover(shape, 0.035)
    dark = np.where(y < seam, 0.84, 1.0) - 0.1 * smooth((s - 0.6) / 0.4)
    under = place.rgb.mean(axis=2, keepdims=True)
    place.paint(np.asarray(tone, np.float32) * (dark[..., None] * (0.55 + 0.75 * under)), (0.84 - 0.12 * face.old) * soft)
    shine = bump(place.x, y, (0.0, face.lower_lip * 0.45), (half * 0.42, face.lower_lip * 0.22))
    place.paint((1, 0.9, 0.86), 0.16 * shine * soft)
    line = np.abs(y - seam) - 0.009 * (1.1 - 0.5 * s)
    place.paint((0.27, 0.1, 0.09), 0.9 * smooth((1.04 - s) / 0.1) * place.cover(line, 0.03))
    for side in (-1, 1):
        corner = (side * half, mouth - 0.05 * (0.45 + smile + 0.5 * person.traits.mouth_corners - 0.3 * face.old))
        place.shade(0.4 * bump(place.x, place.y, corner, (0.045, 0.04)), (0.5, 0.3, 0.26))


def paint_ears(view: View, person: Person, skin: Colour, light: Light) -> None:
    """Both ears; paint them before the head, which covers their inner half."""
    t = person.traits
    wide, high = 0.17 + 0.03 * t.ear_angle, 0.33 + 0.035 * t.ear_size
    edge = 1.0 + 0.055 * t.face_width + 0.03 * t.fullness
    for side in (-1, 1):
        centre = (side * (edge + 0.02 + 0.02 * t.ear_angle), 0.2)
        place = view.around([centre], 0.6)
        x = place.x - 0.12 * side * (0.2 - place.y)
        shape = ellipse(x, place.y, centre, (wide, high))
        facing = 0.78 + 0.22 * side * light.towards[0] * 1.3
        tone = np.asarray(mixed(skin, (0.75, 0.4, 0.33), 0.14), np.float32) * np.asarray(light.key, np.float32) * facing
        place.paint(tone, place.cover(shape))
        inner = ellipse(x, place.y, (centre[0] + side * 0.01, 0.19), (wide * 0.62, high * 0.7))
        place.shade(0.5 * place.cover(inner, 0.1), (0.6, 0.38, 0.33))
        rim = np.abs(shape + 0.045) - 0.012
        place.shade(0.3 * place.cover(rim, 0.04), (0.6, 0.4, 0.35))
