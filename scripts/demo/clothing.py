"""Neck, shoulders and what people wear on them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from scripts.demo.canvas import Colour, Plane, View, bump, cloud, mixed, smooth, stroke
from scripts.demo.light import Light, coloured, lit
from scripts.demo.people import Glasses

SHOULDER = 2.2


class Garment(StrEnum):
    TEE = "tee"
    SHIRT = "shirt"
    SWEATER = "sweater"
    ZIP = "zip"
    PADDED = "padded"
    CARDIGAN = "cardigan"
    STAND_COLLAR = "stand_collar"
    SCHOOL = "school"


class Pattern(StrEnum):
    PLAIN = "plain"
    STRIPES = "stripes"
    CHECKS = "checks"


@dataclass(frozen=True, slots=True)
class Outfit:
    """What a person wears in one picture."""

    garment: Garment
    colour: Colour
    second: Colour = (0.92, 0.92, 0.9)
    pattern: Pattern = Pattern.PLAIN


def shoulder_line(x: Plane, neck: float, width: float) -> Plane:
    """How low the shoulders lie at each distance from the middle."""
    out = np.clip((np.abs(x) - neck * 0.8) / (width - neck * 0.8), 0, None)
    return np.asarray(
        SHOULDER
        - 0.22 * np.exp(-(((np.abs(x) - neck) / 0.22) ** 2)) * (np.abs(x) > neck * 0.5)
        + 0.42 * out**1.6
        + 2.5 * np.clip(out - 0.97, 0, None) ** 1.4,
        np.float32,
    )


def paint_neck(view: View, skin: Colour, light: Light, neck: float, chin: float, old: float) -> None:
    """The neck with the shadow of the chin on it, down to the collarbones."""
    place = view.near(-1.6, 0.6, 1.6, 3.4)
    flare = 0.16 * smooth((place.y - SHOULDER + 0.45) / 0.7)
    shape = np.asarray(np.abs(place.x) - neck - flare, np.float32)
    height = 0.5 * np.sqrt(np.clip(1.02 - (np.abs(place.x) / (neck + flare + 0.02)) ** 2.2, 0, None))
    for side in (-1, 1):
        tendon = stroke(place.x, place.y, [(side * neck * 0.8, chin), (side * 0.16, 2.5)], [0, 0])
        height += (0.04 + 0.05 * old) * np.exp(-((tendon / 0.07) ** 2))
    height -= 0.05 * bump(place.x, place.y, (0, 2.5), (0.14, 0.12))
    tone = coloured(
        np.broadcast_to(np.asarray(skin, np.float32), place.rgb.shape),
        light,
        lit(light, height, place.pixel),
        1.0,
    )
    place.paint(tone * 0.95, place.cover(shape))
    lean = -0.3 * light.direction[0]
    shadow = smooth(1.15 - np.hypot((place.x - lean) / 0.95, (place.y - chin + 0.25) / 0.75))
    place.shade(0.72 * np.clip(1.5 * shadow, 0, 1) * place.cover(shape), (0.52, 0.34, 0.3))


def paint_clothes(view: View, outfit: Outfit, light: Light, neck: float, width: float, rng: np.random.Generator) -> None:
    """Shoulders and collar; what hangs in folds is random, what is worn is not."""
    place = view.near(-9, 1.5, 9, 9)
    if not place.x.size:
        return
    line = shoulder_line(place.x, neck, width)
    body = np.asarray((line - place.y) * 0.85, np.float32)
    shape = np.asarray(np.maximum(body, _neckline(place, outfit, neck)), np.float32)
    folds = cloud(rng, place.x.shape, 46) * 0.05 + cloud(rng, place.x.shape, 20) * 0.012
    height = 1.2 * np.exp(-0.75 * (np.abs(place.x) / (width + 0.1)) ** 3) + folds
    height -= 0.35 * np.exp(-np.clip(place.y - line, 0, None) / 0.25)
    if outfit.garment is Garment.PADDED:
        height += 0.09 * np.abs(np.sin((place.y - line * 0.6) * 5.2))
    tone = coloured(_cloth(place, outfit, rng), light, lit(light, height, place.pixel))
    place.paint(tone, place.cover(shape))
    _collar(place, outfit, light, neck, shape)


def _neckline(place: View, outfit: Outfit, neck: float) -> Plane:
    """The distance into the opening at the neck: positive where skin shows."""
    x, y = np.abs(place.x), place.y
    match outfit.garment:
        case Garment.TEE | Garment.SCHOOL:
            return np.asarray(0.5 - np.hypot(x / (neck + 0.14), (y - 2.02) / 0.56) / 2, np.float32)
        case Garment.SHIRT | Garment.CARDIGAN | Garment.ZIP:
            return np.asarray(neck + 0.06 - x - 0.75 * np.clip(y - 1.95, 0, None), np.float32)
        case _:
            return np.asarray(2.06 - y + 0.12 * (x / neck) ** 2 * -1 + 0.0 * x, np.float32)


def _cloth(place: View, outfit: Outfit, rng: np.random.Generator) -> Plane:
    weave = 1 + 0.025 * rng.standard_normal(place.x.shape).astype(np.float32)
    first, second = np.asarray(outfit.colour, np.float32), np.asarray(outfit.second, np.float32)
    share = np.zeros(place.x.shape, np.float32)
    if outfit.pattern is Pattern.STRIPES:
        share = smooth((np.sin(place.y * 15) - 0.45) / 0.2)
    elif outfit.pattern is Pattern.CHECKS:
        share = 0.45 * smooth((np.sin(place.y * 11) - 0.5) / 0.15) + 0.45 * smooth((np.sin(place.x * 11) - 0.5) / 0.15)
    if outfit.garment is Garment.SCHOOL:
        share = smooth((np.abs(place.x) - 1.05) / 0.03)
    return np.asarray((first + (second - first) * share[..., None]) * weave[..., None], np.float32)


def _collar(place: View, outfit: Outfit, light: Light, neck: float, shape: Plane) -> None:
    key = float(np.mean(light.key))
    dark = mixed(outfit.colour, (0, 0, 0), 0.35)
    if outfit.garment in (Garment.TEE, Garment.SCHOOL):
        rim = np.asarray(np.abs(shape + 0.05) - 0.045, np.float32)
        place.paint(
            mixed(outfit.colour, (0, 0, 0), 0.18),
            0.8 * place.cover(np.maximum(rim, np.abs(place.x) - neck - 0.2)),
        )
    if outfit.garment in (Garment.SHIRT, Garment.CARDIGAN, Garment.ZIP):
        inner = mixed(outfit.second if outfit.garment is Garment.CARDIGAN else outfit.colour, (1, 1, 1), 0.1)
        inner = (inner[0] * key * 0.93, inner[1] * key * 0.93, inner[2] * key * 0.93)
        for side in (-1, 1):
            edge = [(side * (neck + 0.02), 1.92), (side * (neck + 0.2), 2.25), (side * 0.5, 2.78), (side * 0.06, 2.72)]
            leaf = _polygon(place, [*edge, (side * (neck * 0.55), 2.28)])
            place.shade(0.5 * place.cover(leaf - 0.03, 0.1), (0.45, 0.42, 0.42))
            place.paint(inner, place.cover(leaf))
        place.line([(0.02, 2.75), (0.03, 8.0)], [0.012, 0.012], dark, 0.75)
        for y in (3.15, 3.8):
            place.near(-0.2, y - 0.2, 0.2, y + 0.2).line(
                [(0.09, y), (0.091, y)], [0.035, 0.035], mixed(outfit.second, dark, 0.3)
            )
    if outfit.garment in (Garment.SWEATER, Garment.STAND_COLLAR, Garment.PADDED):
        top = 1.86 if outfit.garment is not Garment.PADDED else 1.8
        band = np.maximum(
            np.abs(place.x) - neck - 0.1 - 0.1 * (place.y - top),
            np.maximum(top - 0.1 * (place.x / neck) ** 2 - place.y, place.y - 2.32),
        )
        tube = 0.4 * np.sqrt(np.clip(1.05 - (place.x / (neck + 0.16)) ** 2, 0, None))
        if outfit.garment is Garment.SWEATER:
            tube = tube + 0.012 * np.sin(place.x * 75)
        tone = coloured(
            np.broadcast_to(np.asarray(outfit.colour, np.float32), place.rgb.shape),
            light,
            lit(light, tube, place.pixel),
        )
        place.shade(0.5 * place.cover(band - 0.02, 0.16), (0.4, 0.38, 0.38))
        place.paint(tone, place.cover(band, 0.03))
        if outfit.garment is not Garment.SWEATER:
            place.line([(0.0, top), (0.0, 8.0)], [0.016, 0.016], dark, 0.85)


def _polygon(place: View, corners: list[tuple[float, float]]) -> Plane:
    """The distance to a convex polygon, negative inside."""
    middle = (sum(x for x, _ in corners) / len(corners), sum(y for _, y in corners) / len(corners))
    worst = np.full(place.x.shape, -np.inf, np.float32)
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        nx, ny = by - ay, ax - bx
        length = max((nx * nx + ny * ny) ** 0.5, 1e-6)
        sign = 1 if (middle[0] - ax) * nx + (middle[1] - ay) * ny < 0 else -1
        np.maximum(worst, sign * ((place.x - ax) * nx + (place.y - ay) * ny) / length, out=worst)
    return worst


def paint_glasses(view: View, glasses: Glasses, eye_x: float, frame: Colour) -> None:
    """Spectacles on the nose."""
    if glasses is Glasses.NONE:
        return
    wide, high = (0.33, 0.27) if glasses is Glasses.ROUND else (0.36, 0.23)
    corner = 0.26 if glasses is Glasses.ROUND else 0.1
    thin = 0.014 if glasses is Glasses.ROUND else 0.024
    place = view.near(-1.4, -0.6, 1.4, 0.6)
    for side in (-1, 1):
        x, y = np.abs(place.x - side * eye_x) - wide + corner, np.abs(place.y - 0.05) - high + corner
        lens = np.hypot(np.maximum(x, 0), np.maximum(y, 0)) + np.minimum(np.maximum(x, y), 0) - corner
        place.paint((0.93, 0.97, 1.0), 0.05 * place.cover(lens))
        glare = np.abs((place.x - side * eye_x) + 0.8 * (place.y - 0.05) + 0.1) - 0.05
        place.paint((1, 1, 1), 0.16 * place.cover(np.maximum(lens + 0.03, glare), 0.05))
        place.shade(0.25 * place.cover(np.abs(lens) - thin, 0.09))
        rim = np.asarray(np.abs(lens) - thin, np.float32)
        if glasses is Glasses.HALF:
            rim = np.asarray(np.maximum(rim, place.y - 0.08), np.float32)
        place.paint(frame, 0.94 * place.cover(rim, 0.02))
        place.line([(side * (eye_x + wide), -0.03), (side * 1.02, -0.05)], [thin, thin], frame, 0.9)
    place.line([(-eye_x + wide, 0.0), (0, -0.05), (eye_x - wide, 0.0)], [thin] * 3, frame, 0.94)
