"""Whom the recognition serves worse: groups of the model card with twice the overall error, and the pairs that they concern.

A warning depends on what the records say of the two people and their photos, on nothing that a search found: whoever
judges blind may read it. Where somebody comes from is in no record and is never guessed, so that the groups by set of
photos warn of no pair; they are only shown among the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tracing.access import Permission, require
from tracing.disguise import pair_behind
from tracing.domain import Actor, Analysis, Case, Face, Photo
from tracing.evaluation.card import By, Card, GroupFigures
from tracing.evaluation.report import Rate
from tracing.facts import year_taken
from tracing.ports import RecordStore
from tracing.stations.scope import check_pair

TWICE: Final = 2.0
"""DOMAIN.md, L19."""


@dataclass(frozen=True, slots=True)
class CardOnFile:
    """The model card of an encoder, or, for the operator, why there is none."""

    encoder_id: str
    card: Card | None
    problem: str


@dataclass(frozen=True, slots=True)
class Warned:
    """A group that misses at least twice as many of its people as all searches together; ``overall`` is their rate."""

    group: GroupFigures
    overall: Rate

    @property
    def certain(self) -> bool:
        """Whether the group is worse beyond what chance makes of so few searches: its whole interval lies above the rate."""
        return self.group.misses.interval[0] > self.overall.value


@dataclass(frozen=True, slots=True)
class Person:
    """What tells somebody's groups: the age in each photo as well as it is known, the sex, and the best quality, 0 to 1.

    ``ages`` is empty where the age in one of the photos is not known at all, ``years`` where no photo has a year.
    """

    ages: tuple[float, ...] = ()
    years: tuple[int, ...] = ()
    sex: str = ""
    quality: float | None = None


def weak_groups(card: Card) -> tuple[Warned, ...]:
    """The groups of a card with twice the overall error or more."""
    worst = [group for group in card.groups if 0 < group.misses.value >= TWICE * card.misses.value]
    return tuple(Warned(group, card.misses) for group in worst)


def warnings_of(card: Card, one: Person, other: Person) -> tuple[Warned, ...]:
    """The weak groups that the two people, or their photos, belong to.

    The best photo counts: somebody with one photo outside of a group is not warned of.
    """
    return tuple(each for each in weak_groups(card) if _concerns(each.group, one, other))


def _concerns(group: GroupFigures, one: Person, other: Person) -> bool:
    if group.by is By.AGE:
        return any(each.ages and all(_within(group, age) for age in each.ages) for each in (one, other))
    if group.by is By.YEARS_BETWEEN:
        gaps = [abs(mine - theirs) for mine in one.years for theirs in other.years]
        return bool(gaps) and _within(group, min(gaps))
    if group.by is By.SEX:
        return group.name in (one.sex, other.sex)
    if group.by is By.QUALITY:
        return any(each.quality is not None and _within(group, each.quality) for each in (one, other))
    return False


def _within(group: GroupFigures, value: float) -> bool:
    return (group.low is None or group.low <= value) and (group.high is None or value < group.high)


def person(case: Case, photos: Sequence[Photo], faces: Sequence[Face]) -> Person:
    """``photos`` of the case, of which only those with its face count; ``faces`` of interest, best first."""
    enrolled = [photo for photo in photos if photo.analysis is Analysis.ENROLLED]
    ages = [_age_in(photo, case) for photo in enrolled]
    years = [year_taken(photo, case) for photo in enrolled]
    return Person(
        ages=tuple(age for age in ages if age is not None) if None not in ages else (),
        years=tuple(year for year in years if year is not None),
        sex=case.description.sex or "",
        quality=faces[0].quality.score if faces else None,
    )


def _age_in(photo: Photo, case: Case) -> float | None:
    """Years of age in the photo as well as anybody can tell: said, reckoned from the birth, or the middle of an estimate.

    A photo without a date counts as taken when the case was opened.
    """
    if photo.age_in_photo is not None:
        return photo.age_in_photo
    said, taken = case.description, year_taken(photo, case) or case.opened_at.year
    if said.birth_date is not None:
        return max(0, taken - said.birth_date.year)
    known = [age for age in (said.age_min, said.age_max) if age is not None]
    return max(0.0, sum(known) / len(known) - (case.opened_at.year - taken)) if known else None


class Fairness:
    """``card_of`` knows where the card of an encoder is."""

    def __init__(self, store: RecordStore, card_of: Callable[[str], CardOnFile]) -> None:
        self._store = store
        self._card_of = card_of

    def active(self, actor: Actor) -> CardOnFile:
        """The card of the active generation."""
        require(actor, Permission.READ_STATISTICS)
        with self._store.reading() as records:
            return self._card_of(records.generations.active().encoder_id)

    def of_pair(self, actor: Actor, pair_id: str) -> tuple[Warned, ...]:
        """What the active generation is weak at that concerns this pair; for those who may judge it blind as well."""
        require(actor, Permission.READ_CANDIDATES)
        with self._store.reading() as records:
            pair = pair_behind(records, actor, pair_id)
            check_pair(records, actor, pair)
            both = pair.case_ids
            cases, photos = records.cases.by_ids(both), records.photos.of_cases(both)
            faces = records.faces.of_cases(both)
            card = self._card_of(records.generations.active().encoder_id).card
        one, other = (person(cases[each], photos.get(each, []), faces.get(each, [])) for each in both)
        return warnings_of(card, one, other) if card is not None else ()
