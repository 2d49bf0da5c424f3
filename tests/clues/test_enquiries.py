"""Asking by words before there is a case: what is found, how it is explained, who may ask, and that nothing is kept."""

from __future__ import annotations

import pytest

from tests.house import House
from tests.neighbours import NORTH, Neighbours
from tests.stories import rows_naming
from tracing.clues.enquiries import Answer, Answers
from tracing.clues.explained import Explained, Strength
from tracing.domain import Actor, Case, CaseKind, LegalBasis, PartialDate, Role, Told
from tracing.errors import Invalid, NotAllowed


@pytest.fixture
def cases(house: House) -> tuple[Case, Case]:
    """One missing from Fuyang in Anhui; and one in care, of whom little is known but what was said."""
    sought = house.open(
        CaseKind.MISSING,
        names=("刘国强",),
        seen_place="安徽省阜阳市",
        circumstances="从王家坳村走失，背着帆布包",
        marks=("左手有疤",),
    )
    found = house.open(CaseKind.SHELTERED)
    house.services.interviews.record(house.intake, found.case_id, Told("屋里门口有个老水磨，别的不记得"))
    house.services.worker.work_off()
    return sought, found


def ask(house: House, words: str, kind: CaseKind | None = None, actor: Actor | None = None) -> Answers:
    return house.services.enquiries.ask(actor or house.intake, words, kind)


def line(answer: Answer, topic: str) -> Explained:
    return next(each for each in answer.lines if each.topic == topic)


@pytest.mark.parametrize(
    ("words", "topic", "reason", "high"),
    [
        ("阜阳", "place", "city_short", "安徽省阜阳市"),
        ("扶羊", "place", "city_alike", "安徽省阜阳市"),
        ("刘国强", "name", "name", "刘国强"),
        ("牛郭强", "name", "name", "刘国强"),
        ("我叫刘国强", "name", "name", "刘国强"),
        ("左手有疤", "word", "mark", "疤"),
        ("王家坳", "place", "township_short", "王家坳村"),
        ("帆布包", "text", "verbatim", "从王家坳村走失，背着帆布包"),
    ],
)
def test_a_case_is_found_by_meaning_by_sound_and_word_for_word(
    house: House, cases: tuple[Case, Case], words: str, topic: str, reason: str, high: str
) -> None:
    answers = ask(house, words)
    assert [each.case.case_id for each in answers.found] == [cases[0].case_id]
    met = line(answers.found[0], topic)
    assert met.low.field == "asked"
    assert met.low.text in words
    assert high in met.high.text
    assert reason in (met.reason, topic)


@pytest.mark.parametrize(("words", "name"), [("劉國強", "刘国强"), ("刘国强", "劉國強")])
def test_a_name_in_the_other_writing_comes_before_one_that_only_sounds_alike(house: House, words: str, name: str) -> None:
    alike, same = (house.open(CaseKind.MISSING, names=(each,)) for each in ("刘国墙", name))
    house.services.worker.work_off()
    assert [each.case.case_id for each in ask(house, words).found] == [same.case_id, alike.case_id]


def test_what_was_said_in_an_interview_is_found_with_the_clue_it_stands_in(house: House, cases: tuple[Case, Case]) -> None:
    answer = ask(house, "老水磨").found[0]
    assert answer.case.case_id == cases[1].case_id
    assert (answer.lines[0].high.field, bool(answer.lines[0].high.clue_id)) == ("clue", True)
    assert answer.lines[0].strength is Strength.STRONG


def test_several_words_add_up_and_the_case_with_most_of_them_comes_first(house: House, cases: tuple[Case, Case]) -> None:
    other = house.open(CaseKind.MISSING, names=("王小明",), seen_place="安徽省阜阳市")
    house.services.worker.work_off()
    found = ask(house, "阜阳 刘国强 帆布包").found
    assert [each.case.case_id for each in found] == [cases[0].case_id, other.case_id]
    assert {each.topic for each in found[0].lines} == {"place", "name", "text"}
    assert ask(house, "阜阳 水磨", CaseKind.SHELTERED).found[0].case.case_id == cases[1].case_id
    assert {each.case.kind for each in ask(house, "阜阳 水磨", CaseKind.SHELTERED).found} == {CaseKind.SHELTERED}


def test_a_word_that_was_met_by_its_meaning_is_not_counted_again(house: House, cases: tuple[Case, Case]) -> None:
    (answer,) = ask(house, "阜阳市").found
    assert answer.case == cases[0]
    assert [each.topic for each in answer.lines] == ["place"]


def test_nothing_that_was_typed_is_kept_and_the_audit_says_that_somebody_asked(house: House, cases: tuple[Case, Case]) -> None:
    assert cases
    ask(house, "帆布包 郑孝胥")
    assert rows_naming(house, "郑孝胥") == {}
    with house.services.store.reading() as records:
        event = next(each for each in records.audit.events(0, 10_000) if each.action == "enquire")
    shown = {"found": 1, "cases": [cases[0].case_id], "elsewhere": 0}
    assert (event.actor, event.subject, event.detail) == (house.intake.account_id, "", shown)


def test_roles_that_see_no_scores_get_lines_without_a_sum(house: House, cases: tuple[Case, Case]) -> None:
    assert cases
    assert ask(house, "阜阳").found[0].weight is None


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.MANAGER, Role.SERVICE])
def test_who_judges_pairs_does_not_ask_by_words(house: House, cases: tuple[Case, Case], role: Role) -> None:
    """The words of the one side would tell them what the machine makes of the other."""
    assert cases
    with pytest.raises(NotAllowed):
        ask(house, "阜阳", actor=Actor(house.intake.account_id, "somebody", role, house.intake.station_id))


@pytest.mark.parametrize(
    "words", ["", " ，。", "%% __", "😀😀😀", "王", "x" * 501, " ".join(f"词语{number}" for number in range(13))]
)
def test_too_little_and_too_much_is_refused_with_the_field(house: House, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        ask(house, words)
    assert refused.value.field == "words"


@pytest.mark.parametrize("words", ["不认识的词", "AND OR NOT", "a" * 400])
def test_what_nobody_said_finds_nobody(house: House, cases: tuple[Case, Case], words: str) -> None:
    assert cases
    assert ask(house, words).found == ()


def test_quotes_and_operators_are_words_like_any_others(house: House, cases: tuple[Case, Case]) -> None:
    assert [each.case.case_id for each in ask(house, '"王家坳" OR NEAR(帆布包*) --').found] == [cases[0].case_id]


def test_cases_of_other_stations_are_counted_and_not_shown(house: House, cases: tuple[Case, Case]) -> None:
    north = Neighbours(house)
    said = {"names": ("刘国强",), "seen_place": "安徽省阜阳市"}
    child = house.open(CaseKind.MISSING, north.intake, birth_date=PartialDate(2020), **said)
    grown = house.open(CaseKind.MISSING, north.intake, birth_date=PartialDate(1970), **said)
    house.services.worker.work_off()
    answers = ask(house, "刘国强 阜阳")
    assert [each.case.case_id for each in answers.found] == [cases[0].case_id]
    assert dict(answers.elsewhere) == {NORTH: 1}, "of a child nothing is said without a guardian"
    assert {each.case.case_id for each in ask(house, "刘国强 阜阳", actor=north.intake).found} == {child.case_id, grown.case_id}


def test_l2_a_case_without_a_legal_basis_is_not_found(house: House) -> None:
    house.open(CaseKind.MISSING, basis=LegalBasis.NONE, circumstances="从王家坳村走失")
    house.services.worker.work_off()
    assert ask(house, "王家坳").found == ()
