"""Portraits of invented people, groups of them, and pictures without a face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scripts.demo.anatomy import Anatomy, measure
from scripts.demo.backdrops import paint_backdrop
from scripts.demo.beards import paint_beard
from scripts.demo.camera import exposed
from scripts.demo.canvas import Colour, Plane, View, bump, canvas_view, cloud, mixed, sampled, smooth
from scripts.demo.clothing import paint_clothes, paint_glasses, paint_neck
from scripts.demo.features import paint_brows, paint_ears, paint_eyes, paint_mouth, paint_nose
from scripts.demo.hair import GREY, grown, hair_tone, paint_back, paint_braids, paint_cap
from scripts.demo.light import coloured, gloss, lit
from scripts.demo.people import Glasses, Mark, Person
from scripts.demo.relief import DEPTH, sculpt
from scripts.demo.scenes import Pose, Scene, family_scene
from tracing.domain import Pixels, Sex

SIZE = (600, 480)
"""Height and width of a portrait in pixels."""

CHIN = 1.74
"""Where the chin lies in the coordinates of the body: the neck begins there, however long the face."""

SKINS: tuple[Colour, ...] = ((0.98, 0.86, 0.77), (0.93, 0.77, 0.64), (0.84, 0.65, 0.5), (0.68, 0.49, 0.36), (0.46, 0.31, 0.22))


def draw_portrait(person: Person, scene: Scene, seed: int) -> Pixels:
    """One person in one scene: uint8, shape (600, 480, 3). The same arguments give the same pixels."""
    rng = np.random.default_rng([seed, 10])
    rgb = np.zeros((*SIZE, 3), np.float32)
    paint_backdrop(rgb, scene.backdrop, scene.tone, scene.light, rng)
    centre = (SIZE[1] / 2 + scene.shift[0], SIZE[0] * 0.43 + scene.shift[1])
    paint_person(rgb, person, scene, centre, rng)
    return exposed(rgb, scene.camera, rng)


def draw_group(people: Sequence[Person], scene: Scene, seed: int) -> Pixels:
    """People side by side, the first at the left, each in clothes of their own: uint8, shape (480, 90 + 190 per person, 3)."""
    rng = np.random.default_rng([seed, 11])
    rgb = np.zeros((480, 90 + 190 * len(people), 3), np.float32)
    paint_backdrop(rgb, scene.backdrop, scene.tone, scene.light, rng)
    for place, person in enumerate(people):
        own = family_scene(seed * 31 + place)
        here = replace(scene, unit=58.0, outfit=own.outfit, pose=own.pose)
        drop = 150 * max(0.0, measure(person).youth) * 0.35
        paint_person(rgb, person, here, (140 + 190 * place, 205 + drop + float(rng.normal(0, 8))), rng)
    return exposed(rgb, scene.camera, rng)


def paint_person(
    rgb: NDArray[np.float32], person: Person, scene: Scene, centre: tuple[float, float], rng: np.random.Generator
) -> None:
    """Paint a person from the shoulders up; ``centre`` is the pixel (column, row) between the eyes."""
    person = _as_seen(person, scene)
    face, light = measure(person), scene.light
    head = turned(canvas_view(rgb, centre, scene.unit), scene.pose, face)
    body = canvas_view(rgb, (centre[0], centre[1] + (face.chin - CHIN) * scene.unit), scene.unit)
    hair = grown(person, face, scene.untidy, rng)
    skin = skin_tone(person)
    if hair:
        paint_back(head, hair, face, light)
    paint_neck(body, skin, light, face.neck, CHIN, face.old)
    paint_clothes(body, scene.outfit, light, face.neck, 2.65 + 0.3 * face.male - 0.6 * face.youth, rng)
    paint_ears(head, person, skin, light)
    _paint_head(head, person, face, scene, skin, rng)
    if hair:
        paint_cap(head, hair, face, light)
        paint_braids(head, hair, light)
    frame = (0.12, 0.1, 0.1) if person.glasses is not Glasses.ROUND else (0.5, 0.42, 0.28)
    paint_glasses(head, person.glasses, face.eye_x, frame)


def _as_seen(person: Person, scene: Scene) -> Person:
    """The person as they look in this scene."""
    return replace(
        person,
        hair_style=scene.hair_style or person.hair_style,
        beard=scene.beard or person.beard,
        glasses=scene.glasses or person.glasses,
    )


def skin_tone(person: Person) -> Colour:
    place = person.skin * (len(SKINS) - 1)
    index = min(int(place), len(SKINS) - 2)
    tone = mixed(SKINS[index], SKINS[index + 1], place - index)
    return mixed(tone, (0.86, 0.5, 0.42), 0.14 * person.ruddy)


def turned(body: View, pose: Pose, face: Anatomy) -> View:
    """The coordinates of a head that is tilted about the neck and turned on a rounded skull."""
    pivot = 1.3
    cos, sin = np.cos(pose.tilt), np.sin(pose.tilt)
    x = body.x * cos + (body.y - pivot) * sin
    y = -body.x * sin + (body.y - pivot) * cos + pivot
    dome = DEPTH * np.sqrt(np.clip(1 - x**2 * 0.92 - ((y - 0.1) / 1.6) ** 2 * 0.92, 0, None))
    dome = dome + face.nose_bridge * bump(x, y, (0, face.nose_tip - 0.1), (0.16, 0.3))
    across = (x - np.sin(pose.yaw) * dome) / np.cos(pose.yaw * 0.6)
    down = y - np.sin(pose.pitch) * dome
    return View(body.rgb, np.asarray(across, np.float32), np.asarray(down, np.float32), body.pixel)


def _paint_head(head: View, person: Person, face: Anatomy, scene: Scene, skin: Colour, rng: np.random.Generator) -> None:
    place = head.near(-1.5, -2.1, 1.5, 2.1)
    reach, edge = face.radius(place.x, place.y)
    inside = np.asarray(reach / edge, np.float32)
    relief = sculpt(place, person, face, inside)
    grain = cloud(rng, place.x.shape, 2.4) * (0.0006 + 0.0011 * person.weathered + 0.0006 * face.old)
    height = np.asarray(relief.height + grain - place.x * np.float32(np.sin(scene.pose.yaw)), np.float32)
    share = lit(scene.light, height, place.pixel)
    tone = _complexion(place, person, face, scene, skin)
    colour = coloured(tone, scene.light, share, 1.0)
    shine = gloss(scene.light, height, place.pixel) * (0.1 + 0.08 * scene.light.hardness)
    colour = colour + np.asarray(shine[..., None] * np.asarray(scene.light.key, np.float32) * 0.8, np.float32)
    place.paint(colour, place.cover(reach - edge))
    paint_nose(place, face)
    lips = mixed(mixed(skin, (0.72, 0.3, 0.3), 0.62 if person.sex is Sex.FEMALE else 0.48), (0.5, 0.32, 0.3), 0.3 * face.old)
    paint_mouth(place, person, face, lips, scene.pose.smile)
    paint_eyes(place, person, face, scene.light, scene.pose.gaze)
    for mark in person.marks:
        _paint_mark(place, mark)
    paint_brows(place, person, face, mixed(hair_tone(person), GREY, 0.58 * person.grey), rng)
    paint_beard(place, person, face, person.beard, rng)


def _complexion(place: View, person: Person, face: Anatomy, scene: Scene, skin: Colour) -> NDArray[np.float32]:
    """The skin's own colour: redder cheeks and nose, blotches of weather, a shadow where a beard is shaved."""
    x, y = place.x, place.y
    red = (
        bump(x, y, (0.58, 0.42), (0.3, 0.24))
        + bump(x, y, (-0.58, 0.42), (0.3, 0.24))
        + 0.7 * bump(x, y, (0, face.nose_tip), (0.2, 0.14))
    )
    table = np.random.default_rng([person.pattern, 22]).standard_normal((64, 64)).astype(np.float32)
    blotch = 0.5 * sampled(table, x * 4 + 9, y * 4 + 9) + 0.35 * sampled(table, x * 12 + 30, y * 12 + 30)
    redness = (0.16 + 0.2 * person.ruddy + 0.12 * person.weathered) * red + 0.035 * (0.4 + person.weathered + face.old) * blotch
    tone = np.asarray(skin, np.float32) * (1 - redness[..., None] * np.array([0.12, 0.42, 0.44], np.float32))
    tired = 0.1 + 0.14 * scene.weary + 0.1 * face.old
    rings = bump(x, y, (face.eye_x - 0.03, 0.16), (0.22, 0.09)) + bump(x, y, (-face.eye_x + 0.03, 0.16), (0.22, 0.09))
    tone = tone * (1 - tired * rings[..., None] * np.array([0.8, 1.0, 0.85], np.float32))
    shaved = face.male * (1 - face.youth) * 0.1 * smooth((y - face.mouth + 0.35) / 0.35) * smooth((1.1 - np.abs(x)) / 0.4)
    spots = np.clip(sampled(table, x * 9.5 + 40, y * 9.5 + 20) - 1.9 + 0.5 * face.old, 0, 0.6) * face.old * 0.35
    return np.asarray(
        tone * (1 - shaved[..., None] * np.array([1.1, 0.9, 0.7], np.float32)) * (1 - spots[..., None]), np.float32
    )


def _paint_mark(place: View, mark: Mark) -> None:
    if mark.scar:
        reach = (mark.size * np.cos(mark.slant), mark.size * np.sin(mark.slant))
        ends = [(mark.x - reach[0], mark.y - reach[1]), (mark.x, mark.y), (mark.x + reach[0], mark.y + reach[1])]
        place.line([(float(x), float(y)) for x, y in ends], [0.012, 0.02, 0.01], (0.86, 0.66, 0.6), 0.75, 0.02)
        return
    spot = place.around([(mark.x, mark.y)], 3 * mark.size)
    shape: Plane = np.asarray(np.hypot(spot.x - mark.x, spot.y - mark.y) - mark.size, np.float32)
    spot.paint((0.23, 0.13, 0.1), 0.82 * spot.cover(shape, 0.02))
