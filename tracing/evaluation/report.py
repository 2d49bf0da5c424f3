"""One report of an encoder on labelled photos: misses and false positives by size of gallery, number of photos and group."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracing.errors import Invalid
from tracing.evaluation.identification import (
    Flags,
    Photos,
    Searches,
    Split,
    part,
    search,
    split,
    strangers_among,
)
from tracing.evaluation.resampling import difference, interval, times
from tracing.evaluation.scores import Pooling

RATES: Final = (0.01, 0.003, 0.001)
"""False positive identification rates at which misses are counted."""
RANKS: Final = (1, 5, 20)
PHOTOS: Final = (1, 2, 3)
"""Photos that each person is enrolled with."""
FEWEST: Final = 10
"""Searches that a line of a table needs; fewer say nothing."""

Interval = tuple[float, float]
Measure = Callable[[Searches], float]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its 95 % interval, drawn over people."""

    value: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class AtRate:
    """Misses (FNIR) at the threshold with this rate of false positives (FPIR); ``reached`` is what it is on these searches.

    Where ``non_mated`` times ``wanted`` is below one, no search may bring up anybody, and the rate is an upper bound's guess.
    """

    wanted: float
    threshold: float
    reached: float
    misses: Rate


@dataclass(frozen=True, slots=True)
class Line:
    """One gallery: how many people are enrolled, how many searches there were of each kind, and what they brought.

    ``failures`` are searches of both kinds with a photo in which no face was found. ``found`` is the share of the mated
    searches whose person is among the first so many candidates, by rank.
    """

    name: str
    enrolled: int
    mated: int
    non_mated: int
    failures: int
    at_rates: tuple[AtRate, ...]
    found: Mapping[int, Rate]


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the photos. Where numbers tell groups apart this one goes from ``low`` up to ``high``, excluded; None: no end."""

    name: str
    mask: Flags
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class GroupLine:
    """Some of the searches at the threshold of all of them. ``false_positives`` is None where no stranger is in the group.

    ``low`` and ``high`` as in ``Group``.
    """

    name: str
    low: float | None
    high: float | None
    mated: int
    misses: Rate
    first: Rate
    non_mated: int
    false_positives: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """``whole`` is the gallery of everybody with one photo each; ``groups`` by what distinguishes them."""

    photos: int
    people: int
    failures_to_enrol: int
    whole: Line
    sizes: tuple[Line, ...]
    several: tuple[Line, ...]
    groups: Mapping[str, tuple[GroupLine, ...]]


@dataclass(frozen=True, slots=True)
class Measured:
    """Labelled photos, who of the people is searched for without being enrolled, the split, and what its searches brought."""

    photos: Photos
    strangers: set[str]
    chosen: Split
    searches: Searches


def measure(photos: Photos, strangers: set[str] | None = None) -> Measured:
    """Search as production does, everybody enrolled with one photo. The strangers are chosen where none are named."""
    aside = strangers_among(photos) if strangers is None else strangers
    chosen = split(photos, aside)
    return Measured(photos, aside, chosen, search(photos, chosen))


def report(measured: Measured, groups: Mapping[str, Sequence[Group]], listed: int, sizes: Sequence[int] = ()) -> Report:
    """Everything that is measured of one encoder, by kind of group too; ``listed`` is the length of a list."""
    photos, chosen, searches = measured.photos, measured.chosen, measured.searches
    return Report(
        photos=len(photos.people),
        people=len(np.unique(photos.people)),
        failures_to_enrol=int(np.count_nonzero(~photos.enrolled)),
        whole=line("all", photos, searches, listed),
        sizes=tuple(line(f"{size}", photos, search(photos, _smaller(photos, chosen, size)), listed) for size in sizes),
        several=tuple(_several(photos, measured.strangers, listed)),
        groups={kind: tuple(_by_group(photos, searches, each, listed)) for kind, each in groups.items()},
    )


@dataclass(frozen=True, slots=True)
class Effect:
    """What another scoring of the same searches makes of the misses (FNIR at FPIR 1 %) and of the share that comes first.

    ``misses_more`` and ``first_more`` are differences to plain cosines; their intervals draw the same people for both.
    ``milliseconds`` is what one search takes.
    """

    name: str
    milliseconds: float
    misses: Rate
    misses_more: Rate
    first: Rate
    first_more: Rate


def effect(name: str, measured: Measured, changed: Searches, milliseconds: float, listed: int) -> Effect:
    """``changed`` are the searches that were measured, scored anew."""
    misses, first = _misses_at(RATES[0], listed), _found_by(1)
    return Effect(
        name=name,
        milliseconds=milliseconds,
        misses=_rate(measured.photos, changed, misses),
        misses_more=_more(measured, changed, misses),
        first=_rate(measured.photos, changed, first),
        first_more=_more(measured, changed, first),
    )


@dataclass(frozen=True, slots=True)
class Beside:
    """How much more searches miss (FNIR at FPIR 1 %), how many times as many, and how much more they bring up first, than the
    same ones by another encoder or scored in another way: ``name``.

    Each at its own threshold; the intervals draw the same people for both.
    """

    name: str
    misses_more: Rate
    misses_times: Rate | None
    """None where the other may miss nobody at all."""
    first_more: Rate


def beside(name: str, measured: Measured, searches: Searches, listed: int) -> Beside:
    """``searches`` beside those that were measured under that name."""
    misses, first = _misses_at(RATES[0], listed), _found_by(1)
    plain = measured.searches
    ends = times(searches, plain, measured.photos.people, misses)
    as_many = Rate(misses(searches) / misses(plain), ends) if isfinite(ends[1]) and misses(plain) else None
    return Beside(name, _more(measured, searches, misses), as_many, _more(measured, searches, first))


def _more(measured: Measured, changed: Searches, of: Measure) -> Rate:
    plain = measured.searches
    return Rate(of(changed) - of(plain), difference(changed, plain, measured.photos.people, of))


def line(name: str, photos: Photos, searches: Searches, listed: int) -> Line:
    at_rates = []
    for wanted in RATES:
        threshold = searches.threshold(wanted)
        misses = _rate(photos, searches, _misses_at(wanted, listed))
        at_rates.append(AtRate(wanted, threshold, searches.false_positive_rate(threshold), misses))
    return Line(
        name=name,
        enrolled=searches.people,
        mated=len(searches.mated),
        non_mated=len(searches.non_mated),
        failures=int(np.count_nonzero(~photos.enrolled[np.concatenate([searches.mated, searches.non_mated])])),
        at_rates=tuple(at_rates),
        found={rank: _rate(photos, searches, _found_by(rank)) for rank in RANKS},
    )


def _rate(photos: Photos, searches: Searches, of: Measure) -> Rate:
    return Rate(of(searches), interval(searches, photos.people, of))


def _misses_at(rate: float, listed: int) -> Measure:
    """FNIR at the threshold that these very searches give at this FPIR."""
    return lambda some: some.false_negative_rate(some.threshold(rate), listed)


def _found_by(rank: int) -> Measure:
    return lambda some: 1 - some.false_negative_rate(listed=rank)


def _smaller(photos: Photos, chosen: Split, size: int) -> Split:
    """A gallery of so many of the people, drawn at random, and the searches for those."""
    if not 0 < size <= len(chosen.people):
        raise Invalid(f"A gallery can have 1 to {len(chosen.people)} people here, not {size}.", "sizes")
    drawn = sorted(np.random.default_rng(size).permutation(len(chosen.people))[:size].tolist())
    people = tuple(chosen.people[number] for number in drawn)
    mated = chosen.mated[np.isin(photos.people[chosen.mated], people)]
    if not len(mated):
        raise Invalid(f"Of {size} people nobody has a second photo.", "sizes")
    return Split(people, tuple(chosen.gallery[number] for number in drawn), mated, chosen.non_mated)


def _several(photos: Photos, strangers: set[str], listed: int) -> list[Line]:
    """The same people and the same searches, with one photo enrolled of each, or several: what a second photo is worth."""
    names, counts = np.unique(photos.people, return_counts=True)
    most = max(PHOTOS)
    rich = {str(name) for name, count in zip(names, counts, strict=True) if count > most} - strangers
    lines: list[Line] = []
    if not rich:
        return lines
    last = split(photos, strangers, enrol=most)
    mated = last.mated[np.isin(photos.people[last.mated], sorted(rich))]
    for enrol in PHOTOS:
        chosen = split(photos, strangers, enrol=enrol)
        for pooling in Pooling if enrol > 1 else (Pooling.BEST,):
            searches = search(photos, Split(chosen.people, chosen.gallery, mated, chosen.non_mated), pooling)
            lines.append(line(f"{enrol}, {pooling}" if enrol > 1 else "1", photos, searches, listed))
    return lines


def _by_group(photos: Photos, searches: Searches, groups: Sequence[Group], listed: int) -> Iterator[GroupLine]:
    threshold = searches.threshold(RATES[0])
    for group in groups:
        some = part(searches, group.mask[searches.mated], group.mask[searches.non_mated])
        if len(some.mated) < FEWEST:
            continue
        both = part(searches, group.mask[searches.mated])  # an interval needs strangers to draw; the threshold stays what it is
        yield GroupLine(
            name=group.name,
            low=group.low,
            high=group.high,
            mated=len(some.mated),
            misses=_rate(photos, both, lambda drawn: drawn.false_negative_rate(threshold, listed)),
            first=_rate(photos, both, _found_by(1)),
            non_mated=len(some.non_mated),
            false_positives=some.false_positive_rate(threshold) if len(some.non_mated) else None,
        )


def curve(searches: Searches, listed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(FPIR, FNIR) at every threshold at which a stranger comes up: the detection error trade-off (DET)."""
    thresholds = np.unique(searches.best[np.isfinite(searches.best)])
    rates = [(searches.false_positive_rate(each), searches.false_negative_rate(each, listed)) for each in thresholds]
    positives, negatives = np.array(rates, dtype=np.float64).reshape(-1, 2).T
    return positives, negatives
