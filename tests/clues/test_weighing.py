"""The weight of what people said: each line explained, the same both ways, contradictions shown."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import NOON
from tracing.clues import chances
from tracing.clues.lexicon.lexicon import lexicon
from tracing.clues.lines import Line, Topic
from tracing.clues.profile import Profile, profile
from tracing.clues.rarity import LEANING, Counted
from tracing.clues.weighing import ClueEvidence, keys, weigh, worth
from tracing.domain import (
    Case,
    CaseKind,
    CaseState,
    Clue,
    Description,
    LegalBasis,
    Mention,
    MentionKind,
    PartialDate,
    Sex,
)

WORDS = lexicon()
NOBODY = Counted(lambda _: 0, 0, WORDS.usual)
MISSING, SHELTERED = CaseKind.MISSING, CaseKind.SHELTERED


def a_profile(kind: CaseKind, *said: str, mentions: tuple[Mention, ...] = (), **facts: object) -> Profile:
    case = Case(
        kind.value,
        kind.value,
        kind,
        CaseState.OPEN,
        "s",
        LegalBasis.STATUTORY_DUTY,
        NOON,
        "me",
        Description(**facts),  # type: ignore[arg-type]
    )
    clues = [Clue(f"clue-{number}", case.case_id, text, NOON, "me", mentions=mentions) for number, text in enumerate(said)]
    return profile(case, clues, WORDS)


def lines(evidence: ClueEvidence, topic: Topic) -> list[Line]:
    return [line for line in evidence.lines if line.topic is topic]


REPORT = a_profile(
    MISSING, names=("李建国",), sex=Sex.MALE, birth_date=PartialDate(1975), height_cm=170, seen_place="安徽省阜阳市颍州区",
    circumstances="在煤矿挖煤，左手有疤", seen_at=PartialDate(2020),
)  # fmt: skip
BARE = a_profile(MISSING)


def test_a_line_says_what_met_what_and_why() -> None:
    evidence = weigh(REPORT, a_profile(SHELTERED, "我叫李见果，老家在颍州"), NOBODY)
    (name,), (place,) = lines(evidence, Topic.NAME), lines(evidence, Topic.PLACE)
    assert (name.one.text, name.one.source.field, name.other.text, name.other.source.clue_id) == (
        "李建国",
        "names",
        "李见果",
        "clue-0",
    )
    assert (name.reason, name.key) == ("sounded", "name:rv.jvan.guo")
    assert (place.one.text, place.other.text) == ("安徽省阜阳市颍州区", "颍州")
    assert place.reason.startswith("county")
    assert place.key == "place:341202"
    assert place.share == pytest.approx(NOBODY.share("place:341202"))
    assert evidence.weight == pytest.approx(sum(line.weight for line in evidence.lines))


def test_the_closer_two_places_the_more_they_weigh() -> None:
    said = ("颍州区", "阜阳", "安徽", "四川")
    weights = [weigh(REPORT, a_profile(SHELTERED, f"老家在{place}"), NOBODY).weight for place in said]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] > 6
    assert weights[-1] < 0


def test_the_rarer_what_agrees_the_more_it_weighs() -> None:
    common, rare = (dict.fromkeys(keys(REPORT), count) for count in (900, 3))
    other = a_profile(SHELTERED, "老家在颍州，挖煤的", names=("李建国",))
    heavy, light = (weigh(REPORT, other, Counted(lambda key, c=c: c.get(key, 0), 1000, WORDS.usual)) for c in (rare, common))  # type: ignore[misc]
    assert heavy.weight > light.weight + 5


def test_contradictions_are_lines_of_their_own() -> None:
    later = replace(REPORT, facts=replace(REPORT.facts, seen_at=PartialDate(2026, 4)))
    other = a_profile(SHELTERED, names=("李建国",), sex=Sex.FEMALE, birth_date=PartialDate(1980), height_cm=150)
    evidence = weigh(later, other, NOBODY)
    assert {line.topic for line in evidence.contradictions} == {Topic.SEX, Topic.AGE, Topic.HEIGHT, Topic.TIME}
    assert {line.topic for line in evidence.support} == {Topic.NAME}


def test_what_cannot_be_true_outweighs_any_name() -> None:
    other = a_profile(SHELTERED, "我叫李建国，老家在颍州区", birth_date=PartialDate(1930))
    evidence = weigh(REPORT, other, NOBODY)
    assert lines(evidence, Topic.AGE)[0].reason == "impossible"
    assert lines(evidence, Topic.AGE)[0].weight == chances.IMPOSSIBLE


def test_a_twin_is_noted_and_weighs_nothing() -> None:
    evidence = weigh(a_profile(MISSING, circumstances="有个双胞胎弟弟"), a_profile(SHELTERED, names=("李建国",)), NOBODY)
    (twin,) = lines(evidence, Topic.TWIN)
    assert twin.caution
    assert "双胞胎" in twin.one.text


def test_a_child_has_grown_and_heights_are_not_compared() -> None:
    child = a_profile(MISSING, height_cm=110, birth_date=PartialDate(2000), seen_at=PartialDate(2006))
    grown = a_profile(SHELTERED, height_cm=172, birth_date=PartialDate(2000), seen_at=PartialDate(2025))
    assert lines(weigh(child, grown, NOBODY), Topic.HEIGHT) == []


def test_where_somebody_was_found_says_less_than_where_somebody_is_from() -> None:
    found = weigh(REPORT, a_profile(SHELTERED, seen_place="安徽省阜阳市颍州区"), NOBODY)
    marked = (Mention(MentionKind.PLACE, 3, 12, "安徽省阜阳市颍州区"),)
    home = weigh(REPORT, a_profile(SHELTERED, "老家在安徽省阜阳市颍州区", mentions=marked), NOBODY)
    assert home.weight > found.weight + 1
    assert weigh(REPORT, a_profile(SHELTERED, seen_place="四川省成都市"), NOBODY).contradictions == ()


def test_one_place_named_twice_counts_once() -> None:
    once = weigh(REPORT, a_profile(SHELTERED, "老家在颍州区"), NOBODY)
    twice = weigh(REPORT, a_profile(SHELTERED, "老家在颍州区", "颍州区那边", "安徽阜阳"), NOBODY)
    assert len(lines(twice, Topic.PLACE)) == len(lines(once, Topic.PLACE)) == 1
    assert twice.weight <= once.weight


def test_what_a_person_accepted_counts_for_more_than_what_a_program_saw() -> None:
    said = "老家在颍州区"
    marked = a_profile(SHELTERED, said, mentions=(Mention(MentionKind.PLACE, 3, 6, "颍州区", "341202"),))
    assert weigh(REPORT, marked, NOBODY).weight > weigh(REPORT, a_profile(SHELTERED, said), NOBODY).weight


def test_another_name_of_the_own_counts_against_and_a_relatives_does_not() -> None:
    assert weigh(REPORT, a_profile(SHELTERED, names=("赵大明",)), NOBODY).contradictions
    assert weigh(REPORT, a_profile(SHELTERED, "弟弟叫赵大明"), NOBODY).contradictions == ()


def test_nobody_known_is_no_name() -> None:
    assert a_profile(SHELTERED, names=("无名氏",)).names == ()


def test_whoever_agrees_can_be_found_by_a_key() -> None:
    for said in ("我叫李见果", "老家在扶阳", "小名叫小国", "挖煤的", "姓李"):
        other = a_profile(SHELTERED, said)
        assert keys(REPORT) & keys(other), said
        assert weigh(REPORT, other, NOBODY).said > 0, said


def test_nothing_known_weighs_nothing() -> None:
    assert weigh(BARE, BARE, NOBODY) == ClueEvidence(())


WORDS_SAID = st.sampled_from((
    "我叫", "李建国", "李见果", "小国", "姓王", "老家在", "颍州", "阜阳", "扶阳", "安徽", "四川", "城关镇", "弟弟叫", "李建军",
    "挖煤", "手上有疤", "，", "。", "Fuyang", "from", "Wang Jianguo", "双胞胎", "回族", "彝族",
))  # fmt: skip
profiles = st.builds(
    a_profile,
    st.sampled_from(CaseKind),
    st.lists(WORDS_SAID, max_size=8).map("".join),
    st.lists(WORDS_SAID, max_size=8).map(" ".join),
    sex=st.sampled_from([None, *Sex]),
    height_cm=st.one_of(st.none(), st.integers(60, 210)),
    birth_date=st.one_of(st.none(), st.integers(1920, 2025).map(PartialDate)),
    seen_at=st.one_of(st.none(), st.integers(2000, 2026).map(PartialDate)),
    names=st.lists(WORDS_SAID, max_size=2).map(tuple),
)


@settings(max_examples=150)
@given(profiles, profiles)
def test_weighing_is_the_same_both_ways(one: Profile, other: Profile) -> None:
    there, back = weigh(one, other, NOBODY), weigh(other, one, NOBODY)
    assert there.weight == pytest.approx(back.weight)
    assert sorted(_plain(line) for line in there.lines) == sorted(_plain(line.turned) for line in back.lines)


def _plain(line: Line) -> tuple[str, str, str]:
    return line.topic.value, line.key, f"{line.weight:.6f}"


def test_a_key_adds_only_what_its_parts_do_not_say() -> None:
    bits = {
        "place:340000": 5, "place:341200": 8, "place:341202": 10, "surname:wang": 4, "part:min": 5, "part:guo": 5,
        "given:min.guo": 12, "name:wang.min.guo": 16,
    }  # fmt: skip
    rarity = Counted(lambda key: 2 ** (22 - bits[key]) + 2, 2**22 + 2 - LEANING, lambda _: 0.0)
    added = {key: round(more, 3) for key, more in worth(bits, rarity).items()}
    assert added == {
        "place:340000": 5, "place:341200": 3, "place:341202": 2, "surname:wang": 4, "part:min": 5, "part:guo": 5,
        "given:min.guo": 2,
    }  # fmt: skip
    del bits["place:341200"], bits["given:min.guo"], bits["surname:wang"]
    assert worth(bits, rarity) == pytest.approx(
        {"place:340000": 5, "place:341202": 5, "part:min": 5, "part:guo": 5, "name:wang.min.guo": 6}, abs=1e-3
    )


@settings(max_examples=150)
@given(profiles, profiles)
def test_what_two_cases_share_is_worth_at_least_what_their_words_weigh(one: Profile, other: Profile) -> None:
    """Else a search would leave out cases that it should weigh."""
    both = worth(keys(one) & keys(other), NOBODY)
    said = [line for line in weigh(one, other, NOBODY).lines if line.topic in (Topic.PLACE, Topic.WORD)]
    assert sum(max(line.weight, 0.0) for line in said) <= sum(both.values()) + 1e-6


@settings(max_examples=100)
@given(st.text(max_size=200), st.text(max_size=40))
def test_garbage_is_weighed_without_raising(said: str, name: str) -> None:
    other = a_profile(SHELTERED, said, names=(name,), seen_place=said, accent=name, circumstances=said, marks=(said,))
    assert weigh(REPORT, other, NOBODY).weight < 60


def test_a_long_story_is_weighed_in_bounded_time() -> None:
    story = "我叫李建国老家在安徽阜阳，弟弟叫王小明，后来到了四川成都，" * 150
    started = perf_counter()
    one = a_profile(MISSING, story)
    weigh(one, replace(one, facts=replace(one.facts, case_id="other")), NOBODY)
    assert perf_counter() - started < 60


@pytest.mark.parametrize("table", [chances.HOME, chances.NAMED, chances.FOUND, chances.OWN_NAME, chances.TOLD_NAME])
def test_the_chances_of_all_outcomes_make_one(table: dict[object, float]) -> None:
    assert sum(table.values()) == pytest.approx(1.0)


def test_the_counts_of_the_two_cases_themselves_do_not_make_an_agreement_common() -> None:
    alone = Counted(lambda _: 2, 10_000, lambda _: 1e-4).share("place:341202")
    assert alone == pytest.approx(Counted(lambda _: 0, 10_000, lambda _: 1e-4).share("place:341202"))
    assert Counted(lambda _: 10_000, 10_000, lambda _: 1.0).share("place:341202") == pytest.approx(1.0)
    assert Counted(lambda _: 0, 0, lambda _: 0.0).share("place:341202") > 0
