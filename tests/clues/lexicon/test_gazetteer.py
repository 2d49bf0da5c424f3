"""Places as they are said, and the divisions they may mean."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracing.clues.lexicon.divisions import bare, read_divisions, rows
from tracing.clues.lexicon.lexicon import lexicon
from tracing.domain.regions import Met, PlaceLevel, ancestry, level_of, shared_ancestry

FUYANG, YINGZHOU, ANHUI = "341200", "341202", "340000"
GAZETTEER = lexicon().gazetteer


@pytest.mark.parametrize(("said", "code", "met"), [
    ("安徽省阜阳市颍州区", YINGZHOU, Met.EXACT),
    ("安徽阜阳", FUYANG, Met.SHORT),
    ("阜阳那边", FUYANG, Met.SHORT),
    ("皖", ANHUI, Met.SHORT),
    ("四川话", "510000", Met.SHORT),
    ("襄樊", "420600", Met.OLD_NAME),
    ("郫县", "510117", Met.OLD_NAME),
    ("蓉城", "510100", Met.BYNAME),
    ("富羊", FUYANG, Met.ALIKE),
    ("扶阳", FUYANG, Met.ALIKE),
    ("湖兰", "430000", Met.ALIKE),
    ("路安", "341500", Met.ALIKE),
    ("Fuyang", FUYANG, Met.LATIN),
    ("Shaanxi", "610000", Met.LATIN),
    ("Inner Mongolia", "150000", Met.LATIN),
    ("Yingzhou district, Fuyang", YINGZHOU, Met.LATIN),
])  # fmt: skip
def test_a_place_is_met_however_it_is_called(said: str, code: str, met: Met) -> None:
    first = GAZETTEER.resolve(said)[0]
    assert (first.code, first.met) == (code, met)


def test_a_name_of_several_places_stays_ambiguous() -> None:
    guesses = GAZETTEER.resolve("鼓楼区")
    provinces = {guess.code[:2] for guess in guesses if guess.met is Met.EXACT}
    assert provinces == {"32", "35", "41"}
    assert all(guess.weight < 0.5 for guess in guesses)


def test_a_place_named_beside_it_settles_which_is_meant() -> None:
    alone = {guess.code: guess.weight for guess in GAZETTEER.resolve("城关镇")}
    beside = GAZETTEER.resolve("城关镇", within=("341222",))
    assert beside[0].code[:6] == "341222"
    assert beside[0].weight > 10 * max(alone.values())


def test_a_name_that_is_a_place_may_still_be_another_one_misheard() -> None:
    weights = {guess.code: guess.weight for guess in GAZETTEER.resolve("富阳")}
    assert weights["330111"] > weights[FUYANG] > 0


def test_weights_are_shares_of_what_may_be_meant() -> None:
    for code in list(dict(read_divisions()))[::500]:
        place = GAZETTEER.place(code)
        assert place is not None
        guesses = GAZETTEER.resolve(place.full_name)
        assert code in {guess.code for guess in guesses}
        assert sum(guess.weight for guess in guesses) <= 1 + 1e-9
        assert [guess.weight for guess in guesses] == sorted((guess.weight for guess in guesses), reverse=True)


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_garbage_never_raises(text: str) -> None:
    assert sum(guess.weight for guess in GAZETTEER.resolve(text)) <= 1 + 1e-9


def test_a_long_text_takes_no_longer_than_a_short_one() -> None:
    started = perf_counter()
    GAZETTEER.resolve("那个啥地方我不记得了" * 50_000)
    GAZETTEER.resolve("Xi an " * 50_000)
    assert perf_counter() - started < 20


def test_every_division_lies_in_those_that_are_wider() -> None:
    names = dict(read_divisions())
    for code in names:
        path = ancestry(code)
        assert path[-1] == code
        assert [level_of(each) for each in path] == sorted({level_of(each) for each in path})
        assert path[0] in names


def test_directly_governed_counties_share_no_city() -> None:
    assert shared_ancestry("429004", "429005") == ("420000",)
    assert shared_ancestry("500101", "500102") == ("500000",)
    assert shared_ancestry(YINGZHOU, "341203") == (ANHUI, FUYANG)
    assert ancestry("nonsense") == ()


def test_the_names_of_a_path_are_said_once() -> None:
    place = GAZETTEER.place("110101")
    assert place is not None
    assert (place.full_name, place.level) == ("北京市东城区", PlaceLevel.COUNTY)


@pytest.mark.parametrize(("name", "said"), [
    ("广西壮族自治区", "广西"), ("黔西南布依族苗族自治州", "黔西南"), ("单县", "单县"), ("城关回族镇", "城关"),
    ("颍州区", "颍州"), ("浦东新区", "浦东"),
])  # fmt: skip
def test_what_people_leave_out(name: str, said: str) -> None:
    assert bare(name) == said


def test_each_old_name_and_byname_leads_to_a_division_of_today() -> None:
    names = dict(read_divisions())
    assert [row for row in rows("old_names.tsv") if row[1] not in names] == []
    assert [row for row in rows("bynames.tsv") if not set(row[2].split()) <= set(names)] == []
