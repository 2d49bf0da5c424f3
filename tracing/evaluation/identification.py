"""1:N identification, measured: how many people a search misses (FNIR), and how many strangers it brings up (FPIR).

Some people are enrolled in a gallery and searched for with other photos of theirs (mated searches); others are searched for
who are not in it (non-mated searches). At a threshold T and a list of R candidates, after ISO/IEC 19795-1:2021 and NIST FRTE
1:N (NISTIR 8271, section 3):

    FNIR(N, R, T) = mated searches whose person is not among the first R candidates with a score of T or more / mated searches
    FPIR(N, T)    = non-mated searches with any candidate at T or above / non-mated searches

A photo without a face (failure to enrol, FTE) is part of what it means to miss somebody: a mated search with it, or for
somebody who could not be enrolled, is a miss at every threshold; a non-mated one brings up nobody.
"""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracing.domain import Vector
from tracing.errors import Invalid
from tracing.evaluation.scores import Faces, Pooling, Scoring, cosine, scores_of

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

AT_ONCE: Final = 256
"""Searches whose scores are held at once; with a million people enrolled they take a gigabyte."""
NOBODY: Final = np.iinfo(np.int64).max
"""The place of a person who is not on any list."""


@dataclass(frozen=True, slots=True)
class Photos:
    """Labelled photos: ``people`` by photo, and ``templates`` (n, dimension), a row of NaN where no face was found.

    ``order`` says which photo of a person was taken first; where it is equal the first one in the list is. ``qualities`` are
    from 0 to 1; all alike where nothing is said of them.
    """

    people: NDArray[np.str_]
    templates: Vector
    order: Floats
    qualities: Floats | None = None

    def __post_init__(self) -> None:
        qualities = self.order if self.qualities is None else self.qualities
        if not len(self.people) == len(self.templates) == len(self.order) == len(qualities):
            raise Invalid(
                "Every photo needs a person, a template, a place in time, and a quality if others have one.", "photos"
            )

    @property
    def faces(self) -> Faces:
        return Faces(self.templates, np.ones(len(self.order)) if self.qualities is None else self.qualities)

    @property
    def enrolled(self) -> Flags:
        """The photos in which a face was found."""
        return np.asarray(np.isfinite(self.templates).all(axis=1))

    def where(self, chosen: Flags | Numbers) -> Photos:
        """Some of the photos."""
        qualities = None if self.qualities is None else self.qualities[chosen]
        return Photos(self.people[chosen], self.templates[chosen], self.order[chosen], qualities)


@dataclass(frozen=True, slots=True)
class Split:
    """Which photos are enrolled, by person in the order of ``people``, and which ones are searched with."""

    people: tuple[str, ...]
    gallery: tuple[Numbers, ...]
    mated: Numbers
    non_mated: Numbers


def strangers_among(photos: Photos, enrol: int = 1) -> set[str]:
    """Who is to be searched for without being enrolled: half of those of whom there are too few photos to be searched for.

    Where they are fewer than a third of all it is half of everybody. By a digest of the name, so that nobody changes sides when
    others come or go.
    """
    names, counts = np.unique(photos.people, return_counts=True)
    few = [str(name) for name, count in zip(names, counts, strict=True) if count <= enrol]
    return {name for name in (few if 3 * len(few) >= len(names) else map(str, names)) if is_aside(name)}


def half_of(person: str) -> int:
    """0 or 1 by a digest of the name: what is fitted on the people of one half is reported on those of the other."""
    return sha256(person.encode()).digest()[0] % 2


def is_aside(person: str) -> bool:
    """By another part of the digest, so that each half of the people has its strangers."""
    return sha256(person.encode()).digest()[1] % 2 == 1


def split(photos: Photos, strangers: Some[str], enrol: int = 1) -> Split:
    """Everybody but the strangers is enrolled with the first ``enrol`` photos; what is left of these people is searched with.

    The strangers are searched for with their first photo: one search for each, so that no one counts more than others.
    ``Invalid`` where there are no searches of one of the two kinds.
    """
    if enrol < 1:
        raise Invalid("At least one photo of each person has to be enrolled.", "enrol")
    by_person: dict[str, list[int]] = {}
    for number in np.argsort(photos.order, kind="stable"):
        by_person.setdefault(str(photos.people[number]), []).append(int(number))
    people = sorted(by_person.keys() - set(strangers))
    mated = [number for person in people for number in by_person[person][enrol:]]
    non_mated = [own[0] for person, own in sorted(by_person.items()) if person in strangers]
    if not mated or not non_mated:
        raise Invalid("There have to be people with several photos, and others who are not enrolled.", "photos")
    gallery = tuple(np.array(by_person[person][:enrol]) for person in people)
    return Split(tuple(people), gallery, np.array(mated), np.array(non_mated))


@dataclass(frozen=True, slots=True)
class Searches:
    """What searches of one gallery brought: for each mated one the own score and place, for each other one the best score.

    Scores are minus infinity where a face is missing on one of the two sides; places start at 1. ``mated`` and ``non_mated``
    are the numbers of the photos.
    """

    people: int
    mated: Numbers
    own: Floats
    place: Numbers
    non_mated: Numbers
    best: Floats

    def threshold(self, false_positive_rate: float) -> float:
        """The lowest threshold at which not more than this share of the non-mated searches bring up anybody."""
        falling = np.sort(self.best)[::-1]
        allowed = int(false_positive_rate * len(falling))
        return float(np.nextafter(falling[allowed], np.inf)) if allowed < len(falling) else -np.inf

    def false_positive_rate(self, threshold: float) -> float:
        """FPIR at this threshold."""
        return float(np.mean(self.best >= threshold))

    def missed(self, threshold: float = -np.inf, listed: int | None = None) -> Flags:
        """(m,) the mated searches that miss, with lists of ``listed`` candidates; None for lists without an end."""
        beyond = self.place > (NOBODY - 1 if listed is None else listed)
        return np.asarray(beyond | (self.own < threshold) | np.isneginf(self.own))

    def false_negative_rate(self, threshold: float = -np.inf, listed: int | None = None) -> float:
        """FNIR at this threshold and length of list."""
        return float(np.mean(self.missed(threshold, listed)))


def search(photos: Photos, chosen: Split, pooling: Pooling = Pooling.BEST, scoring: Scoring = cosine) -> Searches:
    """Search the gallery with every photo that is not in it. Several photos of a person count as ``pooling`` says.

    A person who could not be enrolled with any photo is not in the gallery: ``people`` counts those who are.
    """
    seen = photos.enrolled
    gallery = [own[seen[own]] for own in chosen.gallery]
    there = {person: number for number, (person, own) in enumerate(zip(chosen.people, gallery, strict=True)) if len(own)}
    filled = [gallery[number] for number in there.values()]
    column = {person: place for place, person in enumerate(there)}
    if not filled:
        raise Invalid("In none of the photos that were to be enrolled a face was found.", "photos")
    own, place = np.full(len(chosen.mated), -np.inf), np.full(len(chosen.mated), NOBODY)
    best = np.full(len(chosen.non_mated), -np.inf)
    able = np.array([seen[photo] and str(photos.people[photo]) in column for photo in chosen.mated])
    for some in _portions(np.flatnonzero(able)):
        scores = scores_of(photos.faces, chosen.mated[some], filled, pooling, scoring)
        mates = np.array([column[str(photos.people[photo])] for photo in chosen.mated[some]])
        own[some] = scores[np.arange(len(some)), mates]
        # Ties fall against us: somebody else with the same score may come first.
        place[some] = (scores >= own[some][:, np.newaxis]).sum(axis=1)
    for some in _portions(np.flatnonzero(seen[chosen.non_mated])):
        best[some] = scores_of(photos.faces, chosen.non_mated[some], filled, pooling, scoring).max(axis=1)
    return Searches(len(filled), chosen.mated, own, place, chosen.non_mated, best)


def part(searches: Searches, mated: Numbers | Flags, non_mated: Numbers | Flags | None = None) -> Searches:
    """Some of the searches, of the same gallery; all non-mated ones where nothing is said of them."""
    others: Numbers | Flags = np.arange(len(searches.best)) if non_mated is None else non_mated
    return Searches(
        searches.people,
        searches.mated[mated],
        searches.own[mated],
        searches.place[mated],
        searches.non_mated[others],
        searches.best[others],
    )


def _portions(numbers: Numbers) -> Sequence[Numbers]:
    return [numbers[start : start + AT_ONCE] for start in range(0, len(numbers), AT_ONCE)]


@dataclass(frozen=True, slots=True)
class Figures:
    """``false_negative_rate`` (FNIR) at a ``threshold`` with this ``false_positive_rate`` (FPIR) and lists of ``listed``.

    ``first`` is the share of the mated searches whose person comes first, whatever the score.
    """

    enrolled: int
    mated: int
    non_mated: int
    listed: int
    threshold: float
    false_positive_rate: float
    false_negative_rate: float
    first: float


def figures(searches: Searches, false_positive_rate: float, listed: int) -> Figures:
    threshold = searches.threshold(false_positive_rate)
    return Figures(
        enrolled=searches.people,
        mated=len(searches.mated),
        non_mated=len(searches.non_mated),
        listed=listed,
        threshold=threshold,
        false_positive_rate=searches.false_positive_rate(threshold),
        false_negative_rate=searches.false_negative_rate(threshold, listed),
        first=1 - searches.false_negative_rate(listed=1),
    )
