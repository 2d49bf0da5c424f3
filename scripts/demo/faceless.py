"""Pictures in which there is no face to find: people send those too."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from scripts.demo.anatomy import measure
from scripts.demo.backdrops import paint_backdrop
from scripts.demo.camera import exposed
from scripts.demo.canvas import View, canvas_view, cloud, mixed, rounded_box, smooth
from scripts.demo.clothing import paint_clothes, paint_neck
from scripts.demo.features import paint_ears
from scripts.demo.hair import grown, paint_nape
from scripts.demo.people import HairStyle, invent_person
from scripts.demo.portraits import CHIN, SIZE, skin_tone
from scripts.demo.scenes import Backdrop, Camera, family_scene
from tracing.domain import Pixels


class Faceless(StrEnum):
    BENCH = "bench"
    LANDSCAPE = "landscape"
    BACK = "back"
    """The back of somebody's head."""


def draw_faceless(kind: Faceless, seed: int) -> Pixels:
    """A picture without a face: uint8, shape (600, 480, 3)."""
    rng = np.random.default_rng([seed, 12])
    rgb = np.zeros((*SIZE, 3), np.float32)
    _PAINTERS[kind](rgb, seed, rng)
    return exposed(rgb, Camera(blur=0.6, noise=0.008, blocks=0.3), rng)


def _bench(rgb: NDArray[np.float32], seed: int, rng: np.random.Generator) -> None:
    paint_backdrop(rgb, Backdrop.GARDEN, (0.5, 0.5, 0.5), family_scene(seed).light, rng)
    view = canvas_view(rgb, (SIZE[1] / 2, SIZE[0] * 0.62), 190)
    ground = smooth((view.y - 0.35) / 0.06)
    texture = 1 + 0.08 * cloud(rng, view.x.shape, 5) + 0.05 * cloud(rng, view.x.shape, 30)
    view.paint(np.array([0.62, 0.58, 0.5], np.float32) * texture[..., None], ground)
    view.shade(0.6 * smooth(1 - np.hypot(view.x / 1.15, (view.y - 0.62) / 0.12)), (0.4, 0.38, 0.36))
    for side in (-0.8, 0.8):
        for lean in (0.0, 0.16):
            leg = rounded_box(view.x - lean * np.sign(side) * 0.4, view.y, (side, 0.3), (0.035, 0.33), 0.02)
            view.paint((0.14, 0.15, 0.16), view.cover(leg))
    for row, top in enumerate((-0.42, -0.24, -0.06, 0.12, 0.21)):
        plank = rounded_box(view.x, view.y, (0, top), (1.0, 0.065 if row < 3 else 0.035), 0.02)
        wood = mixed((0.52, 0.34, 0.2), (0.6, 0.42, 0.27), float(rng.random()))
        grain = 1 + 0.09 * np.sin(view.y * 130 + 3 * cloud(rng, view.x.shape, 60)) - 1.1 * (view.y - top)
        view.paint(np.asarray(wood, np.float32) * grain[..., None], view.cover(plank))


def _landscape(rgb: NDArray[np.float32], _seed: int, rng: np.random.Generator) -> None:
    view = canvas_view(rgb, (SIZE[1] / 2, SIZE[0] / 2), SIZE[1] / 2)
    sky = np.clip((view.y + 1.25) / 1.5, 0, 1)[..., None]
    view.rgb[...] = np.array([0.52, 0.68, 0.86], np.float32) * (1 - sky) + np.array([0.93, 0.89, 0.82], np.float32) * sky
    clouds = smooth((cloud(rng, view.x.shape, 110) + 0.5 * cloud(rng, view.x.shape, 40) - 0.5) / 1.2)
    view.paint((0.97, 0.96, 0.95), 0.7 * clouds * smooth((0.1 - view.y) / 0.6))
    for row in range(5):
        far = 1 - row / 4
        ridge = -0.25 + 0.22 * row + (0.22 * far + 0.05) * cloud(rng, (1, view.x.shape[1]), 150 - 18 * row)
        tone = mixed((0.28, 0.36, 0.2), (0.66, 0.73, 0.8), far * 0.85)
        light = 1 + 0.12 * cloud(rng, view.x.shape, 26) * (1 - far) - 0.12 * (view.y - ridge)
        view.paint(
            np.asarray(tone, np.float32) * light[..., None],
            view.cover(ridge - view.y, 0.012),
        )
    middle = 0.25 * np.sin(view.y * 3) * (1.3 - view.y)
    road = np.abs(view.x - middle) - 0.02 - 0.22 * np.clip(view.y - 0.55, 0, None)
    view.paint((0.68, 0.63, 0.55), 0.85 * smooth((view.y - 0.6) / 0.05) * view.cover(np.asarray(road, np.float32), 0.02))


def _back(rgb: NDArray[np.float32], seed: int, rng: np.random.Generator) -> None:
    scene, person = family_scene(seed), invent_person(seed, age=34)
    face = measure(person)
    paint_backdrop(rgb, scene.backdrop, scene.tone, scene.light, rng)
    centre = (SIZE[1] / 2, SIZE[0] * 0.43)
    head: View = canvas_view(rgb, centre, scene.unit)
    body = canvas_view(rgb, (centre[0], centre[1] + (face.chin - CHIN) * scene.unit), scene.unit)
    paint_neck(body, skin_tone(person), scene.light, face.neck, CHIN - 0.5, 0.0)
    paint_clothes(body, scene.outfit, scene.light, face.neck, 2.8, rng)
    paint_ears(head, person, skin_tone(person), scene.light)
    hair = grown(replace(person, hair_style=HairStyle.CROP), face, 0.3, rng)
    if hair:
        paint_nape(head, hair, face, scene.light)


_PAINTERS = {Faceless.BENCH: _bench, Faceless.LANDSCAPE: _landscape, Faceless.BACK: _back}
