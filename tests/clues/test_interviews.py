"""Writing down what people said: word for word, with marks that fit, revised and withdrawn with history."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import NOON, an_id
from tests.house import House
from tracing.domain import Case, CaseKind, Mention, MentionKind, Outcome, Told
from tracing.domain.regions import Met
from tracing.errors import Conflict, Invalid, NotAllowed, NotFound, Stale, WrongState

HOME = "我屋里在富阳，老爹叫刘国强"
PLACE = Mention(MentionKind.PLACE, 4, 6, "富阳", "330111")


@pytest.fixture
def case(house: House) -> Case:
    return house.open(CaseKind.SHELTERED)


def test_what_was_said_is_kept_word_for_word(house: House, case: Case) -> None:
    told = Told(f" {HOME}\n", NOON - timedelta(days=2), "zh", "吴语", ())
    version = house.services.interviews.record(house.intake, case.case_id, told)
    assert (version.clue.said, version.clue.told_to, version.version) == (HOME, house.intake.account_id, 1)
    assert house.services.interviews.of_case(house.reviewer, case.case_id) == [version]
    with house.services.store.reading() as records:
        assert "record_clue" in [event.action for event in records.audit.of_subject(case.case_id)]


def test_the_audit_holds_no_word_of_it(house: House, case: Case) -> None:
    house.services.interviews.record(house.intake, case.case_id, Told(HOME, mentions=(PLACE,)))
    with house.services.store.reading() as records:
        assert not [event for event in records.audit.of_subject(case.case_id) if "富阳" in str(event.detail)]


def test_sent_twice_it_is_kept_once(house: House, case: Case) -> None:
    clue_id = an_id()
    first = house.services.interviews.record(house.intake, case.case_id, Told(HOME), clue_id)
    assert house.services.interviews.record(house.intake, case.case_id, Told(HOME), clue_id) == first
    assert len(house.services.interviews.of_case(house.intake, case.case_id)) == 1
    with pytest.raises(Conflict):
        house.services.interviews.record(house.manager, case.case_id, Told(HOME), clue_id)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (Told("  "), "said"),
        (Told("x" * 4001), "said"),
        (Told(HOME, NOON + timedelta(days=3)), "said_at"),
        (Told(HOME, NOON - timedelta(days=40000)), "said_at"),
        (Told(HOME, dialect="x" * 201), "dialect"),
        (Told(HOME, mentions=(Mention(MentionKind.PLACE, 4, 6, "阜阳"),)), "mentions"),
        (Told(HOME, mentions=(Mention(MentionKind.PLACE, 4, 60, "富阳"),)), "mentions"),
        (Told(HOME, mentions=(Mention(MentionKind.PLACE, -2, 0, ""),)), "mentions"),
        (Told(HOME, mentions=(PLACE, Mention(MentionKind.PERSON, 5, 6, "阳"))), "mentions"),
        (Told(HOME, mentions=(Mention(MentionKind.PLACE, 4, 6, "富阳", "999999"),)), "mentions"),
        (Told("一" * 60, mentions=tuple(Mention(MentionKind.EVENT, n, n + 1, "一") for n in range(51))), "mentions"),
    ],
)
def test_what_cannot_have_been_said_so_is_refused_at_its_field(house: House, case: Case, told: Told, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        house.services.interviews.record(house.intake, case.case_id, told)
    assert refused.value.field == field


def test_a_revision_keeps_what_stood_there_before(house: House, case: Case) -> None:
    interviews = house.services.interviews
    first = interviews.record(house.intake, case.case_id, Told("他讲阜阳"))
    house.clock.advance(hours=1)
    second = interviews.revise(house.manager, first.clue.clue_id, Told("他讲富阳"), "heard again", 1)
    assert (second.version, second.clue.said, second.clue.told_to) == (2, "他讲富阳", house.intake.account_id)
    history = interviews.history(house.intake, first.clue.clue_id)
    assert [each.clue.said for each in history] == ["他讲阜阳", "他讲富阳"]
    assert history[1].reason == "heard again"
    with pytest.raises(Stale):
        interviews.revise(house.intake, first.clue.clue_id, Told("他讲贵阳"), "too late", 1)


def test_what_was_withdrawn_is_gone_from_the_case_and_stays_in_the_history(house: House, case: Case) -> None:
    interviews = house.services.interviews
    clue_id = interviews.record(house.intake, case.case_id, Told(HOME)).clue.clue_id
    with pytest.raises(Invalid):
        interviews.withdraw(house.intake, clue_id, " ", 1)
    interviews.withdraw(house.intake, clue_id, "said by his neighbour of himself", 1)
    assert interviews.of_case(house.intake, case.case_id) == []
    assert [each.withdrawn for each in interviews.history(house.intake, clue_id)] == [False, True]
    with pytest.raises(WrongState):
        interviews.mark(house.intake, clue_id, [PLACE], 2)


def test_marks_are_accepted_by_a_person_and_leave_the_words_alone(house: House, case: Case) -> None:
    interviews = house.services.interviews
    clue_id = interviews.record(house.intake, case.case_id, Told(HOME)).clue.clue_id
    person = Mention(MentionKind.PERSON, 10, 13, "刘国强")
    marked = interviews.mark(house.intake, clue_id, [person, PLACE], 1)
    assert marked.clue.said == HOME
    assert marked.clue.mentions == (PLACE, person)


def test_suggestions_name_places_with_what_they_may_mean(house: House) -> None:
    place, person = house.services.interviews.suggest(house.intake, HOME)
    assert (place.mention.text, person.mention.text) == ("富阳", "刘国强")
    meant = {each.place.full_name: each.guess.met for each in place.places}
    assert meant["浙江省杭州市富阳区"] is Met.SHORT
    assert meant["安徽省阜阳市"] is Met.ALIKE


def test_a_closed_case_takes_no_clue(house: House, case: Case) -> None:
    clue_id = house.services.interviews.record(house.intake, case.case_id, Told(HOME)).clue.clue_id
    house.services.casework.close(house.intake, case.case_id, Outcome.SELF_LEFT, "gone")
    with pytest.raises(WrongState):
        house.services.interviews.record(house.intake, case.case_id, Told(HOME))
    with pytest.raises(WrongState):
        house.services.interviews.mark(house.intake, clue_id, [PLACE], 1)


def test_only_who_works_on_cases_writes_and_nobody_writes_of_nobody(house: House, case: Case) -> None:
    for who in (house.reviewer, house.auditor):
        with pytest.raises(NotAllowed):
            house.services.interviews.record(who, case.case_id, Told(HOME))
    with pytest.raises(NotFound):
        house.services.interviews.record(house.intake, an_id(), Told(HOME))
    with pytest.raises(NotFound):
        house.services.interviews.history(house.intake, an_id())
