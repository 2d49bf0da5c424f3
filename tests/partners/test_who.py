"""That two records are one person: taken once both sides say so, and then it waits for people, a pair like any other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.exchange.test_pfif import a_note, a_person
from tests.fakes import painted_photo
from tests.house import House
from tests.partners.stories import record_of, shared, verified
from tests.partners.test_taking import LATER, POLICE, Sent, cases, counts, errors, take
from tracing.access import SYSTEM
from tracing.domain import Case, CaseKind, Judgement, Pair, PairState, Relation
from tracing.errors import WrongState
from tracing.verdict import Proof


def link(number: int, about: str, other: str, **said: Any) -> str:
    return a_note(number, person_record_id=about, linked_person_record_id=other, text="the same person", **said)


ONE, TWO = "police.example.cn/1", "police.example.cn/2"


def two(house: House) -> tuple[Case, Case]:
    take(house, a_person(1, full_name="one"), a_person(2, full_name="two"))
    found = {case.title: case for case in cases(house)}
    return found["one"], found["two"]


def pair_of(house: House, one: Case, other: Case) -> Pair | None:
    with house.services.store.reading() as records:
        return records.pairs.between(one.case_id, other.case_id)


def clues(house: House, case: Case) -> list[str]:
    return [each.clue.said for each in house.services.interviews.of_case(house.intake, case.case_id)]


def test_a_link_that_one_side_says_is_not_taken_until_the_other_says_so_too(house: House) -> None:
    one, two_ = two(house)
    first = take(house, link(1, ONE, TWO))
    assert counts(first) == (0, 0, 0, 1)
    assert "links back" in errors(first)["police.example.cn/note.1"]
    assert (pair_of(house, one, two_), clues(house, one)) == (None, [])
    second = take(house, link(2, TWO, ONE))
    assert counts(second) == (1, 0, 0, 0)
    pair = pair_of(house, one, two_)
    assert pair is not None
    assert (pair.state, pair.score, pair.relation) == (PairState.PROPOSED, None, Relation.DUPLICATE)
    again = take(house, link(1, ONE, TWO), link(2, TWO, ONE))
    assert counts(again) == (1, 1, 0, 0), "the first one is taken now"
    assert clues(house, one) == clues(house, two_) == ["the same person"]


def test_both_in_one_file_are_a_pair_for_people_and_no_step_further(house: House) -> None:
    one, two_ = two(house)
    assert counts(take(house, link(1, ONE, TWO), link(2, TWO, ONE))) == (2, 0, 0, 0)
    house.services.worker.work_off()
    house.clock.advance(hours=2)
    house.services.clue_search.tidy()
    pair = pair_of(house, one, two_)
    assert pair is not None
    assert pair.state is PairState.PROPOSED, "it is not set aside, though neither faces nor words speak for it"
    assert house.faults() == []
    with pytest.raises(WrongState):
        house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "they said so")
    queue = house.services.review.queue(house.reviewer)
    assert pair.pair_id in {each.pair_id for each in queue.pairs}
    house.judge(house.reviewer, pair)
    assert house.judge(house.second, pair).state is PairState.CONFIRMED
    with house.services.store.reading() as records:
        (row,) = [each for each in records.audit.of_subject(pair.pair_id) if each.action == "link_cases"]
    assert row.detail == {"cases": sorted((one.case_id, two_.case_id))}


def test_what_people_have_judged_stays_as_they_judged_it(house: House) -> None:
    one, two_ = two(house)
    take(house, link(1, ONE, TWO), link(2, TWO, ONE))
    pair = pair_of(house, one, two_)
    assert pair is not None
    house.judge(house.reviewer, pair, Judgement.EXCLUDED)
    take(house, link(1, ONE, TWO, **LATER), link(2, TWO, ONE, **LATER))
    after = pair_of(house, one, two_)
    assert after is not None
    assert after.state is PairState.EXCLUDED


def test_a_partner_links_its_record_with_one_of_ours(house: House) -> None:
    ours = shared(house, CaseKind.SHELTERED)
    record_id = record_of(house, ours).person_record_id
    take(house, a_person(1, full_name="one"))
    (theirs,) = (case for case in cases(house) if case.title == "one")
    assert counts(take(house, link(1, ONE, record_id), link(2, record_id, ONE))) == (2, 0, 0, 0)
    pair = pair_of(house, ours, theirs)
    assert pair is not None
    assert (pair.state, pair.relation) == (PairState.PROPOSED, Relation.TRACE)
    assert record_of(house, ours).status == "believed_alive", "what a partner says of our record is not told in our name"


def test_where_people_here_have_verified_it_one_note_is_enough(house: House) -> None:
    ours = house.sheltered(1, age_min=60)
    take(house, a_person(1, full_name="one"), photos=Sent({ONE: painted_photo(1, shot=9)}))
    house.services.worker.work_off()
    house.services.case_sharing.share(house.manager, ours.case_id, "agreed")
    (theirs,) = (case for case in cases(house) if case.title == "one")
    verified(house, ours, theirs)
    house.services.telling.follow()
    assert counts(take(house, link(1, ONE, record_of(house, ours).person_record_id))) == (1, 0, 0, 0)


def test_a_link_that_is_taken_back_speaks_for_the_pair_no_more(house: House) -> None:
    one, two_ = two(house)
    take(house, link(1, ONE, TWO), link(2, TWO, ONE))
    house.services.worker.work_off()
    assert counts(take(house, a_note(1, person_record_id=ONE, text="not the same", **LATER))) == (1, 0, 0, 0)
    house.clock.advance(hours=2)
    house.services.worker.work_off()
    house.services.clue_search.tidy()
    pair = pair_of(house, one, two_)
    assert pair is not None
    assert pair.state is PairState.SUPERSEDED
    assert clues(house, one) == ["not the same"]


def test_somebody_whose_case_may_not_be_compared_is_put_beside_nobody(house: House) -> None:
    one, two_ = two(house)
    house.services.casework.suspend(house.manager, two_.case_id, "a dispute")
    take(house, link(1, ONE, TWO), link(2, TWO, ONE))
    assert pair_of(house, one, two_) is None


def test_a_record_that_is_linked_with_itself_or_with_nobody_is_no_pair(house: House) -> None:
    two(house)
    assert counts(take(house, link(1, ONE, ONE))) == (1, 0, 0, 0)
    assert counts(take(house, link(2, ONE, "elsewhere.example/9")))[3] == 1
    with house.services.store.reading() as records:
        assert all(records.pairs.of_case(case.case_id) == [] for case in cases(house))


def test_a_note_about_nobody_here_is_told(house: House) -> None:
    taken = take(house, a_note(1, person_record_id="police.example.cn/77"))
    assert "Nobody here" in errors(taken)["police.example.cn/note.1"]


def test_a_note_is_a_clue_word_for_word_and_a_newer_one_revises_it(house: House) -> None:
    one, _ = two(house)
    note = {"person_record_id": ONE, "text": "seen at the station of Fuyang", "last_known_location": "阜阳"}
    assert counts(take(house, a_note(1, **note))) == (1, 0, 0, 0)
    assert clues(house, one) == ["seen at the station of Fuyang\nlast_known_location: 阜阳"]
    assert counts(take(house, a_note(1, **note))) == (0, 1, 0, 0)
    later = note | {"text": "it was somebody else", "source_date": "2026-03-02T10:00:00Z"}
    assert counts(take(house, a_note(1, **later))) == (1, 0, 0, 0)
    assert clues(house, one) == ["it was somebody else\nlast_known_location: 阜阳"]
    old = take(house, a_note(1, **note))
    assert "written later" in errors(old)["police.example.cn/note.1"]
    moved = take(house, a_note(1, **later | {"person_record_id": TWO}))
    assert "somebody else before" in errors(moved)["police.example.cn/note.1"]
    (clue,) = house.services.interviews.of_case(house.intake, one.case_id)
    assert [each.clue.said[:4] for each in house.services.interviews.history(house.intake, clue.clue.clue_id)] == [
        "seen",
        "it w",
    ]


def test_that_somebody_is_believed_dead_needs_a_permission_and_closes_nothing(house: House) -> None:
    one, _ = two(house)
    dead = a_note(1, person_record_id=ONE, status="believed_dead", text="a body was found")
    refused = take(house, dead)
    assert "believed dead" in errors(refused)["police.example.cn/note.1"]
    assert clues(house, one) == []
    taken = take(house, dead, sender=replace(POLICE, deaths=True))
    assert counts(taken) == (1, 0, 0, 0)
    assert "status: believed_dead" in clues(house, one)[0]
    assert house.case(one).state == "open"
    with_dead = take(house, a_person(5, inner=a_note(5, status="believed_dead")))
    assert counts(with_dead) == (1, 0, 0, 1), "the person is taken, and the note is not"


def test_a_note_about_a_closed_case_is_told_to_the_sender(house: House) -> None:
    one, _ = two(house)
    house.services.casework.close(house.manager, one.case_id, "false_report", "no such person")  # type: ignore[arg-type]
    taken = take(house, a_note(1, person_record_id=ONE))
    assert "closed" in errors(taken)["police.example.cn/note.1"]
    house.services.casework.reopen(house.manager, one.case_id, "there is")
    assert counts(take(house, a_note(1, person_record_id=ONE))) == (1, 0, 0, 0), "nothing was lost by it"


def test_a_note_about_our_record_is_a_clue_of_our_case_wherever_it_is(house: House) -> None:
    for station in ("main", "north"):
        house.services.stations.add(SYSTEM, station)
    ours = shared(house)
    note = a_note(
        1, person_record_id=record_of(house, ours).person_record_id, text="seen in Fuyang", author_phone="0558-1234567"
    )
    assert counts(take(house, note, actor=replace(SYSTEM, station_id="north"))) == (1, 0, 0, 0)
    assert clues(house, ours) == ["seen in Fuyang"]
    contacts = house.services.casework.contacts(house.manager, ours.case_id)
    assert [(each.role, each.name, each.phone) for each in contacts] == [("reporter", "police", "0558-1234567")]
