"""The files of an invented person: what the family told, what the shelter could see, and the photos of both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np

from scripts.demo import stories
from scripts.demo.cast import DemoCase, DemoContact, DemoPhoto, Plot, Shows
from scripts.demo.faceless import Faceless
from scripts.demo.people import Beard, Glasses, Person, invent_person
from scripts.demo.scenes import document_scene, family_scene, intake_scene
from tracing.domain import CaseKind, Description, LegalBasis, Outcome, PartialDate, Sex

OUTCOMES: Final = (Outcome.SELF_LEFT, Outcome.TRANSFERRED, Outcome.SELF_LEFT)


@dataclass(frozen=True, slots=True)
class Role:
    """One person of the cast with what everybody who knows them knows."""

    key: str
    person: Person
    plot: Plot
    name: str
    english: bool
    home: stories.Home
    height: int
    habit: str
    lost_days_ago: int

    @property
    def age(self) -> int:
        return self.person.age

    @property
    def minor(self) -> bool:
        return self.age < 18


class Director:
    """Writes the cases of each role; every choice comes from one random source, in order."""

    def __init__(self, rng: np.random.Generator, today: date, families: int) -> None:
        """``families``: how many look-alike roles come before their brothers and sisters."""
        self._rng, self._today, self._families = rng, today, families
        self._shots = 0
        self._alone = 0
        self._siblings = 0

    def cases_of(self, role: Role) -> list[DemoCase]:
        """The cases of one person, without keys; earlier intakes come first."""
        found = max(1, role.lost_days_ago - int(self._rng.integers(3, 19)))
        match role.plot:
            case Plot.PAIR:
                return [self._missing(role, role.lost_days_ago - 1), self._sheltered(role, found)]
            case Plot.READMISSION:
                earlier = self._sheltered(role, role.lost_days_ago + 260)
                return [replace(earlier, outcome=OUTCOMES[role.lost_days_ago % 3]), self._sheltered(role, found)]
            case Plot.DUPLICATE:
                return [self._missing(role, role.lost_days_ago - 1), self._missing(role, role.lost_days_ago - 9, again=True)]
            case Plot.LOOK_ALIKE:
                self._siblings += 1
                return [
                    self._missing(role, role.lost_days_ago - 1)
                    if self._siblings <= self._families
                    else self._sheltered(role, found)
                ]
            case Plot.ALONE:
                self._alone += 1
                return [self._missing(role, role.lost_days_ago - 1) if self._alone % 2 else self._sheltered(role, found)]

    def _missing(self, role: Role, opened: int, *, again: bool = False) -> DemoCase:
        rng, english = self._rng, role.english
        birth = self._day(opened).year - role.age
        known = PartialDate(birth, int(rng.integers(1, 13))) if rng.random() < 0.5 else PartialDate(birth)
        nick = stories.nickname(rng, role.name, role.age)
        told = (
            stories.ENGLISH_MISSING
            if english
            else _by_age(role.age, stories.MISSING_CHILD, stories.MISSING_ADULT, stories.MISSING_ELDER)
        )
        said = Description(
            names=(role.name,) if english else (role.name, nick),
            sex=role.person.sex,
            birth_date=known,
            age_min=role.age - 1 if again else role.age,
            age_max=role.age + 1 if again else role.age,
            ethnic_group="" if english else "汉族",
            languages=("English",) if english else ("普通话", role.home.accent),
            accent="" if english else role.home.accent,
            height_cm=role.height + (int(rng.integers(-2, 3)) if again else 0),
            marks=(*stories.marks_of(role.person, english), role.habit),
            clothing=stories.clothing_text(rng, english),
            seen_at=when(self._day(role.lost_days_ago)),
            seen_place=stories.pick(rng, stories.ENGLISH_FOUND) if english else role.home.place,
            circumstances=stories.pick(rng, told),
        )
        basis = (
            LegalBasis.GUARDIAN_CONSENT
            if role.minor
            else LegalBasis.SEPARATE_CONSENT
            if rng.random() < 0.7
            else LegalBasis.VITAL_INTEREST
        )
        photos = self._family_photos(role, opened)
        return DemoCase("", role.key, role.plot, CaseKind.MISSING, said, basis, opened, photos, self._reporter(role, again))

    def _sheltered(self, role: Role, opened: int) -> DemoCase:
        rng, english = self._rng, role.english
        slack = 1 if role.minor else int(rng.integers(4, 8))
        guess = role.age + int(rng.integers(-slack // 2, slack // 2 + 1))
        told = (
            stories.ENGLISH_SHELTERED
            if english
            else _by_age(role.age, stories.FOUND_CHILD, stories.FOUND_ADULT, stories.FOUND_ELDER)
        )
        marks = stories.marks_of(role.person, english)
        said = Description(
            names=self._claimed(role),
            sex=role.person.sex,
            age_min=max(0, guess - slack),
            age_max=guess + slack,
            languages=("English",) if english else (),
            accent="" if english or rng.random() < 0.35 else role.home.accent,
            height_cm=role.height + int(rng.integers(-3, 4)),
            marks=(*marks, role.habit) if rng.random() < 0.5 else marks,
            clothing=stories.clothing_text(rng, english),
            seen_at=when(self._day(opened)),
            seen_place=stories.pick(rng, stories.ENGLISH_FOUND if english else role.home.found),
            circumstances=stories.pick(rng, told),
        )
        basis = LegalBasis.VITAL_INTEREST if rng.random() < 0.4 else LegalBasis.STATUTORY_DUTY
        photos = tuple(self._intake_photo(role, opened) for _ in range(2))
        return DemoCase("", role.key, role.plot, CaseKind.SHELTERED, said, basis, opened, photos, self._custodian(english))

    def _claimed(self, role: Role) -> tuple[str, ...]:
        """The name a person in care gives, if any: most are entered without one."""
        if self._rng.random() < 0.6:
            return ()
        return (role.name.split()[0],) if role.english else (stories.nickname(self._rng, role.name, role.age),)

    def _intake_photo(self, role: Role, opened: int) -> DemoPhoto:
        seed = self._shot()
        lost = Glasses.NONE if self._rng.random() < 0.3 else None
        stubble = Beard.STUBBLE if role.person.beard is Beard.NONE and role.person.sex is Sex.MALE and role.age > 21 else None
        scene = replace(intake_scene(seed), glasses=lost, beard=stubble)
        return DemoPhoto(Shows.PORTRAIT, seed, (role.person,), scene, taken_on=when(self._day(opened)))

    def _family_photos(self, role: Role, opened: int) -> tuple[DemoPhoto, ...]:
        rng, seed = self._rng, self._shot()
        years = int(rng.integers(0, 2 if role.minor else 4))
        then = self._day(opened).year - years
        earlier = role.person.years_ago(years)
        scene = document_scene(seed) if rng.random() < 0.3 else family_scene(seed)
        photos = [DemoPhoto(Shows.PORTRAIT, seed, (earlier,), scene, taken_on=PartialDate(then), age_in_photo=earlier.age)]
        more = rng.random()
        if more < 0.22:
            photos.append(self._group_photo(earlier, then))
        elif more < 0.34:
            photos.append(DemoPhoto(Shows.FACELESS, self._shot(), faceless=stories.pick(rng, list(Faceless))))
        else:
            seed = self._shot()
            photos.append(DemoPhoto(Shows.PORTRAIT, seed, (role.person,), family_scene(seed), age_in_photo=role.age))
        return tuple(photos)

    def _group_photo(self, person: Person, year: int) -> DemoPhoto:
        rng, seed = self._rng, self._shot()
        others = [invent_person(seed * 7 + n, age=int(rng.integers(25, 75))) for n in range(int(rng.integers(1, 4)))]
        place = int(rng.integers(0, len(others) + 1))
        others.insert(place, person)
        return DemoPhoto(
            Shows.GROUP,
            seed,
            tuple(others),
            family_scene(seed),
            taken_on=PartialDate(year),
            age_in_photo=person.age,
            of_interest=place,
        )

    def _reporter(self, role: Role, again: bool) -> DemoContact:
        rng = self._rng
        if role.english:
            return DemoContact("colleague" if again else "family", "Jo " + role.name.split()[1], self._phone())
        if again:
            return DemoContact(
                "village committee", f"{stories.pick(rng, stories.SURNAMES)}主任", self._phone(), role.home.place
            )
        kin = "父亲" if role.minor else stories.pick(rng, ("儿子", "女儿", "弟弟", "妹妹", "侄子"))
        return DemoContact("family", f"{role.name[0]}某（{kin}）", self._phone(), role.home.place)

    def _custodian(self, english: bool) -> DemoContact:
        if english:
            return DemoContact("custodian", "Night desk", self._phone())
        return DemoContact("custodian", f"{stories.pick(self._rng, stories.SURNAMES)}社工", self._phone(), "救助站接待室")

    def _phone(self) -> str:
        """A number that no network ever gave out."""
        return f"000-{int(self._rng.integers(0, 10_000)):04d}-{int(self._rng.integers(0, 10_000)):04d}"

    def _shot(self) -> int:
        self._shots += 1
        return 1000 * int(self._rng.integers(1, 2000)) + self._shots

    def _day(self, days_ago: int) -> date:
        return self._today - timedelta(days=days_ago)


def _by_age(age: int, child: tuple[str, ...], adult: tuple[str, ...], elder: tuple[str, ...]) -> tuple[str, ...]:
    return child if age < 16 else adult if age < 62 else elder


def when(day: date) -> PartialDate:
    """A full date."""
    return PartialDate(day.year, day.month, day.day)
