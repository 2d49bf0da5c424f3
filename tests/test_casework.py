"""A case through its life: amended, suspended, closed, reopened."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from tests.house import House, a_house
from tests.stories import at_once, latest_run, pairs_of
from tracing.closing import with_what_the_search_knew
from tracing.domain import Case, CaseKind, CaseState, Channel, Closing, Description, LegalBasis, Outcome, PartialDate, What
from tracing.errors import Invalid, NotAllowed, NotFound, Stale, WrongState
from tracing.lifecycle import OUTCOMES
from tracing.opening import ContactDraft
from tracing.records import CaseFilter


def test_a_case_ends_as_its_kind_can_end_and_never_as_reunited_by_hand(house: House) -> None:
    for kind, outcome in product(CaseKind, Outcome):
        case = house.open(kind)
        if outcome in OUTCOMES[kind] - {Outcome.REUNITED}:
            if outcome is Outcome.DECEASED:
                house.services.casework.close(house.manager, case.case_id, outcome, "the first of two words")
            closed = house.services.casework.close(house.intake, case.case_id, outcome, " the reason ")
            assert (closed.state, closed.outcome, closed.state_reason) == (CaseState.CLOSED, outcome, "the reason")
        else:
            with pytest.raises(Invalid) as refused:
                house.services.casework.close(house.intake, case.case_id, outcome, "the reason")
            assert refused.value.field == "outcome"
            assert house.case(case).state is CaseState.OPEN


@pytest.mark.parametrize("step", ["close", "suspend", "reopen"])
def test_every_step_of_a_person_needs_a_reason(house: House, step: str) -> None:
    case = house.open(CaseKind.SHELTERED)
    casework = house.services.casework
    outcome = [Outcome.SELF_LEFT] if step == "close" else []
    with pytest.raises(Invalid) as refused:
        getattr(casework, step)(house.intake, case.case_id, *outcome, " \n")
    assert refused.value.field == "reason"
    assert house.case(case).version == case.version


@pytest.mark.parametrize(
    ("first", "then", "allowed"),
    [
        ("close", "reopen", True),
        ("close", "close", False),
        ("close", "suspend", False),
        ("suspend", "reopen", True),
        ("suspend", "close", False),
        ("suspend", "suspend", False),
        (None, "reopen", False),
        (None, "suspend", True),
        (None, "close", True),
    ],
)
def test_which_step_follows_which(house: House, first: str | None, then: str, allowed: bool) -> None:
    case = house.open(CaseKind.SHELTERED)
    casework = house.services.casework
    steps = {
        "close": lambda: casework.close(house.intake, case.case_id, Outcome.SETTLED, "a registration"),
        "suspend": lambda: casework.suspend(house.intake, case.case_id, "abuse is suspected"),
        "reopen": lambda: casework.reopen(house.intake, case.case_id, "came back"),
    }
    if first:
        steps[first]()
    if allowed:
        steps[then]()
    else:
        with pytest.raises(WrongState):
            steps[then]()


@pytest.mark.parametrize("step", ["close", "suspend", "reopen"])
def test_a_matched_case_is_left_to_the_page_of_its_pair(house: House, step: str) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    house.confirm(house.pair(missing, sheltered))
    casework = house.services.casework
    outcome = [Outcome.SETTLED] if step == "close" else []
    with pytest.raises(WrongState, match="match"):
        getattr(casework, step)(house.manager, sheltered.case_id, *outcome, "why not")
    assert house.case(sheltered).state is CaseState.MATCHED


def test_a_reopened_case_is_searched_and_found_again(house: House) -> None:
    missing = house.missing(1)
    house.services.casework.close(house.intake, missing.case_id, Outcome.FOUND_ELSEWHERE, "a call")
    sheltered = house.sheltered(1)
    assert pairs_of(house, sheltered) == []
    reopened = house.services.casework.reopen(house.intake, missing.case_id, "it was somebody else")
    assert (reopened.state, reopened.outcome) == (CaseState.OPEN, None)
    assert house.paired(missing, sheltered)
    assert house.services.matching.due(9) == []
    assert house.faults() == []


def test_l15_an_amendment_replaces_what_is_given_and_only_that(house: House) -> None:
    case = house.open(CaseKind.MISSING, names=("李秀英",), height_cm=160)
    amended = house.services.casework.amend(house.intake, case.case_id, legal_basis=LegalBasis.SEPARATE_CONSENT)
    assert (amended.description, amended.legal_basis) == (case.description, LegalBasis.SEPARATE_CONSENT)
    amended = house.services.casework.amend(house.intake, case.case_id, Description(names=("李秀英", "小英")))
    assert (amended.title, amended.description.height_cm) == ("李秀英", None)
    assert amended.legal_basis is LegalBasis.SEPARATE_CONSENT
    assert amended.version == case.version + 2


def test_an_amendment_of_something_that_was_changed_meanwhile_is_stale(house: House) -> None:
    case = house.open(CaseKind.MISSING)
    house.services.casework.amend(house.intake, case.case_id, Description(names=("甲",)), version=case.version)
    with pytest.raises(Stale):
        house.services.casework.amend(house.manager, case.case_id, Description(names=("乙",)), version=case.version)
    assert house.case(case).title == "甲"


def test_an_impossible_amendment_changes_nothing(house: House) -> None:
    case = house.open(CaseKind.MISSING)
    with pytest.raises(Invalid):
        house.services.casework.amend(house.intake, case.case_id, Description(birth_date=PartialDate(2031)))
    assert house.case(case) == case


def test_l2_without_a_legal_basis_the_face_leaves_the_gallery_at_once_and_comes_back_with_one(house: House) -> None:
    sheltered = house.sheltered(1)
    house.services.casework.amend(house.intake, sheltered.case_id, legal_basis=LegalBasis.NONE)
    with house.services.store.reading() as records:
        assert records.gallery.expected("dlib-resnet-v1") == {}
    missing = house.missing(1)
    assert not house.paired(missing, sheltered)
    assert house.faults() == []
    house.services.casework.amend(house.intake, sheltered.case_id, legal_basis=LegalBasis.VITAL_INTEREST)
    assert house.paired(missing, sheltered)
    assert house.faults() == []


def test_the_audit_tells_who_did_what_and_names_no_person_and_no_story(house: House) -> None:
    case = house.open(CaseKind.SHELTERED, names=("不愿透露",))
    house.services.casework.read(house.reviewer, case.case_id)
    house.services.casework.amend(house.manager, case.case_id, Description(names=("王芳",)))
    house.services.casework.suspend(house.manager, case.case_id, "abuse is suspected")
    events = house.done(case)
    assert [(event.action, event.actor) for event in events] == [
        ("open_case", house.intake.account_id),
        ("amend_case", house.manager.account_id),
        ("change_case", house.manager.account_id),
    ]
    assert events[1].detail["fields"] == ["names"]
    assert not any(word in str(events) for word in ("王芳", "不愿透露", "abuse")), "the audit names no person and no story"


def test_l18_contacts_are_for_those_who_call_and_for_nobody_else(house: House) -> None:
    daughter = ContactDraft("daughter", "王芳", "+86 138 0000 0000")
    case = house.services.intake.open_case(house.intake, CaseKind.MISSING, Description(), LegalBasis.SEPARATE_CONSENT, daughter)
    for actor in (house.intake, house.manager):
        assert [each.phone for each in house.services.casework.contacts(actor, case.case_id)] == [daughter.phone]
    for actor in (house.reviewer, house.auditor, house.partner):
        assert house.services.casework.contacts(actor, case.case_id) == []
    with pytest.raises(NotFound):
        house.services.timeline.of_case(house.auditor, "f" * 32)


def test_cases_are_found_by_kind_state_and_text_newest_first(house: House) -> None:
    opened = []
    for name in ("李秀英", "李明", "王芳"):
        opened.append(house.open(CaseKind.MISSING, names=(name,), seen_place="Beijing Road"))
        house.clock.advance(hours=1)
    house.services.casework.close(house.intake, opened[1].case_id, Outcome.WITHDRAWN, "the family asked")
    casework = house.services.casework

    def found(**wanted: object) -> list[str]:
        page = casework.find(house.reviewer, CaseFilter(**wanted), limit=10)  # type: ignore[arg-type]
        assert page.total == len(page.cases)
        return [case.title for case in page.cases]

    assert found() == ["王芳", "李明", "李秀英"]
    assert found(text="李") == ["李明", "李秀英"]
    assert found(text="beijing road", state=CaseState.OPEN) == ["王芳", "李秀英"]
    assert found(text=opened[1].reference) == ["李明"]
    assert found(kind=CaseKind.SHELTERED) == found(text="%") == []
    page = casework.find(house.reviewer, CaseFilter(), limit=1, offset=1)
    assert ([case.title for case in page.cases], page.total) == (["李明"], 3)


def test_a_program_that_hands_in_cases_does_not_end_them(house: House) -> None:
    case = house.open(CaseKind.SHELTERED, actor=house.partner)
    with pytest.raises(NotAllowed):
        house.services.casework.close(house.partner, case.case_id, Outcome.SELF_LEFT, "gone")


def test_who_looked_at_a_case_stands_in_the_audit_and_not_in_its_timeline(house: House) -> None:
    case = house.open(CaseKind.MISSING)
    house.services.casework.read(house.reviewer, case.case_id)
    with house.services.store.reading() as records:
        seen = [(event.action, event.actor) for event in records.audit.of_subject(case.case_id)]
    assert seen[-1] == ("read_case", house.reviewer.account_id)
    assert [event.action for event in house.done(case)] == ["open_case"]
    assert [entry.what for entry in house.services.timeline.of_case(house.manager, case.case_id).entries] == [What.OPENED]


def closings(house: House) -> list[Closing]:
    with house.services.store.reading() as records:
        return records.cases.closings()


def close(house: House, case: Case, **said: object) -> None:
    outcome = Outcome.FOUND_ELSEWHERE if case.kind is CaseKind.MISSING else Outcome.RETURNED_TO_ORIGIN
    house.services.casework.close(house.intake, case.case_id, outcome, "the police called", **said)  # type: ignore[arg-type]


@pytest.mark.parametrize("by", ["reference", "case_id"])
def test_a_closing_keeps_its_channel_and_what_the_search_had_made_of_the_other_case(house: House, by: str) -> None:
    missing = house.missing(1)
    house.clock.advance(days=3)
    sheltered = house.sheltered(1)
    close(house, missing, channel=Channel.POLICE, other=f" {getattr(sheltered, by)} ")
    (closing,) = closings(house)
    assert (closing.case_id, closing.closed_at, closing.outcome) == (missing.case_id, house.clock(), Outcome.FOUND_ELSEWHERE)
    assert (closing.channel, closing.other_case_id, closing.in_galleries) == (Channel.POLICE, sheltered.case_id, True)
    assert closing.list_id == latest_run(house, sheltered).run_id, "the later search had both before it"
    assert closing.list_id != latest_run(house, missing).run_id
    (noted,) = [event for event in house.done(missing) if event.action == "note_closing"]
    assert (noted.actor, noted.detail["channel"]) == (house.intake.account_id, "police")
    assert noted.detail["other_case_id"] == sheltered.case_id


def test_the_search_could_not_have_found_a_face_that_was_in_no_gallery(house: House) -> None:
    suspended, faceless, gone = house.sheltered(1), house.open(CaseKind.SHELTERED), house.sheltered(1)
    house.services.casework.suspend(house.manager, suspended.case_id, "abuse is suspected")
    for who in (house.intake, house.manager):
        house.services.casework.close(who, gone.case_id, Outcome.DECEASED, "in hospital")
    for other in (suspended, faceless, gone):
        close(house, house.missing(1), channel=Channel.INTERVIEW, other=other.reference)
    assert [closing.in_galleries for closing in closings(house) if closing.other_case_id] == [False, False, False]


def test_a_closing_without_a_word_about_the_channel_is_none_of_its_history(house: House) -> None:
    case = house.missing(1)
    close(house, case)
    (closing,) = closings(house)
    assert (closing.channel, closing.other_case_id, closing.in_galleries, closing.list_id) == (None, None, False, "")
    assert "note_closing" not in {event.action for event in house.done(case)}


def test_a_case_that_is_not_there_and_the_case_itself_are_no_other_case(house: House) -> None:
    case = house.missing(1)
    for named in ("S-1999-00001", case.reference, case.case_id):
        with pytest.raises(Invalid) as refused:
            close(house, case, channel=Channel.POLICE, other=named)
        assert refused.value.field == "other_case"
    with pytest.raises(Invalid) as refused:
        close(house, case, other=house.sheltered(1).reference)
    assert refused.value.field == "channel"
    assert house.case(case).state is CaseState.OPEN
    assert closings(house) == []


def test_only_the_closing_that_stands_is_counted(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    close(house, missing, channel=Channel.POLICE, other=sheltered.reference)
    house.services.casework.reopen(house.intake, missing.case_id, "it was another man")
    assert closings(house) == []
    close(house, missing, channel=Channel.NOTICE)
    assert [closing.channel for closing in closings(house)] == [Channel.NOTICE]


def test_a_closing_names_no_erased_case(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    close(house, missing, channel=Channel.POLICE, other=sheltered.reference)
    house.services.retention.erase_case(house.manager, sheltered.case_id)
    (closing,) = closings(house)
    assert (closing.other_case_id, closing.list_id, closing.in_galleries) == (None, "", True)
    house.services.retention.erase_case(house.manager, missing.case_id)
    assert closings(house) == []
    assert house.faults() == []


def test_a_case_that_was_erased_meanwhile_stands_in_no_gallery(house: House) -> None:
    missing = house.missing(1)
    closing = Closing("c", missing.case_id, house.clock(), Outcome.WITHDRAWN, Channel.DNA, "f" * 32)
    with house.services.store.reading() as records:
        known = with_what_the_search_knew(records, closing)
    assert (known.in_galleries, known.list_id) == (False, latest_run(house, missing).run_id)


def test_l21_that_somebody_died_is_said_by_two_people(house: House) -> None:
    case = house.sheltered(1)
    casework = house.services.casework
    waiting = casework.close(house.intake, case.case_id, Outcome.DECEASED, "the hospital called")
    assert (waiting.state, waiting.collection is None) == (CaseState.OPEN, False)
    with pytest.raises(NotAllowed, match="second person"):
        casework.close(house.intake, case.case_id, Outcome.DECEASED, "they called again")
    assert house.case(case).state is CaseState.OPEN
    closed = casework.close(house.manager, case.case_id, Outcome.DECEASED, "saw the certificate")
    assert (closed.state, closed.outcome, closed.collection) == (CaseState.CLOSED, Outcome.DECEASED, None)
    told = [event.action for event in house.done(case)]
    assert told[-2:] == ["approve_outcome", "change_case"]


def test_a_first_word_is_void_once_the_case_has_moved_on(house: House) -> None:
    case = house.sheltered(1)
    casework = house.services.casework
    casework.close(house.intake, case.case_id, Outcome.DECEASED, "the hospital called")
    casework.suspend(house.manager, case.case_id, "it was somebody else")
    casework.reopen(house.manager, case.case_id, "he is alive")
    assert casework.close(house.manager, case.case_id, Outcome.DECEASED, "now he is").state is CaseState.OPEN


def test_a_death_is_not_approved_of_a_case_that_cannot_be_closed(house: House) -> None:
    case = house.sheltered(1)
    house.services.casework.suspend(house.manager, case.case_id, "a dispute")
    with pytest.raises(WrongState):
        house.services.casework.close(house.manager, case.case_id, Outcome.DECEASED, "the hospital called")
    with house.services.store.reading() as records:
        assert records.cases.approvals(case.case_id) == []


def test_two_who_say_it_at_the_same_moment_never_both_stay_the_first(store_url: str, tmp_path: Path) -> None:
    with a_house(tmp_path / "var", database_url=store_url) as house:
        case = house.sheltered(1)
        close = house.services.casework.close
        results = at_once(
            *[lambda who=who: close(who, case.case_id, Outcome.DECEASED, "heard") for who in (house.intake, house.manager)]
        )
        refused = [each for each in results if isinstance(each, Exception)]
        assert all(isinstance(each, Stale) for each in refused), results
        assert (house.case(case).state is CaseState.CLOSED) == (not refused)
        if refused:
            slower = house.intake if isinstance(results[0], Stale) else house.manager
            assert close(slower, case.case_id, Outcome.DECEASED, "heard").state is CaseState.CLOSED
