"""The cast of the demonstration: whose cases there are, which of them belong together, and what is known of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from scripts.demo.faceless import Faceless, draw_faceless
from scripts.demo.people import Person
from scripts.demo.portraits import draw_group, draw_portrait
from scripts.demo.scenes import Scene
from tracing.domain import CaseKind, Description, LegalBasis, Outcome, PartialDate, Pixels, Relation


class Shows(StrEnum):
    """What a picture shows."""

    PORTRAIT = "portrait"
    GROUP = "group"
    FACELESS = "faceless"


class Plot(StrEnum):
    """Why a person is in the cast."""

    PAIR = "pair"
    """Missing and sheltered: the pair to be found."""
    READMISSION = "readmission"
    """Sheltered twice; the earlier intake is closed."""
    DUPLICATE = "duplicate"
    """Reported missing twice."""
    LOOK_ALIKE = "look_alike"
    """Brothers or sisters of whom one is missing and the other sheltered: the pair not to be confirmed."""
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class DemoPhoto:
    """A picture as a recipe, so that a cast is cheap to invent; ``draw`` makes its pixels, the same each time."""

    shows: Shows
    seed: int
    people: tuple[Person, ...] = ()
    scene: Scene | None = None
    faceless: Faceless | None = None
    taken_on: PartialDate | None = None
    age_in_photo: int | None = None
    of_interest: int = 0
    """Group: which of ``people``, counted from the left, the case is about."""

    def draw(self) -> Pixels:
        """The picture: uint8, shape (height, width, 3); about 0.15 s for each person in it."""
        if self.faceless is not None:
            return draw_faceless(self.faceless, self.seed)
        if self.scene is None:
            raise ValueError("a picture of people needs a scene")
        if self.shows is Shows.GROUP:
            return draw_group(self.people, self.scene, self.seed)
        return draw_portrait(self.people[0], self.scene, self.seed)


@dataclass(frozen=True, slots=True)
class DemoContact:
    """A reporter or a custodian; the number belongs to nobody."""

    role: str
    name: str
    phone: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class DemoCase:
    """A case to be opened ``opened_days_ago``; with an outcome it is closed at once afterwards."""

    key: str
    person_key: str
    plot: Plot
    kind: CaseKind
    description: Description
    legal_basis: LegalBasis
    opened_days_ago: int
    photos: tuple[DemoPhoto, ...]
    contact: DemoContact
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    """All cases, oldest first, and the people whose faces they show."""

    seed: int
    today: date
    people: dict[str, Person]
    cases: tuple[DemoCase, ...]
    look_alikes: tuple[tuple[str, str], ...]
    """Keys of the sheltered and the missing case of brothers or sisters."""

    def case(self, key: str) -> DemoCase:
        return next(case for case in self.cases if case.key == key)

    def of(self, person_key: str) -> tuple[DemoCase, ...]:
        return tuple(case for case in self.cases if case.person_key == person_key)

    def same_person(self) -> Iterator[tuple[DemoCase, DemoCase, Relation]]:
        """Every two cases of one person: what a perfect search would find."""
        for person_key in self.people:
            cases = self.of(person_key)
            for index, one in enumerate(cases):
                for other in cases[index + 1 :]:
                    yield one, other, Relation.between(one.kind, other.kind)

    def day(self, days_ago: int) -> date:
        return self.today - timedelta(days=days_ago)
