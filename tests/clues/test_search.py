"""Searching by what people said: which pairs it opens, what it leaves alone, and that no case is forgotten."""

from __future__ import annotations

import pytest

from tests.house import House
from tests.stories import by_hand, rows_naming
from tracing.access import SYSTEM
from tracing.clues.explained import Strength
from tracing.clues.search import ClueSearch, Found
from tracing.domain import Case, CaseKind, Judgement, Mention, MentionKind, Outcome, Pair, PairState, Role, Told
from tracing.errors import Conflict, NotAllowed, WrongState

HOME = "我屋里在富阳，老爹叫刘国强"


def told(house: House, case: Case, said: str = HOME, *mentions: Mention) -> str:
    return house.services.interviews.record(house.intake, case.case_id, Told(said, mentions=tuple(mentions))).clue.clue_id


def missing(house: House, **said: object) -> Case:
    """Reported from Fuyang in Anhui, which many take for Fuyang in Zhejiang; without any photo."""
    return house.open(CaseKind.MISSING, **{"names": ("刘国强",), "seen_place": "安徽省阜阳市", "sex": None} | said)


def work_off(house: House) -> None:
    house.services.worker.work_off()


def test_a_clue_opens_a_pair_without_any_face(house: House) -> None:
    sought, found = missing(house), house.open(CaseKind.SHELTERED)
    work_off(house)
    assert not house.paired(sought, found)
    told(house, found)
    pair = house.pair(sought, found)
    assert (pair.state, pair.score, pair.rank, pair.list_id) == (PairState.PROPOSED, None, 0, "")
    finding = house.services.findings.of_pairs(house.auditor, [pair.pair_id])[pair.pair_id]
    assert finding.weight is not None
    assert finding.weight > 5
    topics = {line.topic: line for line in finding.lines}
    low_is_missing = pair.low_case_id == sought.case_id
    place = topics["place"]
    assert (place.low.text, place.high.text)[:: 1 if low_is_missing else -1] == ("安徽省阜阳市", "富阳")
    assert (place.high if low_is_missing else place.low).clue_id
    assert topics["name"].strength is Strength.STRONG


def test_whichever_came_last_finds_the_other(house: House) -> None:
    found = house.open(CaseKind.SHELTERED)
    told(house, found)
    work_off(house)
    sought = missing(house)
    assert not house.paired(sought, found)
    work_off(house)
    assert house.paired(sought, found)


def test_two_cases_that_change_at_once_do_not_miss_each_other(house: House) -> None:
    """Each writes its keys before it looks for others: whoever looks last sees both."""
    sought, found = missing(house), house.open(CaseKind.SHELTERED)
    house.services.interviews._search = lambda _: None  # type: ignore[method-assign]
    told(house, found)
    search = house.services.clue_search
    with house.services.store.transaction() as records:
        for case in (sought, found):
            records.clues.put_keys(case.case_id, [])
    look, seen = search.look, []

    def look_while_the_other_does(records: object, own: object, *rest: object) -> list[Found]:
        if not seen:
            seen.append(True)
            search.search(found.case_id)
        return look(records, own, *rest)  # type: ignore[arg-type]

    search.look = look_while_the_other_does  # type: ignore[method-assign, assignment]
    search.search(sought.case_id)
    assert house.paired(sought, found)


def test_a_search_that_was_overtaken_puts_no_earlier_words_in_the_place_of_later_ones(house: House) -> None:
    """Somebody tells more after one search has read the case, and another one is through with that before the first writes."""
    case = house.open(CaseKind.SHELTERED)
    search, tells = house.services.clue_search, [lambda: told(house, case)]
    keep = search._keep

    def keep_after_more_was_told(*arguments: object) -> bool:
        if tells:
            tells.pop()()
        return keep(*arguments)  # type: ignore[arg-type]

    search._keep = keep_after_more_was_told  # type: ignore[method-assign]
    told(house, case, "他说他会补锅")
    assert not tells
    with house.services.store.reading() as records:
        assert search.is_kept(records, case.case_id)
    assert house.services.clue_search.due(5) == []
    assert house.faults() == []


def test_a_search_that_fails_leaves_the_case_due_and_the_worker_finds_it_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    sought, found = missing(house), house.open(CaseKind.SHELTERED)
    work_off(house)
    with monkeypatch.context() as patched:
        patched.setattr(ClueSearch, "_record", lambda *_: (_ for _ in ()).throw(RuntimeError("the power went")))
        with pytest.raises(RuntimeError):
            told(house, found)
        assert house.services.worker.round().failed == 1
    assert house.services.clue_search.due(5) == [found.case_id]
    work_off(house)
    assert house.services.clue_search.due(5) == []
    assert house.paired(sought, found)


def test_every_open_case_is_searched_and_found_in_the_coverage(house: House) -> None:
    missing(house)
    house.open(CaseKind.SHELTERED)
    closed = house.open(CaseKind.SHELTERED)
    house.services.casework.close(house.intake, closed.case_id, Outcome.SELF_LEFT, "gone")
    with house.services.store.reading() as records:
        assert records.clues.coverage() == (0, 2)
    work_off(house)
    with house.services.store.reading() as records:
        assert records.clues.coverage() == (2, 2)


def test_a_clue_enriches_a_pair_that_faces_had_opened_and_changes_nothing_in_it(house: House) -> None:
    sought = house.missing(1, names=("刘国强",), seen_place="安徽省阜阳市")
    found = house.sheltered(1)
    work_off(house)
    before = house.pair(sought, found)
    told(house, found)
    assert house.pair(sought, found) == before
    assert before.pair_id in house.services.findings.of_pairs(house.auditor, [before.pair_id])


@pytest.mark.parametrize("judgement", [Judgement.EXCLUDED, Judgement.SAME_LIKELY])
def test_what_people_have_judged_is_left_alone(house: House, judgement: Judgement) -> None:
    sought = house.missing(1, names=("刘国强",), seen_place="安徽省阜阳市")
    found = house.sheltered(1)
    judged = house.judge(house.reviewer, house.pair(sought, found), judgement)
    told(house, found)
    after = house.pair(sought, found)
    assert (after.state, after.version) == (judged.state, judged.version)
    assert house.services.findings.of_pairs(house.auditor, [after.pair_id]) == {}


def test_a_clue_that_is_withdrawn_speaks_for_nothing_any_more(house: House) -> None:
    sought, found = missing(house), house.open(CaseKind.SHELTERED)
    clue_id = told(house, found)
    work_off(house)
    pair = house.pair(sought, found)
    house.services.interviews.withdraw(house.intake, clue_id, "said by somebody else", 1)
    assert house.services.findings.of_pairs(house.auditor, [pair.pair_id]) == {}


def opened_by_a_clue(house: House) -> tuple[Pair, str]:
    """A pair that nothing but one clue speaks for."""
    sought, found = missing(house), house.open(CaseKind.SHELTERED)
    clue_id = told(house, found)
    work_off(house)
    return house.pair(sought, found), clue_id


def case_of(house: House, clue_id: str) -> str:
    with house.services.store.reading() as records:
        return records.clues.get(clue_id).clue.case_id


def now(house: House, pair: Pair) -> Pair:
    with house.services.store.reading() as records:
        return records.pairs.get(pair.pair_id)


def steps(house: House, pair: Pair) -> list[tuple[str, object]]:
    with house.services.store.reading() as records:
        return [(event.action, event.detail.get("reason")) for event in records.audit.of_subject(pair.pair_id)]


def test_a_pair_that_nothing_speaks_for_any_more_leaves_the_queue_with_the_reason(house: House) -> None:
    pair, clue_id = opened_by_a_clue(house)
    assert house.services.review.queue(house.reviewer).total == 1
    house.services.interviews.withdraw(house.intake, clue_id, "said by somebody else", 1)
    assert house.services.review.queue(house.reviewer).total == 0
    aside = now(house, pair)
    assert (aside.state, aside.state_before, aside.superseded_by) == (PairState.SUPERSEDED, PairState.PROPOSED, None)
    assert steps(house, pair) == [("set_aside_pair", "unsupported")]
    with pytest.raises(WrongState):
        house.judge(house.reviewer, pair)
    assert house.faults() == []


def test_it_comes_back_when_a_clue_speaks_for_it_again(house: House) -> None:
    pair, clue_id = opened_by_a_clue(house)
    house.services.interviews.withdraw(house.intake, clue_id, "said by somebody else", 1)
    house.clock.advance(hours=1)
    told(house, house.services.casework.get(house.intake, case_of(house, clue_id)))
    back = now(house, pair)
    assert (back.state, back.state_before, back.suggested_at) == (PairState.PROPOSED, None, house.clock())
    assert [action for action, _ in steps(house, pair)] == ["set_aside_pair", "bring_back_pair"]
    assert house.services.findings.of_pairs(house.auditor, [pair.pair_id])


def test_it_comes_back_when_the_faces_are_found_alike(house: House) -> None:
    pair, clue_id = opened_by_a_clue(house)
    house.services.interviews.withdraw(house.intake, clue_id, "said by somebody else", 1)
    for case_id in pair.case_ids:
        house.photograph(house.services.casework.get(house.intake, case_id), 1, shot=len(case_id) + int(case_id[0], 16))
    back = now(house, pair)
    assert back.state is PairState.PROPOSED
    assert back.score is not None
    assert back.list_id
    assert house.services.review.queue(house.reviewer).total == 1


def test_a_pair_that_somebody_looks_at_stays_until_they_let_it_go(house: House) -> None:
    pair, clue_id = opened_by_a_clue(house)
    house.services.review.claim(house.reviewer, pair.pair_id)
    house.services.interviews.withdraw(house.intake, clue_id, "said by somebody else", 1)
    assert now(house, pair).state is PairState.UNDER_REVIEW
    assert house.services.clue_search.tidy() == 0
    house.clock.advance(minutes=16)
    assert house.services.clue_search.tidy() == 1
    assert now(house, pair).state is PairState.SUPERSEDED
    assert house.services.clue_search.tidy() == 0, "not again before some minutes are over"


@pytest.mark.parametrize("judgement", [Judgement.SAME_LIKELY, Judgement.CANNOT_TELL])
def test_a_judged_pair_stays_whatever_becomes_of_its_clue(house: House, judgement: Judgement) -> None:
    pair, clue_id = opened_by_a_clue(house)
    judged = house.judge(house.reviewer, pair, judgement)
    house.services.interviews.withdraw(house.intake, clue_id, "said by somebody else", 1)
    assert now(house, pair).state is judged.state


def test_a_pair_whose_faces_are_alike_stays_without_its_clue(house: House) -> None:
    sought, found = house.missing(1, names=("刘国强",), seen_place="安徽省阜阳市"), house.sheltered(1)
    clue_id = told(house, found)
    work_off(house)
    house.services.interviews.withdraw(house.intake, clue_id, "said by somebody else", 1)
    assert house.pair(sought, found).state is PairState.PROPOSED


def test_a_closed_case_leaves_no_key_and_no_hit_and_finds_both_again_when_it_is_reopened(house: House) -> None:
    pair, clue_id = opened_by_a_clue(house)
    case_id = case_of(house, clue_id)
    house.services.casework.close(house.intake, case_id, Outcome.SELF_LEFT, "left")
    with house.services.store.reading() as records:
        assert records.clues.keys(case_id) == set()
        assert records.clues.hits([pair.pair_id]) == {}
    assert house.faults() == []
    house.services.casework.reopen(house.intake, case_id, "is back")
    work_off(house)
    with house.services.store.reading() as records:
        assert records.clues.keys(case_id)
        assert records.clues.hits([pair.pair_id])
    assert now(house, pair).state is PairState.PROPOSED


def test_nobody_who_has_to_judge_learns_what_the_clues_weigh(house: House) -> None:
    sought, found = missing(house), house.open(CaseKind.SHELTERED)
    told(house, found)
    work_off(house)
    pair = house.pair(sought, found)
    for blind in (house.reviewer, house.manager):
        assert house.services.findings.of_pairs(blind, [pair.pair_id]) == {}
        assert house.services.findings.of_case(blind, sought.case_id) == []
    (seen,) = house.services.findings.of_case(house.intake, sought.case_id)
    assert seen.finding.lines, "who interviews has to know what to ask next"
    assert seen.finding.weight is None, "but sees no score"
    house.judge(house.reviewer, pair, Judgement.CANNOT_TELL)
    (known,) = house.services.findings.of_case(house.reviewer, sought.case_id)
    assert known.finding.weight is not None
    assert known.rank == 1


def test_a_suspended_or_unlawful_case_is_neither_searched_nor_found(house: House) -> None:
    sought, found = missing(house), house.open(CaseKind.SHELTERED)
    house.services.casework.suspend(house.intake, sought.case_id, "a dispute")
    told(house, found)
    assert not house.paired(sought, found)
    assert house.services.clue_search.search(sought.case_id) is None
    house.services.casework.reopen(house.intake, sought.case_id, "settled")
    work_off(house)
    assert house.paired(sought, found)


def test_what_everybody_shares_finds_nobody(house: House) -> None:
    for _ in range(30):
        house.open(CaseKind.MISSING, seen_place="安徽省")
    found = house.open(CaseKind.SHELTERED)
    told(house, found, "家在安徽")
    work_off(house)
    with house.services.store.reading() as records:
        assert records.pairs.of_case(found.case_id) == []


def test_a_recheck_makes_keys_that_are_lost_anew(house: House) -> None:
    sought, found = missing(house), house.open(CaseKind.SHELTERED)
    told(house, found)
    work_off(house)
    with house.services.store.reading() as records:
        keys = records.clues.keys(sought.case_id)
    assert keys
    by_hand(house, "DELETE FROM clue_keys")
    assert house.services.clue_search.recheck(SYSTEM) == 2
    work_off(house)
    with house.services.store.reading() as records:
        assert records.clues.keys(sought.case_id) == keys
    with pytest.raises(NotAllowed):
        house.services.clue_search.recheck(house.intake)


def test_a_case_that_leaves_while_the_search_runs_is_not_listed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    sought, found = missing(house), house.open(CaseKind.SHELTERED)
    work_off(house)
    look, tries = ClueSearch.look, []

    def then_it_closes(search: ClueSearch, *rest: object) -> list[Found]:
        listed = look(search, *rest)  # type: ignore[arg-type]
        tries.append(len(listed))
        if len(tries) == 1:
            house.services.casework.close(house.intake, sought.case_id, Outcome.WITHDRAWN, "found by himself")
        return listed

    monkeypatch.setattr(ClueSearch, "look", then_it_closes)
    told(house, found)
    assert tries == [1, 0]
    assert not house.paired(sought, found)


def test_erasure_reaches_clues_keys_and_hits(house: House) -> None:
    sought, found = missing(house), house.open(CaseKind.SHELTERED)
    told(house, found)
    work_off(house)
    pair = house.pair(sought, found)
    house.services.retention.erase_case(house.manager, found.case_id)
    assert rows_naming(house, "富阳") == {}
    assert rows_naming(house, pair.pair_id) == {}
    assert set(rows_naming(house, found.case_id)) <= {"events"}
    assert house.faults() == []


def test_a_pair_that_clues_opened_is_judged_confirmed_and_replayed_in_plain_words(house: House) -> None:
    sought, found = missing(house), house.open(CaseKind.SHELTERED)
    told(house, found)
    work_off(house)
    pair = house.pair(sought, found)
    assert pair.pair_id in {each.pair_id for each in house.services.review.queue(house.reviewer).pairs}
    assert house.confirm(pair).state is PairState.CONFIRMED
    with house.services.store.reading() as records:
        decision = records.pairs.decisions(pair.pair_id)[0]
    assert decision.grounds is not None
    assert (decision.grounds.score, decision.grounds.gallery_size) == (None, 0)
    with pytest.raises(Exception, match="Clues alone"):
        house.services.auditing.replay(house.auditor, decision.decision_id)
    assert house.services.recognition.report(house.hire("boss", Role.MANAGER)).found == 0
    assert house.faults() == []


def test_what_a_person_marked_counts_more_than_what_nobody_looked_at(house: House) -> None:
    sought, found = missing(house), house.open(CaseKind.SHELTERED)
    clue_id = told(house, found)
    work_off(house)
    pair = house.pair(sought, found)
    before = house.services.findings.of_pairs(house.auditor, [pair.pair_id])[pair.pair_id].weight
    marks = [Mention(MentionKind.PLACE, 4, 6, "富阳", "341200"), Mention(MentionKind.PERSON, 10, 13, "刘国强")]
    house.services.interviews.mark(house.intake, clue_id, marks, 1)
    after = house.services.findings.of_pairs(house.auditor, [pair.pair_id])[pair.pair_id].weight
    assert before is not None
    assert after is not None
    assert after > before


def test_changing_without_end_is_said_in_plain_words(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    found = house.open(CaseKind.SHELTERED)
    monkeypatch.setattr(ClueSearch, "_record", lambda *_: (_ for _ in ()).throw(Conflict("again")))
    with pytest.raises(Exception, match="comes back by itself"):
        house.services.clue_search.search(found.case_id)
