"""The report of an encoder: larger galleries miss more, more photos miss fewer, groups add up, intervals hold the value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.evaluation.crowds import crowd
from tracing.errors import Invalid
from tracing.evaluation.identification import search, split, strangers_among
from tracing.evaluation.report import RANKS, RATES, Group, Line, curve, effect, measure, report
from tracing.evaluation.scores import Faces, cosine

HARD = crowd(120, 4, spread=1.0, singles=200)
EVERYBODY = np.ones(len(HARD.people), dtype=np.bool_)
MEASURED = measure(HARD)


def misses(line: Line) -> float:
    return line.at_rates[0].misses.value


def test_every_line_has_its_rates_within_their_intervals() -> None:
    found = report(MEASURED, {}, 20, sizes=(60,))
    for line in (found.whole, *found.sizes, *found.several):
        assert [each.wanted for each in line.at_rates] == list(RATES)
        assert list(line.found) == list(RANKS)
        for rate in (*(each.misses for each in line.at_rates), *line.found.values()):
            low, high = rate.interval
            assert low <= rate.value <= high
        assert all(each.reached <= each.wanted for each in line.at_rates)
        assert line.found[1].value <= line.found[5].value <= line.found[20].value


def test_the_numbers_of_people_and_searches_are_those_of_the_split() -> None:
    found = report(MEASURED, {}, 20)
    aside = strangers_among(HARD)
    assert (found.photos, found.people, found.failures_to_enrol) == (680, 320, 0)
    assert (found.whole.enrolled, found.whole.non_mated) == (320 - len(aside), len(aside))
    assert found.whole.mated == 360


def test_more_people_are_harder_and_more_photos_easier() -> None:
    found = report(MEASURED, {}, 20, sizes=(40, 200))
    assert found.sizes[0].enrolled == 40
    assert misses(found.sizes[0]) < misses(found.sizes[1])
    several = {line.name: line for line in found.several}
    assert list(several) == [
        "1",
        *(f"{enrolled}, {pooling}" for enrolled in (2, 3) for pooling in ("best", "mean", "mean weighted by quality")),
    ]
    assert len({line.mated for line in several.values()}) == 1, "the same searches in every line"
    assert misses(several["3, mean"]) < misses(several["2, mean"]) < misses(several["1"])
    assert misses(several["3, best"]) < misses(several["1"])


def test_groups_share_the_threshold_and_add_up() -> None:
    half = np.arange(len(HARD.people)) % 2 == 0
    few = np.arange(len(HARD.people)) < 4
    found = report(
        MEASURED,
        {
            "halves": [Group("even", half), Group("odd", ~half, 1, 2), Group("few", few)],
            "all": [Group("everybody", EVERYBODY)],
        },
        20,
    )
    even, odd = found.groups["halves"]
    (whole,) = found.groups["all"]
    assert (even.name, odd.name) == ("even", "odd")
    assert ((even.low, even.high), (odd.low, odd.high)) == ((None, None), (1, 2))
    assert even.mated + odd.mated == whole.mated == found.whole.mated
    assert even.misses.value * even.mated + odd.misses.value * odd.mated == pytest.approx(whole.misses.value * whole.mated)
    assert whole.misses.value == pytest.approx(misses(found.whole))
    assert whole.false_positives == pytest.approx(found.whole.at_rates[0].reached)


def test_a_group_without_strangers_has_no_false_positives_to_tell() -> None:
    known = np.array([person.startswith("person") for person in HARD.people])
    (line,) = report(MEASURED, {"kind": [Group("known", known)]}, 20).groups["kind"]
    assert (line.non_mated, line.false_positives) == (0, None)


def test_failures_to_enrol_are_told_and_missed() -> None:
    templates = HARD.templates.copy()
    templates[1] = np.nan
    found = report(measure(replace(HARD, templates=templates)), {}, 20)
    assert (found.failures_to_enrol, found.whole.failures) == (1, 1)
    assert found.whole.found[20].value < 1


@pytest.mark.parametrize("size", [0, 10_000, -3])
def test_a_gallery_that_cannot_be_is_refused(size: int) -> None:
    with pytest.raises(Invalid):
        report(MEASURED, {}, 20, sizes=(size,))


def test_the_curve_falls_from_many_false_positives_to_none() -> None:
    positives, negatives = curve(search(HARD, split(HARD, strangers_among(HARD))), 20)
    assert (np.diff(positives) <= 0).all()
    assert (np.diff(negatives) >= 0).all()
    assert positives[0] == 1
    assert positives[-1] == pytest.approx(1 / 100, abs=0.005)


def test_an_effect_is_held_against_the_same_searches() -> None:
    def half_blind(probes: Faces, enrolled: Faces) -> np.ndarray:
        blurred = Faces(probes.templates * (np.arange(32) < 16), probes.qualities)
        return cosine(blurred, enrolled)

    same = effect("nothing", MEASURED, search(HARD, MEASURED.chosen), 1.5, 20)
    worse = effect("half blind", MEASURED, search(HARD, MEASURED.chosen, scoring=half_blind), 1.5, 20)
    assert (same.name, same.milliseconds) == ("nothing", 1.5)
    assert same.misses.value == pytest.approx(misses(report(MEASURED, {}, 20).whole))
    assert same.misses_more == same.first_more
    assert same.misses_more.interval == (0.0, 0.0)
    assert worse.misses.value - same.misses.value == pytest.approx(worse.misses_more.value)
    assert worse.misses_more.interval[0] > 0
    assert worse.first_more.interval[1] < 0
