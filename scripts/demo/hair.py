"""Hair on the head: cuts, strands, curls and grey."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scripts.demo.anatomy import Anatomy
from scripts.demo.canvas import Colour, Plane, View, bump, curve, mixed, sampled, smooth
from scripts.demo.light import Light, lit
from scripts.demo.people import HairStyle, Person

BLACK: Colour = (0.085, 0.068, 0.062)
BROWN: Colour = (0.36, 0.23, 0.14)
GREY: Colour = (0.74, 0.73, 0.72)


@dataclass(frozen=True, slots=True)
class Cut:
    """A haircut in face units: how far it stands off, where the face opens, how low it hangs."""

    top: float = 0.1
    side: float = 0.05
    lift: float = 0.0
    """How far the hairline is raised above the natural one."""
    fringe: float | None = None
    """The lower edge of a fringe."""
    part: float = 0.0
    pointed: float = 2.5
    """How square the opening for the face is: 1.6 is an arch with a point, 5 a box."""
    opening: float = 0.94
    side_end: float = 0.12
    back_end: float = 0.0
    """How low the hair hangs behind the shoulders; 0 when it does not."""
    curl: float = 0.0
    rough: float = 0.03
    density: float = 1.0
    braids: bool = False
    bun: bool = False


CUTS: dict[HairStyle, Cut] = {
    HairStyle.CROWN: Cut(top=0.0, side=0.05, lift=1.6, opening=0.9, side_end=0.25, density=0.9, pointed=2.2),
    HairStyle.SHAVED: Cut(top=0.02, side=0.01, density=0.72, opening=0.95, side_end=0.0, rough=0.015, pointed=3.2),
    HairStyle.CROP: Cut(top=0.11, side=0.035, pointed=3.4, rough=0.045),
    HairStyle.SIDE_PART: Cut(top=0.16, side=0.06, part=0.42, pointed=2.2, side_end=0.08),
    HairStyle.SWEPT_BACK: Cut(top=0.15, side=0.04, lift=0.06, pointed=2.6),
    HairStyle.FRINGE: Cut(top=0.14, side=0.07, fringe=-0.56, pointed=4.5, opening=0.92, side_end=0.1, rough=0.05),
    HairStyle.PERM: Cut(top=0.24, side=0.2, lift=0.02, pointed=2.3, opening=0.92, side_end=0.62, curl=1.0, rough=0.045),
    HairStyle.BOB: Cut(top=0.14, side=0.16, part=-0.3, pointed=1.9, opening=0.88, side_end=1.25, back_end=1.3),
    HairStyle.BOB_FRINGE: Cut(top=0.14, side=0.17, fringe=-0.5, pointed=5.0, opening=0.86, side_end=1.2, back_end=1.25),
    HairStyle.LONG: Cut(top=0.13, side=0.15, part=0.05, pointed=1.7, opening=0.9, side_end=2.9, back_end=3.0),
    HairStyle.LONG_FRINGE: Cut(top=0.14, side=0.15, fringe=-0.5, pointed=4.5, opening=0.88, side_end=2.7, back_end=2.8),
    HairStyle.BUN: Cut(top=0.07, side=0.02, lift=0.02, pointed=2.3, opening=0.95, side_end=0.1, bun=True),
    HairStyle.BRAIDS: Cut(top=0.1, side=0.05, part=0.0, pointed=1.8, opening=0.93, side_end=0.4, braids=True),
    HairStyle.SHAGGY: Cut(top=0.24, side=0.2, fringe=-0.62, pointed=3.0, opening=0.92, side_end=0.9, rough=0.07),
}


@dataclass(frozen=True, slots=True)
class Hair:
    """One person's hair in one picture."""

    cut: Cut
    tone: Colour
    grey: float
    table: NDArray[np.float32]
    """Random strands."""


def hair_tone(person: Person) -> Colour:
    return mixed(BLACK, BROWN, person.hair_tone)


def grown(person: Person, face: Anatomy, untidy: float, rng: np.random.Generator) -> Hair | None:
    """A person's hair; ``untidy`` (0 to 1) lets it stand off. None when nothing grows there."""
    if person.hair_style is HairStyle.BALD:
        return None
    cut = CUTS[person.hair_style]
    receding = 0.16 * face.old * face.male * (person.traits.forehead / 2 + 0.8)
    cut = replace(
        cut,
        rough=cut.rough + 0.035 * untidy,
        top=cut.top + 0.05 * untidy,
        side=cut.side + 0.04 * untidy,
        lift=cut.lift + max(0.0, receding),
    )
    return Hair(cut, hair_tone(person), person.grey, rng.standard_normal((24, 256)).astype(np.float32))


def paint_back(view: View, hair: Hair, face: Anatomy, light: Light) -> None:
    """What hangs behind the shoulders, or stands up behind the head; paint it before the body."""
    cut = hair.cut
    if cut.bun:
        place = view.near(-0.8, -2.5, 0.8, -1.2)
        crown = float(face.outline[540]) - 0.1
        shape = np.hypot(place.x, (place.y + crown + 0.12) * 1.15) - 0.4
        _fill(place, hair, light, shape, np.full(shape.shape, 0.3, np.float32))
    if cut.back_end:
        place = view.near(-2, -1, 2, cut.back_end + 0.4)
        wide = 1.02 + cut.side + 0.1 * smooth((place.y - 0.4) / 1.6)
        strands = sampled(hair.table, place.x * 30, place.y * 0.8)
        shape = np.maximum(np.abs(place.x) - wide - 0.03 * strands, place.y - cut.back_end - 0.1 * strands)
        shape = np.where(place.y < 0.3, np.hypot(place.x / wide, (place.y - 0.3) / 1.8) - 1, shape)
        _fill(place, hair, light, shape, np.full(shape.shape, 0.15, np.float32))


def paint_cap(view: View, hair: Hair, face: Anatomy, light: Light) -> None:
    """The hair around the face, with its shadow on the skin."""
    cut = hair.cut
    place = view.near(-1.9, -2.4, 1.9, max(cut.side_end, 0.3) + 0.5)
    reach, edge = face.radius(place.x, place.y)
    jitter = _strands(place, hair)
    opening = _opening(place, cut, face) + cut.rough * jitter
    above = smooth((0.4 - place.y) / 1.2)
    thick = cut.side + (cut.top - cut.side) * above
    if cut.curl:
        thick = thick + 0.05 * jitter
    cap = np.maximum(
        reach - edge - thick - 0.4 * cut.rough * jitter, place.y - max(min(cut.side_end, 0.5), 0.05) - 1.5 * cut.rough * jitter
    )
    if cut.side_end > 0.5:
        wide = (
            1.02
            + cut.side
            + 0.08 * smooth((place.y - 0.3) / 2)
            - 0.22 * smooth((place.y - cut.side_end + 0.6) / 0.9) * (cut.side_end < 2)
        )
        hanging = np.maximum(np.abs(place.x) - wide - 0.5 * cut.rough * jitter, place.y - cut.side_end - 0.1 * jitter)
        cap = np.minimum(cap, np.maximum(hanging, 0.0 - place.y))
    shape = np.asarray(np.maximum(cap, opening), np.float32)
    place.shade(
        0.42
        * cut.density
        * np.exp(-np.clip(opening, 0, None) / 0.09)
        * smooth(1 - (reach - edge) / 0.05)
        * smooth((cut.side_end + 0.35 - place.y) / 0.5),
        (0.5, 0.36, 0.33),
    )
    dome = np.sqrt(np.clip(1.03 - (reach / (edge + thick + 0.02)) ** 2.4, 0, None))
    _fill(place, hair, light, shape, dome)


def _opening(place: View, cut: Cut, face: Anatomy) -> Plane:
    """The distance into the face from the hairline: positive on the face, negative under the hair."""
    low = 0.35
    line = cut.fringe if cut.fringe is not None else face.hairline - cut.lift
    lean = cut.part * smooth((low - place.y) / (low - line))
    across = np.abs(place.x - lean) / (cut.opening + np.abs(lean) * 0.35 * np.sign(lean) * -np.sign(place.x))
    if cut.side_end < 0.4:
        across = across * (1 + 0.16 * smooth((place.y + 0.35) / 0.5))
    if cut.side_end > 0.8:
        across = across * (1 + 0.06 * smooth((place.y - 0.5) / 0.8))
    up = np.clip((low - place.y) / (low - line), 0, None)
    power = cut.pointed
    inside = 1 - (across**power + up**power) ** (1 / power)
    return np.asarray(inside * 0.9, np.float32)


def _strands(place: View, hair: Hair) -> Plane:
    """Random values that run along the hair from above the crown down, or curl."""
    if hair.cut.curl:
        twist = sampled(hair.table, place.x * 5, place.y * 5)
        return sampled(hair.table, place.x * 12 + twist, place.y * 12 + 7 - twist)
    down = place.y + 2.0
    turn, away = np.arctan2(place.x - hair.cut.part * 0.8, down), np.hypot(place.x, down)
    wave = 0.9 * sampled(hair.table, turn * 4, away * 1.2)
    fine = sampled(hair.table, turn * 40 + wave, away * 1.4)
    return np.asarray(0.6 * fine + 0.45 * sampled(hair.table, turn * 105 + wave, away * 1.1 + 5), np.float32)


def _fill(place: View, hair: Hair, light: Light, shape: Plane, dome: Plane) -> None:
    strands = _strands(place, hair)
    share = lit(light, dome * 0.9 + (0.007 if hair.cut.curl else 0.012) * strands, place.pixel)
    grey = np.clip(hair.grey * 1.15 + 0.5 * strands * hair.grey * (1 - hair.grey) * 2, 0, 1)[..., None]
    base = np.asarray(hair.tone, np.float32) * (1 - grey) + np.asarray(GREY, np.float32) * grey
    band = bump(place.x + 0.25 * np.sign(light.direction[0]), place.y, (0, -1.12), (0.85, 0.2)) * (dome > 0.2)
    shine = np.clip(band * (0.55 + 0.5 * strands), 0, 1)[..., None] * (0.2 + 0.08 * light.hardness)
    colour = base * (0.4 + 0.85 * share * (1 + 0.16 * strands))[..., None] + shine * (0.55 + 0.8 * base)
    cover = place.cover(shape, 0.035) * hair.cut.density
    if hair.cut.density < 0.95:
        cover = cover * np.clip(0.85 + 0.2 * strands, 0, 1)
    place.paint(colour * np.asarray(light.key, np.float32), np.asarray(cover, np.float32))


def paint_nape(view: View, hair: Hair, face: Anatomy, light: Light) -> None:
    """The head from behind: hair where the face would be."""
    place = view.near(-1.9, -2.4, 1.9, 2.0)
    reach, edge = face.radius(place.x, place.y)
    jitter = _strands(place, hair)
    thick = hair.cut.side + (hair.cut.top - hair.cut.side) * smooth((0.4 - place.y) / 1.2)
    shape = np.maximum(reach - edge - thick - 0.4 * hair.cut.rough * jitter, place.y - 0.95 - 0.1 * jitter)
    dome = np.sqrt(np.clip(1.03 - (reach / (edge + thick + 0.02)) ** 2.4, 0, None))
    _fill(place, hair, light, shape, dome)


def paint_braids(view: View, hair: Hair, light: Light) -> None:
    """Two braids over the shoulders; paint them last."""
    if not hair.cut.braids:
        return
    for side in (-1, 1):
        points = curve((side * 1.0, 0.45), (side * 1.28, 1.5), (side * 1.02, 2.9), 22)
        for index, (x, y) in enumerate(points[1:]):
            place = view.around([(x, y)], 0.35)
            size = 0.19 - 0.003 * index
            lean = 0.6 * (-1) ** index
            shape = np.hypot(place.x - x + 0.05 * lean, (place.y - y + lean * (place.x - x)) / 0.75) - size
            dome = np.sqrt(np.clip(1 - ((shape + size) / size) ** 2, 0, None)) * 0.3
            _fill(place, hair, light, shape, dome)
        x, y = points[18]
        view.near(x - 0.3, y - 0.2, x + 0.3, y + 0.2).line([(x - 0.13, y), (x + 0.13, y)], [0.045, 0.045], (0.75, 0.16, 0.2))
