"""The circumstances of a picture: who took it, in what light, before what wall, with what camera."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from scripts.demo.canvas import Colour
from scripts.demo.clothing import Garment, Outfit, Pattern
from scripts.demo.light import Light
from scripts.demo.people import Beard, Glasses, HairStyle

CLOTH: tuple[Colour, ...] = (
    (0.22, 0.3, 0.45), (0.55, 0.16, 0.18), (0.25, 0.38, 0.3), (0.36, 0.36, 0.38), (0.62, 0.55, 0.44), (0.17, 0.18, 0.22),
    (0.5, 0.32, 0.42), (0.75, 0.72, 0.68), (0.3, 0.22, 0.18), (0.78, 0.58, 0.24), (0.34, 0.5, 0.6), (0.66, 0.36, 0.26),
)  # fmt: skip


class Backdrop(StrEnum):
    WALL = "wall"
    ROOM = "room"
    GARDEN = "garden"
    CURTAIN = "curtain"
    STREET = "street"


@dataclass(frozen=True, slots=True)
class Pose:
    """How the head is held: ``tilt``, ``yaw`` and ``pitch`` in radians, ``smile`` and the gaze from -1 to 1."""

    tilt: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    smile: float = 0.0
    gaze: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Camera:
    """What the camera adds: ``blur`` in pixels, ``noise`` as a part of full scale, ``blocks`` (0 to 1) as JPEG leaves them."""

    blur: float = 0.5
    noise: float = 0.01
    contrast: float = 1.0
    warmth: float = 0.0
    blocks: float = 0.0


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture's circumstances. What is None is as the person usually is."""

    light: Light
    backdrop: Backdrop
    tone: Colour
    outfit: Outfit
    camera: Camera = field(default_factory=Camera)
    pose: Pose = field(default_factory=Pose)
    unit: float = 88.0
    """Pixels per face unit: half the width of a face."""
    shift: tuple[float, float] = (0.0, 0.0)
    untidy: float = 0.0
    weary: float = 0.0
    hair_style: HairStyle | None = None
    beard: Beard | None = None
    glasses: Glasses | None = None


def _pose(rng: np.random.Generator, ease: float) -> Pose:
    tilt, yaw, pitch = (float(v) for v in np.clip(rng.normal(0, 1, 3), -1.6, 1.6) * (0.05, 0.09, 0.04))
    return Pose(ease * tilt, ease * yaw, ease * pitch, float(rng.uniform(0.1, 1.2)) * ease, (float(rng.normal(0, 0.06)), 0.0))


def _outfit(rng: np.random.Generator, garments: list[Garment]) -> Outfit:
    colour, second = (CLOTH[int(i)] for i in rng.integers(len(CLOTH), size=2))
    garment = garments[int(rng.integers(len(garments)))]
    patterned = garment in (Garment.SHIRT, Garment.TEE) and rng.random() < 0.45
    pattern = (Pattern.STRIPES if rng.random() < 0.5 else Pattern.CHECKS) if patterned else Pattern.PLAIN
    inner = second if garment is not Garment.CARDIGAN else (0.9, 0.89, 0.86)
    return Outfit(garment, colour, inner, pattern)


def _placed(scene: Scene, rng: np.random.Generator) -> Scene:
    unit = float(rng.uniform(80, 94))
    return replace(scene, unit=unit, shift=(float(rng.normal(0, 8)), float(rng.normal(0, 8))))


def intake_scene(seed: int) -> Scene:
    """A shelter's intake: a plain wall, hard light, an ordinary phone, a tired person in what they came in."""
    rng = np.random.default_rng([seed, 30])
    side = float(rng.choice([-1, 1]))
    light = Light(
        (side * float(rng.uniform(0.2, 0.55)), -0.55, 0.9), (1.0, 0.99, 0.96), (0.6, 0.62, 0.66), float(rng.uniform(0.45, 0.75))
    )
    grey = float(rng.uniform(0.66, 0.82))
    scene = Scene(
        light=light,
        backdrop=Backdrop.WALL,
        tone=(grey, grey * 1.005, grey * float(rng.uniform(0.96, 1.04))),
        outfit=_outfit(rng, [Garment.PADDED, Garment.ZIP, Garment.SHIRT, Garment.STAND_COLLAR, Garment.TEE, Garment.SWEATER]),
        camera=Camera(
            float(rng.uniform(0.45, 0.9)), float(rng.uniform(0.005, 0.012)), 1.02, -0.01, float(rng.uniform(0.2, 0.8))
        ),
        pose=_pose(rng, 0.8),
        untidy=float(rng.uniform(0.25, 0.9)),
        weary=float(rng.uniform(0.2, 0.8)),
    )
    return _placed(replace(scene, pose=replace(scene.pose, smile=float(rng.uniform(-0.2, 0.4)))), rng)


def family_scene(seed: int) -> Scene:
    """A family's snapshot: warm light, a room or a garden, the good jacket."""
    rng = np.random.default_rng([seed, 31])
    outdoors = rng.random() < 0.45
    key = (1.0, 0.97, 0.92) if outdoors else (1.0, 0.94, 0.84)
    ambient = (0.66, 0.68, 0.7) if outdoors else (0.68, 0.62, 0.56)
    light = Light((float(rng.uniform(-0.6, 0.6)), -0.6, 0.9), key, ambient, float(rng.uniform(0.32, 0.58)))
    scene = Scene(
        light=light,
        backdrop=Backdrop.GARDEN if outdoors else Backdrop.ROOM if rng.random() < 0.6 else Backdrop.CURTAIN,
        tone=CLOTH[int(rng.integers(len(CLOTH)))],
        outfit=_outfit(rng, [Garment.SHIRT, Garment.CARDIGAN, Garment.SWEATER, Garment.TEE, Garment.STAND_COLLAR, Garment.ZIP]),
        camera=Camera(
            float(rng.uniform(0.4, 0.8)),
            float(rng.uniform(0.003, 0.009)),
            1.03,
            float(rng.uniform(0.0, 0.04)),
            float(rng.uniform(0.0, 0.4)),
        ),
        pose=_pose(rng, 1.0),
    )
    return _placed(scene, rng)


def document_scene(seed: int) -> Scene:
    """A studio portrait for a document: even light, a plain blue or white ground, straight into the camera."""
    rng = np.random.default_rng([seed, 32])
    tone: Colour = [(0.42, 0.6, 0.8), (0.9, 0.91, 0.92), (0.72, 0.2, 0.2)][int(rng.choice(3, p=[0.5, 0.4, 0.1]))]
    scene = Scene(
        light=Light((float(rng.uniform(-0.2, 0.2)), -0.45, 1.0), (1.0, 0.99, 0.97), (0.72, 0.72, 0.73), 0.2),
        backdrop=Backdrop.CURTAIN if tone[0] > 0.8 else Backdrop.WALL,
        tone=tone,
        outfit=_outfit(rng, [Garment.SHIRT, Garment.STAND_COLLAR, Garment.CARDIGAN]),
        camera=Camera(0.4, 0.004, 1.0, 0.0, 0.2),
        pose=_pose(rng, 0.35),
    )
    return _placed(scene, rng)
