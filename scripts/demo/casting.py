"""Inventing a whole cast from a seed: who is lost, who is found, who is both."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import Final

import numpy as np

from scripts.demo import stories
from scripts.demo.casefiles import Director, Role, when
from scripts.demo.cast import Cast, DemoCase, DemoPhoto, Plot, Shows
from scripts.demo.people import Beard, Person, Traits, invent_person, sibling_of
from scripts.demo.scenes import intake_scene
from tracing.domain import CaseKind, Sex

PAIRS: Final = 14
READMISSIONS: Final = 3
DUPLICATES: Final = 2
LOOK_ALIKES: Final = 4
SMALLEST: Final = PAIRS + READMISSIONS + DUPLICATES + 2 * LOOK_ALIKES + 8
AUDITIONS: Final = 6
"""How many people are invented for each that is taken: those least like the rest are."""


def invent_cast(*, today: date, seed: int = 2, people: int = 60) -> Cast:
    """A cast of ``people`` (35 or more); the same arguments give the same cast. Cheap: nothing is drawn yet."""
    if people < SMALLEST:
        raise ValueError(f"the demonstration needs at least {SMALLEST} people")
    rng = np.random.default_rng([seed, 40])
    roles = _roles(rng, seed, people)
    director = Director(rng, today, LOOK_ALIKES)
    cases = [case for role in roles for case in director.cases_of(role)]
    cases.sort(key=lambda case: (-case.opened_days_ago, case.person_key))
    numbered = tuple(replace(case, key=f"demo-{number:03d}") for number, case in enumerate(cases, 1))
    return Cast(seed, today, {role.key: role.person for role in roles}, numbered, _look_alikes(roles, numbered))


def story_photo(cast: Cast) -> tuple[DemoCase, DemoPhoto]:
    """A missing case whose person nobody has found yet, and a new picture of that person, as a shelter would take it today."""
    waiting = [
        case
        for case in cast.cases
        if case.plot is Plot.ALONE and case.kind is CaseKind.MISSING and case.photos[0].shows is Shows.PORTRAIT
        and cast.people[case.person_key].age >= 18
    ]  # fmt: skip
    case = waiting[len(waiting) // 2]
    seed = cast.seed * 1000 + 999
    return case, DemoPhoto(Shows.PORTRAIT, seed, (cast.people[case.person_key],), intake_scene(seed), taken_on=when(cast.today))


def _roles(rng: np.random.Generator, seed: int, count: int) -> list[Role]:
    plots = [Plot.PAIR] * PAIRS + [Plot.READMISSION] * READMISSIONS + [Plot.DUPLICATE] * DUPLICATES
    plots += [Plot.ALONE] * (count - len(plots) - 2 * LOOK_ALIKES) + [Plot.LOOK_ALIKE] * LOOK_ALIKES
    faces = _unlike(seed, len(plots))
    taken: set[str] = set()
    roles = [
        _role(rng, f"person-{n:02d}", face, plot, taken) for n, (face, plot) in enumerate(zip(faces, plots, strict=True), 1)
    ]
    for number, elder in enumerate(roles[-LOOK_ALIKES:], count - LOOK_ALIKES + 1):
        twin = sibling_of(elder.person, seed * 1000 + number)
        roles.append(_role(rng, f"person-{number:02d}", twin, Plot.LOOK_ALIKE, taken, home=elder.home))
    return roles


def _unlike(seed: int, count: int) -> list[Person]:
    """People chosen so that no two faces are alike: each next one is the farthest from those already chosen."""
    crowd = [invent_person(seed * 10_000 + n) for n in range(AUDITIONS * count)]
    points = np.array([_looks(person) for person in crowd])
    chosen = [0]
    away = np.linalg.norm(points - points[0], axis=1)
    while len(chosen) < count:
        chosen.append(int(np.argmax(away)))
        away = np.minimum(away, np.linalg.norm(points - points[chosen[-1]], axis=1))
    order = np.random.default_rng([seed, 41]).permutation(count)
    return [crowd[chosen[int(n)]] for n in order]


def _looks(person: Person) -> list[float]:
    """What sets faces apart, as coordinates of about equal weight."""
    traits = [getattr(person.traits, field.name) for field in fields(Traits)]
    male, age = 3.0 if person.sex is Sex.MALE else 0.0, person.age / 16
    return [*(0.6 * t for t in traits), male, age, 4 * person.skin, 2.0 * (person.beard in (Beard.FULL, Beard.GOATEE))]


def _role(
    rng: np.random.Generator, key: str, person: Person, plot: Plot, taken: set[str], home: stories.Home | None = None
) -> Role:
    # By lot, and never by looks: nobody's language shows in a face.
    english = person.age >= 18 and home is None and rng.random() < 0.15
    tall = (170 if person.sex is Sex.MALE else 158) - max(0, person.age - 60) * 0.15
    tall = tall if person.age >= 17 else 80 + person.age * 5.2
    return Role(
        key=key,
        person=person,
        plot=plot,
        name=stories.name_for(rng, person.sex, taken, english),
        english=english,
        home=home or stories.pick(rng, stories.HOMES),
        height=int(tall + rng.normal(0, 4)),
        habit=stories.pick(rng, stories.ENGLISH_HABITS if english else stories.HABITS),
        lost_days_ago=int(rng.integers(20, 420)),
    )


def _look_alikes(roles: list[Role], cases: tuple[DemoCase, ...]) -> tuple[tuple[str, str], ...]:
    """The last people are the brothers and sisters of those before them."""
    key_of = {case.person_key: case.key for case in cases}
    elders, twins = roles[-2 * LOOK_ALIKES : -LOOK_ALIKES], roles[-LOOK_ALIKES:]
    return tuple((key_of[twin.key], key_of[elder.key]) for elder, twin in zip(elders, twins, strict=True))
