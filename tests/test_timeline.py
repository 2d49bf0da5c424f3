"""The timeline of a case: everything is in it once, in order, and each person sees what is theirs."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest

import tracing
from tests.fakes import faceless_photo
from tests.house import House
from tests.neighbours import Neighbours
from tracing.access import SYSTEM
from tracing.chronicle import BY_THE_CLOCKS, LOOKS, TOLD
from tracing.domain import (
    ActionKind,
    ActionOutcome,
    Actor,
    Case,
    CaseKind,
    Entry,
    EntryKind,
    Judgement,
    KnownAnswer,
    Part,
    Role,
    Told,
    What,
)
from tracing.domain.timeline import KIND_OF
from tracing.errors import Invalid, NotFound, OtherStation
from tracing.reunions import HandOverDraft
from tracing.timeline import TimelinePage
from tracing.verdict import Proof

ELSEWHERE = {
    *("rotate_keys", "rotate_master_key", "destroy_keys", "make_backup", "forget_backup", "restore_backup"),
    *("add_account", "add_station", "close_station", "sign_in", "make_feed", "drop_feed", "recheck", "recheck_clues"),
    *("activate_generation", "calibrate_generation", "retire_generation", "start_generation", "verify_generation"),
    *("give_known_answer", "judge_known_answer", "claim_pair", "judge_pair", "supersede_pair", "open_lead", "close_lead"),
    *("reopen_pair", "set_aside_pair", "bring_back_pair", "write_hand_over_draft", "enquire", "retry_photos"),
    *("expire_keepouts", "lift_keepout", "purge", "import_list"),
    *("hand_list_in", "start_list", "drop_list", "compare_rows"),
    *("change_own_password", "end_session", "shut_out", "unlock_account", "reach_quota"),
    *("link_sign_on", "unlink_sign_on", "tie_partner"),
    *("send_report", "decline_report"),
}
"""Steps of the audit that are about no case, or about a pair: those are told with the pair."""


def timeline(house: House, actor: Actor, case: Case, kind: EntryKind | None = None) -> TimelinePage:
    house.services.clockwork.follow()
    return house.services.timeline.of_case(actor, case.case_id, kind)


def told(house: House, actor: Actor, case: Case) -> list[What]:
    return [entry.what for entry in timeline(house, actor, case).entries]


def only(entries: tuple[Entry, ...], what: What) -> Entry:
    (found,) = (entry for entry in entries if entry.what is what)
    return found


@pytest.fixture
def case(house: House) -> Case:
    """Somebody in care, of whom this and that has been found out, a day each."""
    case = house.open(CaseKind.SHELTERED)
    services, intake = house.services, house.intake
    house.clock.advance(days=1)
    photo = services.intake.add_photo(intake, case.case_id, faceless_photo())
    services.intake.analyse(photo.photo_id)
    house.clock.advance(days=1)
    clue = services.interviews.record(intake, case.case_id, Told("my home is by the river")).clue
    services.interviews.revise(intake, clue.clue_id, Told("my home is by the sea"), "heard again", 1)
    services.interviews.withdraw(intake, clue.clue_id, "it was the neighbour's", 2)
    house.clock.advance(days=1)
    services.actions.record(
        intake, case.case_id, ActionKind.NOTICE, ActionOutcome.DONE, house.clock() - timedelta(hours=30), "on the news"
    )
    house.clock.advance(days=1)
    services.casework.suspend(house.manager, case.case_id, "a check of safety")
    return case


def test_everything_is_told_the_newest_first_with_the_words_of_those_who_wrote_them(house: House, case: Case) -> None:
    found = timeline(house, house.intake, case)
    ats = [entry.at for entry in found.entries]
    assert ats == sorted(ats, reverse=True)
    assert found.total == len(found.entries) == sum(found.counts.values())
    assert found.entries[-1].what is What.OPENED
    assert only(found.entries, What.OPENED).by == house.intake.account_id
    assert only(found.entries, What.PHOTO_ANALYSED).about["analysis"] == "no_face"
    assert only(found.entries, What.CLUE_RECORDED).words == "my home is by the river"
    revised = only(found.entries, What.CLUE_REVISED)
    assert (revised.words, revised.about["reason"]) == ("my home is by the sea", "heard again")
    assert only(found.entries, What.CLUE_WITHDRAWN).words == "it was the neighbour's"
    action = only(found.entries, What.ACTION_RECORDED)
    assert (action.words, action.about["kind"], action.at) == ("on the news", "notice", house.clock() - timedelta(hours=54))
    assert only(found.entries, What.STATE_CHANGED).words == "a check of safety"


def test_the_clocks_tell_when_they_began_stood_still_ran_out_and_ended(house: House, case: Case) -> None:
    clocks = timeline(house, house.intake, case, EntryKind.CLOCK).entries
    assert {entry.rule.rule_id for entry in clocks if entry.what is What.CLOCK_STARTED and entry.rule} >= {"notice", "stranded"}
    assert only(clocks, What.CLOCK_OVERDUE).rule is not None
    met = only(clocks, What.CLOCK_MET)
    assert met.rule is not None
    assert met.rule.rule_id == "notice"
    assert {entry.words for entry in clocks if entry.what is What.CLOCK_PAUSED} == {"suspended"}
    house.services.casework.reopen(house.manager, case.case_id, "all is well")
    ahead = timeline(house, house.intake, case).ahead
    assert [entry.at for entry in ahead] == sorted(entry.at for entry in ahead)
    assert {entry.what for entry in ahead} == {What.CLOCK_DUE, What.THRESHOLD_AHEAD}
    assert all(entry.at >= house.clock() for entry in ahead)


def test_each_step_of_the_audit_has_an_entry_of_its_own() -> None:
    """A new step would be told as `other`: give it a word, or say here that it is about no case."""
    actions = set()
    for file in Path(tracing.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr == "append" and ast.unparse(called.value).endswith("audit"):
                assert isinstance(node, ast.Call)
                actions |= {arg.value for arg in node.args[1:2] if isinstance(arg, ast.Constant)}
    known = {*TOLD, *BY_THE_CLOCKS, *ELSEWHERE}
    assert {each for each in actions if not str(each).startswith(LOOKS) and each not in known} == set()
    assert len(actions) > 30


def test_every_word_but_those_of_the_case_itself_has_its_kind() -> None:
    assert set(KIND_OF.values()) == set(EntryKind) - {EntryKind.CASE}


def test_looking_at_a_case_is_no_part_of_its_timeline_and_stays_in_the_audit(house: House, case: Case) -> None:
    before = told(house, house.intake, case)
    house.services.casework.read(house.reviewer, case.case_id)
    house.services.filing.read(house.reviewer, case.case_id, "print_form")
    house.services.timeline.read(house.reviewer, case.case_id)
    assert told(house, house.intake, case) == before
    with house.services.store.reading() as records:
        last = records.audit.of_subject(case.case_id)[-1]
    assert (last.actor, last.action, dict(last.detail)) == (house.reviewer.account_id, "read_case", {"timeline": True})


def test_searches_of_one_day_are_one_entry(house: House) -> None:
    case = house.missing(1)
    for _ in range(3):
        house.services.matching.search(case.case_id)
    search = only(timeline(house, house.auditor, case).entries, What.FACES_SEARCHED)
    assert search.about["times"] == 4


def test_a_cursor_leads_through_all_pages_whatever_comes_meanwhile(house: House, case: Case) -> None:
    whole = [entry.entry_id for entry in timeline(house, house.intake, case).entries]
    read, cursor = [], ""
    for _ in range(len(whole)):
        page = house.services.timeline.read(house.intake, case.case_id, limit=4, cursor=cursor)
        read += [entry.entry_id for entry in page.entries]
        house.services.filing.write(house.intake, case.case_id, {"hair": str(len(read))})
        if not (cursor := page.following):
            break
    assert read == whole
    pairs = house.services.timeline.read(house.intake, case.case_id, EntryKind.CLUE, limit=2)
    assert [entry.kind for entry in pairs.entries] == [EntryKind.CLUE] * 2
    assert pairs.total == 3


@pytest.mark.parametrize(
    "cursor", ["nonsense", "2026-01-01~x", "~", "2026-13-01T00:00:00+00:00~x", "2026-01-01T00:00:00+00:00"]
)
def test_a_cursor_that_is_none_is_refused(house: House, case: Case, cursor: str) -> None:
    with pytest.raises(Invalid, match="no cursor"):
        house.services.timeline.read(house.intake, case.case_id, cursor=cursor)


def test_a_pair_is_told_whole_to_those_who_take_in_and_as_there_to_those_who_have_to_judge(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    pair = house.pair(missing, sheltered)
    house.judge(house.reviewer, pair)
    for blind in (house.second, house.manager):
        assert [entry.what for entry in timeline(house, blind, missing, EntryKind.PAIR).entries] == [What.PAIR_PROPOSED]
    judged = only(timeline(house, house.intake, missing).entries, What.PAIR_JUDGED)
    assert (judged.by, judged.about["judgement"]) == (house.reviewer.account_id, Judgement.SAME_LIKELY)
    assert judged.other is not None
    assert judged.other.case_id == sheltered.case_id
    assert What.PAIR_JUDGED in told(house, house.reviewer, missing), "the own one, and after it the others'"


def reunite(house: House) -> Case:
    """Of the two the one in care."""
    sheltered = house.sheltered(1)
    pair = house.confirm(house.pair(house.missing(1), sheltered))
    house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "file 7")
    day = str(house.clock().date())
    draft = HandOverDraft(
        *("the brother", "brother", "id card", "12345678", "both knew the scar", "lin", "chen", day, "10:00", "here", "a bag"),
        "wants to go home",
        str((house.clock() + timedelta(days=30)).date()),
    )
    house.services.review.reunite(house.manager, pair.pair_id, "", draft)
    return sheltered


def test_a_match_is_told_up_to_the_reunion_and_the_follow_up_to_come(house: House) -> None:
    found_again = reunite(house)
    found = timeline(house, house.manager, found_again)
    assert {What.PAIR_VERIFIED, What.PAIR_REUNITED} <= {entry.what for entry in found.entries}
    assert What.PAIR_JUDGED not in {entry.what for entry in found.entries}, "of what the manager has not judged"
    due = only(found.ahead, What.CLOCK_DUE)
    assert due.rule is not None
    assert (due.rule.rule_id, due.at.date()) == ("follow_up", (house.clock() + timedelta(days=30)).date())
    assert only(found.entries, What.PAIR_VERIFIED).words == "dna: file 7"
    stranger = house.hire("new", Role.REVIEWER)
    assert {entry.what for entry in timeline(house, stranger, found_again).entries if entry.kind is EntryKind.PAIR} == {
        What.PAIR_PROPOSED
    }
    assert {entry.what for entry in timeline(house, stranger, found_again).ahead} == {What.EXPIRES}


def test_whoever_judges_and_nothing_else_is_told_of_no_clock(house: House, case: Case) -> None:
    assert EntryKind.CLOCK not in timeline(house, house.reviewer, case).counts
    assert EntryKind.CLOCK in timeline(house, house.auditor, case).counts


def test_a_known_answer_pair_looks_as_if_nobody_had_judged_it(house: House) -> None:
    missing = house.missing(1)
    pair = house.pair(missing, house.sheltered(1))
    before = timeline(house, house.second, missing)
    new = house.hire("new", Role.REVIEWER)
    house.clock.advance(hours=1)
    house.services.review.verify(house.manager, house.confirm(pair).pair_id, Proof.DNA, "file 7")
    assert What.STATE_CHANGED in told(house, new, missing)
    known = KnownAnswer("f" * 32, new.account_id, pair.pair_id, True, house.clock(), pair.suggested_at)
    with house.services.store.transaction() as records:
        records.known.add(known)
    after = timeline(house, new, missing)
    assert [entry.what for entry in after.entries] == [entry.what for entry in before.entries]
    assert only(after.entries, What.PAIR_PROPOSED).subject == "f" * 32


def test_a_station_that_assists_sees_what_came_of_the_parts_it_was_granted(house: House) -> None:
    north = Neighbours(house)
    case = north.case()
    house.photograph(case, 1)
    house.services.interviews.record(house.intake, case.case_id, Told("by the river"))
    house.services.actions.record(house.intake, case.case_id, ActionKind.POLICE, ActionOutcome.ASKED, note="no news")
    with pytest.raises(OtherStation):
        timeline(house, north.manager, case)
    north.granted(case, Part.DESCRIPTION)
    assert set(timeline(house, north.manager, case).counts) == {EntryKind.STATION}
    north.granted(case, Part.PHOTOS, Part.CLUES)
    found = timeline(house, north.manager, case)
    assert set(found.counts) == {EntryKind.STATION, EntryKind.PHOTO, EntryKind.CLUE}
    assert only(found.entries, What.CLUE_RECORDED).words == "by the river"
    assert What.GRANT_ENDS in {entry.what for entry in found.ahead}
    house.services.emergencies.open(north.manager, case.case_id, "urgent")
    assert EntryKind.ACTION in timeline(house, north.manager, case).counts
    alert = only(timeline(house, house.manager, case).entries, What.EMERGENCY_OPENED)
    assert alert.words == "urgent"
    assert only(timeline(house, house.intake, case).entries, What.EMERGENCY_OPENED).words == ""


def test_an_erased_case_has_no_timeline(house: House, case: Case) -> None:
    house.services.retention.erase_case(SYSTEM, case.case_id)
    with pytest.raises(NotFound):
        timeline(house, house.manager, case)
