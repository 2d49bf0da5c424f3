"""Invented people: what makes a drawn face this face and no other, and how relatives resemble each other."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum

import numpy as np

from tracing.domain import Sex

REACH = 2.0
"""Traits are clipped to this many standard deviations, so that every face stays a face."""


class HairStyle(StrEnum):
    BALD = "bald"
    CROWN = "crown"
    """Bald on top, hair at the sides."""
    SHAVED = "shaved"
    CROP = "crop"
    SIDE_PART = "side_part"
    SWEPT_BACK = "swept_back"
    FRINGE = "fringe"
    PERM = "perm"
    BOB = "bob"
    BOB_FRINGE = "bob_fringe"
    LONG = "long"
    LONG_FRINGE = "long_fringe"
    BUN = "bun"
    BRAIDS = "braids"
    SHAGGY = "shaggy"


class Beard(StrEnum):
    NONE = "none"
    STUBBLE = "stubble"
    MOUSTACHE = "moustache"
    GOATEE = "goatee"
    FULL = "full"


class Glasses(StrEnum):
    NONE = "none"
    ROUND = "round"
    SQUARE = "square"
    HALF = "half"


@dataclass(frozen=True, slots=True)
class Traits:
    """The shape of a face in standard deviations from the average, each between -2 and 2."""

    face_width: float = 0.0
    face_length: float = 0.0
    jaw_width: float = 0.0
    chin_width: float = 0.0
    chin_length: float = 0.0
    cheekbones: float = 0.0
    fullness: float = 0.0
    forehead: float = 0.0
    eye_distance: float = 0.0
    eye_size: float = 0.0
    eye_opening: float = 0.0
    eye_tilt: float = 0.0
    eye_depth: float = 0.0
    lid_crease: float = 0.0
    brow_height: float = 0.0
    brow_thickness: float = 0.0
    brow_arch: float = 0.0
    brow_slant: float = 0.0
    brow_length: float = 0.0
    nose_length: float = 0.0
    nose_width: float = 0.0
    nose_bridge: float = 0.0
    nose_tip: float = 0.0
    mouth_width: float = 0.0
    mouth_height: float = 0.0
    mouth_corners: float = 0.0
    upper_lip: float = 0.0
    lower_lip: float = 0.0
    ear_size: float = 0.0
    ear_angle: float = 0.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A mole or a scar, placed in face units (see ``anatomy``); a scar is a line along ``slant``."""

    x: float
    y: float
    size: float
    scar: bool = False
    slant: float = 0.0


@dataclass(frozen=True, slots=True)
class Person:
    """One invented person. ``skin`` runs from 0 (very light) to 1 (very dark), ``ruddy`` and ``grey`` from 0 to 1."""

    sex: Sex
    age: int
    traits: Traits
    skin: float = 0.3
    ruddy: float = 0.3
    hair_style: HairStyle = HairStyle.CROP
    hair_tone: float = 0.0
    """0 is black, 1 light brown."""
    grey: float = 0.0
    beard: Beard = Beard.NONE
    glasses: Glasses = Glasses.NONE
    iris: float = 0.0
    """0 is dark brown, 1 light."""
    marks: tuple[Mark, ...] = ()
    weathered: float = 0.0
    pattern: int = 0
    """The seed of what is this skin's alone: its blotches, spots and wrinkles."""

    def years_ago(self, years: int) -> Person:
        """The same person younger: fewer wrinkles, less grey."""
        return replace(self, age=max(3, self.age - years), grey=max(0.0, self.grey - 0.035 * years))


def invent_person(seed: int, *, sex: Sex | None = None, age: int | None = None) -> Person:
    """A person out of nothing but a seed; sex and age may be asked for. The same seed gives the same person."""
    rng = np.random.default_rng([seed, 20])
    drawn_sex = Sex.FEMALE if rng.random() < 0.45 else Sex.MALE
    drawn_age = int(
        rng.choice(
            [rng.integers(6, 15), rng.integers(16, 40), rng.integers(40, 65), rng.integers(65, 88)], p=[0.1, 0.3, 0.3, 0.3]
        )
    )
    sex, age = sex or drawn_sex, drawn_age if age is None else age
    names = [field.name for field in fields(Traits)]
    traits = Traits(
        **dict(zip(names, (float(v) for v in np.clip(rng.normal(0, 1.15, len(names)), -REACH, REACH)), strict=True))
    )
    grey = float(np.clip((age - 42 + rng.normal(0, 8)) / 32, 0, 1)) if age > 38 else 0.0
    return Person(
        sex=sex,
        age=age,
        traits=traits,
        skin=float(np.clip(rng.beta(1.3, 3.0), 0.02, 0.95)),
        ruddy=float(rng.random()),
        hair_style=_hair_style(rng, sex, age),
        hair_tone=float(0.8 * rng.random() ** 5),
        grey=grey,
        beard=_beard(rng, sex, age),
        glasses=Glasses(rng.choice(list(Glasses), p=[0.78, 0.07, 0.1, 0.05])),
        iris=float(rng.random() ** 2),
        marks=_marks(rng),
        weathered=float(np.clip(rng.normal(0.35, 0.3), 0, 1)) if age > 25 else 0.0,
        pattern=seed,
    )


def sibling_of(person: Person, seed: int, *, likeness: float = 0.8) -> Person:
    """A brother or sister of about the same age who shares ``likeness`` of every trait: the hard look-alike."""
    rng = np.random.default_rng([seed, 21])
    other = invent_person(int(rng.integers(2**31)), sex=person.sex, age=person.age)
    own, foreign = asdict(person.traits), asdict(other.traits)
    traits = Traits(**{name: likeness * own[name] + (1 - likeness) * foreign[name] for name in own})
    return replace(
        person,
        traits=traits,
        age=max(4, person.age + int(rng.integers(-2, 3))),
        skin=likeness * person.skin + (1 - likeness) * other.skin,
        ruddy=likeness * person.ruddy + (1 - likeness) * other.ruddy,
        marks=other.marks,
        pattern=other.pattern,
    )


def _hair_style(rng: np.random.Generator, sex: Sex, age: int) -> HairStyle:
    style = HairStyle
    if sex is Sex.FEMALE:
        young = [style.LONG, style.LONG_FRINGE, style.BOB, style.BOB_FRINGE, style.BUN, style.SIDE_PART]
        girl = [style.BRAIDS, style.BOB_FRINGE, style.LONG_FRINGE, style.BUN]
        old = [style.PERM, style.BUN, style.BOB, style.SIDE_PART, style.SWEPT_BACK]
        choices = girl if age < 14 else young if age < 50 else old
    else:
        boy = [style.FRINGE, style.CROP, style.SHAVED]
        young = [style.CROP, style.SIDE_PART, style.FRINGE, style.SHAVED, style.SHAGGY, style.SWEPT_BACK]
        old = [style.BALD, style.CROWN, style.CROP, style.SWEPT_BACK, style.SHAVED, style.SIDE_PART]
        choices = boy if age < 14 else young if age < 50 else old
    return choices[int(rng.integers(len(choices)))]


def _beard(rng: np.random.Generator, sex: Sex, age: int) -> Beard:
    if sex is not Sex.MALE or age < 22:
        return Beard.NONE
    return Beard(rng.choice(list(Beard), p=[0.5, 0.16, 0.14, 0.1, 0.1]))


def _marks(rng: np.random.Generator) -> tuple[Mark, ...]:
    marks = [
        Mark(
            float(rng.choice([-1, 1]) * rng.uniform(0.36, 0.75)),
            float(rng.uniform(0.25, 1.15)),
            float(rng.uniform(0.018, 0.034)),
        )
        for _ in range(int(rng.choice([0, 1, 2, 3], p=[0.6, 0.27, 0.1, 0.03])))
    ]
    if rng.random() < 0.12:
        side = float(rng.choice([-1, 1]))
        marks.append(
            Mark(
                side * float(rng.uniform(0.5, 0.75)),
                float(rng.uniform(-0.6, 0.9)),
                0.14,
                scar=True,
                slant=float(rng.uniform(0.5, 2.4)),
            )
        )
    return tuple(marks)
